/* more: on a terminal a screen at a time, elsewhere as cat. */
#include "shell/applets/screen.h"
#include "shell/options.h"

#include <ctype.h>
#include <fcntl.h>
#include <string.h>

struct state {
    struct plain_pages pages;
    bool terminal;
    int keys;          /* where keys come from */
    uint64_t size, at; /* of the file: 0 where it is not known; bytes shown */
    int column, rows;  /* on the screen */
    int prompt;        /* how long it is; 0: none stands there */
    bool all;          /* no more prompts */
    char data[512];
    size_t used, n;
};

static void start(struct proc *p, int argc, char **argv)
{
    struct state *s = proc_state(p);
    options_bits(p, argc, argv, "dflsu", &s->pages.files);
    s->terminal = proc_isatty(p, 1);
    if (!s->terminal)
        return;
    s->keys = proc_open(p, "/dev/tty", O_RDONLY, 0);
    if (s->keys < 0)
        s->keys = 0;
}

static void say_name(struct proc *p, int e, const char *file)
{
    proc_perror(p, e, "%s", file);
}

static bool open_next(struct proc *p, struct state *s)
{
    struct vfs_stat st;
    s->pages.fd = plain_pages_next(p, &s->pages, say_name);
    if (s->pages.fd < 0)
        return false;
    s->size = proc_fstat(p, s->pages.fd, &st) == 0 && S_ISREG(st.mode) ? st.size : 0;
    s->at = 0;
    s->pages.open = true;
    return true;
}

static void put_prompt(struct proc *p, struct state *s)
{
    uint64_t hundredth = s->size / 100 ? s->size / 100 : 1;
    char *text = memory_text(proc_memory(p), "--More-- ");
    if (s->size)
        text = memory_print(proc_memory(p), "--More-- (%llu%% of %llu bytes)",
                            (unsigned long long)((s->at + 1) / hundredth),
                            (unsigned long long)s->size);
    out_text(p, text);
    s->prompt = (int)strlen(text);
    memory_give(proc_memory(p), text);
    out_flush(p);
}

static void clear_prompt(struct proc *p, struct state *s)
{
    out_print(p, "\r%*s\r", s->prompt, "");
    s->prompt = 0;
}

enum answer { SHOW, ASK, QUIT, WAIT };

static enum answer answer_prompt(struct proc *p, struct state *s)
{
    static const char hint[] = "(Enter:next line Space:next page Q:quit R:show the rest)";
    int key = screen_key(p, s->keys);
    if (key == KEY_WAIT)
        return WAIT;
    clear_prompt(p, s);
    switch (tolower(key)) {
    case KEY_END:
    case 'q':
    case 3:
        return QUIT;
    case 'r':
        s->all = true;
        return SHOW;
    case '\n':
    case '\r':
        s->rows--;
        return SHOW;
    case ' ':
        s->rows = 0;
        return SHOW;
    default:
        out_text(p, hint);
        out_flush(p);
        s->prompt = (int)strlen(hint);
        return ASK;
    }
}

static void put_char(struct proc *p, struct state *s, char c)
{
    s->at++;
    if (c == '\t') {
        do
            out_char(p, ' ');
        while (++s->column % 8);
    } else {
        out_char(p, c);
        s->column++;
    }
    if (c == '\n' || s->column >= SCREEN_COLUMNS) {
        s->column = 0;
        s->rows++;
    }
}

/* More of the file: 1; 0 at its end; -EAGAIN. */
static int fill(struct proc *p, struct state *s)
{
    int64_t n = proc_read(p, s->pages.fd, s->data, sizeof s->data);
    if (n == -EAGAIN) {
        proc_waits_on(p, s->pages.fd);
        return -EAGAIN;
    }
    s->used = 0;
    s->n = n > 0 ? (size_t)n : 0;
    return n > 0;
}

static enum applet_next end(struct proc *p)
{
    proc_done(p, 0);
    return NEXT_DONE;
}

static enum applet_next show(struct proc *p, struct state *s)
{
    while (s->used < s->n) {
        if (!s->all && s->rows >= SCREEN_ROWS - 1) {
            put_prompt(p, s);
            return NEXT_AGAIN;
        }
        put_char(p, s, s->data[s->used++]);
    }
    int more = fill(p, s);
    if (more < 0)
        return NEXT_INPUT;
    if (!more) {
        if (s->pages.fd > 0)
            proc_close(p, s->pages.fd);
        s->pages.open = false;
    }
    return NEXT_AGAIN;
}

static enum applet_next step(struct proc *p)
{
    struct state *s = proc_state(p);
    if (!s->terminal)
        return plain_pages_step(p, &s->pages);
    if (s->prompt) {
        switch (answer_prompt(p, s)) {
        case QUIT:
            return end(p);
        case WAIT:
            return NEXT_INPUT;
        default:
            return NEXT_AGAIN;
        }
    }
    if (!s->pages.open && !open_next(p, s))
        return end(p);
    return show(p, s);
}

const struct applet applet_more = {
    .name = "more", .start = start, .step = step, .state = sizeof(struct state)
};
