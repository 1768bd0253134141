#pragma once
/*
 * A running awk program: a stack machine that can stop before any instruction. An instruction that
 * cannot be done yet (its input has not come, its steps are used up) leaves everything as it was
 * and is done again later; what it has already worked out stands in the machine.
 */
#include "shell/applet.h"
#include "shell/awk/array.h"
#include "shell/awk/program.h"

#include <stdbool.h>

enum awk_wait {
    AWK_GO,    /* done */
    AWK_AGAIN, /* the steps are used up */
    AWK_INPUT, /* awk->waits_on */
    AWK_CHILD,
};

struct awk_cell {
    struct awk_value value;
    struct awk_array *array; /* or NULL; an argument's is its owner's */
    uint32_t origin;         /* of an argument: whose array it is, as awk_value.origin */
    bool owned;
};

struct awk_frame {
    uint32_t pc, base, cells; /* where it goes on; what the stacks held */
    uint32_t before;          /* the caller's cells */
};

struct awk_field {
    struct awk_value value; /* where made */
    uint32_t start, len;    /* in awk_record.source */
    bool made;
};

/* A regular expression that was made while the program runs. */
struct awk_cached {
    struct awk_str *text; /* NULL: empty */
    struct regex *regex;
    bool any_case, strict;
    unsigned pins; /* it must stay */
};

/* How a text is taken apart. */
struct awk_splitter {
    enum { SPLIT_BLANKS, SPLIT_CHAR, SPLIT_REGEX, SPLIT_EACH } kind;
    char c, other_case;
    bool lines; /* an end of line separates too */
    struct regex *regex;
    struct awk_cached *cached; /* whose regex it is, or NULL */
};

/* Where a taking apart stands. */
struct awk_split {
    size_t at;
    bool begun, ended;
};

struct awk_record {
    struct awk_value whole; /* $0 */
    bool whole_valid, fields_valid;
    struct awk_str *source;   /* what the fields are of */
    struct awk_field *fields; /* from $1 on */
    size_t n, room;
    struct awk_split split; /* while it is being done */
};

enum awk_stream_kind {
    STREAM_FILE_OUT,
    STREAM_PIPE_OUT,
    STREAM_FILE_IN,
    STREAM_COMMAND,
    STREAM_ERROR,
    STREAM_STDOUT
};

struct awk_stream {
    struct awk_str *name;
    enum awk_stream_kind kind;
    bool open, ended;
    bool hidden; /* the file of the main loop, which no name finds */
    int fd;
    uint32_t pid; /* of a command's */
    char *data;   /* what was read and not used, or written and not flushed */
    size_t at, len, room;
    size_t searched; /* what of it is known to hold no end of a record */
};

/* What a long instruction has done so far. */
struct awk_job {
    bool active;
    struct text out;
    size_t at, count;
    struct awk_split split;
};

enum { REGEX_CACHED = 64 };

enum awk_phase { PHASE_BEGIN, PHASE_READ, PHASE_MAIN, PHASE_END, PHASE_CLOSE, PHASE_DONE };

enum { RANDOM_WORDS = 34 };

struct awk {
    struct proc *p;
    struct memory *m;
    struct awk_pool pool;
    struct awk_program program;
    struct awk_cell *globals;
    size_t n_globals;
    uint32_t rstart, rlength; /* which they are */
    struct awk_value *stack;
    size_t n_stack, stack_room;
    struct awk_cell *cells; /* of functions */
    size_t n_cells, cells_room;
    struct awk_frame *frames;
    size_t n_frames, frames_room;
    size_t pc;
    uint32_t local; /* the running function's first cell */
    int64_t steps;  /* left of this turn */
    int waits_on;

    enum awk_phase phase;
    bool begun;
    size_t block; /* of the phase, the one that runs */
    int status;
    bool *ranges;

    struct awk_record record;
    struct awk_splitter fields_by,
        records_by; /* FS and RS; of the latter SPLIT_BLANKS: empty lines */
    struct awk_stream **streams;
    size_t n_streams;
    struct awk_stream *written; /* the last that was written to: it is flushed before another is;
                                   NULL: standard output */
    size_t printing;            /* print statements under way that name one */
    struct awk_stream *input;   /* the file being read, or NULL */
    size_t arg;                 /* the argument it was */
    bool any_file, next_file;
    struct awk_job job;
    struct awk_cached cache[REGEX_CACHED];

    uint32_t seed, random[RANDOM_WORDS];
    unsigned random_at;
    bool random_made;
};

/* run.c */
enum applet_next awk_run(struct awk *a);
void awk_fail(struct awk *a, const char *why) __attribute__((noreturn)); /* "NAME:LINE: why" */

/* variables.c: variables, and what setting them means */
struct awk_cell *awk_cell_of(struct awk *a, uint32_t variable);
struct awk_array *awk_array_of(struct awk *a, uint32_t variable);     /* made where there is none */
struct awk_str *awk_str_of(struct awk *a, const struct awk_value *v); /* with CONVFMT */
struct awk_str *awk_special_str(struct awk *a, enum awk_special v);
void awk_set_variable(struct awk *a, uint32_t variable, struct awk_value v); /* takes v */
void awk_set_special(struct awk *a, enum awk_special which, struct awk_value v);
bool awk_assign_text(struct awk *a, const char *word); /* NAME=VALUE; false: it is none */
/* Takes v; key is an index or a key, and is not taken. */
void awk_set_place(struct awk *a, enum awk_place place, uint32_t b, struct awk_value *key,
                   struct awk_value v);
int awk_compare(struct awk *a, enum awk_op op, struct awk_value *l, struct awk_value *r);

/* record.c */
void awk_record_set(struct awk *a, struct awk_value v); /* $0; takes v */
struct awk_value awk_record_get(struct awk *a);         /* $0 */
void awk_record_settle(struct awk *a); /* puts $0 together where a field was changed */
/* Makes fields and NF true. False: the steps were used up. */
bool awk_record_ready(struct awk *a);
size_t awk_field_index(struct awk *a, struct awk_value *v);
struct awk_value awk_field_get(struct awk *a, size_t i);         /* when ready; i from 1 on, or 0 */
void awk_field_set(struct awk *a, size_t i, struct awk_value v); /* when ready; takes v */
void awk_record_resize(struct awk *a, size_t n);                 /* when ready: NF = n */
void awk_splitter_make(struct awk *a, struct awk_splitter *s, const struct awk_str *separator);
void awk_splitter_keep(struct awk *a, struct awk_splitter *s,
                       enum awk_special separator); /* FS or RS, until it changes */
/* The next part of a text: 1 with its span, 0 after the last, -1: the steps were used up. */
int awk_split_next(struct awk *a, const struct awk_splitter *s, struct awk_split *at,
                   const char *text, size_t n, size_t *ret_start, size_t *ret_end);

/* matching.c */
struct regex *awk_regex_of(struct awk *a, const struct awk_value *v); /* of an argument or a text */
struct awk_cached *awk_regex_cached(struct awk *a, const struct awk_str *s,
                                    bool strict); /* strict: dies where it is none */
struct regex *awk_regex_program(struct awk *a, uint32_t i);
/* Looks in text; counts the steps it took. */
bool awk_regex_find(struct awk *a, struct regex *r, const char *s, size_t n, bool not_first,
                    struct regex_span *spans);
/* Replaces in text; which 0: all. False: not done yet. */
bool awk_substitute(struct awk *a, struct regex *r, const struct awk_str *with,
                    const struct awk_str *text, size_t which, bool groups);

/* format.c */
void awk_format_number(struct awk *a, const struct awk_str *format, double d, struct text *to);
void awk_format_values(struct awk *a, const struct awk_str *format, struct awk_value *args,
                       size_t n, struct text *to);

/* stream.c */
struct awk_stream *awk_stream_out(struct awk *a, struct awk_str *name, enum awk_redirect how,
                                  uint32_t *ret_index);
struct awk_stream *awk_stream_in(struct awk *a, struct awk_str *name,
                                 bool command); /* NULL, and ERRNO */
struct awk_stream *awk_stream_main(struct awk *a, struct awk_str *name);
void awk_stream_put(struct awk *a, struct awk_stream *s, const void *data, size_t n);
void awk_stream_flush(struct awk *a, struct awk_stream *s); /* NULL: standard output */
void awk_stream_settle(
    struct awk *a); /* what was put is where it belongs: before anyone else may look */
/* Closes; its wait status, 0 of a file. AWK_CHILD: not yet. */
enum awk_wait awk_stream_close(struct awk *a, struct awk_stream *s, int *ret);
struct awk_stream *awk_stream_find(struct awk *a, const struct awk_str *name);
enum awk_wait awk_stream_close_all(struct awk *a);

/* input.c */
enum awk_got { GOT_ERROR = -1, GOT_END, GOT_RECORD };
/* The next record of a stream, as a value. */
enum awk_wait awk_read_record(struct awk *a, struct awk_stream *s, enum awk_got *ret,
                              struct awk_value *ret_value);
/* The next of the file that is being read, which getline does not go beyond; and of all in ARGV. */
enum awk_wait awk_read_here(struct awk *a, enum awk_got *ret, struct awk_value *ret_value);
enum awk_wait awk_read_main(struct awk *a, enum awk_got *ret, struct awk_value *ret_value);

/* functions.c: n values are on the stack, args the first of them; the answer. */
enum awk_wait awk_call_builtin(struct awk *a, const struct awk_code *k, struct awk_value *args,
                               struct awk_value *ret);
double awk_random(struct awk *a);
