#include "shell/applets/patch.h"

#include <string.h>

void patch_file_lines(struct proc *p, struct patch_file *f)
{
    size_t room = 0;
    for (size_t at = 0; at < f->n;) {
        if (f->n_lines == room) {
            room = room ? 2 * room : 256;
            f->lines = memory_array(proc_memory(p), f->lines, room, sizeof *f->lines);
        }
        const char *s = f->data + at, *end = memchr(s, '\n', f->n - at);
        size_t n = end ? (size_t)(end - s) : f->n - at;
        f->lines[f->n_lines++] = (struct patch_line){ s, n };
        at += n + 1;
    }
    proc_charge(p, f->n_lines / 16);
}

void patch_hunk_add(struct proc *p, struct patch_hunk *h, const char *s, size_t n)
{
    if (h->n == h->room) {
        h->room = h->room ? 2 * h->room : 16;
        h->lines = memory_array(proc_memory(p), h->lines, h->room, sizeof *h->lines);
    }
    h->lines[h->n++] = (struct patch_line){ memory_bytes(proc_memory(p), s, n), n };
    h->old_left -= *s != '+';
    h->new_left -= *s != '-';
    h->changed |= *s != ' ';
    h->context += !h->changed;
}

void patch_hunk_free(struct proc *p, struct patch_hunk *h)
{
    for (size_t i = 0; i < h->n; i++)
        memory_give(proc_memory(p), (char *)(uintptr_t)h->lines[i].s);
    memory_give(proc_memory(p), h->lines);
    *h = (struct patch_hunk){ 0 };
}

/* Where less context follows than goes before, or none, the file ends behind it. */
void patch_hunk_begin(struct patch_hunk *h, const struct patch_file *f, bool reverse)
{
    int64_t after = 0;
    while (after < (int64_t)h->n && h->lines[h->n - 1 - (size_t)after].s[0] == ' ')
        after++;
    h->at_end = !after || after < h->context;
    h->reverse = reverse;
    h->start = h->seen = f->at;
    h->matched = h->at = 0;
}

static bool alike(const struct patch_line *of_hunk, const struct patch_line *line)
{
    return of_hunk->n == line->n + 1 && !memcmp(of_hunk->s + 1, line->s, line->n);
}

/* Passes over what would be added. Where the line at hand is the same, the hunk may have been put in before: with
 * -N it counts as such, and is looked for as what it would have become; a line that was looked at before is
 * passed over all the same. */
static void pass_added(struct patch_hunk *h, const struct patch_line *line, bool fresh, bool forward,
                       int64_t *turn)
{
    while (h->at < h->n && h->lines[h->at].s[0] == (h->reverse ? '-' : '+')) {
        --*turn;
        if (line && !h->reversed && alike(&h->lines[h->at], line)) {
            h->reversed = true;
            h->ignored = forward;
            h->reverse ^= forward;
            if (forward && fresh)
                continue;
        }
        h->at++;
    }
}

enum patch_found patch_hunk_find(struct patch_hunk *h, const struct patch_file *f, bool forward, int64_t *turn)
{
    /* The reference does not look for what leaves no lines. */
    if (!(h->reverse ? h->old_n : h->new_n)) {
        h->at = 0;
        return PATCH_FOUND;
    }
    while (--*turn > 0) {
        size_t next = h->start + h->matched;
        const struct patch_line *line = next < f->n_lines ? &f->lines[next] : NULL;
        pass_added(h, line, next == h->seen, forward, turn);
        if (!line)
            return h->at == h->n && h->at_end ? PATCH_FOUND : PATCH_FAILED;
        if (next == h->seen)
            h->seen++;
        if (h->at == h->n || !alike(&h->lines[h->at], line)) {
            h->start++;
            h->matched = h->at = 0;
            continue;
        }
        h->matched++;
        if (++h->at == h->n && !h->at_end)
            return PATCH_FOUND;
    }
    return PATCH_GOES;
}

static void keep_lines(struct patch_file *f, size_t end)
{
    for (; f->at < end; f->at++) {
        text_add(&f->out, f->lines[f->at].s, f->lines[f->at].n);
        text_char_add(&f->out, '\n');
    }
}

void patch_hunk_apply(struct patch_hunk *h, struct patch_file *f)
{
    keep_lines(f, h->start);
    char dropped = h->reverse != h->ignored ? '+' : '-';
    for (size_t i = 0; i < h->n; i++) {
        const struct patch_line *l = &h->lines[i];
        if (l->s[0] != dropped) {
            text_add(&f->out, l->s + 1, l->n - 1);
            text_char_add(&f->out, '\n');
        }
    }
    f->at = h->start + h->matched;
}
