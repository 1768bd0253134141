/* Regular expressions of a running program, and what is replaced by them. */
#include "shell/awk/run.h"

#include <string.h>

enum { CACHE_TRIES = 4, STEPS_A_MAKING = 32, WORK_A_STEP = 4 };

static bool any_case(struct awk *a)
{
    return value_num(&a->globals[V_IGNORECASE].value) != 0;
}

static uint32_t slot_of(const struct awk_str *s)
{
    uint32_t h = 2166136261;
    for (size_t i = 0; i < s->len; i++)
        h = (h ^ (unsigned char)s->data[i]) * 16777619;
    return h;
}

static bool is_cached(const struct awk_cached *c, const struct awk_str *s, bool icase, bool strict)
{
    return c->text && c->any_case == icase && c->strict == strict && c->text->len == s->len &&
           memcmp(c->text->data, s->data, s->len) == 0;
}

/* What is no extended expression is taken for a basic one, where it need not be one. */
static struct regex *make(struct awk *a, const struct awk_str *s, bool strict)
{
    unsigned flags = any_case(a) ? REGEX_ICASE : 0;
    const char *why;
    struct regex *r = regex_make(a->m, s->data, s->len, flags | REGEX_EXTENDED, &why);
    if (!r && !strict)
        r = regex_make(a->m, s->data, s->len, flags, &why);
    if (!r)
        proc_die(a->p, "bad regex '%s': %s", s->data, why);
    a->steps -= (int64_t)s->len + STEPS_A_MAKING;
    return r;
}

struct awk_cached *awk_regex_cached(struct awk *a, const struct awk_str *s, bool strict)
{
    bool icase = any_case(a);
    uint32_t slot = slot_of(s);
    struct awk_cached *free = NULL;
    for (uint32_t i = 0; i < CACHE_TRIES; i++) {
        struct awk_cached *c = &a->cache[(slot + i) % REGEX_CACHED];
        if (is_cached(c, s, icase, strict))
            return c;
        if (!c->pins && (!free || !c->text))
            free = c;
    }
    struct regex *r = make(a, s, strict);
    if (free->text) {
        str_drop(&a->pool, free->text);
        regex_free(a->m, free->regex);
    }
    *free = (struct awk_cached){ .text = awk_str_make(&a->pool, s->data, s->len),
                                 .regex = r,
                                 .any_case = icase,
                                 .strict = strict };
    return free;
}

struct regex *awk_regex_program(struct awk *a, uint32_t i)
{
    struct awk_regex *r = &a->program.regexes[i];
    if (!any_case(a))
        return r->as_is;
    const char *why;
    if (!r->any_case)
        r->any_case = regex_make(a->m, r->text, r->n, REGEX_EXTENDED | REGEX_ICASE, &why);
    return r->any_case ? r->any_case : r->as_is;
}

struct regex *awk_regex_of(struct awk *a, const struct awk_value *v)
{
    if (v->kind == AWK_REGEX)
        return awk_regex_program(a, v->origin);
    struct awk_str *s = awk_str_of(a, v);
    struct regex *r = awk_regex_cached(a, s, false)->regex;
    str_drop(&a->pool, s);
    return r;
}

bool awk_regex_find(struct awk *a, struct regex *r, const char *s, size_t n, bool not_first,
                    struct regex_span *spans)
{
    uint64_t work = 0;
    bool found = regex_search(r, a->m, s, n, 0, not_first, spans, &work) == REGEX_MATCH;
    a->steps -= 1 + (int64_t)(work / WORK_A_STEP);
    return found;
}

/* What stands for the match in a replacement: & and \N, and backslashes before them, of which two
 * are one. `groups`: numbers are looked at. */
static void put_replacement(struct text *to, const struct awk_str *with, const char *s,
                            const struct regex_span *spans, bool groups)
{
    const char *p = with->data, *end = p + with->len;
    while (p < end) {
        size_t run = 0;
        while (p + run < end && p[run] == '\\')
            run++;
        const char *c = p + run;
        bool digit = groups && run > 0 && c < end && *c >= '0' && *c <= '9';
        if (c == end || !(*c == '&' || digit)) {
            size_t plain = run + (c < end);
            text_add(to, p, plain);
            p += plain;
            continue;
        }
        text_add(to, p, run / 2);
        bool special = *c == '&' ? run % 2 == 0 : run % 2 == 1;
        const struct regex_span *span = &spans[*c == '&' ? 0 : *c - '0'];
        if (!special)
            text_char_add(to, *c);
        else if (span->start >= 0)
            text_add(to, s + span->start, (size_t)(span->end - span->start));
        p = c + 1;
    }
}

/* One match after the other, each looked for in what is left as if it were a text of its own. */
bool awk_substitute(struct awk *a, struct regex *r, const struct awk_str *with,
                    const struct awk_str *text, size_t which, bool groups)
{
    struct awk_job *j = &a->job;
    struct regex_span spans[REGEX_GROUPS];
    if (!j->active)
        *j = (struct awk_job){ .active = true, .out = text_of(a->m) };
    while (j->at <= text->len) {
        const char *s = text->data + j->at;
        size_t n = text->len - j->at;
        if (a->steps <= 0)
            return false;
        if (!awk_regex_find(a, r, s, n, j->at > 0, spans))
            break;
        size_t start = (size_t)spans[0].start, end = (size_t)spans[0].end;
        j->count++;
        text_add(&j->out, s, start);
        if (which == 0 || j->count == which)
            put_replacement(&j->out, with, s, spans, groups);
        else
            text_add(&j->out, s + start, end - start);
        j->at += end;
        if (end == start) {
            if (j->at < text->len)
                text_char_add(&j->out, text->data[j->at]);
            j->at++;
        }
        if (j->count == which)
            break;
    }
    if (j->at < text->len)
        text_add(&j->out, text->data + j->at, text->len - j->at);
    a->steps -= (int64_t)(text->len / 16);
    j->active = false;
    return true;
}
