#pragma once
/* The parts of grep: its words and the lines it says (grep.c), what matches (grep-match.c), the
 * files it reads (grep-files.c). */
#include "shell/applet.h"
#include "shell/lines.h"
#include "shell/regex.h"

enum grep_flags {
    GREP_INVERT = 1 << 0,
    GREP_ICASE = 1 << 1,
    GREP_WORD = 1 << 2,
    GREP_WHOLE = 1 << 3,
    GREP_FIXED = 1 << 4,
    GREP_EXTENDED = 1 << 5,
    GREP_COUNT = 1 << 6,
    GREP_NAMES = 1 << 7,   /* -l */
    GREP_UNNAMED = 1 << 8, /* -L */
    GREP_NUMBERS = 1 << 9,
    GREP_ONLY = 1 << 10,
    GREP_QUIET = 1 << 11,
    GREP_SILENT = 1 << 12,
    GREP_RECURSE = 1 << 13,
    GREP_FOLLOW = 1 << 14, /* -R, which recurses, too */
    GREP_NULS = 1 << 15,
    GREP_PREFIX = 1 << 16,    /* -H */
    GREP_NO_PREFIX = 1 << 17, /* -h */
    GREP_MOST = 1 << 18,
    GREP_AFTER = 1 << 19,
    GREP_BEFORE = 1 << 20,
};

struct grep_pattern {
    char *s;
    size_t n;
    char *folded;        /* of a fixed one without case */
    struct regex *regex; /* made when a line asks for it first */
};

/* Where a line matched. */
struct grep_match {
    struct grep_pattern *pattern; /* NULL: nowhere */
    size_t start, end;
};

/* A line at work: lines, patterns and expressions can be such that one is not done in one step. */
enum { GREP_SPENT_MOST = 1000000 };
enum grep_stage { STAGE_NONE, STAGE_SEARCH, STAGE_SAY };

/* A file that is still to be read. */
struct grep_path {
    char *path;
    uint32_t depth; /* of folders that led here; 0: it is an operand */
};

/* A line that may be printed as context of the next. */
struct grep_before {
    char *s;
    size_t n;
    uint64_t number;
};

struct grep {
    uint32_t flags;
    uint64_t most, after, before; /* -m -A -B */
    struct grep_pattern *patterns;
    size_t n_patterns;
    /* Files of patterns, which are read first. */
    const char **lists;
    size_t n_lists, list;
    struct grep_path *paths; /* the next is the last */
    size_t n_paths, paths_room;
    struct lines in;
    const char *name;         /* of the file that is open, or NULL */
    uint64_t number, matches; /* lines of it; those that matched */
    uint64_t after_left;
    enum grep_stage stage;
    struct text_line line;
    char *folded;      /* the line without case, of its length up to a NUL */
    size_t left, from; /* patterns that were not asked yet; where in the line the next of them is */
    struct grep_match found;
    uint64_t spent;              /* steps of expressions in this step of the applet */
    struct grep_before *befores; /* a ring */
    size_t n_befores, first_before, befores_room;
    uint64_t last; /* number of the last line that was printed, of whatever file */
    bool printed, matched, failed;
};

void grep_pattern_add(struct proc *p, struct grep *g, const char *s, size_t n);
/* Begins to search g->line. */
void grep_search_begin(struct proc *p, struct grep *g);
/* The first pattern that matches, of those that were added last: g->found. false: call it again. */
bool grep_search(struct proc *p, struct grep *g);
/* The next place of the pattern that was found, from `from` on. */
bool grep_found_again(struct proc *p, struct grep *g, size_t from);

void grep_path_add(struct proc *p, struct grep *g, char *path, uint32_t depth);
/* Opens the next file: g->name is set. false: there are no more. Folders are replaced by what is in
 * them. */
bool grep_open(struct proc *p, struct grep *g);
void grep_close(struct proc *p, struct grep *g);
