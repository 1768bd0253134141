#pragma once
/*
 * The lexer of the parser, for its own files alone: where characters come from (lex-source.c),
 * words (lex-word.c, lex-quoted.c, lex-dollar.c), here-documents (lex-here.c), tokens (lex.c).
 *
 * What cannot go on does not return: lex_error() and lex_more() end the parse (by longjmp() to
 * parse_command()), so that no caller has to look.
 */
#include "shell/arena.h"
#include "shell/parse.h"

#include <setjmp.h>

/* In the order of lex.c's names of them. */
enum token {
    T_END,
    T_NEWLINE,
    T_SEMICOLON,
    T_BACKGROUND,
    T_AND,
    T_OR,
    T_PIPE,
    T_LEFT,
    T_RIGHT,
    T_CASE_END, /* ;; */
    T_REDIRECT,
    T_WORD,
    T_NOT, /* from here on: words of the language */
    T_CASE,
    T_DO,
    T_DONE,
    T_ELIF,
    T_ELSE,
    T_ESAC,
    T_FI,
    T_FOR,
    T_FUNCTION,
    T_IF,
    T_IN,
    T_THEN,
    T_UNTIL,
    T_WHILE,
    T_BEGIN,  /* { */
    T_FINISH, /* } */
    T_NONE,
};

/* What the grammar takes at the next token. */
enum token_want {
    WANT_LINES = 1,      /* ends of line are passed over */
    WANT_KEYWORD = 2,    /* words of the language are tokens of their own */
    WANT_ALIAS = 4,      /* a word may be an alias */
    WANT_ASSIGNMENT = 8, /* NAME=... has tildes after = and : */
    WANT_ARGUMENT = 32,  /* the same, if the command turns out to declare variables */
    WANT_DELIMITER = 16, /* of a here-document: nothing is expanded in it */
    WANT_COMMAND = WANT_KEYWORD | WANT_ALIAS | WANT_ASSIGNMENT,
};

/* Text that is being read; an alias's stands above the text that it was in. */
struct lex_source {
    struct lex_source *outer;
    const char *end;
    const char *at;    /* where it goes on, while another stands above it */
    const char *alias; /* its name, or NULL: a text of its own, whose end is the end */
    size_t n_alias;
    bool blank;  /* an alias whose value ends in a blank: the next word may be one, too */
    bool open;   /* more of it may come */
    bool counts; /* its ends of line make lines */
};

struct lex_here {
    struct lex_here *next;
    struct redirect *redirect;
    const char *delimiter;
    size_t n;
    bool tabs; /* <<-: leading ones are taken off */
    bool quoted;
    bool endless; /* it has a <(...), which no line is equal to */
};

/* Where the lexer is: of each substitution its own. */
struct lex_place {
    bool pushed; /* the token is to be given once more */
    enum token token;
    uint32_t line;     /* that it begins in */
    struct word *word; /* of T_WORD, and of the words of the language; else the one before */
    const char *plain; /* its text where it is but one, and nothing of it quoted; else NULL */
    size_t n_plain;
    size_t n_name;             /* of an assignment's name; 0: it is none */
    struct redirect *redirect; /* of T_REDIRECT */
    bool here_tabs;            /* it was <<- */
    bool delimiter;            /* a here-document's is being read: nothing is expanded in it */
    bool doubled;              /* in double quotes */

    struct lex_here *here, **here_last; /* whose bodies are still to come */
    const struct lex_here *body;        /* whose body is being read */
    bool ended;                         /* its delimiter stands here */
};

struct lex {
    const char *at, *end; /* of the source that is read */
    struct lex_source *source;
    struct arena *arena;
    struct parse *parse;
    uint32_t line;
    unsigned depth;
    size_t alias_bytes; /* that aliases have added: bounded, since they may double at each step */
    bool alias_next;    /* an alias that ended in a blank is over */

    struct lex_place in;
    const struct lex_here *waits; /* the outermost whose body is being read */
    jmp_buf out;
    enum parse_verdict verdict;
};

/* lex-source.c */
void lex_begin(struct lex *x, struct lex_source *s); /* reads s from here on */
void lex_leave(struct lex *x);                       /* back to what was read before lex_begin() */
/* The character that lies i beyond the next; -1 at the end. Does not leave an alias. */
int lex_ahead(struct lex *x, size_t i);
int lex_next_far(struct lex *x);
void lex_push_alias(struct lex *x, const char *name, size_t n, const char *value);
bool lex_alias_open(const struct lex *x, const char *name, size_t n);
void lex_joined(struct lex *x); /* passes over backslashes before an end of line */
void lex_more(struct lex *x) __attribute__((noreturn));
void lex_error(struct lex *x, const char *format, ...)
    __attribute__((noreturn, format(printf, 2, 3)));
void lex_deeper(struct lex *x); /* an error past PARSE_DEPTH */

static inline int lex_peek(struct lex *x)
{
    return x->at < x->end ? (unsigned char)*x->at : lex_ahead(x, 0);
}
static inline int lex_next(struct lex *x)
{
    if (x->at == x->end)
        return lex_next_far(x);
    int c = (unsigned char)*x->at++;
    if (c == '\n')
        x->line += x->source->counts;
    return c;
}
/* The next, where it is c. */
static inline bool lex_take(struct lex *x, char c)
{
    if (lex_peek(x) != c)
        return false;
    lex_next(x);
    return true;
}

/* Whether it is a name that a variable or a function may have. */
bool lex_is_name(const char *s, size_t n);

/* lex.c */
enum token lex_token(struct lex *x, unsigned want);
static inline void lex_back(struct lex *x)
{
    x->in.pushed = true;
}
/* Says what is there; expected T_NONE: and not what should be. */
void lex_unexpected(struct lex *x, enum token expected) __attribute__((noreturn));

/* Words, in the making. */
struct build {
    struct word *word;
    struct part **last;
    size_t n_name; /* of NAME= at its beginning, without the = */
    bool open;     /* a text of the arena's is being written; so: */
    bool quoted, single;
    bool any_quoted, globs;
    bool assignment; /* tildes after : */
    bool argument;   /* the same, of a command that may declare variables */
    bool inner;      /* it is the argument of ${...}: blanks are part of it, and may part it */
};

enum word_end { WORD_TOKEN, WORD_BRACE, WORD_COLON, WORD_SLASH }; /* of } : } / } */

/* lex-word.c */
void build_begin(struct lex *x, struct build *b);
void build_text(struct lex *x, struct build *b, bool quoted, bool single); /* what is put is this */
void build_close(struct lex *x, struct build *b);
struct part *build_part(struct lex *x, struct build *b, enum part_type type);
/* What is not quoted, up to what ends it, which is left there. */
void lex_word(struct lex *x, struct build *b, enum word_end end);
void lex_finish(struct lex *x, struct build *b);

/* lex-quoted.c */
enum quoted_kind { QUOTED_DOUBLE, QUOTED_HERE, QUOTED_ARGUMENT, QUOTED_COLON, QUOTED_ARITHMETIC };
void lex_single(struct lex *x, struct build *b); /* after the ' */
void lex_dollar_single(struct lex *x, struct build *b);
void lex_double(struct lex *x, struct build *b); /* after the " */
void lex_quoted(struct lex *x, struct build *b, enum quoted_kind kind);
void lex_backslash(struct lex *x, struct build *b);

/* lex-dollar.c */
void lex_dollar(struct lex *x, struct build *b, bool quoted);    /* after the $ */
void lex_backquote(struct lex *x, struct build *b, bool quoted); /* after the ` */
/* $( <( >(: after the parenthesis. */
void lex_substitution(struct lex *x, struct build *b, enum part_type type, bool quoted);

/* lex-here.c */
void lex_here_add(struct lex *x, struct redirect *r);
void lex_here_bodies(struct lex *x);
/* At the beginning of a line of the body: takes tabs off, and sees whether the delimiter is there.
 */
void lex_here_line(struct lex *x);

/* parse.c: a list up to a token that ends one, which is given back. */
struct node *parse_list(struct lex *x, bool may_be_empty);

/* parse-command.c */
struct node *parse_make(struct lex *x, enum node_type type, uint32_t line);
/* A simple or compound command, or a function; what follows is given back. */
struct node *parse_one(struct lex *x, unsigned want);
