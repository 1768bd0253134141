#pragma once
/*
 * Variables, in the order and with the rules of ash: a table of 39 chains, which `export`, `set` and the
 * environment of programs walk. A table is shared by copy-on-write: a subshell takes a reference, the
 * first change makes it a table of its own. An empty session shares its device's.
 */
#include "base/err.h"
#include "shell/memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum var_flags {
    VAR_EXPORT = 1,
    VAR_READONLY = 2,
    VAR_UNSET = 4, /* named (export x, local x) but without a value */
};

struct var {
    struct var *next;
    uint8_t flags;
    uint16_t n_name;
    char *text; /* "NAME=VALUE", or "NAME" of a VAR_UNSET */
};

struct vars; /* a counted table */

struct vars *vars_make(struct memory *m); /* empty */
struct vars *vars_share(struct vars *v);  /* another reference */
void vars_drop(struct vars *v);

const struct var *vars_find(const struct vars *v, const char *name, size_t n);
const char *vars_get(const struct vars *v, const char *name); /* the value, or NULL where unset */
/* *v may be replaced by a copy. 0, or 1: it is read-only and stays. value NULL: unset but named. flags
 * are added to those it has. */
int must_check vars_set(struct vars **v, struct memory *m, const char *name, size_t n, const char *value, unsigned flags);
int must_check vars_unset(struct vars **v, struct memory *m, const char *name, size_t n);
/* Puts a variable back as it was, read-only or not (at the end of `local` and of prefix assignments);
 * saved as vars_save() gave it, NULL: it was not there. */
struct var_saved *vars_save(const struct vars *v, struct memory *m, const char *name, size_t n);
void vars_restore(struct vars **v, struct memory *m, struct var_saved *saved);

/* In chain order. */
void vars_each(const struct vars *v, void (*fn)(void *context, const struct var *var), void *context);
/* Those exported, NAME=VALUE, NULL-ended, of m's. */
char **vars_environment(const struct vars *v, struct memory *m);
bool var_name_ok(const char *name, size_t n);
