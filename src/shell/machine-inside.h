#pragma once
/*
 * What machine.c, machine-ini.c and machine-table.c share: a machine while it is being loaded. The
 * readers take whole files of bytes that nobody has looked at yet.
 */
#include "shell/machine.h"

#include <dirent.h>
#include <setjmp.h>

enum {
    MACHINE_WHY = 200,
    MACHINE_FILE_MOST = 4 << 20,
    MACHINE_LINE_MOST = 8192,
    MACHINE_DEPTH = 8
};

struct machine_file {
    const char *name, *text;
};

struct machine_mount {
    const char *device, *path, *type, *options;
    uint64_t size, used;
};

/* A machine and what owns it; machine.memory points back to it. */
struct machine_hold {
    struct memory memory; /* first: its `exhausted` finds the rest */
    struct memory_account account;
    jmp_buf full; /* where a lack of memory leads; set by whoever calls a reader */
    struct machine machine;
    struct machine_mount *mounts;
    size_t n_mounts;
    struct machine_file *files; /* of /proc, by name */
    size_t n_files;
    DIR *open[MACHINE_DEPTH]; /* folders that are being read */
    char (*why)[MACHINE_WHY];
};

/* With every default in its place; NULL: no memory. */
struct machine_hold *machine_hold_make(char (*why)[MACHINE_WHY]);
void machine_hold_free(struct machine_hold *h); /* all but the tree; NULL is fine */

/* "FILE:LINE: text" (line 0: "FILE: text") into why; returns 1. */
int machine_wrong(struct machine_hold *h, const char *file, unsigned line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The next line of *rest, as a copy of h's without its end; NULL: there are no more, or with *ret_e
 * 1 one is too long or holds a NUL. */
char *machine_line(struct machine_hold *h, const char *file, const char **rest, const char *end,
                   unsigned *line, int *ret_e);

/* machine.ini. 0, or 1 with why. */
int must_check machine_read_ini(struct machine_hold *h, const void *data, size_t n);

/* One of the tables. */
struct machine_table;
const char *machine_table_file(const struct machine_table *t);
/* The i-th; NULL after the last. */
const struct machine_table *machine_table_at(size_t i);
int must_check machine_read_table(struct machine_hold *h, const struct machine_table *t,
                                  const void *data, size_t n);

/* All decimal digits, at most `most`. */
bool machine_number(const char *s, uint64_t most, uint64_t *ret);
