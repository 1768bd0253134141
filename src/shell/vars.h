#pragma once
/*
 * Variables, in the order and with the rules of ash: a table of 39 chains, which `export`, `set`
 * and the environment of programs walk. A table is shared by copy-on-write: a subshell takes a
 * reference, the first change makes it a table of its own, which still shares the variables that
 * stay. An empty session shares its device's, which is frozen: never changed or counted again, so
 * sessions need no lock for it.
 *
 * Tables that share live in one memory, which outlives them all (a session's, not a process's); a
 * frozen one may be of another.
 */
#include "base/err.h"
#include "shell/memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VAR_NAME_MOST = 65535 };

enum var_flags {
    VAR_EXPORT = 1,
    VAR_READONLY = 2,
    VAR_UNSET = 4, /* named (export x, local x) but without a value */
};

struct var {
    struct var *next;
    uint32_t references; /* of tables and of variables before it; vars.c's own */
    uint8_t flags;
    uint16_t n_name;
    char *text; /* "NAME=VALUE", or "NAME" of a VAR_UNSET */
};

struct vars; /* a counted table */

struct vars *vars_make(struct memory *m); /* empty */
struct vars *vars_share(struct vars *v);  /* another reference */
void vars_drop(struct vars *v);           /* NULL is fine */
/* No change any more: it, and what it holds, stay until their memory goes. */
void vars_freeze(struct vars *v);

/* How many there are: all of them may stand in one chain, which is looked through for each. */
size_t vars_count(const struct vars *v);
const struct var *vars_find(const struct vars *v, const char *name, size_t n);
const char *vars_get(const struct vars *v, const char *name); /* the value, or NULL where unset */
/* *v may be replaced by a copy in m. 0, or 1: it is read-only and stays. value NULL: unset but
 * named
 * (`local x`). flags are added to those it has. A new one comes last in its chain. value may be of
 * the table itself. A name of over VAR_NAME_MOST bytes is cut. */
int must_check vars_set(struct vars **v, struct memory *m, const char *name, size_t n,
                        const char *value, unsigned flags);
int must_check vars_unset(struct vars **v, struct memory *m, const char *name, size_t n);
/* Changes flags alone, read-only or not: `export x`, `export -n x`. A new one is unset but named.
 */
void vars_flag(struct vars **v, struct memory *m, const char *name, size_t n, unsigned add,
               unsigned take);
/* Puts a variable back as it was, read-only or not (at the end of `local` and of prefix
 * assignments). What is saved is a block of m's, which the caller gives back. */
struct var_saved *vars_save(const struct vars *v, struct memory *m, const char *name, size_t n);
void vars_restore(struct vars **v, struct memory *m, struct var_saved *saved);

/* In chain order. */
void vars_each(const struct vars *v, void (*fn)(void *context, const struct var *var),
               void *context);
/* Those exported, NAME=VALUE, NULL-ended, one block of m's. */
char **vars_environment(const struct vars *v, struct memory *m);
bool var_name_ok(const char *name, size_t n);
