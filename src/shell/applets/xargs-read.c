#include "shell/applets/xargs.h"

#include <string.h>

/* false: there is nothing yet. */
static bool fill(struct proc *p, struct xargs_reader *r)
{
    int64_t n = proc_read(p, r->fd, r->buffer, sizeof r->buffer);
    if (n == -EAGAIN)
        return false;
    r->ended = n <= 0;
    r->n = n > 0 ? (size_t)n : 0;
    r->at = 0;
    return true;
}

static bool is_blank(char c)
{
    return c && strchr(" \t\n\v\f\r", c);
}

/* One character of words that quotes and backslashes keep together; true: it ended one. */
static bool take_quoted(struct xargs_reader *r, char c)
{
    if (r->escaped) {
        r->escaped = false;
    } else if (r->quote) {
        if (c == r->quote) {
            r->quote = '\0';
            return false;
        }
    } else if (c == '\\') {
        r->escaped = true;
        return false;
    } else if (c == '\'' || c == '"') {
        r->quote = c;
        return false;
    } else if (is_blank(c)) {
        return r->word.len;
    }
    text_char_add(&r->word, c);
    return false;
}

static bool take_line(struct xargs_reader *r, char c)
{
    if (c == (r->nul_ends ? '\0' : '\n'))
        return r->word.len || r->nul_ends;
    if (r->nul_ends || r->word.len || !is_blank(c))
        text_char_add(&r->word, c);
    return false;
}

static enum xargs_read at_end(struct proc *p, struct xargs_reader *r)
{
    if (r->quote)
        proc_die(p, "unmatched %s quote", r->quote == '\'' ? "single" : "double");
    return r->word.len ? XARGS_WORD : XARGS_END;
}

static enum xargs_read next(struct proc *p, struct xargs_reader *r)
{
    for (;;) {
        if (r->ended)
            return at_end(p, r);
        if (r->at == r->n && !fill(p, r))
            return XARGS_WAIT;
        while (r->at < r->n) {
            char c = r->buffer[r->at++];
            if (r->lines || r->nul_ends ? take_line(r, c) : take_quoted(r, c))
                return XARGS_WORD;
        }
    }
}

enum xargs_read xargs_read(struct proc *p, struct xargs_reader *r)
{
    /* An unfinished one goes on where it was. */
    enum xargs_read got = next(p, r);
    if (got == XARGS_WORD && !r->lines && r->last && r->word.data &&
        !strcmp(r->word.data, r->last)) {
        r->ended = true;
        r->word.len = 0;
        return XARGS_END;
    }
    return got;
}
