#pragma once
/*
 * The parts of sed: a script becomes commands (sed-parse.c, sed-words.c), which are gone through
 * for each line (sed-run.c; s in sed-subst.c) of the files (sed-input.c), with what is written and
 * read on the way (sed-output.c).
 */
#include "shell/applet.h"
#include "shell/lines.h"
#include "shell/regex.h"

enum sed_where {
    WHERE_NONE,
    WHERE_LINE,
    WHERE_LAST,
    WHERE_MATCH,
    WHERE_LATER, /* so many lines after the first */
};

struct sed_address {
    enum sed_where where;
    int64_t line;
    struct regex *regex;
};

/* A file that lines are written to. */
struct sed_file {
    int fd;
    bool terminal;
    bool open_line;   /* its last line has no end yet */
    struct text data; /* is still to be written; none of standard output's, which has a buffer */
};

struct sed_command {
    char letter;
    bool negated;
    struct sed_address from, to;
    bool spent;  /* the line of `from` was there */
    bool inside; /* the range goes on */
    int64_t end; /* of a range of WHERE_LATER */
    char *text;  /* to be put out; a label; a file's name; what s puts in */
    size_t n;
    struct regex *regex; /* of s; NULL: the one that was used last */
    bool prints;         /* s///p */
    uint32_t nth;        /* the match that s replaces; 0: all */
    bool writes;         /* w and s///w: to file_name */
    char *file_name;
    struct sed_file *file;
    uint8_t *map; /* of y: 256 bytes */
};

struct sed_script {
    struct memory *memory;
    bool extended, quiet; /* quiet: a comment began with #n */
    struct sed_command *commands;
    size_t n, room;
    struct regex *last_address;
    struct text pending; /* a line that goes on in the next */
};

/*
 * Reads the next line of a script, without its end. NULL, or what is wrong with it, of the script's
 * memory. sed_script_end() reads what waited for more.
 */
const char *sed_script_line(struct sed_script *s, const char *line, size_t n);
const char *sed_script_end(struct sed_script *s);

/* ---- sed-words.c: of the parser ---- */

struct sed_reader {
    struct sed_script *script;
    const char *p, *end;
    const char *why; /* what is wrong; then nothing else is read */
};

void sed_fail(struct sed_reader *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The next byte, or 0 at the end. */
char sed_peek(const struct sed_reader *r);
/* Digits, as a C program makes an int of a long: what is far too big may be -1, the last line. */
int32_t sed_number(struct sed_reader *r);
/* What stands between delimiters: an expression keeps the backslashes before them; brackets hide
 * them in what is no text. */
enum sed_what { WHAT_REGEX, WHAT_MAP, WHAT_TEXT };
/* What stands between the reader and the next delimiter, past which it is moved. */
struct text sed_delimited(struct sed_reader *r, char delimiter, enum sed_what what);
struct regex *sed_regex(struct sed_reader *r, const struct text *t, unsigned flags);
/* \n, \t and \r in it become what they mean; pairs of other characters stay. */
void sed_unescape(struct text *t);
char *sed_file_name(struct sed_reader *r);
void sed_read_subst(struct sed_reader *r, struct sed_command *c);
void sed_read_map(struct sed_reader *r, struct sed_command *c);

/* ---- Running ---- */

/* How a line ended. */
enum sed_end {
    END_NONE,
    END_NEWLINE,
    END_NUL,
    END_LAST_NUL, /* of a file: what follows is put on a line of its own */
};

struct sed_line {
    struct text text;
    enum sed_end end;
};

enum { SED_SPENT_MOST = 1000000 };

enum sed_phase { PHASE_SCRIPT, PHASE_OPEN, PHASE_BEGIN, PHASE_RUN, PHASE_END };

/* An s that is at work: lines and expressions can be such that it is not done in one step. */
struct sed_work {
    bool busy;
    struct text made;
    size_t at;
    uint32_t count;
    bool after_empty, tried_end, changed;
};

struct sed {
    struct sed_script script;
    const char **lists; /* -f */
    size_t n_lists, list;
    enum sed_phase phase;
    bool quiet, in_place, failed, over;
    const char *suffix;
    char **files; /* the next */
    const char *name;
    struct lines in;
    bool open;
    int *waiting; /* files that are edited, and not read yet */
    size_t n_waiting, waiting_at;
    struct sed_line pattern, hold, next;
    bool next_known, has_next;
    int64_t number;
    size_t pc;
    bool again; /* D: the next cycle takes no line */
    bool substituted;
    struct regex *last_regex;
    struct sed_work work;
    uint64_t spent;                     /* steps of expressions in this step of the applet */
    const struct sed_command **appends; /* a and r of this cycle */
    size_t n_appends, appends_room;
    struct sed_file out; /* standard output, or the file that is edited */
    char *made;          /* its name, while it is being written */
    struct vfs_stat stat;
};

/* false: nothing is known of it yet, end the step with NEXT_INPUT. */
bool sed_know_next(struct proc *p, struct sed *s);
/* The next line becomes the pattern space's, or is added to it. Only where s->has_next. */
void sed_take(struct proc *p, struct sed *s, bool add);
/* In place: the next file and its new content, at last what is left of them; false: there is
 * nothing more. */
bool sed_edit_begin(struct proc *p, struct sed *s);
void sed_edit_end(struct proc *p, struct sed *s);

void sed_file_open(struct proc *p, struct sed_command *c);
void sed_say(struct proc *p, struct sed_file *f, const char *text, size_t n, enum sed_end end);
void sed_file_flush(struct proc *p, struct sed_file *f);
void sed_flush(struct proc *p, struct sed *s); /* all files that commands write to */
/* Before the process ends with an error: what was written stays, a file that was being edited is as
 * it was. */
void sed_give_up(struct proc *p, struct sed *s);
void sed_append(struct proc *p, struct sed *s, const struct sed_command *c);
void sed_say_appends(struct proc *p, struct sed *s);

bool sed_matches(struct proc *p, struct sed *s, struct regex *r, const char *text, size_t n,
                 bool not_bol, struct regex_span *spans);
/* Whether s is done; else it is to be called again. */
bool sed_subst(struct proc *p, struct sed *s, const struct sed_command *c);
enum applet_next sed_run(struct proc *p, struct sed *s);
