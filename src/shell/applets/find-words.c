#include "shell/applets/find-words.h"

#include <limits.h>
#include <string.h>

/* The words as a tree, which is made into code once it is whole. */
enum expression_type { EXPRESSION_TEST, EXPRESSION_AND, EXPRESSION_OR, EXPRESSION_NOT };

struct expression {
    struct expression *next, *first;
    enum expression_type type;
    struct find_test test;
};

enum { DEPTH_MOST = 100 }; /* of parentheses */

/* ---- The tree ---- */

static struct expression *make(struct find_words *w, enum expression_type type)
{
    struct expression *e = memory_take(proc_memory(w->p), sizeof *e);
    e->type = type;
    return e;
}

static bool is(const char *s, const char *a, const char *b)
{
    return !strcmp(s, a) || !strcmp(s, b);
}

/* A test; NULL where it was an option. */
static struct expression *primary(struct find_words *w)
{
    struct find_test test;
    if (find_primary(w, &test) == FIND_OPTION)
        return NULL;
    struct expression *e = make(w, EXPRESSION_TEST);
    e->test = test;
    return e;
}

static struct expression *any(struct find_words *w, bool inside);

static struct expression *parenthesis(struct find_words *w)
{
    if (++w->depth > DEPTH_MOST)
        proc_die(w->p, "out of memory");
    w->at++;
    struct expression *e = any(w, true);
    w->depth--;
    return e;
}

static void append(struct find_words *w, struct expression ***last, struct expression *e, bool not )
{
    if (!e)
        return;
    if (not ) {
        struct expression *inverted = make(w, EXPRESSION_NOT);
        inverted->first = e;
        e = inverted;
    }
    **last = e;
    *last = &e->next;
}

/* Tests up to -o or the end, of which all must hold. NULL: there are none. */
static struct expression *all(struct find_words *w)
{
    struct expression *e = make(w, EXPRESSION_AND), **last = &e->first;
    bool not = false;
    while (*w->at && strcmp(*w->at, ")") != 0 && !is(*w->at, "-o", "-or")) {
        if (is(*w->at, "!", "-not")) {
            not = !not ;
            w->at++;
        } else if (is(*w->at, "-a", "-and")) {
            w->at++;
        } else {
            append(w, &last, strcmp(*w->at, "(") ? primary(w) : parenthesis(w), not );
            not = false;
        }
    }
    return e->first ? e : NULL;
}

/* Groups between -o. The first that is empty ends them; without any, all is true. */
static struct expression *any(struct find_words *w, bool inside)
{
    struct expression *e = make(w, EXPRESSION_OR), **last = &e->first;
    bool ended = false;
    for (;;) {
        struct expression *group = all(w);
        ended |= !group;
        if (!ended)
            append(w, &last, group, false);
        if (!*w->at && inside)
            proc_die(w->p, "unpaired '('");
        if (!*w->at)
            return e;
        if (*w->at++[0] == ')') {
            if (inside)
                return e;
            w->at--;
            primary(w);
        }
    }
}

/* ---- The code ---- */

static size_t add(struct proc *p, struct find *f, const struct find_test *t)
{
    if (f->n_code == f->room_code) {
        f->room_code = f->room_code ? f->room_code * 2 : 16;
        f->code = memory_array(proc_memory(p), f->code, f->room_code, sizeof *f->code);
    }
    f->code[f->n_code] = *t;
    return FIND_CODE + f->n_code++;
}

static struct expression *reversed(struct expression *e)
{
    struct expression *list = NULL;
    while (e) {
        struct expression *next = e->next;
        e->next = list;
        list = e;
        e = next;
    }
    return list;
}

/* Where e begins, when it goes on at `held` or `failed`. Written from its end on. */
static size_t emit(struct find_words *w, struct expression *e, size_t held, size_t failed)
{
    size_t entry;
    switch (e->type) {
    case EXPRESSION_NOT:
        return emit(w, e->first, failed, held);
    case EXPRESSION_AND:
        entry = held;
        for (e = reversed(e->first); e; e = e->next)
            entry = emit(w, e, entry, failed);
        return entry;
    case EXPRESSION_OR:
        if (!e->first)
            return held;
        entry = failed;
        for (e = reversed(e->first); e; e = e->next)
            entry = emit(w, e, held, entry);
        return entry;
    case EXPRESSION_TEST:
        break;
    }
    e->test.held = held;
    e->test.failed = failed;
    return add(w->p, w->f, &e->test);
}

static char **read_roots(struct proc *p, struct find *f, char **argv)
{
    char **at = argv + 1;
    for (; *at && **at == '-' && (*at)[1]; at++) {
        if (!strcmp(*at, "--")) {
            at++;
            break;
        }
        if (strspn(*at + 1, "HLP") != strlen(*at + 1))
            break;
        f->follow_roots |= strchr(*at, 'H') != NULL;
        f->follow |= strchr(*at, 'L') != NULL;
    }
    char **roots = at;
    while (*at && **at != '-' && strcmp(*at, "!") != 0 && strcmp(*at, "(") != 0)
        at++;
    size_t n = (size_t)(at - roots);
    f->roots = memory_array(proc_memory(p), NULL, n + 2, sizeof *f->roots);
    memcpy(f->roots, roots, n * sizeof *roots);
    if (!n)
        f->roots[n++] = memory_text(proc_memory(p), ".");
    f->roots[n] = NULL;
    return at;
}

void find_words(struct proc *p, struct find *f, char **argv)
{
    f->depth_most = INT_MAX;
    struct find_words w = { .p = p, .f = f };
    w.at = read_roots(p, f, argv);
    struct expression *e = any(&w, false);
    size_t held = FIND_TRUE;
    if (!f->acts)
        held =
            add(p, f,
                &(struct find_test){ .kind = FIND_PRINT, .held = FIND_TRUE, .failed = FIND_TRUE });
    f->entry = emit(&w, e, held, FIND_FALSE);
}
