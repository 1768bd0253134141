#pragma once
/*
 * For test tools that send: a socket on one end of a veth pair, and on nothing else. Messages go to
 * standard error and name the tool.
 */
#include <stdbool.h>
#include <stdint.h>

#define SECOND UINT64_C(1000000000) /* in nanoseconds */

/* Says what is wrong; returns -1. */
int __attribute__((format(printf, 1, 2))) veth_fail(const char *text, ...);

/*
 * A packet socket that sends on the interface and hears nothing; straight to the driver, for a
 * queue would only be one more place to lose frames in. -1, and said why, in the network namespace
 * of the system and on any interface but a veth. The caller closes it.
 */
int veth_socket(const char *interface);

/* A whole number from 1 to max. */
bool veth_number(const char *text, uint64_t max, uint64_t *ret);

uint64_t veth_now(void); /* CLOCK_MONOTONIC, nanoseconds */
void veth_sleep_until(uint64_t when);
