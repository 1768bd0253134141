#include "shell/applets/sed.h"

#include <string.h>

enum { MATCHES_A_STEP = 64 };

/* An empty expression is the one that was used last. */
bool sed_matches(struct proc *p, struct sed *s, struct regex *r, const char *text, size_t n,
                 bool not_bol, struct regex_span *spans)
{
    uint64_t work = 0;
    if (r) {
        s->last_regex = r;
    } else if (!s->last_regex) {
        sed_give_up(p, s);
        proc_die(p, "no previous regexp");
    }
    enum regex_verdict verdict =
        regex_search(s->last_regex, proc_memory(p), text, n, 0, not_bol, spans, &work);
    proc_charge(p, work);
    s->spent += work;
    return verdict == REGEX_MATCH;
}

static void put_span(struct text *to, const char *text, struct regex_span span)
{
    if (span.start >= 0)
        text_add(to, text + span.start, (size_t)(span.end - span.start));
}

/* & and \0 are the whole match, \1 to \9 its groups; another character behind a backslash is
 * itself. */
static void put_replacement(struct text *to, const struct sed_command *c, const char *text,
                            const struct regex_span *spans)
{
    for (size_t i = 0; i < c->n; i++) {
        char what = c->text[i];
        if (what == '&') {
            put_span(to, text, spans[0]);
        } else if (what == '\\' && i + 1 < c->n) {
            what = c->text[++i];
            if (what >= '0' && what <= '9')
                put_span(to, text, spans[what - '0']);
            else
                text_char_add(to, what);
        } else {
            text_char_add(to, what);
        }
    }
}

/* A match that is not the one that is asked for is passed over; of an empty one, the byte behind
 * it, too. */
static void pass_over(struct sed_work *w, const char *text, size_t n, struct regex_span whole)
{
    size_t end = (size_t)whole.end;
    if (whole.start == whole.end && end < n)
        end++;
    text_add(&w->made, text, end);
    w->at += end;
}

/* An empty match right behind one that is not empty is none. */
static void replace(struct sed_work *w, const struct sed_command *c, const char *text, size_t n,
                    const struct regex_span *spans)
{
    size_t start = (size_t)spans[0].start, end = (size_t)spans[0].end;
    text_add(&w->made, text, start);
    if (w->after_empty || end > 0) {
        put_replacement(&w->made, c, text, spans);
        w->changed = true;
    }
    w->after_empty = start == end;
    if (w->after_empty && end == n)
        w->tried_end = true;
    else if (w->after_empty)
        text_char_add(&w->made, text[end++]);
    w->at += end;
}

/* One match. Whether there may be more. */
static bool one(struct proc *p, struct sed *s, const struct sed_command *c)
{
    struct regex_span spans[REGEX_GROUPS];
    struct sed_work *w = &s->work;
    const char *text = s->pattern.text.data + w->at;
    size_t n = s->pattern.text.len - w->at;
    if (!sed_matches(p, s, c->regex, text, n, w->count > 0, spans))
        return false;
    w->count++;
    if (c->nth && w->count != c->nth) {
        pass_over(w, text, n, spans[0]);
    } else {
        replace(w, c, text, n, spans);
        if (c->nth)
            return false;
    }
    if (w->at < s->pattern.text.len)
        return true;
    bool tried = w->tried_end;
    w->tried_end = true;
    return !tried;
}

static void finish(struct proc *p, struct sed *s, const struct sed_command *c)
{
    struct sed_work *w = &s->work;
    w->busy = false;
    if (w->changed) {
        text_add(&w->made, s->pattern.text.data + w->at, s->pattern.text.len - w->at);
        struct text had = s->pattern.text;
        s->pattern.text = w->made;
        w->made = had;
        s->substituted = true;
        if (c->prints)
            sed_say(p, &s->out, s->pattern.text.data, s->pattern.text.len, s->pattern.end);
        if (c->file)
            sed_say(p, c->file, s->pattern.text.data, s->pattern.text.len, s->pattern.end);
    }
}

bool sed_subst(struct proc *p, struct sed *s, const struct sed_command *c)
{
    struct sed_work *w = &s->work;
    if (!w->busy) {
        w->busy = w->after_empty = true;
        w->at = w->count = 0;
        w->tried_end = w->changed = false;
        if (!w->made.memory)
            w->made = text_of(proc_memory(p));
        w->made.len = 0;
    }
    for (unsigned times = 0; one(p, s, c); times++)
        if (times >= MATCHES_A_STEP || s->spent > SED_SPENT_MOST)
            return false;
    finish(p, s, c);
    return true;
}
