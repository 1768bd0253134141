#pragma once
/*
 * The parts of regex.h among themselves: an expression is parsed into nodes, those are written as a
 * program, which is run over all its threads at once (regex-match.c) or, with back-references, one
 * path after the other (regex-refs.c).
 */
#include "shell/regex.h"

enum {
    REGEX_DEPTH = 250,          /* of groups and repetitions in each other */
    REGEX_REPEATS_MOST = 32767, /* RE_DUP_MAX */
    REGEX_NODES_MOST = 50000,
    REGEX_OPS_MOST = 12000,
    REGEX_REFS = 9,             /* groups that \1 to \9 mean */
    REGEX_WORK = 10000000,      /* steps of one search */
    REGEX_WORK_PATHS = 2000000, /* of one with back-references, which are slower ones */
};

/* The numbers of regcomp(), whose texts are those of regerror(). */
enum regex_fault {
    FAULT_NONE,
    FAULT_PATTERN = 2,
    FAULT_COLLATION,
    FAULT_CLASS,
    FAULT_BACKSLASH,
    FAULT_REFERENCE,
    FAULT_BRACKET,
    FAULT_PAREN,
    FAULT_BRACE,
    FAULT_INTERVAL,
    FAULT_RANGE,
    FAULT_REPEAT = 13,
    FAULT_SIZE = 15,
};

/* What an assertion asks. */
enum regex_place {
    PLACE_LINE_START,
    PLACE_LINE_END,
    PLACE_TEXT_START,
    PLACE_TEXT_END,
    PLACE_WORD_START,
    PLACE_WORD_END,
    PLACE_WORD_EDGE,
    PLACE_NO_EDGE,
};

struct regex_set {
    uint64_t bits[4];
};

static inline bool set_has(const struct regex_set *s, uint8_t c)
{
    return s->bits[c >> 6] >> (c & 63) & 1;
}
static inline void set_add(struct regex_set *s, uint8_t c)
{
    s->bits[c >> 6] |= UINT64_C(1) << (c & 63);
}

enum regex_kind {
    NODE_BYTE,
    NODE_SET,
    NODE_PLACE,
    NODE_REFERENCE,
    NODE_GROUP,
    NODE_LIST,
    NODE_CHOICE,
    NODE_REPEAT
};

/* 0 is no node: it matches the empty text. */
typedef uint32_t regex_ref;

struct regex_node {
    uint8_t kind;    /* enum regex_kind */
    uint8_t byte;    /* NODE_BYTE; the place; the digit of a reference */
    bool empty;      /* it can match the empty text */
    uint16_t height; /* groups and repetitions in it, in each other */
    uint32_t value;  /* the set; the group's number, from 1 on; the least repetitions */
    int32_t most;    /* repetitions; -1: no end */
    regex_ref child; /* the first */
    regex_ref next;  /* beside it in its list or choice */
};

struct regex_tree {
    struct memory *memory;
    struct regex_node *nodes; /* from 1 on */
    uint32_t n, room;
    struct regex_set *sets;
    uint32_t sets_n, sets_room;
    regex_ref top;
    uint32_t groups;
    bool references;
};

enum regex_code {
    OP_BYTE,
    OP_SET,
    OP_SPLIT, /* x first, else y */
    OP_JUMP,
    OP_PLACE,
    OP_OPEN,
    OP_CLOSE,
    OP_CLOSE_OPTIONAL, /* of a group that is repeated: an empty round leaves what was before */
    OP_REFERENCE,
    OP_MATCH,
};

struct regex_op {
    uint8_t code; /* enum regex_code */
    uint8_t byte; /* the byte; the place; the digit */
    uint32_t x, y;
};

/* What one search is about. */
struct regex_text {
    const char *s;
    size_t n;
    bool not_bol;
    uint64_t work, work_most;
};

/* Threads at one place of the text, the first has precedence. */
struct regex_threads {
    uint32_t *pc;
    int64_t *start;
    uint32_t n;
};

struct regex {
    unsigned flags;
    uint32_t groups;
    bool references;
    struct regex_op *ops;
    uint32_t n_ops;
    struct regex_set *sets;
    /* What a match can begin with, unless it can be empty. */
    struct regex_set first;
    bool empty;
    bool at_start; /* it begins with ^ or \` and so matches nowhere else */
    char *literal; /* every match begins with this; NULL where it is less than a byte */
    size_t literal_n;
    bool whole; /* and is nothing else */
    /* Room for matching, made when it is first needed. */
    struct regex_threads now, then;
    uint64_t *marks, mark;
    uint32_t *stack;
    struct regex_captures *captures;
};

enum regex_fault must_check regex_parse(struct regex_tree *t, const char *s, size_t n,
                                        unsigned flags);
void regex_tree_free(struct regex_tree *t);
/* A node; 0: there are too many. */
regex_ref regex_node(struct regex_tree *t, enum regex_kind kind);
uint32_t regex_set_add(struct regex_tree *t, const struct regex_set *s);

/* What stands behind the [ at *at, which is moved past the ]. */
enum regex_fault must_check regex_bracket(const uint8_t *s, size_t n, size_t *at, unsigned flags,
                                          struct regex_set *ret);
/* Without case everything is compared in upper case. */
static inline uint8_t regex_fold(unsigned flags, uint8_t c)
{
    return (flags & REGEX_ICASE) && c >= 'a' && c <= 'z' ? (uint8_t)(c - 'a' + 'A') : c;
}
static inline bool regex_is_word(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Writes the program. false: it is too big. */
bool regex_write(struct regex *r, struct memory *m, const struct regex_tree *t);
/* What is known before any text is seen: first, at_start, literal. */
void regex_study(struct regex *r, struct memory *m);

/* Makes r's room for matching. */
void regex_room(struct regex *r, struct memory *m);
bool regex_at(const struct regex *r, const struct regex_text *t, size_t at, uint8_t place);
/* The next place from `from` on where a match may begin; -1: none. */
int64_t regex_candidate(const struct regex *r, struct regex_text *t, size_t from);
enum regex_verdict regex_threads_run(struct regex *r, struct memory *m, struct regex_text *t,
                                     size_t from, struct regex_span *ret);
/* The groups of a match that is known. */
enum regex_verdict regex_captures_run(struct regex *r, struct memory *m, struct regex_text *t,
                                      struct regex_span spans[REGEX_GROUPS]);
/* Spans of a path: start and end of each group, then what they were before the last empty round. */
void regex_group_open(uint32_t group, uint32_t groups, int32_t at, int32_t *spans);
void regex_group_close(uint32_t group, uint32_t groups, int32_t at, bool optional, int32_t *spans);
void regex_captures_free(struct regex *r, struct memory *m);
enum regex_verdict regex_paths_run(struct regex *r, struct memory *m, struct regex_text *t,
                                   size_t from, struct regex_span spans[REGEX_GROUPS]);
