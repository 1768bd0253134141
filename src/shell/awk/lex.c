#include "shell/awk/lex.h"
#include "shell/awk/builtin.h"
#include "shell/awk/value.h"

#include <ctype.h>
#include <string.h>

struct word {
    const char *name;
    enum token token;
};

/* clang-format off */
static const struct word words[] = {
    { "in", T_IN },           { "if", T_IF },           { "else", T_ELSE },         { "while", T_WHILE },
    { "do", T_DO },           { "for", T_FOR },         { "break", T_BREAK },       { "continue", T_CONTINUE },
    { "next", T_NEXT },       { "nextfile", T_NEXTFILE }, { "exit", T_EXIT },       { "return", T_RETURN },
    { "delete", T_DELETE },   { "print", T_PRINT },     { "printf", T_PRINTF },     { "getline", T_GETLINE },
    { "function", T_FUNCTION }, { "func", T_FUNCTION }, { "BEGIN", T_BEGIN },       { "END", T_END_WORD },
};
/* clang-format on */

/* Longer ones before those that they begin with. */
/* clang-format off */
static const struct word operators[] = {
    { "**=", T_POW_TO }, { "**", T_POWER },   { "^=", T_POW_TO },   { "^", T_POWER },    { "++", T_INCR },
    { "+=", T_ADD_TO },  { "+", T_PLUS },     { "--", T_DECR },     { "-=", T_SUB_TO },  { "-", T_MINUS },
    { "*=", T_MUL_TO },  { "*", T_STAR },     { "/=", T_DIV_TO },   { "/", T_SLASH },    { "%=", T_MOD_TO },
    { "%", T_PERCENT },  { "==", T_EQ },      { "=", T_ASSIGN },    { "<=", T_LE },      { "<", T_LT },
    { ">=", T_GE },      { ">>", T_APPEND },  { ">", T_GT },        { "!=", T_NE },      { "!~", T_NOMATCH },
    { "!", T_NOT },      { "~", T_MATCH },    { "&&", T_AND },      { "||", T_OR },      { "|", T_PIPE },
    { "?", T_QUESTION }, { ":", T_COLON },    { "$", T_DOLLAR },    { ",", T_COMMA },    { ";", T_SEMICOLON },
    { "(", T_LPAREN },   { ")", T_RPAREN },   { "{", T_LBRACE },    { "}", T_RBRACE },   { "[", T_LBRACKET },
    { "]", T_RBRACKET },
};
/* clang-format on */

#define COUNT(a) (sizeof(a) / sizeof *(a))

void awk_lex_fail(const struct lexer *l, const char *why)
{
    proc_die(l->p, "%s:%u: %s", l->name, l->line, why);
}

static int hex_digit(char c)
{
    if (isdigit((unsigned char)c))
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A number behind a backslash: up to three octal digits, or x and up to two hexadecimal ones. How
 * many bytes it took; 0: it is none. */
static size_t escape_number(const char *s, const char *end, char *ret)
{
    unsigned v = 0;
    size_t n = 0;
    if (*s == 'x') {
        for (n = 1; n < 3 && s + n < end && hex_digit(s[n]) >= 0; n++)
            v = v * 16 + (unsigned)hex_digit(s[n]);
        *ret = (char)v;
        return n > 1 ? n : 0;
    }
    while (n < 3 && s + n < end && s[n] >= '0' && s[n] <= '7' && v < 32)
        v = v * 8 + (unsigned)(s[n++] - '0');
    *ret = (char)v;
    return n;
}

/* One character behind a backslash, or 0: it stands for itself. */
static char escape_letter(char c)
{
    static const char letters[] = "abefnrtv", meant[] = "\a\b\033\f\n\r\t\v";
    const char *at = c ? strchr(letters, c) : NULL;
    return at ? meant[at - letters] : '\0';
}

size_t awk_lex_unescape(char *to, const char *s, const char *end, bool regex)
{
    char *t = to;
    while (s < end) {
        if (*s != '\\' || s + 1 == end) {
            *t++ = *s++;
            continue;
        }
        char c;
        size_t n = escape_number(++s, end, &c);
        if (n == 0) {
            n = 1;
            c = escape_letter(*s);
            if (!c) {
                c = *s;
                if (regex && c != '/' && c != '"')
                    *t++ = '\\';
            }
        }
        *t++ = c;
        s += n;
    }
    *t = '\0';
    return strlen(to);
}

/* What stands between two `quote`s; the first was read. */
static void quoted(struct lexer *l, char quote, enum token token)
{
    const char *s = l->at;
    while (*s != quote) {
        if (*s == '\\' && s[1] != '\0') {
            if (s[1] == '\n')
                l->line++;
            s += 2;
            continue;
        }
        if (*s == '\0' || *s == '\n')
            awk_lex_fail(l, "Unexpected end of string");
        s++;
    }
    char *text = memory_take(l->m, (size_t)(s - l->at) + 1);
    l->n = awk_lex_unescape(text, l->at, s, quote == '/');
    l->text = text;
    l->at = s + 1;
    l->token = token;
}

void awk_lex_regex(struct lexer *l)
{
    if (l->token == T_DIV_TO)
        l->at--; /* the = is the expression's */
    quoted(l, '/', T_REGEX);
}

static void name(struct lexer *l)
{
    const char *s = l->at;
    while (isalnum((unsigned char)*s) || *s == '_')
        s++;
    l->text = l->at;
    l->n = (size_t)(s - l->at);
    l->at = s;
    for (size_t i = 0; i < COUNT(words); i++) {
        if (strlen(words[i].name) == l->n && memcmp(words[i].name, l->text, l->n) == 0) {
            l->token = words[i].token;
            return;
        }
    }
    int b = awk_builtin_find(l->text, l->n);
    l->index = b >= 0 ? (uint32_t)b : 0;
    l->token = b >= 0 ? T_BUILTIN : *s == '(' ? T_CALL : T_NAME;
}

static void number(struct lexer *l)
{
    const char *end;
    l->number = awk_strtod(l->at, &end);
    if (*end == '.')
        awk_lex_fail(l, "Unexpected token");
    l->at = end;
    l->token = T_NUMBER;
}

static void operator(struct lexer *l)
{
    for (size_t i = 0; i < COUNT(operators); i++) {
        size_t n = strlen(operators[i].name);
        if (strncmp(l->at, operators[i].name, n) == 0) {
            l->at += n;
            l->token = operators[i].token;
            return;
        }
    }
    awk_lex_fail(l, "Unexpected token");
}

/* Blanks, comments, and ends of line behind a backslash. */
static void skip(struct lexer *l)
{
    for (;;) {
        if (*l->at == ' ' || *l->at == '\t' || *l->at == '\r') {
            l->at++;
        } else if (*l->at == '#') {
            l->at += strcspn(l->at, "\n");
        } else if (l->at[0] == '\\' &&
                   (l->at[1] == '\n' || (l->at[1] == '\r' && l->at[2] == '\n'))) {
            l->at += l->at[1] == '\n' ? 2 : 3;
            l->line++;
        } else {
            return;
        }
    }
}

void awk_lex_next(struct lexer *l)
{
    skip(l);
    l->token_line = l->line;
    unsigned char c = (unsigned char)*l->at;
    if (c == '\0') {
        l->token = T_END;
    } else if (c == '\n') {
        l->at++;
        l->line++;
        l->token = T_NEWLINE;
    } else if (c == '"') {
        l->at++;
        quoted(l, '"', T_STRING);
    } else if (isdigit(c) || (c == '.' && isdigit((unsigned char)l->at[1]))) {
        number(l);
    } else if (isalpha(c) || c == '_') {
        name(l);
    } else {
        operator(l);
    }
}
