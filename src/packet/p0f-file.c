#include "packet/p0f-internal.h"

#include <stdlib.h>
#include <string.h>

/* ---- spans of text ---- */

struct span {
    const char *p, *end;
};

static bool span_empty(struct span s)
{
    return s.p == s.end;
}
static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}
static struct span span_trim(struct span s)
{
    while (!span_empty(s) && is_blank(*s.p))
        s.p++;
    while (!span_empty(s) && is_blank(s.end[-1]))
        s.end--;
    return s;
}
static bool span_is(struct span s, const char *word)
{
    size_t n = strlen(word);
    return (size_t)(s.end - s.p) == n && !memcmp(s.p, word, n);
}
static bool span_same(struct span a, struct span b)
{
    return a.end - a.p == b.end - b.p && !memcmp(a.p, b.p, (size_t)(a.end - a.p));
}
static bool span_skip(struct span *s, const char *start)
{
    size_t n = strlen(start);
    if ((size_t)(s->end - s->p) < n || memcmp(s->p, start, n) != 0)
        return false;
    s->p += n;
    return true;
}
/* What stands before `mark`, which is taken too; all of it where there is no mark. */
static struct span span_cut(struct span *s, char mark)
{
    const char *at = span_empty(*s) ? NULL : memchr(s->p, mark, (size_t)(s->end - s->p));
    struct span piece = { s->p, at ? at : s->end };
    s->p = at ? at + 1 : s->end;
    return piece;
}
/* A decimal number that is the whole span. */
static bool span_number(struct span s, unsigned least, unsigned most, unsigned *ret)
{
    unsigned v = 0;
    if (span_empty(s))
        return false;
    for (; !span_empty(s); s.p++) {
        if (*s.p < '0' || *s.p > '9')
            return false;
        v = v * 10 + (unsigned)(*s.p - '0');
        if (v > most)
            return false;
    }
    *ret = v;
    return v >= least;
}

/* Room for one more element. */
static int grow(void **array, size_t *cap, size_t n, size_t size)
{
    if (n < *cap)
        return 0;
    size_t more = *cap ? *cap * 2 : 64;
    void *bigger = reallocarray(*array, more, size);
    if (!bigger)
        return -ENOMEM;
    *array = bigger;
    *cap = more;
    return 0;
}

/* ---- the fields of a signature: true where well-formed ---- */

static bool read_version(struct span s, struct p0f_sig *sig)
{
    sig->version = span_is(s, "4") ? 4 : span_is(s, "6") ? 6 : 0;
    return sig->version || span_is(s, "*");
}

/* "64"; "64-", a tool's random TTL below 64; "54+10", seen 10 hops away. */
static bool read_ttl(struct span s, struct p0f_sig *sig)
{
    unsigned ttl = 0, distance = 0;
    if (!span_empty(s) && s.end[-1] == '-') {
        sig->ttl_random = true;
        s.end--;
    } else if (!span_empty(s) && memchr(s.p, '+', (size_t)(s.end - s.p))) {
        struct span seen = span_cut(&s, '+');
        if (!span_number(s, 0, UINT8_MAX, &distance))
            return false;
        s = seen;
    }
    if (!span_number(s, 0, UINT8_MAX, &ttl) || ttl + distance < 1 || ttl + distance > UINT8_MAX)
        return false;
    sig->ttl = (uint8_t)(ttl + distance);
    return true;
}

static bool read_olen(struct span s, struct p0f_sig *sig)
{
    unsigned v;
    if (!span_number(s, 0, UINT8_MAX, &v))
        return false;
    sig->olen = (uint8_t)v;
    return true;
}

static bool read_mss(struct span s, struct p0f_sig *sig)
{
    unsigned v;
    sig->mss = P0F_ANY;
    if (span_is(s, "*"))
        return true;
    if (!span_number(s, 0, UINT16_MAX, &v))
        return false;
    sig->mss = (int32_t)v;
    return true;
}

static bool read_window_size(struct span s, struct p0f_sig *sig)
{
    static const struct {
        const char *start;
        unsigned least, most;
        enum p0f_window type;
    } forms[] = {
        { "mss*", 1, 1000, P0F_WINDOW_MSS },
        { "mtu*", 1, 1000, P0F_WINDOW_MTU },
        { "%", 2, UINT16_MAX, P0F_WINDOW_DIVIDES },
        { "", 0, UINT16_MAX, P0F_WINDOW_IS },
    };
    unsigned v;
    if (span_is(s, "*"))
        return true; /* P0F_WINDOW_ANY */
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (!span_skip(&s, forms[i].start))
            continue;
        if (!span_number(s, forms[i].least, forms[i].most, &v))
            return false;
        sig->window_type = (uint8_t)forms[i].type;
        sig->window = (uint16_t)v;
        return true;
    }
    return false;
}

static bool read_window(struct span s, struct p0f_sig *sig)
{
    unsigned v;
    if (!read_window_size(span_cut(&s, ','), sig))
        return false;
    sig->scale = P0F_ANY;
    if (span_is(s, "*"))
        return true;
    if (!span_number(s, 0, UINT8_MAX, &v))
        return false;
    sig->scale = (int16_t)v;
    return true;
}

/* One option's kind; for an end-of-options also the bytes that follow it. */
static bool read_option(struct span s, unsigned *ret_kind, unsigned *ret_padding)
{
    static const struct {
        const char *name;
        unsigned kind;
    } names[] = {
        { "nop", 1 }, { "mss", 2 }, { "ws", 3 }, { "sok", 4 }, { "sack", 5 }, { "ts", 8 },
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (span_is(s, names[i].name)) {
            *ret_kind = names[i].kind;
            return true;
        }
    if (span_skip(&s, "?"))
        return span_number(s, 1, UINT8_MAX, ret_kind);
    *ret_kind = 0;
    return span_skip(&s, "eol+") && span_number(s, 0, UINT8_MAX, ret_padding);
}

static bool read_layout(struct span s, struct p0f_sig *sig)
{
    unsigned n = 0, kind = 1, padding = 0;
    while (!span_empty(s)) {
        bool after_end = kind == 0;
        if (after_end || n == P0F_OPTIONS || !read_option(span_cut(&s, ','), &kind, &padding))
            return false;
        sig->layout.kinds[n / 8] |= (uint64_t)kind << n % 8 * 8;
        n++;
    }
    sig->layout.tail = p0f_layout_tail(n, padding);
    return true;
}

static const struct {
    const char *name;
    uint32_t bit;
} quirk_names[] = {
    { "df", P0F_DF },
    { "id+", P0F_ID_SET },
    { "id-", P0F_ID_ZERO },
    { "ecn", P0F_ECN },
    { "0+", P0F_MUST_BE_ZERO },
    { "flow", P0F_FLOW },
    { "seq-", P0F_SEQ_ZERO },
    { "ack+", P0F_ACK_SET },
    { "ack-", P0F_ACK_ZERO },
    { "uptr+", P0F_URGENT_POINTER },
    { "urgf+", P0F_URGENT_FLAG },
    { "pushf+", P0F_PUSH_FLAG },
    { "ts1-", P0F_OWN_TIME_ZERO },
    { "ts2+", P0F_PEER_TIME_SET },
    { "opt+", P0F_TRAILING },
    { "exws", P0F_SCALE_EXCESS },
    { "bad", P0F_BAD },
};

static uint32_t read_quirk(struct span s)
{
    for (size_t i = 0; i < sizeof quirk_names / sizeof *quirk_names; i++)
        if (span_is(s, quirk_names[i].name))
            return quirk_names[i].bit;
    return 0;
}

static bool read_quirks(struct span s, struct p0f_sig *sig)
{
    uint32_t all = 0;
    while (!span_empty(s)) {
        uint32_t bit = read_quirk(span_cut(&s, ','));
        if (!bit)
            return false;
        all |= bit;
    }
    /* In a signature for both versions, what only one of them has is not asked of the other; in a
     * signature for one version it is a mistake. */
    if ((sig->version == 4 && all & P0F_V6_QUIRKS) || (sig->version == 6 && all & P0F_V4_QUIRKS))
        return false;
    sig->quirks[0] = all & ~(uint32_t)P0F_V6_QUIRKS;
    sig->quirks[1] = all & ~(uint32_t)P0F_V4_QUIRKS;
    return true;
}

static bool read_payload(struct span s, struct p0f_sig *sig)
{
    sig->payload = (int8_t)(span_is(s, "0") ? 0 : span_is(s, "+") ? 1 : P0F_ANY);
    return sig->payload != P0F_ANY || span_is(s, "*");
}

/* ver:ittl:olen:mss:wsize,scale:olayout:quirks:pclass */
static bool read_sig(struct span s, struct p0f_sig *sig)
{
    static bool (*const fields[])(struct span, struct p0f_sig *) = {
        read_version, read_ttl, read_olen, read_mss, read_window, read_layout, read_quirks,
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (!fields[i](span_cut(&s, ':'), sig))
            return false;
    return read_payload(s, sig);
}

/* ---- the lines of a file ---- */

struct parser {
    struct p0f_file *f;
    struct span classes; /* the list after "classes =" */
    bool any_section, tcp_request, have_label;
    struct p0f_sig label; /* what the label line says of the signatures under it */
};

static bool known_class(const struct parser *ps, struct span class)
{
    struct span list = ps->classes;
    while (!span_empty(list))
        if (span_same(span_trim(span_cut(&list, ',')), class))
            return true;
    return false;
}

/* Printable ASCII: labels go to terminals, tables and JSON as they are. */
static bool printable(struct span s)
{
    for (; !span_empty(s); s.p++)
        if (*s.p < 0x20 || *s.p > 0x7e)
            return false;
    return true;
}

/* Numbers a label's text, new or known; 0 where it is left out. Takes ownership of text. */
static int number_label(struct p0f_file *f, char *text, uint8_t *ret)
{
    for (size_t i = 0; i < f->n_labels; i++)
        if (!strcmp(f->labels[i], text)) {
            free(text);
            *ret = (uint8_t)(i + 1);
            return 0;
        }
    if (f->n_labels < P0F_LABELS) {
        f->labels[f->n_labels++] = text;
        *ret = (uint8_t)f->n_labels;
        return 0;
    }
    int e = grow((void **)&f->left_out, &f->cap_left_out, f->n_left_out, sizeof *f->left_out);
    if (e) {
        free(text);
        return e;
    }
    f->left_out[f->n_left_out++] = text;
    *ret = 0;
    return 0;
}

/* type:class:name:flavor */
static int label_line(struct parser *ps, struct span s)
{
    struct span type = span_cut(&s, ':'), class = span_cut(&s, ':');
    bool flavoured = memchr(s.p, ':', (size_t)(s.end - s.p)) != NULL;
    struct span name = span_cut(&s, ':'), flavour = s;
    ps->label = (struct p0f_sig){ .generic = span_is(type, "g"), .tool = span_is(class, "!") };
    if (!ps->label.generic && !span_is(type, "s"))
        return 1;
    if (!ps->label.tool && !known_class(ps, class))
        return 1;
    if (span_empty(name) || !flavoured || !printable(name) || !printable(flavour))
        return 1;
    size_t n = (size_t)(name.end - name.p), m = (size_t)(flavour.end - flavour.p);
    if (n > P0F_LABEL_LENGTH || m > P0F_LABEL_LENGTH || n + m + 1 > P0F_LABEL_LENGTH)
        return 1;
    char *text = malloc(n + m + 2);
    if (!text)
        return -ENOMEM;
    memcpy(text, name.p, n);
    text[n] = ' ';
    memcpy(text + n + 1, flavour.p, m);
    text[m ? n + 1 + m : n] = '\0';
    ps->have_label = true;
    return number_label(ps->f, text, &ps->label.label);
}

static int sig_line(struct parser *ps, struct span s)
{
    struct p0f_file *f = ps->f;
    struct p0f_sig sig = ps->label;
    if (!ps->have_label || f->n_sigs == UINT32_MAX || !read_sig(s, &sig))
        return 1;
    TRY(grow((void **)&f->sigs, &f->cap_sigs, f->n_sigs, sizeof *f->sigs));
    sig.order = (uint32_t)f->n_sigs;
    f->sigs[f->n_sigs++] = sig;
    return 0;
}

static int section_line(struct parser *ps, struct span s)
{
    if (s.end[-1] != ']')
        return 1;
    ps->any_section = true;
    ps->tcp_request = span_is(s, "[tcp:request]");
    ps->have_label = false;
    return 0;
}

static int setting_line(struct parser *ps, struct span s)
{
    if (span_empty(s) || !memchr(s.p, '=', (size_t)(s.end - s.p)))
        return 1;
    struct span key = span_trim(span_cut(&s, '=')), value = span_trim(s);
    if (!ps->any_section) {
        ps->classes = value;
        return !span_is(key, "classes");
    }
    if (span_is(key, "label"))
        return label_line(ps, value);
    if (span_is(key, "sig"))
        return sig_line(ps, value);
    return !(span_is(key, "sys") && ps->have_label);
}

static int line(struct parser *ps, struct span s)
{
    s = span_trim(s);
    if (span_empty(s) || *s.p == ';')
        return 0;
    if (*s.p == '[')
        return section_line(ps, s);
    if (ps->any_section && !ps->tcp_request)
        return 0;
    return setting_line(ps, s);
}

int p0f_file_read(struct p0f_file *f, const char *text, size_t n, unsigned *ret_line)
{
    if (!n)
        text = "";
    struct parser ps = { .f = f, .classes = { text, text } };
    struct span left = { text, text + n };
    unsigned number = 1;
    for (; !span_empty(left); number++) {
        int e = line(&ps, span_cut(&left, '\n'));
        TRY(e);
        if (e > 0) {
            *ret_line = number;
            return e;
        }
    }
    *ret_line = ps.any_section ? 0 : number;
    return !ps.any_section;
}

void p0f_file_release(struct p0f_file *f)
{
    for (size_t i = 0; i < f->n_labels; i++)
        free(f->labels[i]);
    for (size_t i = 0; i < f->n_left_out; i++)
        free(f->left_out[i]);
    free(f->left_out);
    free(f->sigs);
    *f = (struct p0f_file){ 0 };
}
