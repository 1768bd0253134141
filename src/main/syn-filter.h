#pragma once
/*
 * The kernel's half of the bound on what is sent to sources that may be forged (trap/budget.h has the other and the words):
 * a program on each listener, which charges every segment to its source's /24 or /64 in the table that all workers share, and
 * drops what the prefix has no budget for. The kernel answers what it lets through.
 *
 * A SYN is charged for two SYN-ACKs. A listener answers again where the visitor stays silent: that can be turned down to one
 * retry for a listener (TCP_SYNCNT), but to none only for the whole host (net.ipv4.tcp_synack_retries), which is not ours to
 * change. So a prefix's first client is answered at once; of IPv6, where its SYN has more than 64 bytes, when it asks again, a
 * second later. When its handshake was completed, the worker proves the prefix, and nothing of it is held back for an hour.
 *
 * All else that comes to a listener, where it is no RST, is charged for one ACK with a timestamp (52 or 72 bytes): who answers a
 * SYN-ACK with nonsense is told so twice a second, in twelve bytes more than he needs to send.
 *
 * What is accepted from a listener inherits the program, which lets all go at once there.
 */
#include "base/err.h"
#include "trap/budget.h"

#include <stdbool.h>
#include <stdint.h>

struct syn_filter {
    int table;     /* BUDGET_BYTES, to be mapped into memory; owned, as the programs */
    int four, six; /* programs for listeners of either family; -1: there is no BPF for us */
    uint64_t key[BUDGET_KEYS];
};

/* Makes the table, with random keys, and the programs; where there is no BPF for us, the table alone, of ordinary memory. 0 or
 * -errno. The log, which may be NULL, gets what the kernel finds wrong. */
int must_check syn_filter_make(struct syn_filter *ret, char *log, uint32_t log_room);
void syn_filter_release(struct syn_filter *f);
/* Puts a program that is there on a TCP socket for good: nobody can take it away again. */
int must_check syn_filter_attach(const struct syn_filter *f, int fd, bool v4);
