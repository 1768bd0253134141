#pragma once
/*
 * From a process that may much to a supervisor that may little: the keeper is started with what rights there
 * are, then they are given up for good.
 */
#include "main/identity.h"
#include "main/notify.h"
#include "main/privilege.h"
#include "main/program.h"

struct daemon {
    struct program sense, trap;
    int personas; /* descriptor of their folder; owned; -1: there is none */
    struct privilege privilege;
    int budget; /* the table that workers and the kernel charge to (trap/budget.h), which the keeper makes once; owned; -1: none yet */
    struct request_budget budget_is;
    bool claimed; /* the plan's prefixes are, for the keeper's life */
    struct notify notify;
    struct identity identity;
    unsigned confined; /* CONFINED_ flags of the supervisor */
    const char *trouble; /* what did not work: a program, the state folder, the user's name; NULL: confinement */
};

/* `state` is there; `user` is daemon.user; `personas`: their folder, NULL: nothing will answer; `reads`: files and folders
 * that will be read, NULL at its end; `claims`: prefixes will be claimed. 0 or -errno with `trouble` set. */
int must_check daemon_enter(struct daemon *ret, const char *state, const char *user, const char *personas,
                            const char *const *reads, bool claims);
void daemon_leave(struct daemon *d);
