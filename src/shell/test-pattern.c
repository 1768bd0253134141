#include "shell/pattern.h"

#include <fnmatch.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(a) (sizeof(a) / sizeof(a)[0])

static int libc_flags(unsigned flags)
{
    return (flags & PATTERN_PATHNAME ? FNM_PATHNAME : 0) |
           (flags & PATTERN_PERIOD ? FNM_PERIOD : 0) |
           (flags & PATTERN_NOESCAPE ? FNM_NOESCAPE : 0) |
           (flags & PATTERN_ICASE ? FNM_CASEFOLD : 0);
}

/* In blocks of their own sizes, so that a read past an end is seen. */
static bool ours(const char *pattern, const char *s, unsigned flags)
{
    size_t n_pattern = strlen(pattern), n = strlen(s);
    char *a = malloc(n_pattern + 1), *b = malloc(n + 1);
    assert_true(a && b);
    memcpy(a + 1, pattern, n_pattern);
    memcpy(b + 1, s, n);
    bool is = pattern_match(a + 1, n_pattern, b + 1, n, flags);
    free(a);
    free(b);
    return is;
}

static void same_as_libc(const char *pattern, const char *s, unsigned flags)
{
    bool libc = fnmatch(pattern, s, libc_flags(flags)) == 0;
    if (ours(pattern, s, flags) != libc)
        fail_msg("'%s' '%s' flags %u: fnmatch() says %d", pattern, s, flags, libc);
}

/* clang-format off */
static const struct {
    const char *pattern, *s;
} cases[] = {
    { "", "" }, { "", "a" }, { "a", "" }, { "abc", "abc" }, { "*", "" }, { "*", "abc" }, { "**", "x" }, { "a*c", "abbc" },
    { "*a*b*c*", "xxaxxbxxcxx" }, { "*a*b*c*", "xxaxxcxxbxx" }, { "?", "" }, { "?", "a" }, { "a?c", "abc" },
    { "*.sh", "x.sh" }, { "*/*", "a/b" }, { "*", ".x" }, { "?x", ".x" }, { "[.]x", ".x" }, { "a/*", "a/.x" }, { "a/?x", "a/.x" },
    { "*/b", "a/b" }, { "a*b", "a/b" }, { "a[/]b", "a/b" }, { "a[a/]b", "aab" }, { "[a/b]", "[a/b]" },
    { "[a", "[a" }, { "[a", "a" }, { "[[", "[[" }, { "[", "[" }, { "[]", "]" }, { "[]a]", "]" }, { "[!]a]", "b" }, { "[^a]", "b" },
    { "[[:alpha:]]", "a" }, { "[[:alpha:]]", "1" }, { "[[:foo:]]", "a" }, { "[a[:foo:]]", "a" }, { "[[:Foo:]]", ":]" },
    { "[[=a=]]", "a" }, { "[[=a=]]", "A" }, { "[[.a.]-c]", "b" }, { "[[.ab.]]", "a" }, { "[a-[.c.]]", "b" }, { "[a-c-e]", "-" },
    { "[c-a]", "b" }, { "[a-]", "-" }, { "[-a]", "-" }, { "[a-", "[a-" }, { "[--a]", "A" }, { "[\\]]", "]" }, { "[a-\\c]", "b" },
    { "\\*", "*" }, { "\\*", "a" }, { "\\", "\\" }, { "a\\", "a" }, { "a\\", "a\\" }, { "[\\", "[\\" }, { "\\a", "A" }, { "[Z-a]", "b" },
    { "[x[=ab]", "x" }, { "[x[.ab]", "x" }, { "[x\\", "x" }, { "\xff", "\xff" }, { "[\x80-\xff]", "\xfe" }, { "?", "\xfe" },
};
/* clang-format on */

static void table_is_as_libc(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++)
        for (unsigned flags = 0; flags < 16; flags++)
            same_as_libc(cases[i].pattern, cases[i].s, flags);
}

static uint64_t random_next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed >> 11;
}

static const char *pick(uint64_t *seed, const char *const *from, size_t n)
{
    return from[random_next(seed) % n];
}

/* Pieces put together at random; texts of the same letters. */
static const char *const pieces[] = {
    "a",     "b",           "B",         "z",         "/",     ".",     "-",   "*",  "*",    "?",
    "[",     "[",           "]",         "]",         "!",     "^",     "\\",  ":",  "[ab]", "[!a]",
    "[a-z]", "[[:alpha:]]", "[:alpha:]", "[:upper:]", "[:x:]", "[=a=]", "[=",  "=]", "[.",   ".]",
    "[.-.]", "[.ab.]",      "[:",        ":]",        "[^",    "[A-b]", "\\]", "a-",
};
static const char *const letters[] = { "a", "b", "B",  "z", "/", ".", "-",
                                       "[", "]", "\\", ":", "A", "=", "!" };

static void compose(uint64_t *seed, const char *const *from, size_t n_from, size_t most, char *to)
{
    size_t n = random_next(seed) % (most + 1);
    *to = '\0';
    for (size_t i = 0; i < n; i++)
        strcat(to, pick(seed, from, n_from));
}

static void random_is_as_libc(void **state)
{
    (void)state;
    uint64_t seed = 20260701;
    char pattern[200], s[50];
    const char *more = getenv("PATTERN_ROUNDS");
    for (long i = more ? strtol(more, NULL, 10) : 100000; i > 0; i--) {
        compose(&seed, pieces, LENGTH(pieces), 8, pattern);
        compose(&seed, letters, LENGTH(letters), 6, s);
        same_as_libc(pattern, s, (unsigned)random_next(&seed) % 16);
    }
}

/* Where backtracking without bounds would take until the end of the world. */
static void stars_are_linear(void **state)
{
    (void)state;
    static char pattern[2000], s[20000];
    for (size_t i = 0; i + 2 < sizeof pattern; i += 2)
        memcpy(pattern + i, "*a", 2);
    pattern[sizeof pattern - 2] = 'b';
    memset(s, 'a', sizeof s);
    assert_false(pattern_match(pattern, sizeof pattern - 1, s, sizeof s, 0));
}

static void patterns_are_told_from_words(void **state)
{
    (void)state;
    assert_false(pattern_is("abc", 3));
    assert_true(pattern_is("a*c", 3));
    assert_true(pattern_is("a?", 2));
    assert_true(pattern_is("[", 1));
    assert_false(pattern_is("\\*\\?\\[", 6));
    assert_false(pattern_is("a\\", 2));
    assert_false(pattern_is("a\0b", 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_is_as_libc),
        cmocka_unit_test(random_is_as_libc),
        cmocka_unit_test(stars_are_linear),
        cmocka_unit_test(patterns_are_told_from_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
