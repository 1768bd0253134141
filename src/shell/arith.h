#pragma once
/*
 * Arithmetic of $((...)) and let: 64-bit integers that wrap around, C's operators with **, ?: and
 * the comma, assignments and ++ --, bases 0x, 0 and BASE#. As in ash nothing is left out: both
 * sides of && || and ?: are evaluated. A variable's value is an expression of its own, as deep as
 * ARITH_DEPTH; so that x1=x2+x2, x2=x3+x3... ends, the values of one expression may have ARITH_WORK
 * characters together.
 */
#include "base/err.h"
#include "shell/memory.h"
#include "shell/vars.h"

#include <stddef.h>
#include <stdint.h>

enum { ARITH_DEPTH = 64, ARITH_WORK = 1 << 20, ARITH_DIGITS = 21 };

struct arith_scope {
    void *context;
    /* NULL: unset. Borrowed until the next call. */
    const char *(*get)(void *context, const char *name, size_t n);
    /* false: it is read-only (the message is the callee's). */
    bool (*set)(void *context, const char *name, size_t n, const char *value);
};

/* 0; or 1 with *ret_why, ash's words ("divide by zero"), NULL where set() has said why. s ends with
 * a NUL. *work grows by the steps taken; NULL is fine. */
int must_check arith_value(const char *s, struct memory *m, const struct arith_scope *scope,
                           int64_t *ret, const char **ret_why, uint64_t *work);

/* A number in decimal, with a NUL behind it; how long it is. */
size_t arith_text(int64_t v, char to[static ARITH_DIGITS]);
