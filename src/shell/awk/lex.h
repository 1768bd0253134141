#pragma once
/*
 * Words of an awk program. Whether a slash begins an expression depends on what may stand there,
 * which the parser knows: it asks for it with awk_lex_regex().
 */
#include "shell/memory.h"
#include "shell/proc.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* clang-format off */
enum token {
    T_END,
    T_NEWLINE,
    T_NUMBER,
    T_STRING,
    T_REGEX,
    T_NAME,
    T_CALL,    /* a name with a parenthesis right behind it, which is still to be read */
    T_BUILTIN, /* index: which */
    /* Operators. */
    T_LBRACE, T_RBRACE, T_LPAREN, T_RPAREN, T_LBRACKET, T_RBRACKET, T_SEMICOLON, T_COMMA,
    T_PLUS, T_MINUS, T_STAR, T_SLASH, T_PERCENT, T_POWER, T_NOT, T_GT, T_LT, T_PIPE, T_QUESTION, T_COLON,
    T_MATCH, T_NOMATCH, T_DOLLAR, T_ASSIGN,
    T_ADD_TO, T_SUB_TO, T_MUL_TO, T_DIV_TO, T_MOD_TO, T_POW_TO,
    T_EQ, T_LE, T_GE, T_NE, T_INCR, T_DECR, T_AND, T_OR, T_APPEND,
    /* Words of the language. */
    T_IN, T_IF, T_ELSE, T_WHILE, T_DO, T_FOR, T_BREAK, T_CONTINUE, T_NEXT, T_NEXTFILE, T_EXIT, T_RETURN,
    T_DELETE, T_PRINT, T_PRINTF, T_GETLINE, T_FUNCTION, T_BEGIN, T_END_WORD,
};
/* clang-format on */

struct lexer {
    struct proc *p;
    struct memory *m;
    const char *name; /* of the program, for messages: "cmd. line" or a file */
    const char *at;   /* ends with a NUL */
    uint32_t line;    /* of `at` */
    enum token token;
    uint32_t token_line;
    uint32_t index;   /* of T_BUILTIN: enum awk_builtin */
    double number;    /* of T_NUMBER */
    const char *text; /* of T_NAME and T_CALL where it stands; of T_STRING and T_REGEX in m */
    size_t n;
};

/* Reads the next into l->token. What can be none ends the process. */
void awk_lex_next(struct lexer *l);
/* l->token is T_SLASH or T_DIV_TO, where an operand has to stand: makes it a T_REGEX. */
void awk_lex_regex(struct lexer *l);
/* "NAME:LINE: why", and the end. */
void awk_lex_fail(const struct lexer *l, const char *why) __attribute__((noreturn));

/* The text between `s` and `end` with its backslashes taken for what they stand for; ends at a NUL,
 * as the reference's texts do. */
size_t awk_lex_unescape(char *to, const char *s, const char *end, bool regex);
