#pragma once
/*
 * diff: two texts, the longest sequence of lines that both have, and what stands between as unified hunks.
 *
 * Everything is done in turns: a function that takes a turn lowers it by what it did, and is called
 * again where it stopped, until it says that it is through.
 */
#include "shell/applet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the order of the option string. */
enum diff_bits {
    DIFF_TEXT = 1,
    DIFF_SPACES = 2,
    DIFF_BLANK_LINES = 4,
    DIFF_MINIMAL = 8, /* as the reference has it: always */
    DIFF_FOLD = 16,
    DIFF_NEW = 32,
    DIFF_BRIEF = 64,
    DIFF_RECURSE = 128,
    DIFF_SAME = 256,
    DIFF_EXPAND = 512,
    DIFF_TAB = 1024,
    DIFF_NO_SPACES = 2048,
};

/* A text: its bytes, and where its lines begin (n_lines + 1 of them, the last is its length). */
struct diff_text {
    struct text bytes;
    uint32_t *lines, *classes; /* lines that count as alike are of one class, from 1 on; of no line of the second text: 0 */
    uint32_t n_lines, room;
};

/* Lines that were changed: from [a, b) of the first to [c, d) of the second, counted from 0. */
struct diff_change {
    uint32_t a, b, c, d;
    size_t together; /* of the first of a hunk: how many changes it has */
};

/* The reference counts lines in 32 bits, and with a context of all there are it overflows. */
static inline int32_t diff_plus(int64_t a, int64_t b)
{
    return (int32_t)(uint32_t)(a + b);
}

/* What is known of two texts on the way to their changes. */
struct diff_match {
    struct proc *p;
    uint32_t bits;
    int32_t context;
    struct diff_text *of; /* two */
    int64_t turn;
    enum { MATCH_LINES, MATCH_CLASSES, MATCH_MEMBERS, MATCH_CHAINS, MATCH_CHANGES, MATCH_HUNKS, MATCH_OVER } stage;
    uint32_t side, done, before, after; /* lines that both begin and end with */
    uint32_t *table, *owners;           /* lines by their hash; the line that a class was made for */
    uint32_t n_table, n_classes;
    uint32_t *first, *members; /* the lines of the second of a class: members[first[class]...] */
    /* The chains: each link a pair of lines and the link before it; tips[k] is the end of the best of k pairs. */
    struct diff_link {
        uint32_t a, b, older;
    } *links;
    uint32_t n_links, links_room, *tips, longest;
    uint32_t member, old_length, old_tip; /* inside one line */
    bool inside;
    uint32_t *pair; /* of each line of the first: 1 + the line of the second that it is, or 0 */
    struct diff_change *changes;
    size_t n_changes, changes_room;
};

void diff_match_begin(struct diff_match *m, struct proc *p, uint32_t bits, int32_t context,
                      struct diff_text of[static 2]);
/* Whether it is through: changes[] is whole then. */
bool diff_match_run(struct diff_match *m);
void diff_match_end(struct diff_match *m);

/* Whether the bytes differ, and whether one of them is no text as far as both go. */
bool diff_bytes(const struct diff_text of[static 2], bool *ret_binary);
/* Two lines count as alike. */
bool diff_alike(uint32_t bits, const char *a, size_t n_a, const char *b, size_t n_b);
uint32_t diff_hash(uint32_t bits, const char *s, size_t n);

/* What is put out of the changes, line by line. */
struct diff_put {
    uint32_t bits;
    int32_t context;
    const char *names[2];
    size_t hunk, hunk_end, change; /* changes of the hunk */
    uint32_t line;
    enum { PUT_NAMES, PUT_HUNK, PUT_BEFORE, PUT_OLD, PUT_NEW, PUT_AFTER } next;
};

/* Puts out a little. Whether there is more. */
bool diff_put_some(struct proc *p, struct diff_put *o, const struct diff_match *m);

/* ---- One pair of files ---- */
enum diff_verdict { DIFF_ALIKE, DIFF_DIFFER, DIFF_LEFT_OUT };

struct diff_side {
    const char *path;  /* as messages name it */
    const char *label; /* as the hunks name it */
    bool absent;       /* counts as empty */
    int fd;            /* 0: standard input; -1: none */
};

struct diff_pair {
    uint32_t bits;
    int32_t context;
    struct diff_side side[2];
    size_t at; /* the side that is read */
    enum { PAIR_OPEN, PAIR_READ, PAIR_MATCH, PAIR_PUT } stage;
    struct diff_text of[2];
    struct diff_match match;
    struct diff_put put;
};

/* NEXT_DONE: it is through, and *ret says how. */
enum applet_next diff_pair_step(struct proc *p, struct diff_pair *d, enum diff_verdict *ret);

/* ---- Directories ---- */
struct diff_folder;
struct diff_folder *diff_folder_begin(struct proc *p, uint32_t bits, const char *const names[2], const char *from);
/* NEXT_DONE: through; NEXT_AGAIN with *ret_pair: two regular files (paths and absence set) that are to be compared. */
enum applet_next diff_folder_step(struct proc *p, struct diff_folder *f, struct diff_side side[static 2],
                                  bool *ret_pair, int *status);
