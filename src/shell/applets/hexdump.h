#pragma once
/*
 * Format strings of hexdump, as BSD's manual has them: units of [REPEATS][/BYTES] "TEXT", where TEXT is
 * printf's with the conversions _a _A _c _p _u besides. What the reference makes of more than one conversion
 * in a unit: the second gives the text before it, and ends the unit.
 */
#include "shell/proc.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dump_kind {
    DUMP_TEXT,
    DUMP_SIGNED,
    DUMP_UNSIGNED,
    DUMP_DOUBLE,
    DUMP_CHARACTER, /* %c */
    DUMP_STRING,
    DUMP_ADDRESS,   /* %_a */
    DUMP_END,       /* %_A: at the end alone */
    DUMP_ESCAPED,   /* %_c */
    DUMP_PRINTABLE, /* %_p */
    DUMP_NAMED,     /* %_u */
};

struct dump_piece {
    enum dump_kind kind;
    uint32_t bytes;
    const char *before, *after; /* text */
    const char *spec;           /* of the conversion whole, for out_print(): %05lld */
    const char *blank;          /* the same for %s, without flags: where there are no more bytes */
    const char *value;          /* the same for %s, with flags */
    bool last;                  /* only its text before, and the unit ends */
    struct dump_piece *next;
};

struct dump_unit {
    uint32_t repeats, bytes; /* bytes of one of its repeats */
    uint32_t wanted;         /* /BYTES, 0: as the conversion likes */
    bool fixed;              /* REPEATS was given */
    bool at_end;             /* has a %_A */
    const char *text;
    struct dump_piece *pieces;
    struct dump_unit *next;
};

struct dump_format {
    struct dump_unit *units;
    struct dump_format *next;
};

struct dump {
    struct dump_format *formats, **last;
    struct dump_unit *end; /* put out after all, or NULL */
    size_t block;          /* bytes that a line of output shows */
};

void dump_begin(struct dump *d);
/* Adds a format; what makes no sense ends the process. */
void dump_add(struct dump *d, struct proc *p, const char *format);
/* After the last of them: looks into the conversions, and how many bytes each format takes. */
void dump_ready(struct dump *d, struct proc *p);
/* A block of d->block bytes at an address; `end`: where the bytes end, UINT64_MAX behind it. */
void dump_block(const struct dump *d, struct proc *p, const uint8_t *data, uint64_t address, uint64_t end);
void dump_end(const struct dump *d, struct proc *p, uint64_t address);
