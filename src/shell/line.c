#include "shell/line.h"

#include <string.h>

enum {
    INTERRUPT = 3,
    HANDS = 4,
    REPRINT = 18,
    START = 17,
    STOP = 19,
    KILL = 21,
    LITERAL = 22,
    WORD = 23,
    SUSPEND = 26,
    QUIT = 28,
    ERASE = 127
};

static bool is_control(uint8_t c)
{
    return c < 32 || c == 127;
}

static uint8_t at(const struct line *l, uint16_t i)
{
    return i < l->room ? (uint8_t)l->text[i] : 'x';
}

/* Says it as the terminal does, which counts columns to know where tabs lead. */
static void say(struct line *l, struct buf *out, const char *s)
{
    if (!l->echo)
        return;
    buf_put(out, s, strlen(s));
    for (; *s; s++) {
        if (*s == '\r')
            l->column = 0;
        else if (*s == '\b' && l->column)
            l->column--;
        else if (!is_control((uint8_t)*s))
            l->column++;
    }
}

static void echo_tab(struct line *l, struct buf *out)
{
    static const char blanks[] = "        ";
    unsigned n = 8 - (l->column & 7u);
    if (l->spaces || !l->echo) {
        say(l, out, blanks + 8 - n);
        return;
    }
    buf_u8(out, '\t');
    l->column = (uint16_t)(l->column + n);
}

static void echo(struct line *l, uint8_t c, struct buf *out)
{
    const char caret[] = { '^', (char)(c ^ 0100), '\0' }, plain[] = { (char)c, '\0' };
    if (c == '\t')
        echo_tab(l, out);
    else
        say(l, out, is_control(c) ? caret : plain);
}

static void add(struct line *l, uint8_t c, struct buf *out)
{
    if (l->n == l->handed)
        l->begin = l->column & 7;
    echo(l, c, out);
    if (l->n >= LINE_MOST)
        return;
    if (l->n < l->room)
        l->text[l->n] = (char)c;
    l->n++;
}

/* Columns of what stands before the end of the line, back to a tab or to where the line begins. */
static unsigned columns(const struct line *l)
{
    unsigned n = 0;
    for (uint16_t i = l->n; i-- > l->handed;) {
        if (at(l, i) == '\t')
            return n;
        n += is_control(at(l, i)) ? 2 : 1;
    }
    return n + l->begin;
}

static void erase(struct line *l, struct buf *out)
{
    uint8_t c = at(l, --l->n);
    if (c == '\t')
        say(l, out, &"\b\b\b\b\b\b\b\b"[columns(l) & 7]);
    else
        say(l, out, is_control(c) ? "\b \b\b \b" : "\b \b");
}

/* The kernel's letters and digits are those of Latin-1. */
static bool in_word(uint8_t c)
{
    return (c >= 0xc0 && c != 0xd7 && c != 0xf7) || (c >= '0' && c <= '9') ||
           ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_';
}

static void erase_word(struct line *l, struct buf *out)
{
    for (bool seen = false; l->n > l->handed; erase(l, out)) {
        bool word = in_word(at(l, l->n - 1));
        if (seen && !word)
            return;
        seen = seen || word;
    }
}

static void reprint(struct line *l, struct buf *out)
{
    say(l, out, "^R\r\n");
    l->begin = 0;
    for (uint16_t i = l->handed; i < line_kept(l); i++)
        echo(l, at(l, i), out);
}

/* What a signal leaves of the line. */
static enum line_event signalled(struct line *l, uint8_t c, enum line_event event, struct buf *out)
{
    if (out->len > l->since) {
        out->len = l->since;
        l->column = l->column_since;
    }
    echo(l, c, out);
    l->n = l->handed = 0;
    return event;
}

static enum line_event hand(struct line *l)
{
    bool nothing = l->n == l->handed;
    l->handed = l->n;
    return nothing ? LINE_END : LINE_MORE;
}

enum line_event line_byte(struct line *l, uint8_t c, struct buf *out)
{
    if (l->literal) {
        l->literal = false;
        add(l, c, out);
        return LINE_MORE;
    }
    switch (c) {
    case '\r':
    case '\n':
        say(l, out, "\r\n");
        return LINE_DONE;
    case INTERRUPT:
        return signalled(l, c, LINE_INTERRUPT, out);
    case QUIT:
        return signalled(l, c, LINE_QUIT, out);
    case SUSPEND: /* who reads passwords is not stopped by it, but the line is gone */
        return signalled(l, c, LINE_MORE, out);
    case HANDS:
        return hand(l);
    case START:
    case STOP:
        return LINE_MORE;
    case ERASE:
        if (l->n > l->handed)
            erase(l, out);
        return LINE_MORE;
    case KILL:
        while (l->n > l->handed)
            erase(l, out);
        return LINE_MORE;
    case WORD:
        erase_word(l, out);
        return LINE_MORE;
    case REPRINT:
        reprint(l, out);
        return LINE_MORE;
    case LITERAL:
        l->literal = true;
        say(l, out, "^\b");
        return LINE_MORE;
    default:
        add(l, c, out);
        return LINE_MORE;
    }
}
