/* halt, reboot, poweroff */
#include "shell/options.h"

#include <string.h>

struct halt {
    int64_t at; /* when the device goes down, microseconds */
};

static void halt_start(struct proc *p, int argc, char **argv)
{
    enum { WRITE_ONLY = 8 };
    struct halt *h = proc_state(p);
    const char *delay = NULL;
    bool halts = strcmp(proc_name(p), "halt") == 0;
    uint32_t given = options_bits(p, argc, argv, halts ? "d:nfwi" : "d:nfi", &argv, &delay);
    h->at = proc_now(p);
    if (delay)
        h->at += (int64_t)options_number(p, delay, 0, UINT32_MAX, NULL) * 1000000;
    if (halts && given & WRITE_ONLY)
        proc_exit(p, 0);
}

static enum applet_next halt_step(struct proc *p)
{
    const struct halt *h = proc_state(p);
    if (proc_now(p) < h->at) {
        proc_wake_at(p, h->at);
        return NEXT_SLEEP;
    }
    if (proc_uid(p) != 0)
        proc_die_errno(p, EPERM, "(null)"); /* so says the reference */
    proc_power_off(p);
    proc_done(p, 0);
    return NEXT_DONE;
}

const struct applet applet_halt = {
    .name = "halt", .start = halt_start, .step = halt_step, .state = sizeof(struct halt)
};
const struct applet applet_reboot = {
    .name = "reboot", .start = halt_start, .step = halt_step, .state = sizeof(struct halt)
};
const struct applet applet_poweroff = {
    .name = "poweroff", .start = halt_start, .step = halt_step, .state = sizeof(struct halt)
};
