#pragma once
/*
 * From a process that may much to a supervisor that may little: the keeper is started with what rights there
 * are, then they are given up for good.
 */
#include "main/dialler.h"
#include "main/identity.h"
#include "main/notify.h"
#include "main/privilege.h"
#include "main/program.h"
#include "main/tray.h"

/* What it is started for. */
struct daemon_wants {
    const char *state;        /* its folder, which is there */
    const char *user;         /* daemon.user */
    const char *personas;     /* their folder; NULL: nothing will answer */
    const char *rules, *own_rules; /* folders of YARA rules: ours, the user's; they need not be there */
    const char *const *reads; /* files and folders that will be read, NULL at its end */
    bool claims;              /* prefixes will be claimed */
    unsigned desks;           /* triage workers */
    bool dials;               /* things will be fetched */
};

struct daemon {
    const char *state; /* its folder; borrowed */
    struct program sense, trap, triage, fetch;
    int personas;         /* descriptor of their folder; owned; -1: there is none */
    int rules, own_rules; /* likewise */
    struct tray tray[TRAYS_MOST]; /* a desk's each */
    size_t trays;
    struct dialler dialler;
    struct privilege privilege;
    int budget; /* the table that workers and the kernel charge to (trap/budget.h), which the keeper makes once; owned; -1: none yet */
    struct request_budget budget_is;
    bool claimed; /* the plan's prefixes are, for the keeper's life */
    struct notify notify;
    struct identity identity;
    unsigned confined; /* CONFINED_ flags of the supervisor */
    const char *trouble; /* what did not work: a program, the state folder, the user's name; NULL: confinement */
};

/* 0 or -errno with `trouble` set. */
int must_check daemon_enter(struct daemon *ret, const struct daemon_wants *wants);
void daemon_leave(struct daemon *d);
