#pragma once
/*
 * Rows, written in three ways from one description of their columns: a table for people, a JSON
 * array of flat objects, or CSV (RFC 4180).
 *
 *     out_begin(&o, stdout, format, columns, n);
 *     while (row) {
 *         out_text(&o, row.address);
 *         out_count(&o, row.accesses);
 *         out_null(&o);                 // in the order of the columns, all of them
 *     }
 *     return out_end(&o);
 *
 * What strangers wrote is escaped (text_escape) in tables and CSV. A value that is not there is
 * null, an empty field, and "-" in a table. A table's columns are as wide as its first OUT_AHEAD
 * rows need, which is what is kept in memory; JSON and CSV are written row by row.
 */
#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { OUT_COLUMNS_MOST = 32, OUT_AHEAD = 1000 };

enum out_format { OUT_TABLE, OUT_JSON, OUT_CSV };

enum column_type {
    COLUMN_TEXT,
    COLUMN_INT,  /* thousands are parted in tables */
    COLUMN_REAL, /* with `decimals` */
    COLUMN_TIME, /* RFC 3339, UTC */
    COLUMN_BOOL, /* true, false; yes, no in tables */
    COLUMN_LIST, /* texts: a JSON array; parted by "; " elsewhere */
    COLUMN_PORTS, /* a JSON array of numbers; parted by blanks elsewhere */
};

struct column {
    const char *name; /* in JSON and CSV */
    enum column_type type;
    const char *heading; /* in tables; NULL: the name */
    int decimals;
    bool hide; /* not in tables */
};

struct out {
    FILE *f;
    enum out_format format;
    const struct column *columns; /* borrowed */
    size_t n;                     /* columns */
    size_t at;                    /* the next column of this row */
    uint64_t rows;
    int status;
    /* of tables: cells not yet written, and how wide their columns are */
    char **cells;
    size_t kept; /* cells */
    bool widths_known;
    unsigned widths[OUT_COLUMNS_MOST];
    unsigned screen; /* columns of the terminal; 0: no terminal */
    bool colour;
    struct json *row;
};

/* f is borrowed. A failure is kept and told by out_end(). */
void out_begin(struct out *o, FILE *f, enum out_format format, const struct column *columns,
               size_t n);

void out_text(struct out *o, const char *value); /* NULL is null */
void out_int(struct out *o, int64_t value);
void out_count(struct out *o, uint64_t value);
void out_real(struct out *o, double value); /* what is no finite number is null */
void out_time(struct out *o, int64_t when);
void out_bool(struct out *o, bool value);
void out_list(struct out *o, const char *const *values, size_t n);
void out_ports(struct out *o, const uint16_t *values, size_t n);
void out_null(struct out *o);

/* Writes the rest, and gives back what out_begin() took. 0; -errno, also where f could not be
 * written. */
int must_check out_end(struct out *o);

/* A whole number with its thousands parted: "1,234,567". */
enum { THOUSANDS_TEXT = 32 };
const char *thousands(int64_t value, char text[static THOUSANDS_TEXT]);
/* Lines of facts on standard output: a name, and its value in a column of its own. */
void fact_text(const char *name, const char *value);
/* A stranger's, of which nothing acts on the terminal; "-" where there are none. */
void fact_words(const char *name, const char *words);
void fact_count(const char *name, uint64_t value, const char *unit);
void fact_time(const char *name, int64_t when); /* 0: there is none */
/* Columns of the terminal behind f, 0 where there is none. */
unsigned screen_width(FILE *f);
/* Whether f may be coloured: it is a terminal and NO_COLOR is unset. */
bool screen_colour(FILE *f);
/* Whether the locale's text is UTF-8. */
bool screen_utf8(void);
