#pragma once
/*
 * Arithmetic of $((...)) and let: 64-bit integers, all of C's operators with **, ?: and the comma,
 * assignments and ++ --, bases 0x, 0 and BASE#. A variable's value is an expression of its own, as deep
 * as ARITH_DEPTH.
 */
#include "shell/memory.h"
#include "shell/vars.h"

#include <stddef.h>
#include <stdint.h>

enum { ARITH_DEPTH = 64 };

struct arith_scope {
    void *context;
    const char *(*get)(void *context, const char *name, size_t n); /* NULL: unset */
    /* false: it is read-only (the message is the callee's). */
    bool (*set)(void *context, const char *name, size_t n, const char *value);
};

/* 0; or 1 with *ret_why, ash's words ("divide by zero"). s ends with a NUL. */
int must_check arith_value(const char *s, struct memory *m, const struct arith_scope *scope, int64_t *ret,
                           const char **ret_why);
