#include "shell/dry-inside.h"

#include "base/hash.h"

#include <string.h>

enum { STEPS = 200000, MEMORY = 8 << 20 };

/* ---- Bounds ---- */

static void exhausted(struct memory *m) __attribute__((noreturn));
static void exhausted(struct memory *m)
{
    struct walk *w = (struct walk *)((char *)m - offsetof(struct walk, memory));
    longjmp(w->out, 1);
}

void dry_step(struct walk *w, uint64_t n)
{
    if (n > w->steps)
        longjmp(w->out, 1);
    w->steps -= n;
}

/* ---- Findings ---- */

static bool seen_before(struct walk *w, uint64_t hash)
{
    struct dry_seen **at = &w->seen[hash % 256], *s;
    for (s = *at; s; s = s->next) {
        if (s->hash == hash)
            return true;
    }
    s = memory_take(&w->memory, sizeof *s);
    s->hash = hash;
    s->next = *at;
    *at = s;
    return false;
}

void dry_found(struct walk *w, const struct dry_found *f)
{
    struct dry_found whole = *f;
    const char **texts[] = { &whole.name, &whole.applet, &whole.url, &whole.scheme,
                             &whole.host, &whole.path,   &whole.save };
    struct text key = text_of(&w->memory);
    text_print(&key, "%d %u %d", (int)f->kind, f->port, f->upload);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (!*texts[i])
            *texts[i] = "";
        text_add(&key, *texts[i], strlen(*texts[i]) + 1);
    }
    bool before = seen_before(w, hash64(key.data, key.len, 0));
    text_release(&key);
    if (!before)
        w->dry->found(w->dry->context, &whole);
}

/* ---- Redirections ---- */

struct streams {
    const struct text *in;
    struct text *out;
    struct text here;    /* a here-document's, or what a file has */
    struct text written; /* what goes to a file */
    struct dry_file *file;
    bool appends;
};

static void open_output(struct walk *w, struct streams *s, const struct redirect *r,
                        const char *path, const char *applet)
{
    dry_socket(w, applet, path);
    if (r->fd != 1 && r->type != REDIRECT_OUT_ERROR)
        return;
    s->file = dry_file(w, path, true);
    s->appends = r->type == REDIRECT_APPEND;
    s->written.len = 0;
    s->out = &s->written;
}

static void open_input(struct walk *w, struct streams *s, const char *path, const char *applet)
{
    dry_socket(w, applet, path);
    const struct dry_file *f = dry_file(w, path, false);
    s->in = f ? &f->content : NULL;
}

static void open_here(struct walk *w, struct streams *s, const struct redirect *r)
{
    const char *body = dry_single(w, r->target);
    s->here.len = 0;
    text_say(&s->here, body);
    s->in = &s->here;
}

static void streams_begin(struct walk *w, struct streams *s, const struct redirect *r,
                          const char *applet)
{
    s->here = s->written = text_of(&w->memory);
    for (; r; r = r->next) {
        dry_step(w, 1);
        switch (r->type) {
        case REDIRECT_OUT:
        case REDIRECT_CLOBBER:
        case REDIRECT_APPEND:
        case REDIRECT_OUT_ERROR:
            open_output(w, s, r, dry_single(w, r->target), applet);
            break;
        case REDIRECT_IN:
        case REDIRECT_BOTH:
            open_input(w, s, dry_single(w, r->target), applet);
            break;
        case REDIRECT_HERE:
            open_here(w, s, r);
            break;
        case REDIRECT_DUP_IN:
        case REDIRECT_DUP_OUT:
            break;
        }
    }
}

static void streams_end(struct streams *s)
{
    if (s->file && !s->appends)
        s->file->content.len = 0;
    if (s->file && s->file->content.len + s->written.len < DRY_TEXT)
        text_add(&s->file->content, s->written.len ? s->written.data : "", s->written.len);
    text_release(&s->written);
    text_release(&s->here);
}

/* ---- Simple commands ---- */

static void assign(struct walk *w, const struct assignment *a)
{
    bool adds = w->unsure;
    size_t ways = 0;
    dry_ways_begin(w);
    do {
        dry_set(w, a->name, a->n_name, dry_single(w, a->value), adds);
        adds = true;
    } while (++ways < DRY_WAYS && dry_ways_next(w));
}

static void simple(struct walk *w, const struct node *n, const struct text *in, struct text *out)
{
    size_t ways = 0;
    for (const struct assignment *a = n->assignments; a; a = a->next)
        assign(w, a);
    dry_ways_begin(w);
    do {
        struct dry_words words = { NULL, 0, 0 };
        struct dry_choice choices[DRY_CHOICES];
        for (const struct word *word = n->words; word; word = word->next)
            dry_expand(w, word, &words);
        struct streams s = { .in = in, .out = out };
        streams_begin(w, &s, n->redirects, words.n ? dry_last_part(words.items[0]) : "");
        /* A function's or a script's commands have ways of their own. */
        size_t n_choices = w->n_choices;
        memcpy(choices, w->choices, sizeof choices);
        if (words.n)
            dry_command(w, words.items, s.in, s.out);
        streams_end(&s);
        memcpy(w->choices, choices, sizeof choices);
        w->n_choices = n_choices;
    } while (++ways < DRY_WAYS && dry_ways_next(w));
}

/* ---- Compound commands ---- */

static void pipeline(struct walk *w, const struct node *n, const struct text *in, struct text *out)
{
    struct text between[2] = { text_of(&w->memory), text_of(&w->memory) };
    size_t i = 0;
    for (const struct node *stage = n->first; stage; stage = stage->next, i = !i) {
        between[i].len = 0;
        dry_node(w, stage, in, stage->next ? &between[i] : out);
        text_say(&between[i], "");
        in = &between[i];
    }
    text_release(&between[0]);
    text_release(&between[1]);
}

static void unsure(struct walk *w, const struct node *n, const struct text *in, struct text *out)
{
    w->unsure++;
    if (n)
        dry_node(w, n, in, out);
    w->unsure--;
}

static void for_loop(struct walk *w, const struct node *n, const struct text *in, struct text *out)
{
    struct dry_words words = { NULL, 0, 0 };
    size_t ways = 0, n_name = strlen(n->name);
    dry_ways_begin(w);
    do {
        for (const struct word *word = n->words; word; word = word->next)
            dry_expand(w, word, &words);
    } while (++ways < DRY_WAYS && dry_ways_next(w));
    for (char **at = n->words_given ? NULL : w->arguments; at && *at; at++)
        dry_words_add(w, &words, *at);
    if (!words.n)
        dry_words_add(w, &words, memory_text(&w->memory, "*"));
    for (size_t i = 0; i < words.n && i < DRY_ITEMS; i++) {
        dry_set(w, n->name, n_name, words.items[i], false);
        dry_node(w, n->first, in, out);
    }
}

static void if_clause(struct walk *w, const struct node *n, const struct text *in, struct text *out)
{
    while (n && n->type == NODE_IF) {
        dry_node(w, n->first, in, out);
        unsure(w, n->second, in, out);
        n = n->third;
    }
    unsure(w, n, in, out);
}

static void case_clause(struct walk *w, const struct node *n, const struct text *in,
                        struct text *out)
{
    dry_ways_begin(w);
    dry_single(w, n->subject);
    for (const struct case_item *i = n->items; i; i = i->next)
        unsure(w, i->body, in, out);
}

static void define(struct walk *w, const struct node *n)
{
    struct dry_function *f = memory_take(&w->memory, sizeof *f);
    f->name = n->name;
    f->body = n->first;
    f->next = w->functions;
    w->functions = f;
}

static void compound(struct walk *w, const struct node *n, const struct text *in, struct text *out)
{
    switch (n->type) {
    case NODE_PIPE:
        pipeline(w, n, in, out);
        break;
    case NODE_NOT:
    case NODE_BACKGROUND:
    case NODE_SUBSHELL:
    case NODE_GROUP:
        dry_node(w, n->first, in, out);
        break;
    case NODE_IF:
        if_clause(w, n, in, out);
        break;
    case NODE_WHILE:
    case NODE_UNTIL:
        dry_node(w, n->first, in, out);
        unsure(w, n->second, in, out);
        break;
    case NODE_FOR:
        for_loop(w, n, in, out);
        break;
    case NODE_CASE:
        case_clause(w, n, in, out);
        break;
    case NODE_FUNCTION:
        define(w, n);
        break;
    default:
        break;
    }
}

static void one(struct walk *w, const struct node *n, const struct text *in, struct text *out)
{
    dry_step(w, 1);
    if (n->type == NODE_COMMAND) {
        simple(w, n, in, out);
        return;
    }
    struct streams s = { .in = in, .out = out };
    dry_ways_begin(w);
    streams_begin(w, &s, n->redirects, "");
    compound(w, n, s.in, s.out);
    streams_end(&s);
}

void dry_node(struct walk *w, const struct node *n, const struct text *in, struct text *out)
{
    if (w->depth >= DRY_DEEP)
        return;
    w->depth++;
    size_t was = w->unsure;
    for (; n->type == NODE_SEQUENCE || n->type == NODE_AND || n->type == NODE_OR; n = n->second) {
        dry_node(w, n->first, in, out);
        w->unsure += n->type != NODE_SEQUENCE;
    }
    one(w, n, in, out);
    w->unsure = was;
    w->depth--;
}

/* ---- Scripts ---- */

static void keep(struct walk *w, struct arena *a)
{
    struct dry_arena *kept = memory_take(&w->memory, sizeof *kept);
    kept->arena = a;
    kept->next = w->arenas;
    w->arenas = kept;
}

/* What makes no sense is passed over: there may be something behind it. */
void dry_script(struct walk *w, const char *s, size_t n, const struct text *in, struct text *out)
{
    struct parse p = { .text = s, .n = n, .whole = true, .line = 1 };
    if (w->depth >= DRY_DEEP)
        return;
    for (;;) {
        enum parse_verdict v = parse_command(&p, &w->memory);
        dry_step(w, 1 + p.used / 64);
        if (v == PARSE_END || v == PARSE_MORE)
            break;
        if (v == PARSE_COMMAND) {
            keep(w, p.arena);
            dry_node(w, p.tree, in, out);
        }
        p.text += p.used;
        p.n -= p.used;
    }
}

static void uncalled(struct walk *w, struct text *out)
{
    for (struct dry_function *f = w->functions; f; f = f->next) {
        if (!f->called)
            dry_node(w, f->body, NULL, out);
        f->called = true;
    }
}

static int run(struct walk *w, const void *script, size_t n)
{
    if (setjmp(w->out))
        return 1;
    struct text out = text_of(&w->memory);
    dry_script(w, script, n, NULL, &out);
    uncalled(w, &out);
    return 0;
}

int dry_walk(const struct dry *d, const void *script, size_t n)
{
    struct walk w;
    memset(&w, 0, sizeof w);
    w.dry = d;
    w.steps = d->steps ? d->steps : STEPS;
    w.account.most = d->memory ? d->memory : MEMORY;
    w.memory.account = &w.account;
    w.memory.exhausted = exhausted;
    int e = run(&w, script, n);
    memory_clear(&w.memory);
    return e;
}
