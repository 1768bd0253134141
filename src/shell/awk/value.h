#pragma once
/*
 * Values of awk: a number, a text, or both. Texts are counted references that never change; those
 * that are short go to a list of free ones when nobody holds them, since a program makes and drops
 * very many.
 *
 * Whoever gets a value out of a function here owns a reference, unless it says "borrowed".
 */
#include "shell/memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct awk_str {
    uint32_t refs, len;
    char data[]; /* a NUL after them */
};

enum awk_kind {
    AWK_UNSET,
    AWK_NUMBER,
    AWK_STRING,
    AWK_USER,   /* came from outside: a number where it looks like one (what POSIX calls a numeric
                   string) */
    AWK_WALK,   /* not seen by programs: what a for (k in a) still has before it */
    AWK_REGEX,  /* a regular expression of the program, as an argument; origin is its index */
    AWK_STREAM, /* where a print statement puts its items; origin is its index */
};

struct awk_value {
    uint8_t kind;
    bool parsed;  /* num is the value of str */
    bool numeric; /* of a parsed AWK_USER: it looks like a number */
    uint32_t
        origin; /* of an argument: the variable it was, so that an array can be found; else 0 */
    double num;
    union {
        struct awk_str *str; /* of AWK_STRING and AWK_USER */
        struct awk_walk *walk;
    };
};

enum { AWK_CLASSES = 4 };

struct awk_pool {
    struct memory *m;
    struct awk_str *empty;
    uint64_t work; /* grows by what was walked through, to be charged */
    struct awk_free {
        struct awk_free *next;
    } * list[AWK_CLASSES];
    uint32_t count[AWK_CLASSES];
};

void awk_pool_init(struct awk_pool *p, struct memory *m);
/* Of n bytes that the caller fills; the NUL stands. */
struct awk_str *awk_str_room(struct awk_pool *p, size_t n);
struct awk_str *awk_str_make(struct awk_pool *p, const void *data, size_t n);
void awk_str_free(struct awk_pool *p, struct awk_str *s);

static inline struct awk_str *str_keep(struct awk_str *s)
{
    s->refs++;
    return s;
}
static inline void str_drop(struct awk_pool *p, struct awk_str *s)
{
    if (--s->refs == 0)
        awk_str_free(p, s);
}

static inline struct awk_value value_number(double d)
{
    return (struct awk_value){ .kind = AWK_NUMBER, .num = d };
}
/* These two take the reference over. */
static inline struct awk_value value_string(struct awk_str *s)
{
    return (struct awk_value){ .kind = AWK_STRING, .str = s };
}
static inline struct awk_value value_user(struct awk_str *s)
{
    return (struct awk_value){ .kind = AWK_USER, .str = s };
}
static inline bool value_has_str(const struct awk_value *v)
{
    return v->kind == AWK_STRING || v->kind == AWK_USER;
}
static inline struct awk_value value_keep(const struct awk_value *v)
{
    if (value_has_str(v))
        v->str->refs++;
    return *v;
}
static inline void value_drop(struct awk_pool *p, struct awk_value *v)
{
    if (value_has_str(v))
        str_drop(p, v->str);
}

/* The number that a text begins with, as the reference reads it: octal and hexadecimal too.
 * *ret_end may be NULL. s ends with a NUL. */
double awk_strtod(const char *s, const char **ret_end);
/* May note in *v what it found. */
double awk_value_parse(struct awk_value *v);
static inline double value_num(struct awk_value *v)
{
    if (v->kind == AWK_NUMBER || v->parsed)
        return v->num;
    return value_has_str(v) ? awk_value_parse(v) : 0;
}
bool awk_value_true(struct awk_value *v);
/* Whether it is compared as a number. */
bool awk_value_is_numeric(struct awk_value *v);

/* A whole number as text; whether it is one. Texts of at most 24 bytes. */
bool awk_number_is_whole(double d);
size_t awk_number_whole(double d, char to[static 24]);
/* As C's conversion to int does on the reference's machine: what does not fit is the least. */
int awk_number_int(double d);
int64_t awk_number_int64(double d);
uint64_t awk_number_uint64(double d);
