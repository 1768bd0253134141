#include "shell/interp.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* By number; Linux's, of every CPU but MIPS and SPARC. */
static const char *const names[32] = {
    "EXIT", "HUP",  "INT",    "QUIT", "ILL",  "TRAP", "ABRT", "BUS",  "FPE",  "KILL", "USR1",
    "SEGV", "USR2", "PIPE",   "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN",
    "TTOU", "URG",  "XCPU",   "XFSZ", "VTALRM", "PROF", "WINCH", "POLL", "PWR", "SYS",
};

int signal_number(const char *name)
{
    char *end;
    if (*name >= '0' && *name <= '9') {
        unsigned long n = strtoul(name, &end, 10);
        return *end || n > 64 ? -1 : (int)n;
    }
    if (!strncasecmp(name, "SIG", 3))
        name += 3;
    for (int i = 0; i < 32; i++)
        if (!strcasecmp(name, names[i]))
            return i;
    return -1;
}

const char *signal_name(int signal)
{
    return signal >= 0 && signal < 32 ? names[signal] : "";
}

enum {
    OF_A_PERSON = 1u << 2,                          /* INT: caught */
    NOT_FOR_A_PERSON = 1u << 3 | 1u << 15 | 1u << 20, /* QUIT, TERM, TSTP: ignored */
};

void trap_defaults(struct proc *p, uint32_t signals)
{
    p->trapped |= signals & OF_A_PERSON;
    p->ignored |= signals & NOT_FOR_A_PERSON;
}

void trap_forget_defaults(struct proc *p)
{
    const struct traps *t = p->interp->traps;
    for (int i = 1; i < 32; i++)
        if ((NOT_FOR_A_PERSON & 1u << i) && !(t && t->actions[i]))
            p->ignored &= ~(1u << i);
}

bool trap_run(struct proc *p)
{
    struct interp *in = p->interp;
    if (in->trapped)
        return false;
    for (int i = 1; i < 32; i++) {
        if (!(p->caught & 1u << i))
            continue;
        p->caught &= ~(1u << i);
        const char *action = in->traps ? in->traps->actions[i] : NULL;
        if (action && *action)
            return trap_push(p, action);
        if (i == 2 && (in->flags & FLAG_INTERACTIVE)) {
            err_put(p, "\n", 1);
            in->status = 130;
            in->skip = SKIP_ABORT;
            return true;
        }
    }
    return false;
}
