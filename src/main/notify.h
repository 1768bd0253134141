#pragma once
/*
 * Telling a service manager how we are: the sd_notify protocol, which is one datagram of KEY=VALUE lines to
 * $NOTIFY_SOCKET (systemd's sd_notify(3), "Notes"). Without a manager all of it does nothing.
 */
#include <stdbool.h>
#include <stdint.h>

struct notify {
    int fd;            /* -1: nobody listens */
    uint64_t interval; /* nanoseconds between signs of life; 0: none are wanted */
    uint64_t due;      /* time_mono() of the next */
};

/* Takes $NOTIFY_SOCKET and $WATCHDOG_USEC; connects, so that it works once confined, too. */
void notify_open(struct notify *n);
void notify_close(struct notify *n);
void notify_send(const struct notify *n, const char *lines);
void notify_ready(const struct notify *n);
void notify_reloading(const struct notify *n);
/* A sign of life where one is due. */
void notify_alive(struct notify *n);
