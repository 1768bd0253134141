#include "packet/p0f-internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { CACHE_BITS = 12, CACHE_ENTRIES = 1 << CACHE_BITS };
enum { MAX_DISTANCE = 35 }; /* hops that p0f believes in before it calls a TTL fuzzy */

/* The signatures of one options layout: n of sigs, from first, in the file's order. */
struct group {
    struct p0f_layout layout;
    uint32_t first, n; /* n is 0 in a free slot */
};

/* The frames of one length of options: those with most signatures, first. */
enum { FRAMES = 4 };
struct frames {
    unsigned n;
    struct p0f_frame list[FRAMES];
};

/* A shape packed whole (nothing of it is hashed away), so equal keys are equal shapes. */
struct key {
    uint64_t a, b; /* b: KEY_USED set, the bits from KEY_LABEL up are free */
};
enum { KEY_LABEL = 57 };
#define KEY_USED (UINT64_C(1) << 56)
#define KEY_MASK ((UINT64_C(1) << KEY_LABEL) - 1)

struct p0f {
    struct p0f_file file;
    struct group *groups; /* open addressing by layout, at most half full */
    unsigned group_shift; /* 64 - log2 of the slots */
    /* By the options' length in words of 32 bits. */
    struct frames frames[P0F_OPTION_WORDS * 2 + 1];
    bool bare;                       /* some signature has no options at all */
    size_t n_left_out;               /* distinct */
    uint8_t ttl_class[256];          /* the least TTL that no signature tells from this one */
    struct key cache[CACHE_ENTRIES]; /* the label stands above KEY_LABEL */
};

/* ---- loading ---- */

static int by_layout(const void *a, const void *b)
{
    const struct p0f_sig *x = a, *y = b;
    if (x->layout.tail != y->layout.tail)
        return x->layout.tail < y->layout.tail ? -1 : 1;
    for (size_t i = 0; i < sizeof x->layout.kinds / sizeof *x->layout.kinds; i++)
        if (x->layout.kinds[i] != y->layout.kinds[i])
            return x->layout.kinds[i] < y->layout.kinds[i] ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static inline uint64_t mix(uint64_t a, uint64_t b)
{
    unsigned __int128 m =
        (unsigned __int128)(a ^ UINT64_C(0x9e3779b97f4a7c15)) * (b ^ UINT64_C(0xd6e8feb86659fd93));
    return (uint64_t)m ^ (uint64_t)(m >> 64);
}

static inline size_t layout_slot(const struct p0f *p, const struct p0f_layout *l)
{
    uint64_t h = mix(l->kinds[0] ^ l->kinds[2], l->kinds[1] ^ l->tail << 40);
    return (size_t)(h * UINT64_C(0xff51afd7ed558ccd) >> p->group_shift);
}

/* The group of a layout, or the free slot where it would stand. */
static inline size_t find_group(const struct p0f *p, const struct p0f_layout *l)
{
    size_t mask = ((size_t)1 << (64 - p->group_shift)) - 1, i = layout_slot(p, l);
    while (p->groups[i].n && !p0f_layout_same(&p->groups[i].layout, l))
        i = (i + 1) & mask;
    return i;
}

static int make_groups(struct p0f *p)
{
    struct p0f_file *f = &p->file;
    size_t groups = 0;
    if (f->n_sigs)
        qsort(f->sigs, f->n_sigs, sizeof *f->sigs, by_layout);
    for (size_t i = 0; i < f->n_sigs; i++)
        groups += !i || !p0f_layout_same(&f->sigs[i].layout, &f->sigs[i - 1].layout);
    unsigned bits = 4;
    while ((size_t)1 << bits < groups * 4)
        bits++;
    p->group_shift = 64 - bits;
    p->groups = calloc((size_t)1 << bits, sizeof *p->groups);
    if (!p->groups)
        return -ENOMEM;
    for (size_t i = 0; i < f->n_sigs; i++) {
        struct group *g = &p->groups[find_group(p, &f->sigs[i].layout)];
        if (!g->n)
            *g = (struct group){ .layout = f->sigs[i].layout, .first = (uint32_t)i };
        g->n++;
    }
    static const struct p0f_layout none;
    p->bare = p->groups[find_group(p, &none)].n > 0;
    return 0;
}

static void add_frame(struct frames *to, const struct p0f_frame *f)
{
    unsigned at = to->n;
    while (at > 0 && to->list[at - 1].weight < f->weight)
        at--;
    if (at == FRAMES)
        return;
    if (to->n < FRAMES)
        to->n++;
    memmove(to->list + at + 1, to->list + at, (to->n - 1 - at) * sizeof *f);
    to->list[at] = *f;
}

static void make_frames(struct p0f *p)
{
    size_t slots = (size_t)1 << (64 - p->group_shift);
    for (size_t i = 0; i < slots; i++) {
        struct p0f_frame f;
        if (!p->groups[i].n || !p0f_frame_make(&f, &p->groups[i].layout))
            continue;
        f.group = (uint32_t)i;
        f.weight = p->groups[i].n;
        add_frame(&p->frames[f.length / 4], &f);
    }
}

/* TTLs that every signature treats alike become one: a system at many distances is one shape. */
static void make_ttl_classes(struct p0f *p)
{
    bool starts[257] = { true };
    for (size_t i = 0; i < p->file.n_sigs; i++) {
        const struct p0f_sig *sig = &p->file.sigs[i];
        starts[sig->ttl + 1] = true;
        if (!sig->ttl_random && sig->ttl > MAX_DISTANCE)
            starts[sig->ttl - MAX_DISTANCE] = true;
    }
    for (unsigned ttl = 0, least = 0; ttl < 256; ttl++) {
        least = starts[ttl] ? ttl : least;
        p->ttl_class[ttl] = (uint8_t)least;
    }
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void count_left_out(struct p0f *p)
{
    struct p0f_file *f = &p->file;
    if (f->n_left_out)
        qsort(f->left_out, f->n_left_out, sizeof *f->left_out, by_text);
    for (size_t i = 0; i < f->n_left_out; i++)
        p->n_left_out += !i || strcmp(f->left_out[i], f->left_out[i - 1]) != 0;
}

int p0f_load(struct p0f **ret, const char *text, size_t n, unsigned *ret_line)
{
    struct p0f *p = calloc(1, sizeof *p);
    *ret_line = 0;
    if (!p)
        return -ENOMEM;
    int e = p0f_file_read(&p->file, text, n, ret_line);
    if (!e)
        e = make_groups(p);
    if (e) {
        p0f_free(p);
        return e;
    }
    make_frames(p);
    make_ttl_classes(p);
    count_left_out(p);
    *ret = p;
    return 0;
}

void p0f_free(struct p0f *p)
{
    if (!p)
        return;
    p0f_file_release(&p->file);
    free(p->groups);
    free(p);
}

size_t p0f_labels(const struct p0f *p)
{
    return p->file.n_labels;
}

const char *p0f_label(const struct p0f *p, unsigned number)
{
    assert(number >= 1 && number <= p->file.n_labels);
    return p->file.labels[number - 1];
}

size_t p0f_left_out(const struct p0f *p)
{
    return p->n_left_out;
}

/* ---- matching ---- */

struct window {
    enum p0f_window type;
    unsigned multiplier;
};

static bool window_fits(const struct p0f_sig *sig, uint16_t window, const struct window *made)
{
    switch ((enum p0f_window)sig->window_type) {
    case P0F_WINDOW_ANY:
        return true;
    case P0F_WINDOW_IS:
        return window == sig->window;
    case P0F_WINDOW_DIVIDES:
        return window % sig->window == 0;
    case P0F_WINDOW_MSS:
    case P0F_WINDOW_MTU:
        return made->type == sig->window_type && made->multiplier == sig->window;
    }
    return false;
}

enum fit { FIT_NOT, FIT_FUZZY, FIT_EXACT };

/* df and id+ may be gone, id- and ecn may have come: what routers and scrubbers do to a SYN. */
static enum fit quirks_fit(uint32_t want, uint32_t have)
{
    uint32_t gone = want & ~have, come = have & ~want;
    if (!(gone | come))
        return FIT_EXACT;
    if (gone & ~(uint32_t)(P0F_DF | P0F_ID_SET) || come & ~(uint32_t)(P0F_ID_ZERO | P0F_ECN))
        return FIT_NOT;
    return FIT_FUZZY;
}

static enum fit ttl_fit(const struct p0f_sig *sig, uint8_t ttl)
{
    if (sig->ttl_random)
        return ttl <= sig->ttl ? FIT_EXACT : FIT_NOT;
    return ttl <= sig->ttl && sig->ttl - ttl <= MAX_DISTANCE ? FIT_EXACT : FIT_FUZZY;
}

static enum fit sig_fit(const struct p0f_sig *sig, const struct p0f_shape *s,
                        const struct window *w)
{
    if (sig->version && (sig->version == 6) != s->v6)
        return FIT_NOT;
    if (sig->olen != s->olen || (sig->mss != P0F_ANY && sig->mss != s->mss) ||
        (sig->scale != P0F_ANY && sig->scale != s->scale) ||
        (sig->payload != P0F_ANY && sig->payload != s->payload) || !window_fits(sig, s->window, w))
        return FIT_NOT;
    enum fit quirks = quirks_fit(sig->quirks[s->v6], s->quirks), ttl = ttl_fit(sig, s->ttl);
    enum fit fit = quirks < ttl ? quirks : ttl;
    return fit == FIT_FUZZY && sig->tool ? FIT_NOT : fit;
}

/* The first specific signature that fits exactly, else the first generic one that does, else the
 * first that fits fuzzily. */
static unsigned walk(const struct p0f *p, const struct group *g, const struct p0f_shape *s)
{
    const struct p0f_sig *generic = NULL, *fuzzy = NULL;
    struct window made;
    made.type = p0f_shape_window(s, &made.multiplier);
    for (uint32_t i = 0; i < g->n; i++) {
        const struct p0f_sig *sig = &p->file.sigs[g->first + i];
        enum fit fit = sig_fit(sig, s, &made);
        if (fit == FIT_EXACT && !sig->generic)
            return sig->label;
        if (fit == FIT_EXACT && !generic)
            generic = sig;
        if (fit == FIT_FUZZY && !fuzzy)
            fuzzy = sig;
    }
    return generic ? generic->label : fuzzy ? fuzzy->label : 0;
}

/* Most of what scans carries no options; a file without such a signature is done here. */
static inline bool worth_a_look(const struct p0f *p, const struct p0f_syn *syn)
{
    return syn->end - syn->tcp >= 20 && (p->bare || syn->tcp[12] >> 4 != 5);
}

/* The options, and the signatures with their layout; NULL where there are none. */
static inline const struct group *walk_options(const struct p0f *p, const struct p0f_syn *syn,
                                               struct p0f_shape *s)
{
    if (!p0f_shape_options(s, syn))
        return NULL;
    const struct group *g = &p->groups[find_group(p, &s->layout)];
    return g->n ? g : NULL;
}

/* The same by a frame, where one fits. */
static inline const struct group *frame_options(const struct p0f *p, const struct p0f_syn *syn,
                                                struct p0f_shape *s)
{
    unsigned words = syn->tcp[12] >> 4;
    if (words > 5 && words * 4 <= syn->end - syn->tcp) {
        const struct frames *f = &p->frames[words - 5];
        const struct p0f_frame *found = p0f_shape_frame(s, syn, f->list, f->n);
        if (found)
            return &p->groups[found->group];
    }
    return walk_options(p, syn, s);
}

static inline struct key make_key(const struct p0f *p, const struct group *g,
                                  const struct p0f_shape *s)
{
    return (struct key){
        .a = (uint64_t)(g - p->groups) << 32 | (uint64_t)s->window << 16 | s->mss,
        .b = KEY_USED | s->quirks | (uint64_t)s->scale << 20 | (uint64_t)s->ttl << 28 |
             (uint64_t)s->olen << 36 | (uint64_t)s->tcp_length << 44 | (uint64_t)s->v6 << 52 |
             (uint64_t)s->payload << 53 | (uint64_t)s->own_time << 54,
    };
}

unsigned p0f_match_uncached(const struct p0f *p, const struct p0f_syn *syn)
{
    struct p0f_shape s;
    const struct group *g = worth_a_look(p, syn) ? walk_options(p, syn, &s) : NULL;
    return g && p0f_shape_headers(&s, syn) ? walk(p, g, &s) : 0;
}

unsigned p0f_match(struct p0f *p, const struct p0f_syn *syn)
{
    struct p0f_shape s;
    const struct group *g = worth_a_look(p, syn) ? frame_options(p, syn, &s) : NULL;
    if (!g || !p0f_shape_headers(&s, syn))
        return 0;
    s.ttl = p->ttl_class[s.ttl];
    struct key key = make_key(p, g, &s);
    struct key *cached = &p->cache[mix(key.a, key.b) >> (64 - CACHE_BITS)];
    if (cached->a != key.a || (cached->b & KEY_MASK) != key.b) {
        *cached = key;
        cached->b |= (uint64_t)walk(p, g, &s) << KEY_LABEL;
    }
    return (unsigned)(cached->b >> KEY_LABEL);
}
