/* test, [ and [[ */
#include "shell/applet.h"
#include "shell/pattern.h"
#include "shell/regex.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DEPTH_MOST = 100 };

struct test {
    struct proc *p;
    char **args;
    int n, at;
    int depth;
    bool doubled; /* [[ ]] */
};

enum kind {
    KIND_WORD,
    KIND_NOT,
    KIND_OPEN,
    KIND_CLOSE,
    KIND_AND,
    KIND_OR,
    KIND_UNARY,
    KIND_BINARY
};

/* Of a word's meaning: the operation. */
enum what {
    /* clang-format off */
    IS_NOTHING, IS_EMPTY, IS_TEXT, IS_TERMINAL, IS_THERE, IS_FILE, IS_FOLDER, IS_LINK, IS_BLOCK, IS_CHARACTER, IS_PIPE, IS_SOCKET,
    IS_SET_UID, IS_SET_GID, IS_STICKY, IS_OWN, IS_OWN_GROUP, HAS_SIZE, MAY_READ, MAY_WRITE, MAY_RUN,
    SAME_TEXT, OTHER_TEXT, TEXT_BEFORE, TEXT_AFTER, TEXT_LIKE, EQUAL, UNEQUAL, LESS, MOST, GREATER, LEAST, NEWER, OLDER, SAME_FILE
    /* clang-format on */
};

struct operator
{
    char text[4];
    uint8_t kind, what;
};

/* clang-format off */
static const struct operator operators[] = {
    { "!", KIND_NOT, 0 }, { "(", KIND_OPEN, 0 }, { ")", KIND_CLOSE, 0 }, { "-a", KIND_AND, 0 }, { "-o", KIND_OR, 0 },
    { "-z", KIND_UNARY, IS_EMPTY }, { "-n", KIND_UNARY, IS_TEXT }, { "-t", KIND_UNARY, IS_TERMINAL },
    { "-e", KIND_UNARY, IS_THERE }, { "-f", KIND_UNARY, IS_FILE }, { "-d", KIND_UNARY, IS_FOLDER },
    { "-L", KIND_UNARY, IS_LINK }, { "-h", KIND_UNARY, IS_LINK }, { "-b", KIND_UNARY, IS_BLOCK },
    { "-c", KIND_UNARY, IS_CHARACTER }, { "-p", KIND_UNARY, IS_PIPE }, { "-S", KIND_UNARY, IS_SOCKET },
    { "-u", KIND_UNARY, IS_SET_UID }, { "-g", KIND_UNARY, IS_SET_GID }, { "-k", KIND_UNARY, IS_STICKY },
    { "-O", KIND_UNARY, IS_OWN }, { "-G", KIND_UNARY, IS_OWN_GROUP }, { "-s", KIND_UNARY, HAS_SIZE },
    { "-r", KIND_UNARY, MAY_READ }, { "-w", KIND_UNARY, MAY_WRITE }, { "-x", KIND_UNARY, MAY_RUN },
    { "=", KIND_BINARY, SAME_TEXT }, { "==", KIND_BINARY, SAME_TEXT }, { "!=", KIND_BINARY, OTHER_TEXT },
    { "<", KIND_BINARY, TEXT_BEFORE }, { ">", KIND_BINARY, TEXT_AFTER }, { "-eq", KIND_BINARY, EQUAL },
    { "-ne", KIND_BINARY, UNEQUAL }, { "-lt", KIND_BINARY, LESS }, { "-le", KIND_BINARY, MOST },
    { "-gt", KIND_BINARY, GREATER }, { "-ge", KIND_BINARY, LEAST }, { "-nt", KIND_BINARY, NEWER },
    { "-ot", KIND_BINARY, OLDER }, { "-ef", KIND_BINARY, SAME_FILE },
};

/* [[ has other words for and and or, and one more comparison. */
static const struct operator doubled[] = {
    { "&&", KIND_AND, 0 }, { "||", KIND_OR, 0 }, { "=~", KIND_BINARY, TEXT_LIKE },
};
/* clang-format on */

static const struct operator word = { "", KIND_WORD, IS_NOTHING };

#define LENGTH(a) (sizeof(a) / sizeof(a)[0])

/* What the i-th word from here on means. */
static const struct operator* meaning(const struct test *t, int i)
{
    if (t->at + i >= t->n)
        return &word;
    const char *s = t->args[t->at + i];
    if (!*s || !strchr("!()-=<>&|", *s))
        return &word;
    for (size_t j = 0; t->doubled && j < LENGTH(doubled); j++) {
        if (strcmp(s, doubled[j].text) == 0)
            return &doubled[j];
    }
    for (size_t j = 0; j < LENGTH(operators); j++) {
        bool other = operators[j].kind == KIND_AND || operators[j].kind == KIND_OR;
        if (s[1] == operators[j].text[1] && strcmp(s, operators[j].text) == 0 &&
            !(other && t->doubled))
            return &operators[j];
    }
    return &word;
}

static int left(const struct test *t)
{
    return t->n - t->at;
}

static _Noreturn void wrong(struct test *t, const char *what, const char *why)
{
    if (what && *what)
        proc_error(t->p, "%s: %s", what, why);
    else
        proc_error(t->p, "%s", why);
    proc_exit(t->p, 2);
}

/* ---- Operations ---- */

static long long number(struct test *t, const char *s)
{
    char *end;
    errno = 0;
    long long v = strtoll(s, &end, 10);
    const char *rest = end;
    while (*rest == ' ' || (*rest >= '\t' && *rest <= '\r'))
        rest++;
    if (end == s || *rest)
        wrong(t, s, "bad number");
    if (errno)
        wrong(t, s, "out of range");
    return v;
}

static bool is_mode(uint32_t mode, enum what what)
{
    static const uint32_t types[] = {
        [IS_FILE] = S_IFREG, [IS_FOLDER] = S_IFDIR,    [IS_BLOCK] = S_IFBLK,
        [IS_PIPE] = S_IFIFO, [IS_CHARACTER] = S_IFCHR, [IS_SOCKET] = S_IFSOCK
    };
    switch (what) {
    case IS_SET_UID:
        return mode & S_ISUID;
    case IS_SET_GID:
        return mode & S_ISGID;
    case IS_STICKY:
        return mode & S_ISVTX;
    default:
        return (mode & S_IFMT) == types[what];
    }
}

static bool of_file(struct test *t, enum what what, const char *path)
{
    static const unsigned rights[] = { [MAY_READ] = R_OK, [MAY_WRITE] = W_OK, [MAY_RUN] = X_OK };
    struct vfs_stat st;
    if (what >= MAY_READ)
        return proc_access(t->p, path, rights[what]) == 0;
    if (what == IS_LINK)
        return proc_lstat(t->p, path, &st) == 0 && S_ISLNK(st.mode);
    if (proc_stat(t->p, path, &st) != 0)
        return false;
    switch (what) {
    case IS_THERE:
        return true;
    case HAS_SIZE:
        return st.size > 0;
    case IS_OWN:
        return st.uid == proc_uid(t->p);
    case IS_OWN_GROUP:
        return st.gid == proc_gid(t->p);
    default:
        return is_mode(st.mode, what);
    }
}

static bool unary(struct test *t, enum what what, const char *s)
{
    if (what == IS_EMPTY || what == IS_TEXT)
        return (*s != '\0') == (what == IS_TEXT);
    if (what != IS_TERMINAL)
        return of_file(t, what, s);
    long long fd = number(t, s);
    return fd >= 0 && fd <= INT_MAX && proc_isatty(t->p, (int)fd);
}

static bool is_like(struct test *t, const char *s, const char *expression)
{
    const char *why;
    struct memory *m = proc_memory(t->p);
    struct regex *r = regex_make(m, expression, strlen(expression), REGEX_EXTENDED, &why);
    uint64_t work = 0;
    bool found = r && regex_search(r, m, s, strlen(s), 0, false, NULL, &work) == REGEX_MATCH;
    proc_charge(t->p, work);
    return found;
}

static bool is_same(struct test *t, const char *s, const char *other)
{
    size_t n = strlen(s), n_other = strlen(other);
    if (!t->doubled)
        return strcmp(s, other) == 0;
    proc_charge(t->p, n + n_other);
    return pattern_match(other, n_other, s, n, 0);
}

static bool of_files(struct test *t, enum what what, const char *one, const char *two)
{
    struct vfs_stat a, b;
    if (proc_stat(t->p, one, &a) != 0 || proc_stat(t->p, two, &b) != 0)
        return false;
    if (what == SAME_FILE)
        return a.ino == b.ino;
    return what == NEWER ? a.mtime > b.mtime : a.mtime < b.mtime;
}

static bool of_numbers(struct test *t, enum what what, const char *one, const char *two)
{
    long long a = number(t, one), b = number(t, two);
    switch (what) {
    case EQUAL:
        return a == b;
    case UNEQUAL:
        return a != b;
    case LESS:
        return a < b;
    case MOST:
        return a <= b;
    case GREATER:
        return a > b;
    default:
        return a >= b;
    }
}

static bool binary(struct test *t, enum what what, const char *one, const char *two)
{
    switch (what) {
    case SAME_TEXT:
        return is_same(t, one, two);
    case OTHER_TEXT:
        return !is_same(t, one, two);
    case TEXT_BEFORE:
        return strcmp(one, two) < 0;
    case TEXT_AFTER:
        return strcmp(one, two) > 0;
    case TEXT_LIKE:
        return is_like(t, one, two);
    default:
        return what >= NEWER ? of_files(t, what, one, two) : of_numbers(t, what, one, two);
    }
}

/* ---- Expressions ---- */

static bool either(struct test *t);

static bool compare(struct test *t)
{
    const char *one = t->args[t->at++], *operation = t->args[t->at];
    enum what what = (enum what)meaning(t, 0)->what;
    if (++t->at == t->n)
        wrong(t, operation, "argument expected");
    return binary(t, what, one, t->args[t->at++]);
}

/* ash takes the operator in ( -f x ) for a word, where that is all there is (but for ! before it).
 */
static bool is_odd(const struct test *t)
{
    if (left(t) != 4 || meaning(t, 1)->kind != KIND_UNARY || meaning(t, 3)->kind != KIND_CLOSE)
        return false;
    for (int i = 0; i < t->at; i++) {
        if (strcmp(t->args[i], "!") != 0)
            return false;
    }
    return true;
}

static bool in_parentheses(struct test *t)
{
    bool odd = is_odd(t);
    if (odd && meaning(t, 1)->what == IS_TERMINAL)
        (void)number(t, t->args[t->at + 2]);
    if (odd || t->depth == DEPTH_MOST)
        wrong(t, NULL, "closing paren expected");
    t->at++;
    t->depth++;
    bool is = either(t);
    t->depth--;
    if (t->at == t->n || meaning(t, 0)->kind != KIND_CLOSE)
        wrong(t, NULL, "closing paren expected");
    t->at++;
    return is;
}

static bool primary(struct test *t)
{
    if (!left(t))
        wrong(t, NULL, "argument expected");
    const struct operator* o = meaning(t, 0);
    bool comparison = left(t) > 1 && meaning(t, 1)->kind == KIND_BINARY;
    if (o->kind == KIND_OPEN && !(comparison && left(t) == 3 && t->at == 0))
        return in_parentheses(t);
    if (o->kind == KIND_UNARY && left(t) > 1 && !(comparison && left(t) > 2)) {
        t->at += 2;
        return unary(t, (enum what)o->what, t->args[t->at - 1]);
    }
    if (comparison)
        return compare(t);
    return *t->args[t->at++] != '\0';
}

static bool negated(struct test *t)
{
    bool not = false, first = t->at == 0;
    while (left(t) > 1 && meaning(t, 0)->kind == KIND_NOT) {
        if (first && left(t) == 3 && meaning(t, 1)->kind == KIND_BINARY)
            return not != compare(t); /* "!" = x */
        not = !not ;
        t->at++;
    }
    return not != primary(t);
}

static bool both(struct test *t)
{
    bool is = negated(t);
    while (left(t) && meaning(t, 0)->kind == KIND_AND) {
        t->at++;
        is &= negated(t);
    }
    return is;
}

/* As in ash both sides are looked at in any case. */
static bool either(struct test *t)
{
    bool is = both(t);
    while (left(t) && meaning(t, 0)->kind == KIND_OR) {
        t->at++;
        is |= both(t);
    }
    return is;
}

static int test(struct proc *p, int argc, char **argv)
{
    const char *name = strrchr(argv[0], '/');
    name = name ? name + 1 : argv[0];
    struct test t = { .p = p, .args = argv + 1, .n = argc - 1, .doubled = strcmp(name, "[[") == 0 };
    if (*name == '[') {
        const char *end = t.doubled ? "]]" : "]";
        if (!t.n || strcmp(argv[argc - 1], end) != 0) {
            proc_error(p, "missing %s", end);
            return 2;
        }
        t.n--;
    }
    if (!t.n)
        return 1;
    bool is = t.n == 1 ? *t.args[0] != '\0' : either(&t);
    if (t.at < t.n && t.n > 1) {
        proc_error(p, "%s: unknown operand", t.args[t.at]);
        return 2;
    }
    return !is;
}

const struct applet applet_test = { .name = "test", .once = test };
const struct applet applet_bracket = { .name = "[", .once = test };
const struct applet applet_brackets = { .name = "[[", .once = test };
