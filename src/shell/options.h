#pragma once
/*
 * Options of an applet, as glibc's getopt_long() reads them for BusyBox: words may stand before
 * options (unless the string begins with "+"), "--" ends them, long ones may be shortened. Where the string
 * begins with "!", there are none, and "--nosuch" is the letter "-". What is
 * wrong is said as the reference does ("ls: invalid option -- 'z'", then the usage) and ends the process.
 */
#include "shell/applet.h"

struct option_long {
    const char *name; /* NULL ends the table */
    int argument;     /* 0 none, 1 needed, 2 optional */
    int value;        /* what options_next() returns; a letter, or from 256 on */
};

/* Read until options_next() says -1: until then words are missing from argv. */
struct options {
    struct proc *p;
    int argc;
    char **argv; /* permuted as it is read */
    const char *letters;             /* as getopt's, without the "+" or "!"; "a:b::c" */
    const struct option_long *longs; /* or NULL */
    int index;                       /* of the next word; after the last option: of the first operand */
    const char *argument;            /* of the option returned */
    const char *at;                  /* inside a word of letters */
    int placed;                      /* words of options, which stand first in argv */
    char **passed;                   /* operands among them, n_passed */
    int n_passed;
    bool in_order; /* the first operand ends them */
    bool short_only; /* to be set after the beginning: "--nosuch" is the letter "-" (head) */
};

void options_begin(struct options *o, struct proc *p, int argc, char **argv, const char *letters,
                   const struct option_long *longs);
/* The next option's letter or value, -1 at the end. */
int options_next(struct options *o);
/* The simple case: letters that were given, as a bit each in the order of `letters` (a colon after one
 * stores its argument in the next of the const char ** given; one that was not given is left as it is).
 * *argv_left: the operands. */
uint32_t options_bits(struct proc *p, int argc, char **argv, const char *letters, char ***argv_left, ...);
/* The same with long options, whose values are letters. */
uint32_t options_bits_long(struct proc *p, int argc, char **argv, const char *letters,
                           const struct option_long *longs, char ***argv_left, ...);

/* Numbers as BusyBox reads them: all decimal, in range, with suffixes (k = 1024, b = 512...) where
 * `suffixes` (NULL: none); else "NAME: invalid number 'x'" or "NAME: number x is not in 1..5 range" and
 * the end. Where `most` fits 32 bits, what does not is "invalid". */
struct options_suffix {
    char name[4]; /* "" ends the table */
    uint64_t factor;
};
extern const struct options_suffix options_bkm[];  /* b 512, k 1024, m 1048576 */
extern const struct options_suffix options_cwbk[]; /* dd's: c w b kD k K MD M GD G */
uint64_t options_number(struct proc *p, const char *s, uint64_t least, uint64_t most, const struct options_suffix *suffixes);
int64_t options_signed(struct proc *p, const char *s, int64_t least, int64_t most, const struct options_suffix *suffixes);
/* The same where 0x10 and 010 are numbers of their bases. */
uint64_t options_number_any(struct proc *p, const char *s, uint64_t least, uint64_t most,
                            const struct options_suffix *suffixes);
int64_t options_signed_any(struct proc *p, const char *s, int64_t least, int64_t most,
                           const struct options_suffix *suffixes);
