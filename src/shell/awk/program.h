#pragma once
/*
 * A compiled awk program: instructions of a stack machine. Jumps are relative, so that a piece of
 * code can be moved while the program is put together.
 */
#include "shell/awk/value.h"
#include "shell/proc.h"
#include "shell/regex.h"

/* A variable: its index, shifted; the lowest bit says that it is a function's own. */
#define VAR_GLOBAL(i) ((uint32_t)(i) << 1)
#define VAR_LOCAL(i) ((uint32_t)(i) << 1 | 1)
#define VAR_IS_LOCAL(v) ((v)&1)
#define VAR_INDEX(v) ((v) >> 1)

/* Variables that mean something, in the order of awk_special_names[]. */
/* clang-format off */
enum awk_special {
    V_CONVFMT, V_OFMT, V_FS, V_OFS, V_ORS, V_RS, V_RT, V_FILENAME, V_SUBSEP, V_ARGIND, V_ARGC, V_ARGV,
    V_ERRNO, V_FNR, V_NR, V_NF, V_IGNORECASE, V_ENVIRON, V_SCRATCH, /* an array that nothing can name */
    V_SPECIALS,
};
/* clang-format on */
extern const char *const awk_special_names[V_SPECIALS];

/* clang-format off */
enum awk_op {
    OP_CONST,      /* b: which */
    OP_VAR,        /* b: variable */
    OP_ARGUMENT,   /* b: variable, given to a function: its array goes with it */
    OP_FIELDS,     /* makes fields and NF true */
    OP_FIELD,      /* index: its value */
    OP_FIELD_AT,   /* b: index */
    OP_ELEMENT,    /* key: value; b: array */
    OP_SET_VAR,    /* value: value */
    OP_SET_FIELD,  /* index value: value */
    OP_SET_ELEMENT,/* key value: value */
    OP_STEP,       /* ++ and --; a: enum awk_place, n: enum awk_step, b: variable; [key]: value */
    OP_DUP, OP_SWAP,
    OP_POP,
    OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_MOD, OP_POW,
    OP_LT, OP_LE, OP_GT, OP_GE, OP_EQ, OP_NE,
    OP_MATCH,      /* text regex: 0 or 1; a: 1 for !~ */
    OP_MATCH_LINE, /* b: regex; $0 */
    OP_REGEX,      /* b: regex, as an argument */
    OP_NEGATE, OP_PLUS, OP_NOT, OP_TRUTH,
    OP_CONCAT,     /* n texts */
    OP_SUBSCRIPT,  /* n texts, with SUBSEP between */
    OP_IN,         /* key: 0 or 1; b: array */
    OP_JUMP,       /* b: by how many, from the next instruction */
    OP_JUMP_FALSE, OP_JUMP_TRUE, /* value: */
    OP_AND, OP_OR, /* value: a jump with 0 (1) where that is the answer */
    OP_WALK,       /* b: array; : walk */
    OP_WALK_NEXT,  /* walk: walk key, or a jump at its end */
    OP_DELETE,     /* key: ; b: array */
    OP_DELETE_ALL, /* b: array */
    OP_GETLINE,    /* a: enum awk_source, n: enum awk_place, b: variable */
    OP_REDIRECT,   /* a: enum awk_redirect; name: stream */
    OP_PRINT_ITEM, /* a: 1 stream below it, n: 1 another follows; value: */
    OP_PRINT_END,  /* a: 1 stream: ; n: 1 $0 is printed */
    OP_PRINTF,     /* a: 1 stream below, n: how many values */
    OP_CALL,       /* b: function, n: arguments */
    OP_RETURN,     /* value */
    OP_BUILTIN,    /* a: enum awk_builtin, n: arguments, b: array of split() */
    OP_SUBSTITUTE, /* sub and gsub; a: enum awk_builtin, n: enum awk_place, b: variable; regex text [key] */
    OP_LENGTH_VAR, /* b: variable, which may be an array */
    OP_RANGE,      /* n: which; while it is on, a jump past its beginning */
    OP_RANGE_ON, OP_RANGE_OFF,
    OP_NEXT, OP_NEXT_FILE,
    OP_EXIT,       /* n: 1 value is the status */
    OP_END,        /* of a block */
    OP_FAIL,       /* b: enum awk_failure, where the place is reached */
};
/* clang-format on */

enum awk_place { PLACE_NONE, PLACE_VAR, PLACE_FIELD, PLACE_ELEMENT };
enum awk_step { STEP_PRE_UP, STEP_PRE_DOWN, STEP_POST_UP, STEP_POST_DOWN };
enum awk_source { SOURCE_MAIN, SOURCE_FILE, SOURCE_COMMAND };
enum awk_redirect { REDIRECT_FILE, REDIRECT_APPEND, REDIRECT_PIPE };
enum awk_failure { FAIL_FEW, FAIL_MANY, FAIL_ARRAY };

struct awk_code {
    uint8_t op, a;
    uint16_t n;
    int32_t b;
};

struct awk_function {
    const char *name;
    size_t n_name;
    uint32_t params, start;
    bool defined;
};

/* Where a block of one kind begins; a program has as many as it likes. */
struct awk_blocks {
    uint32_t *start;
    size_t n;
};

/* Which program's lines the code from here on is of. */
struct awk_source_name {
    size_t from;
    const char *name;
};

/* A regular expression of the program; the second is made when IGNORECASE asks for it. */
struct awk_regex {
    const char *text;
    size_t n;
    struct regex *as_is, *any_case;
};

struct awk_program {
    struct memory *m;
    struct awk_pool *pool;
    struct awk_code *code;
    uint32_t *lines; /* beside code */
    size_t n, room;
    struct awk_value *consts;
    size_t n_consts;
    struct awk_regex *regexes;
    size_t n_regexes;
    struct awk_function *functions;
    size_t n_functions;
    struct awk_name {
        const char *name;
        size_t n;
    } * globals;
    size_t n_globals;
    struct awk_blocks begin, main, end;
    struct awk_source_name *sources;
    size_t n_sources;
    size_t n_ranges;
};

/* After this, awk_program_add() as often as there are texts; name is "cmd. line" or the file's. */
void awk_program_init(struct awk_program *g, struct awk_pool *pool);
/* text ends with a NUL. What is wrong ends the process with a message. */
void awk_program_add(struct awk_program *g, struct proc *p, const char *name, const char *text);
/* The index of a global variable, made where there is none. */
uint32_t awk_program_global(struct awk_program *g, const char *name, size_t n);
const char *awk_program_source(const struct awk_program *g, size_t pc);
