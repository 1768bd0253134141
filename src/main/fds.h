#pragma once
/*
 * The descriptors that workers are started with.
 */
enum {
    FD_CHANNEL = 3,
    FD_INPUT = 4, FD_SIGNATURES = 5,   /* teiten-sense */
    FD_PERSONAS = 4, FD_LISTENERS = 5, /* teiten-trap: their folder; and on */
};
