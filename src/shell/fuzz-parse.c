#include "shell/parse.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* The first byte says how much of the text is there at first, and whether there are aliases. */

static void exhausted(struct memory *m) __attribute__((noreturn));
static void exhausted(struct memory *m)
{
    (void)m;
    abort();
}

static const char *find(void *context, const char *name, size_t n)
{
    static const char *const values[] = { "b b ", "c 'x", "a ", "e\n", "cat <<A ", "$(f", "" };
    (void)context;
    return n == 1 && *name >= 'a' && *name <= 'g' ? values[*name - 'a'] : NULL;
}

/* Every text of a tree is there to its last byte, and no deeper than allowed. */
static size_t walk(const struct node *n, unsigned depth);

static size_t walk_words(const struct word *w, unsigned depth)
{
    size_t sum = 0;
    assert(depth < PARSE_DEPTH * 2);
    for (; w; w = w->next) {
        for (const struct part *p = w->parts; p; p = p->next) {
            sum += p->text ? strlen(p->text) - p->n : 0;
            sum += walk_words(p->argument, depth + 1) + walk_words(p->second, depth + 1);
            sum += walk(p->tree, depth + 1);
        }
    }
    return sum;
}

static size_t walk_one(const struct node *n, unsigned depth)
{
    size_t sum = walk_words(n->words, depth) + walk_words(n->subject, depth);
    for (const struct redirect *r = n->redirects; r; r = r->next)
        sum += walk_words(r->target, depth + 1);
    for (const struct assignment *a = n->assignments; a; a = a->next) {
        assert(strlen(a->name) == a->n_name);
        sum += walk_words(a->value, depth + 1);
    }
    for (const struct case_item *i = n->items; i; i = i->next)
        sum += walk_words(i->patterns, depth + 1) + walk(i->body, depth + 1);
    return sum;
}

static size_t walk(const struct node *n, unsigned depth)
{
    size_t sum = 0;
    assert(depth < PARSE_DEPTH * 2);
    while (n) {
        sum += walk_one(n, depth);
        if (n->type == NODE_PIPE) {
            for (const struct node *stage = n->first; stage; stage = stage->next)
                sum += walk(stage, depth + 1);
            break;
        }
        sum += walk(n->first, depth + 1);
        if (n->third)
            sum += walk(n->second, depth + 1);
        n = n->third ? n->third : n->second;
    }
    return sum;
}

static size_t parse_all(struct memory *m, const char *s, size_t n, bool whole, bool aliases)
{
    struct parse p = { .text = s, .n = n, .whole = whole, .line = 1 };
    p.aliases.find = aliases ? find : NULL;
    for (;;) {
        enum parse_verdict v = parse_command(&p, m);
        assert((v == PARSE_COMMAND) == (p.arena != NULL));
        assert(v != PARSE_MORE || (!whole && !p.used));
        assert(v != PARSE_END || whole);
        assert((v == PARSE_ERROR) == (p.error[0] != '\0'));
        if (v == PARSE_COMMAND) {
            struct text t = text_of(m);
            walk(p.tree, 0);
            node_text(p.tree, &t);
            text_release(&t);
            arena_drop(p.arena);
        }
        if (v == PARSE_MORE || v == PARSE_END)
            return (size_t)(p.text - s);
        assert(p.used && p.used <= p.n && p.lines <= p.used);
        p.text += p.used;
        p.n -= p.used;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size || size > 8192)
        return 0;
    struct memory_account account = { 0, 512 << 20 };
    struct memory m = { .account = &account, .exhausted = exhausted };
    size_t n = size - 1, cut = n * (*data >> 1) / 127;
    bool aliases = *data & 1;
    char *text = memory_bytes(&m, data + 1, cut);
    size_t base = account.used;
    size_t done = parse_all(&m, text, cut, false, aliases);
    assert(done <= cut && account.used == base);
    memory_give(&m, text);

    text = malloc(n + 1);
    assert(text);
    memcpy(text, data + 1, n);
    parse_all(&m, text, n, true, aliases);
    free(text);
    struct arena *a = arena_make(&m);
    parse_quoted(a, &m, (const char *)data, size);
    arena_drop(a);
    assert(account.used == 0);
    return 0;
}
