#pragma once
/*
 * How tests/shell/differ.py talks to the two programs that run scripts for it, cell (the real
 * BusyBox) and batch (ours): orders on standard input, answers on standard output, one after the
 * other.
 *
 *   RUN ID UID WAY STEPS N_SCRIPT N_INPUT N_ARGUMENTS\n   and the bytes of the three
 *   ANS ID STATUS LATE STEPS N_OUT N_ERR N_TREE\n         and the bytes of the three
 *
 * WAY is "c" (sh -c SCRIPT ARGUMENTS, INPUT on its standard input), "i" (the script and then INPUT
 * are standard input) or "t" (the same on a terminal; batch only). Arguments end in a NUL each.
 * LATE is 1 where the script was stopped for taking too long or saying too much; STEPS is of batch
 * alone.
 *
 * The tree is one line a path, by path: path, type, mode, uid, gid, links, size, time of change
 * (only where it is an old one, else "now"), content or target; parted by tabs, odd bytes as \xHH.
 */
#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WIRE_OUTPUT = 3 << 20, /* of each stream; more makes the script late */
    WIRE_OLD = 1577836800, /* 2020-01-01: what changed before is told by its time */
    WIRE_LARGE = 100000, /* bytes; a larger file of an old time counts as unchanged, and its content
                            is not told */
    WIRE_TREE = 16 << 20,
};

struct wire_order {
    long id;
    uint32_t uid;
    char way;
    int64_t steps; /* of a turn; 0: as many as it likes */
    char *script, *input, *arguments;
    size_t n_script, n_input, n_arguments;
};

/* 0; 1 at the end of the orders; or -errno. */
int must_check wire_order(struct wire_order *ret);
void wire_order_release(struct wire_order *o);
/* $0 $1... for an order's arguments, NULL-ended, in memory to be freed; the texts are the order's.
 */
char **wire_arguments(const struct wire_order *o);

struct wire_answer {
    int status;
    bool late;
    uint64_t steps;
    struct buf out, err, tree;
};

void wire_answer_init(struct wire_answer *a);
void wire_answer_release(struct wire_answer *a);
int must_check wire_answer(long id, const struct wire_answer *a);

/* One line of the tree. content is NULL for what has none. */
struct wire_entry {
    const char *path;
    uint32_t mode, uid, gid, links, major, minor;
    uint64_t size;
    int64_t time;
    const void *content;
    size_t n_content;
};
void wire_entry(struct buf *to, const struct wire_entry *e);
