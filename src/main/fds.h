#pragma once
/*
 * The descriptors that workers are started with.
 */
enum {
    FD_CHANNEL = 3,
    FD_INPUT = 4, FD_SIGNATURES = 5,   /* teiten-sense */
    FD_PERSONAS = 4, FD_BUDGET = 5, FD_LISTENERS = 6, /* teiten-trap: their folder; trap/budget.h; and on */
    FD_TRAY = 4, FD_RULES = 5, FD_OWN_RULES = 6, /* teiten-triage: memory that the sample lies in; folders of rules: ours, the user's */
    FD_HAND = 4,                       /* teiten-dial: sockets leave by it (base/pass.h) */
    FD_SOCKET = 4, FD_MORE_SOCKETS = 5, /* teiten-fetch: what it speaks over; more come by this (base/pass.h) */
};
