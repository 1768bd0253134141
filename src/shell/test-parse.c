#include "shell/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shell/test-tree.h"

#define LENGTH(a) (sizeof(a) / sizeof(a)[0])

static void exhausted(struct memory *m) __attribute__((noreturn));
static void exhausted(struct memory *m)
{
    (void)m;
    abort();
}

/* Every command of a text, its tree on a line of its own, then "! line error" or "more". */
static void show_all(struct text *t, const char *s, size_t n, bool whole,
                     const struct parse_aliases *aliases)
{
    struct parse p = { .text = s, .n = n, .whole = whole, .line = 1 };
    if (aliases)
        p.aliases = *aliases;
    for (;;) {
        enum parse_verdict v = parse_command(&p, t->memory);
        if (v == PARSE_COMMAND) {
            text_say(t, t->len ? "\n" : "");
            show_tree(t, p.tree);
            arena_drop(p.arena);
        } else {
            assert_null(p.arena);
        }
        if (v == PARSE_ERROR)
            text_print(t, "! %u %s", p.error_line, p.error);
        if (v == PARSE_MORE)
            text_say(t, "more");
        if (v == PARSE_ERROR || v == PARSE_MORE || v == PARSE_END)
            return;
        assert_true(p.used > 0 && p.used <= p.n);
        p.text += p.used;
        p.n -= p.used;
        p.line += p.lines;
    }
}

/* What the reference does with each was looked up; "_" marks a word that is plain. */
static const struct {
    const char *in, *out;
} trees[] = {
#include "shell/test-parse-cases.h"
};

/* The reference's messages, run as a file, after "syntax error: ". */
/* clang-format off */
static const struct {
    const char *in;
    unsigned line;
    const char *error;
} errors[] = {
    { "echo \"abc", 1, "unterminated quoted string" },
    { "echo 'abc", 1, "unterminated quoted string" },
    { "echo `abc", 1, "EOF in backquote substitution" },
    { "echo $(abc", 1, "unexpected end of file (expecting \")\")" },
    { "echo ${abc", 1, "missing '}'" },
    { "echo $((1+", 1, "missing '))'" },
    { "echo $((1+1)", 1, "missing '))'" },
    { "if true; then", 1, "unexpected end of file (expecting \"fi\")" },
    { "if true; then echo; fi fi", 1, "unexpected \"fi\"" },
    { "fi", 1, "unexpected \"fi\"" },
    { "done", 1, "unexpected \"done\"" },
    { ";", 1, "unexpected \";\"" },
    { ";;", 1, "unexpected \";;\"" },
    { "&&", 1, "unexpected \"&&\"" },
    { "a &&", 1, "unexpected end of file" },
    { "a |", 1, "unexpected end of file" },
    { "| a", 1, "unexpected \"|\"" },
    { "( a", 1, "unexpected end of file (expecting \")\")" },
    { "( a ) )", 1, "unexpected \")\"" },
    { ")", 1, "unexpected \")\"" },
    { "{ a", 1, "unexpected end of file (expecting \"}\")" },
    { "}", 1, "unexpected \"}\"" },
    { "for", 1, "bad for loop variable" },
    { "for 1a in b", 1, "bad for loop variable" },
    { "for a b", 1, "unexpected word (expecting \"do\")" },
    { "for a in b; fi", 1, "unexpected \"fi\" (expecting \"do\")" },
    { "while a; done", 1, "unexpected \"done\" (expecting \"do\")" },
    { "case", 1, "unexpected end of file (expecting word)" },
    { "case a", 1, "unexpected end of file (expecting \"in\")" },
    { "case a b", 1, "unexpected word (expecting \"in\")" },
    { "case a in b", 1, "unexpected end of file (expecting \")\")" },
    { "case a in b) c", 1, "unexpected end of file (expecting \";;\")" },
    { "case a in b) c esac", 1, "unexpected end of file (expecting \";;\")" },
    { "echo a &; echo b", 1, "unexpected \";\"" },
    { "echo <", 1, "unexpected end of file" },
    { "echo < <", 1, "unexpected redirection" },
    { "cat << ", 1, "unexpected end of file" },
    { "f() ", 1, "unexpected end of file" },
    { "f( ", 1, "unexpected end of file (expecting \")\")" },
    { "f(x) ", 1, "unexpected word (expecting \")\")" },
    { "1f() { :; }", 1, "bad function name" },
    { "a-b() { echo hi; }; a-b", 1, "bad function name" },
    { "$x() { :; }", 1, "bad function name" },
    { "\"x\"() { echo hi; }; x", 1, "bad function name" },
    { "function f echo hi; f", 1, "unexpected word" },
    { "! ! true; echo $?", 1, "unexpected \"!\"" },
    { "!", 1, "unexpected end of file" },
    { "if ; then a; fi", 1, "unexpected \";\"" },
    { "if a; then fi", 1, "unexpected \"fi\"" },
    { "() { a; }", 1, "unexpected \")\"" },
    { "()", 1, "unexpected \")\"" },
    { "{ }", 1, "unexpected \"}\"" },
    { "{ ; }", 1, "unexpected \";\"" },
    { "echo ;; x", 1, "unexpected \";;\"" },
    { "echo; ; x", 1, "unexpected \";\"" },
    { "echo & & x", 1, "unexpected \"&\"" },
    { "echo\n)", 2, "unexpected \")\"" },
    { "echo\necho\nif", 3, "unexpected end of file (expecting \"then\")" },
    { "!\ntrue", 2, "unexpected newline" },
    { "a | ! b", 1, "unexpected \"!\"" },
    { "for i in a; { echo $i; }", 1, "unexpected \"{\" (expecting \"do\")" },
    { "for i in a &\ndo b; done", 1, "unexpected \"&\"" },
    { "for i in a; do; echo; done", 1, "unexpected \";\"" },
    { "for \"i\" in a; do echo; done", 1, "bad for loop variable" },
    { "case x in esac) echo 1;; esac", 1, "unexpected \")\"" },
    { "case x in a) b ;; ;; esac", 1, "unexpected word (expecting \")\")" },
    { "case x in ) echo 1;; esac", 1, "unexpected word (expecting \")\")" },
    { "case x in x|) echo 1;; esac", 1, "unexpected word (expecting \")\")" },
    { "case x in x y) echo 1;; esac", 1, "unexpected word (expecting \")\")" },
    { "case x y in x) echo 1;; esac", 1, "unexpected word (expecting \"in\")" },
    { "case ; in", 1, "unexpected \";\" (expecting word)" },
    { "case\n\nx in x) echo 1;; esac", 2, "unexpected newline (expecting word)" },
    { "case x in x) echo 1;& esac", 1, "unexpected \"&\"" },
    { "export() { echo hi; }", 1, "bad function name" },
    { ":() { echo hi; }; :", 1, "bad function name" },
    { ".() { echo hi; }", 1, "bad function name" },
    { "source() { echo hi; }; source", 1, "bad function name" },
    { "f() { echo hi; } b", 1, "unexpected word" },
    { "a=1 f() { echo hi; }", 1, "unexpected \"(\"" },
    { ">x f() { echo hi; }", 1, "unexpected \"(\"" },
    { "if() { :; }", 1, "unexpected \")\"" },
    { "function 1a { echo hi; }", 1, "bad function name" },
    { "function a-b { echo hi; }; a-b", 1, "bad function name" },
    { "function", 1, "unexpected end of file (expecting word)" },
    { "function ;", 1, "unexpected \";\" (expecting word)" },
    { "{ echo a; } b", 1, "unexpected word" },
    { "{ echo a; } fi", 1, "unexpected \"fi\"" },
    { "(echo a) (echo b)", 1, "unexpected \"(\"" },
    { "echo a (echo b)", 1, "unexpected \"(\"" },
    { "echo a ()", 1, "unexpected \"(\"" },
    { "(echo a) b", 1, "unexpected word" },
    { "{ echo a }", 1, "unexpected end of file (expecting \"}\")" },
    { "{echo a; }", 1, "unexpected \"}\"" },
    { "while false; do echo; done fi", 1, "unexpected \"fi\"" },
    { "if true\nthen echo; else; fi", 2, "unexpected \";\"" },
    { "if true; then echo; elif", 1, "unexpected end of file (expecting \"then\")" },
    { "if true; then echo; elif false; fi", 1, "unexpected \"fi\" (expecting \"then\")" },
    { "while true; do", 1, "unexpected end of file (expecting \"done\")" },
    { "while; do a; done", 1, "unexpected \";\"" },
    { "until true; do done", 1, "unexpected \"done\"" },
    { "a &&\n; b", 2, "unexpected \";\"" },
    { "a;\n;", 2, "unexpected \";\"" },
    { "echo a && && b", 1, "unexpected \"&&\"" },
    { "echo a || | b", 1, "unexpected \"|\"" },
    { "echo |& cat", 1, "unexpected \"&\"" },
    { "do", 1, "unexpected \"do\"" },
    { "in", 1, "unexpected \"in\"" },
    { "then", 1, "unexpected \"then\"" },
    { "esac", 1, "unexpected \"esac\"" },
    { "select a in b; do c; done", 1, "unexpected \"do\"" },
    { "cat <<A\n$(echo x\nA", 3, "unexpected end of file (expecting \")\")" },
    { "cat <<$(A)\nv\n$(A)", 1, "unexpected \"(\"" },
    { "cat << <", 1, "unexpected redirection" },
    { "cat <<\nA", 2, "unexpected newline" },
    { "cat <<<x", 1, "unexpected redirection" },
    { "p ${x:}", 1, "missing '}'" },
    { "p $(( 1 ) )", 1, "missing '))'" },
    { "p $((echo a); echo b)", 1, "missing '))'" },
    { "p $((echo a) )", 1, "missing '))'" },
    { "p $(echo a # b)", 1, "unexpected end of file (expecting \")\")" },
    { "p $(echo a;; )", 1, "unexpected \";;\" (expecting \")\")" },
    { "p $(fi)", 1, "unexpected \"fi\" (expecting \")\")" },
    { "p \"${y-'\"}", 1, "unterminated quoted string" },
    { "p \"${x\"", 1, "unterminated quoted string" },
    { "p \"${x", 1, "unterminated quoted string" },
    { "p ${x:-\"a}", 1, "unterminated quoted string" },
    { "p ${x:-'a}", 1, "unterminated quoted string" },
    { "cat <<A\n${y:-\nA\n}\nA", 4, "missing '}'" },
    { "p $'", 1, "unterminated quoted string" },
    { "p $'\\'", 1, "unterminated quoted string" },
    { "echo a ;\\\n; b", 2, "unexpected \";;\"" },
    { "function f ( echo y ); f", 1, "unexpected word (expecting \")\")" },
    { "case x in a|\nx) echo 1;; esac", 2, "unexpected word (expecting \")\")" },
    { "if true\nthen\necho \"$LINENO\"\nfi; fi", 4, "unexpected \"fi\"" },
    { "p \"a\nb", 2, "unterminated quoted string" },
    { "p ${x-", 1, "missing '}'" },
    { "p `a\nb", 2, "EOF in backquote substitution" },
    { "p $(a\nb", 2, "unexpected end of file (expecting \")\")" },
    { "p $((1+\n2", 2, "missing '))'" },
    { "p ${x^", 1, "missing '}'" },
    { "p ${x y", 1, "missing '}'" },
    { "p ${", 1, "missing '}'" },
    { "p \"${", 1, "unterminated quoted string" },
    { "p ${x:", 1, "missing '}'" },
    { "p ${x:-", 1, "missing '}'" },
    { "p \"${x:-", 1, "unterminated quoted string" },
    { "p ${x", 1, "missing '}'" },
    { "for i in a", 1, "unexpected end of file" },
    { "for i in a; do echo; done; done", 1, "unexpected \"done\"" },
    { "for i in a do", 1, "unexpected end of file" },
    { "for i in a | b", 1, "unexpected \"|\"" },
    { "for\ni in a; do echo; done", 2, "bad for loop variable" },
    { "p \"$((1+", 1, "missing '))'" },
    { "p \"$((1+1)", 1, "missing '))'" },
    { "p \"${x:-`", 1, "EOF in backquote substitution" },
    { "p $(echo \"a", 1, "unterminated quoted string" },
    { "p ${x:-$(", 1, "unexpected end of file (expecting \")\")" },
    { "p ${x:-`", 1, "EOF in backquote substitution" },
    { "p ${x:-$((", 1, "missing '))'" },
    { "p $((`", 1, "EOF in backquote substitution" },
    { "p $(($(", 1, "unexpected end of file (expecting \")\")" },
    { "p $((${", 1, "unterminated quoted string" },
    { "cat <<A\n$((1+\nA", 4, "missing '))'" },
    { "cat <<A\n`a\nA", 3, "EOF in backquote substitution" },
    { "cat <<A\n${x:-\"\nA", 4, "missing '}'" },
    { "cat <<A\n${x:-$((\nA", 4, "missing '))'" },
    { "p $((1))) ", 1, "unexpected \")\"" },
    { "p $((1)(2))", 1, "missing '))'" },
    { "p $((1)\n)", 2, "missing '))'" },
    { "cat <<\"A", 1, "unterminated quoted string" },
    { "[[ ( a ) ]]; echo $?", 1, "unexpected word (expecting \")\")" },
    { "[[ a\n&& b ]]", 2, "unexpected \"&&\"" },
    { "echo a &>>/dev/null", 1, "unexpected redirection" },
    { "echo a > > b", 1, "unexpected redirection" },
    { "echo a > ; b", 1, "unexpected \";\"" },
    { ">", 1, "unexpected end of file" },
    { "> &", 1, "unexpected \"&\"" },
    { "echo >&", 1, "unexpected end of file" },
    { "echo a 2>&1>/dev/null", 1, "unexpected redirection" },
};
/* clang-format on */

static void commands_make_trees(void **state)
{
    (void)state;
    struct memory_account account = { 0, 16 << 20 };
    struct memory m = { .account = &account, .exhausted = exhausted };
    for (size_t i = 0; i < LENGTH(trees); i++) {
        struct text t = text_of(&m);
        text_say(&t, "");
        show_all(&t, trees[i].in, strlen(trees[i].in), true, NULL);
        if (strcmp(t.data, trees[i].out) != 0)
            fail_msg("%s\n%s\n%s", trees[i].in, t.data, trees[i].out);
        text_release(&t);
        assert_int_equal(account.used, 0);
    }
}

static void errors_are_the_references(void **state)
{
    (void)state;
    struct memory_account account = { 0, 16 << 20 };
    struct memory m = { .account = &account, .exhausted = exhausted };
    for (size_t i = 0; i < LENGTH(errors); i++) {
        struct text t = text_of(&m);
        char expected[400];
        show_all(&t, errors[i].in, strlen(errors[i].in), true, NULL);
        snprintf(expected, sizeof expected, "! %u syntax error: %s", errors[i].line,
                 errors[i].error);
        const char *at = strstr(t.data, "! ");
        if (!at || strcmp(at, expected) != 0)
            fail_msg("%s\n%s\n%s", errors[i].in, t.data, expected);
        text_release(&t);
        assert_int_equal(account.used, 0);
    }
}

/* clang-format off */
/* The first is the text; then names and values. */
static const char *const aliased[][8] = {
    { "a c", "[_echo _b _c]", "a", "echo b" },
    { "a c", "[_echo _b _d]", "a", "echo b ", "c", "d" },
    { "a", "[_a]", "a", "a" },
    { "a", "[_a]", "a", "b", "b", "a" },
    { "a c", "[_a _b _c]", "a", "a b" },
    { "e echo x; fi", "if([_true],[_echo _x])", "e", "if true; then" },
    { "e x\"", "[_echo ' x']", "e", "echo \"" },
    { "e}", "[_e}]", "e", "echo ${x" },
    { "e echo y", "([_echo _x] ; [_echo _y])", "e", "echo x;" },
    { "e echo y", "[_echo _y]", "e", "" },
    { "e echo y", "[_echo _y]", "e", " " },
    { "e", "", "e", "" },
    { "f e", "[_echo _echo]", "e", "echo", "f", "e " },
    { "e x\necho y", "[_echo _y]", "e", "#" },
    { "e c", "([_echo _a] ; [_echo _b _c])", "e", "echo a\necho b" },
    { "if a", "! 1 syntax error: unexpected end of file (expecting \"then\")", "if", "echo" },
    { "if true; then a; fi", "if([_true],[_a])", "then", "echo" },
    { "e true; then echo a; fi", "if([_true],[_echo _a])", "e", "if" },
    { "e true; echo $?", "(!([_true]) ; [_echo $?])", "e", "!" },
    { "\\x; \"x\"; x=1; x a", "(['x'] ; (['x'] ; ([x=_1] ; [_y _a])))", "x", "y" },
    { "a-b", "[_echo _1]", "a-b", "echo 1" },
    { "x=1 e a", "[x=_1 _echo _a]", "e", "echo" },
    { ">f e a", "[_echo _a 1>_f]", "e", "echo" },
    { "case x\nin x) e 1;; esac", "case(_x, _x: [_echo _1])", "in", "echo", "x", "y", "e", "echo" },
    { "for i in x; do x $i; done", "for(i in _x,([_b $i]))", "x", "b" },
    { "for i in a\nx; do b; done", "! 2 syntax error: unexpected word (expecting \"do\")", "x", "echo" },
    { "x echo 1; }; f", "(f(group([_echo _1])) ; [_f])", "x", "f() {" },
    { "x() { a; }", "f(group([_a]))", "x", "f" },
    { "e a)", "[_echo $([_echo _a])]", "e", "echo $(echo " },
    { "e\necho b", "([_echo _a] && [_echo _b])", "e", "echo a &&" },
    { "e b", "([_echo _a] ; [_b])", "e", "echo a\n" },
    { "e b", "[_echo ' b']", "e", "echo \\" },
    { "e b`", "[_echo $([_echo _b])]", "e", "echo `echo " },
    { "d q r", "[_echo _x _y]", "d", "echo ", "q", "x ", "r", "y" },
    { "q\nb\nA\n", "[_cat 0<<'b\n']", "q", "cat <<A" },
    { "q\ny\nA\necho z", "[_cat 0<<'x\ny\n']\n[_echo _z]", "q", "cat <<A\nx" },
    { "echo `q`; q", "([_echo $([_a])] ; [_a])", "q", "a" },
    { "q 1 2; do a; done", "for(i in _1 _2,([_a]))", "q", "for i in" },
    { "q f", "[_echo _x 1>_f]", "q", "echo x >" },
    { "echo q>f; q>f", "([_echo _q 1>_f] ; [_echo 2>_f])", "q", "echo 2" },
};
/* clang-format on */

static const char *find_alias(void *context, const char *name, size_t n)
{
    const char *const *row = context;
    for (size_t i = 2; i < 8 && row[i]; i += 2) {
        if (strlen(row[i]) == n && !memcmp(row[i], name, n))
            return row[i + 1];
    }
    return NULL;
}

static void aliases_stand_for_text(void **state)
{
    (void)state;
    struct memory_account account = { 0, 16 << 20 };
    struct memory m = { .account = &account, .exhausted = exhausted };
    for (size_t i = 0; i < LENGTH(aliased); i++) {
        union {
            const char *const *row;
            void *context;
        } row = { aliased[i] };
        struct parse_aliases aliases = { row.context, find_alias };
        struct text t = text_of(&m);
        text_say(&t, "");
        show_all(&t, aliased[i][0], strlen(aliased[i][0]), true, &aliases);
        if (strcmp(t.data, aliased[i][1]) != 0)
            fail_msg("%s\n%s\n%s", aliased[i][0], t.data, aliased[i][1]);
        text_release(&t);
        assert_int_equal(account.used, 0);
    }
}

/* Each begins the next but with two of it: what would double without end. */
static const char *find_doubling(void *context, const char *name, size_t n)
{
    static const char *const values[] = { "b b ", "c c ", "d d ", "e e ", "f f ", "g g ",
                                          "h h ", "i i ", "j j ", "k k ", "l l ", "m m ",
                                          "n n ", "o o ", "p p ", "q q ", "r r ", "s s ",
                                          "t t ", "u u ", "v v ", "w w ", "x x ", " " };
    (void)context;
    return n == 1 && *name >= 'a' && *name <= 'x' ? values[*name - 'a'] : NULL;
}

static void aliases_end(void **state)
{
    (void)state;
    struct memory_account account = { 0, 256 << 20 };
    struct memory m = { .account = &account, .exhausted = exhausted };
    struct parse_aliases aliases = { NULL, find_doubling };
    struct text t = text_of(&m);
    show_all(&t, "a\n", 2, true, &aliases);
    assert_string_equal(t.data, "! 1 out of memory");
    text_release(&t);
}

/* One verdict on one text. */
static enum parse_verdict judge(struct memory *m, const char *s, size_t n, bool whole,
                                struct parse *p)
{
    /* In a block of its own size, so that reading past it is seen. */
    char *copy = memory_bytes(m, s, n);
    char *exact = memory_take(m, n);
    memcpy(exact, copy, n);
    memory_give(m, copy);
    *p = (struct parse){ .text = exact, .n = n, .whole = whole, .line = 1 };
    enum parse_verdict v = parse_command(p, m);
    arena_drop(p->arena);
    memory_give(m, exact);
    return v;
}

/* While a text is short, either more is waited for, or what is there is final: the same with all of
 * it. */
static void check_prefixes(struct memory *m, const char *s)
{
    size_t n = strlen(s);
    struct parse all, p;
    enum parse_verdict whole = judge(m, s, n, true, &all);
    for (size_t i = 0; i <= n; i++) {
        enum parse_verdict v = judge(m, s, i, false, &p);
        if (v == PARSE_MORE)
            continue;
        if (v != whole || (v == PARSE_ERROR &&
                           (strcmp(p.error, all.error) != 0 || p.error_line != all.error_line)))
            fail_msg("%zu of: %s\n%d %s\n%d %s", i, s, (int)v, p.error, (int)whole, all.error);
        if (v != PARSE_ERROR)
            assert_int_equal(p.used, all.used);
    }
    if (whole == PARSE_END)
        return;
    /* And with an end of line all of it is there, unless something is open. */
    char *line = memory_print(m, "%s\n", s);
    enum parse_verdict v = judge(m, line, n + 1, false, &p);
    memory_give(m, line);
    assert_true(v == whole || v == PARSE_MORE);
}

static void prefixes_agree(void **state)
{
    (void)state;
    struct memory_account account = { 0, 16 << 20 };
    struct memory m = { .account = &account, .exhausted = exhausted };
    for (size_t i = 0; i < LENGTH(trees); i++)
        check_prefixes(&m, trees[i].in);
    for (size_t i = 0; i < LENGTH(errors); i++)
        check_prefixes(&m, errors[i].in);
    assert_int_equal(account.used, 0);
}

/* clang-format off */
static const struct {
    const char *in;
    enum parse_verdict verdict;
    size_t used;
    uint32_t lines;
    const char *waits;
} shorts[] = {
    { "", PARSE_MORE, 0, 0, NULL },
    { "\n", PARSE_EMPTY, 1, 1, NULL },
    { "  # c\nx", PARSE_EMPTY, 6, 1, NULL },
    { "  # c", PARSE_MORE, 0, 0, NULL },
    { "echo a", PARSE_MORE, 0, 0, NULL },
    { "echo a\n", PARSE_COMMAND, 7, 1, NULL },
    { "echo a\necho b\n", PARSE_COMMAND, 7, 1, NULL },
    { "echo a \\\n", PARSE_MORE, 0, 0, NULL },
    { "echo a \\\nb\nc", PARSE_COMMAND, 11, 2, NULL },
    { "if a\n", PARSE_MORE, 0, 0, NULL },
    { "echo \"a\n", PARSE_MORE, 0, 0, NULL },
    { "fi; echo\nx\n", PARSE_ERROR, 9, 1, NULL },
    { "cat <<A\n", PARSE_MORE, 0, 0, "A" },
    { "cat <<A\nx\nA", PARSE_MORE, 0, 0, "A" },
    { "cat <<A\nx\nA\n", PARSE_COMMAND, 12, 3, NULL },
    { "cat <<A <<'B C'\nx\nA\ny\n", PARSE_MORE, 0, 0, "B C" },
    { "cat <<A\n$(cat <<B\nx\nA\n", PARSE_MORE, 0, 0, "A" },
    { "echo $(cat <<B\nx\nA\n", PARSE_MORE, 0, 0, "B" },
    { "echo $(cat <<B\nx\nB\n", PARSE_MORE, 0, 0, NULL },
    { "cat <<A &&\nx\nA\n\n", PARSE_MORE, 0, 0, NULL },
};
/* clang-format on */

static void more_is_waited_for(void **state)
{
    (void)state;
    struct memory_account account = { 0, 16 << 20 };
    struct memory m = { .account = &account, .exhausted = exhausted };
    for (size_t i = 0; i < LENGTH(shorts); i++) {
        struct parse p;
        enum parse_verdict v = judge(&m, shorts[i].in, strlen(shorts[i].in), false, &p);
        if (v != shorts[i].verdict || p.used != shorts[i].used || p.lines != shorts[i].lines ||
            !p.waits_for != !shorts[i].waits ||
            (p.waits_for && strcmp(p.waits, shorts[i].waits) != 0))
            fail_msg("%s: %d, %zu used, %u lines", shorts[i].in, (int)v, p.used, p.lines);
    }
}

static char *repeat(struct memory *m, const char *s, size_t times, const char *middle,
                    const char *end)
{
    struct text t = text_of(m);
    for (size_t i = 0; i < times; i++)
        text_say(&t, s);
    text_say(&t, middle);
    for (size_t i = 0; i < times; i++)
        text_say(&t, end);
    return t.data;
}

static void depth_is_bounded(void **state)
{
    (void)state;
    static const char *const nests[][3] = {
        { "(", "a", ")" },
        { "{ ", "a", "; }" },
        { "if a; then ", "b", "; fi" },
        { "echo $(", "a", ")" },
        { "echo \"$(", "a", ")\"" },
        { "echo ${x:-", "a", "}" },
        { "echo \"${x:-", "a", "}\"" },
        { "$((", "1", "))" },
        { "while a; do ", "b", "; done" },
        { "case a in a) ", "b", ";; esac" },
        { "f() ", "{ a; }", "" },
        { "cat <(", "a", ")" },
        { "a && b || ", "c", "" },
    };
    struct memory_account account = { 0, 64 << 20 };
    struct memory m = { .account = &account, .exhausted = exhausted };
    for (size_t i = 0; i < LENGTH(nests); i++) {
        struct parse p;
        char *s = repeat(&m, nests[i][0], 20, nests[i][1], nests[i][2]);
        assert_int_equal(judge(&m, s, strlen(s), true, &p), PARSE_COMMAND);
        memory_give(&m, s);
        s = repeat(&m, nests[i][0], 20000, nests[i][1], nests[i][2]);
        assert_int_equal(judge(&m, s, strlen(s), true, &p), PARSE_ERROR);
        assert_string_equal(p.error, "out of memory");
        memory_give(&m, s);
    }
    assert_int_equal(account.used, 0);
}

/* Chains may be as long as they like. */
static void chains_are_not_deep(void **state)
{
    (void)state;
    static const char *const links[] = {
        "a;", "a&&", "a||", "a|", "a&", "!a\n", "if a;then b\nel"
    };
    struct memory_account account = { 0, 64 << 20 };
    struct memory m = { .account = &account, .exhausted = exhausted };
    for (size_t i = 0; i < LENGTH(links); i++) {
        struct parse p;
        char *s = repeat(&m, links[i], i < 6 ? 20000 : 1, i < 6 ? "a" : "se b;fi", "");
        assert_int_equal(judge(&m, s, strlen(s), true, &p), PARSE_COMMAND);
        memory_give(&m, s);
    }
    assert_int_equal(account.used, 0);
}

static void nuls_are_nothing(void **state)
{
    (void)state;
    static const char s[] = "e\0cho \0 a\0b \"c\0d\" 'e\0f' $x\0y <<A\nx\0y\nA\n\0echo\n";
    struct memory_account account = { 0, 16 << 20 };
    struct memory m = { .account = &account, .exhausted = exhausted };
    struct text t = text_of(&m);
    show_all(&t, s, sizeof s - 1, true, NULL);
    assert_string_equal(t.data, "[_echo _ab 'cd' 'ef' $xy 0<<'xy\n']\n[_echo]");
    text_release(&t);
}

static void quoted_texts_are_words(void **state)
{
    (void)state;
    struct memory_account account = { 0, 16 << 20 };
    struct memory m = { .account = &account, .exhausted = exhausted };
    struct arena *a = arena_make(&m);
    struct text t = text_of(&m);
    show_words(&t, parse_quoted(a, &m, "$USER \"x\" $(id) \\$", 18));
    assert_string_equal(t.data, "\"$USER\"' \"x\" '\"$([_id])\"' $'");
    assert_null(parse_quoted(a, &m, "${x", 3));
    assert_null(parse_quoted(a, &m, "$(if", 4));
    text_release(&t);
    arena_hold(a);
    arena_drop(a);
    arena_drop(a);
    assert_int_equal(account.used, 0);
}

/* As the reference's `jobs` shows them. */
/* clang-format off */
static const char *const texts[][2] = {
    { "a=1 sleep 1 \"a b\" 'c d' $x \"$x\" ${x:-a} \"${x#a*}\" `echo q` $(echo r) $((1+2)) ~ a\"b\"c",
      "sleep 1 \"a b\" \"c d\" ${x} \"${x}\" ${x:-a} \"${x#a*}\" $(...) $(...) $((1+2)) ~ a\"b\"c" },
    { "if true; then sleep 1; else b; fi", "if true; then sleep 1; else b; fi" },
    { "if a; then b; elif c; then d; else e; fi", "if a; then b; else if c; then d; else e; fi; fi" },
    { "for i in a b; do sleep 1; done", "for i in a b; do sleep 1; done" },
    { "for i; do sleep 1; done", "for i in \"${@}\"; do sleep 1; done" },
    { "for i in; do sleep 1; done", "for i in ; do sleep 1; done" },
    { "case x in a|b) c;; *) sleep 1;; esac", "case x in a) c;; *) sleep 1;; esac" },
    { "case x in esac", "case x in esac" },
    { "case x in x) ;; esac", "case x in x) ;; esac" },
    { "f() { a; b; }", "f() { ... }" },
    { "{ sleep 1; a & b; }", "sleep 1; a; b" },
    { "(sleep 1; b) 2>/dev/null", "(sleep 1; b)" },
    { "! sleep 1 | cat | cat", "!sleep 1 | cat | cat" },
    { "sleep 1 && b || c", "sleep 1 && b || c" },
    { "until true; do a; done", "until true; do a; done" },
    { "while a; b; do c; d; done >x 2>y", "while a; b; do c; d; done" },
    { "sleep 1 &>/dev/null", "sleep 1 1>&/dev/null" },
    { "sleep 1 >|x <&0 2>&- 3<>/dev/null 4>>/dev/null", "sleep 1 1>|x 0<&0 2>&- 3<>/dev/null 4>>/dev/null" },
    { "sleep 1 ${#x} ${x:1:2} ${x/a/b} ${x:=a} ${x##a} ${x%%a} \"$@\" $1 $?",
      "sleep 1 ${#x:} ${x//1:2} ${xa/b} ${x:=a} ${x##a} ${x%%a} \"${@}\" ${1} ${?}" },
    { "[[ a && b ]]", "[[ a && b ]]" },
    { "sleep 1 \"a $x `q` $((1+$x)) b\" ~/x ~root", "sleep 1 \"a ${x} $(...) $((1+${x})) b\" ~/x ~root" },
    { "sleep 1 'a$b' \"\" '' a''", "sleep 1 \"a\\$b\" \"\" \"\" a\"\"" },
    { "sleep 1 <<A 3<<'B'\nA\nB\n", "sleep 1 <<... <<..." },
    { "sleep 1 <(a) >(b)", "sleep 1 <(...) >(...)" },
};
/* clang-format on */

static void jobs_have_texts(void **state)
{
    (void)state;
    struct memory_account account = { 0, 16 << 20 };
    struct memory m = { .account = &account, .exhausted = exhausted };
    for (size_t i = 0; i < LENGTH(texts); i++) {
        struct parse p = { .text = texts[i][0], .n = strlen(texts[i][0]), .whole = true };
        struct text t = text_of(&m);
        assert_int_equal(parse_command(&p, &m), PARSE_COMMAND);
        node_text(p.tree, &t);
        assert_string_equal(t.data, texts[i][1]);
        text_release(&t);
        arena_drop(p.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_make_trees),    cmocka_unit_test(errors_are_the_references),
        cmocka_unit_test(aliases_stand_for_text), cmocka_unit_test(aliases_end),
        cmocka_unit_test(prefixes_agree),         cmocka_unit_test(more_is_waited_for),
        cmocka_unit_test(depth_is_bounded),       cmocka_unit_test(chains_are_not_deep),
        cmocka_unit_test(nuls_are_nothing),       cmocka_unit_test(quoted_texts_are_words),
        cmocka_unit_test(jobs_have_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
