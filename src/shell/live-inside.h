#pragma once
/* Between live.c (/proc/NAME), live-net.c (/proc/net) and live-pid.c (/proc/PID). */
#include "shell/live.h"

struct live {
    const struct machine *m;
    struct live_view *v;
    struct text *to;
    const struct live_process *process; /* of /proc/PID */
};

struct live_file {
    const char *name;
    void (*say)(const struct live *l);
    bool always;      /* the device's own file of this name does not count */
    const char *text; /* where say is NULL */
};

extern const struct live_file live_net_files[], live_pid_files[]; /* end with a NULL name */

/* 0 to most - 1: moves with time and what, the same for all who visit a device; 0 where neither it has a secret nor the session a seed. */
uint64_t live_wobble(const struct live *l, unsigned what, unsigned seconds, uint64_t most);
void live_mounts(const struct live *l);
/* The kernel's release, to be compared with LIVE_RELEASE(): files have grown lines with time. */
#define LIVE_RELEASE(a, b, c) ((unsigned)(a) << 16 | (unsigned)(b) << 8 | (unsigned)(c))
unsigned live_release(const struct machine *m);
