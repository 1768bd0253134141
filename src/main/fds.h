#pragma once
/*
 * The descriptors that workers are started with.
 */
enum {
    FD_CHANNEL = 3,
    FD_INPUT = 4, FD_SIGNATURES = 5,   /* teiten-sense */
    FD_PERSONAS = 4, FD_BUDGET = 5, FD_LISTENERS = 6, /* teiten-trap: their folder; trap/budget.h; and on */
};
