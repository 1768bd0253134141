/* less: on a terminal a screen that goes up and down, elsewhere as cat. */
#include "shell/applets/screen.h"
#include "shell/options.h"

#include <fcntl.h>
#include <string.h>

enum { ROWS = SCREEN_ROWS - 1 };

/* Options, as options_bits() numbers the letters of "EFIMmNSR~s". */
enum { QUIT_AT_END = 1, QUIT_IF_ONE = 2, CHOP = 64, NO_TILDES = 256 };

struct line {
    uint32_t start, len;
};

struct state {
    struct plain_pages pages;
    unsigned options;
    bool terminal, loaded;
    int keys;
    const char *name; /* of the file that is shown; NULL: standard input */
    struct text text;
    struct line *lines; /* of the screen */
    size_t n_lines, first;
};

static void start(struct proc *p, int argc, char **argv)
{
    struct state *s = proc_state(p);
    s->options = options_bits(p, argc, argv, "EFIMmNSR~s", &s->pages.files);
    s->terminal = proc_isatty(p, 1);
    if (!s->terminal)
        return;
    if (!*s->pages.files && proc_isatty(p, 0))
        proc_usage(p);
    s->name = *s->pages.files;
    s->keys = proc_open(p, "/dev/tty", O_RDONLY, 0);
    if (s->keys < 0)
        s->keys = 0;
}

static void say_open(struct proc *p, int e, const char *file)
{
    proc_perror(p, e, "can't open '%s'", file);
}

static void add_line(struct proc *p, struct state *s, size_t start, size_t len)
{
    if (!(s->n_lines & (s->n_lines - 1)))
        s->lines = memory_array(proc_memory(p), s->lines, s->n_lines ? s->n_lines * 2 : 1,
                                sizeof *s->lines);
    s->lines[s->n_lines++] = (struct line){ (uint32_t)start, (uint32_t)len };
}

/* The text in rows of the screen; behind an end of line there is one more. */
static void make_lines(struct proc *p, struct state *s)
{
    size_t at = 0;
    for (;;) {
        const char *from = s->text.data + at;
        const char *end = s->text.len > at ? memchr(from, '\n', s->text.len - at) : NULL;
        size_t len = end ? (size_t)(end - from) : s->text.len - at, start = at;
        at += len + 1;
        while (len > SCREEN_COLUMNS) {
            add_line(p, s, start, SCREEN_COLUMNS);
            start += SCREEN_COLUMNS;
            len = s->options & CHOP ? 0 : len - SCREEN_COLUMNS;
        }
        add_line(p, s, start, len);
        if (!end)
            return;
    }
}

static size_t last_first(const struct state *s)
{
    return s->n_lines + 1 > ROWS ? s->n_lines + 1 - ROWS : 0;
}

static void put_status(struct proc *p, struct state *s)
{
    out_print(p, "\033[%d;0H\033[K", SCREEN_ROWS);
    if (s->first == 0 && s->name)
        out_print(p, "\033[7m%s\033[m", s->name);
    else if (s->first >= last_first(s))
        out_text(p, "\033[7m(END)\033[m");
    else
        out_char(p, ':');
    out_flush(p);
}

static void put_screen(struct proc *p, struct state *s)
{
    out_text(p, "\033[0;0H");
    for (size_t i = s->first; i < s->first + ROWS; i++) {
        out_text(p, "\033[K");
        if (i < s->n_lines)
            out_put(p, s->text.data + s->lines[i].start, s->lines[i].len);
        else if (!(s->options & NO_TILDES))
            out_char(p, '~');
        out_char(p, '\n');
    }
    put_status(p, s);
}

static enum applet_next leave(struct proc *p, struct state *s)
{
    out_print(p, "\033[%d;0H\033[K", SCREEN_ROWS);
    proc_done(p, s->pages.status);
    return NEXT_DONE;
}

/* All of it is read before any is shown. */
static enum applet_next load(struct proc *p, struct state *s)
{
    char data[4096];
    int64_t n;
    if (!s->pages.open) {
        s->pages.fd = plain_pages_next(p, &s->pages, say_open);
        s->pages.open = true;
        s->text = text_of(proc_memory(p));
        if (s->pages.fd < 0) {
            proc_done(p, 1);
            return NEXT_DONE;
        }
    }
    while ((n = proc_read(p, s->pages.fd, data, sizeof data)) > 0)
        text_add(&s->text, data, (size_t)n);
    if (n == -EAGAIN) {
        proc_waits_on(p, s->pages.fd);
        return NEXT_INPUT;
    }
    if (n < 0)
        proc_die_errno(p, (int)n, "read error");
    text_add(&s->text, "", 0);
    s->loaded = true;
    make_lines(p, s);
    put_screen(p, s);
    bool one = s->n_lines <= ROWS;
    return one && s->options & (QUIT_IF_ONE | QUIT_AT_END) ? leave(p, s) : NEXT_AGAIN;
}

static void go(struct proc *p, struct state *s, int64_t to)
{
    int64_t last = (int64_t)last_first(s);
    s->first = (size_t)(to < 0 ? 0 : to > last ? last : to);
    put_screen(p, s);
}

static void move(struct proc *p, struct state *s, int key)
{
    int64_t first = (int64_t)s->first;
    switch (key) {
    case ' ':
    case 'f':
    case 'z':
        go(p, s, first + ROWS);
        break;
    case 'b':
    case 'w':
        go(p, s, first - ROWS);
        break;
    case 'd':
        go(p, s, first + ROWS / 2);
        break;
    case 'u':
        go(p, s, first - ROWS / 2);
        break;
    case '\n':
    case '\r':
    case 'e':
    case 'j':
        go(p, s, first + 1);
        break;
    case 'y':
    case 'k':
        go(p, s, first - 1);
        break;
    case 'g':
    case '<':
        go(p, s, 0);
        break;
    case 'G':
    case '>':
        go(p, s, INT64_MAX);
        break;
    default:
        put_status(p, s);
        break;
    }
}

static enum applet_next step(struct proc *p)
{
    struct state *s = proc_state(p);
    if (!s->terminal)
        return plain_pages_step(p, &s->pages);
    if (!s->loaded)
        return load(p, s);
    int key = screen_key(p, s->keys);
    if (key == KEY_WAIT)
        return NEXT_INPUT;
    bool end = s->options & QUIT_AT_END && s->first >= last_first(s) && (key == ' ' || key == '\n');
    if (key == KEY_END || key == 'q' || key == 'Q' || key == 3 || end)
        return leave(p, s);
    move(p, s, key);
    return NEXT_AGAIN;
}

const struct applet applet_less = {
    .name = "less", .start = start, .step = step, .state = sizeof(struct state)
};
