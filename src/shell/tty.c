#include "shell/tty.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <string.h>

/* The control characters as a new terminal has them. */
enum {
    INTR = 3,
    END = 4,
    SUSPEND = 26,
    QUIT = 28,
};

enum {
    TAB = 8,
    COMPACT = 4096,
    ECHO_MOST = 64 << 10, /* of one byte; more than a whole line is erased with */
    ECHO_ENOUGH = 4096,
};

void tty_make(struct shell *sh)
{
    sh->tty = memory_take(&sh->memory, sizeof *sh->tty);
    sh->tty->edit.line.memory = &sh->memory;
}

/* ---- The screen ---- */

/* Some of what is shown, before it is sent. */
struct shown {
    struct shell *sh;
    int stream;
    size_t n;
    char bytes[512];
};

static void send(struct shown *s)
{
    if (s->n)
        s->sh->hook->output(s->sh->context, s->stream, s->bytes, s->n);
    s->n = 0;
}

static void add(struct shown *s, const char *data, size_t n)
{
    if (s->n + n > sizeof s->bytes)
        send(s);
    memcpy(s->bytes + s->n, data, n);
    s->n += n;
}

/* One that is not. */
static void show_byte(struct shown *s, char c)
{
    struct line *line = &s->sh->tty->line;
    unsigned column = line->column, tab = TAB - column % TAB;
    if (c == '\n' || c == '\r')
        column = 0;
    else if (c == '\b')
        column -= column > 0;
    else if (c == '\t')
        column += tab;
    line->column = (uint16_t)column;
    if (c == '\n')
        add(s, "\r\n", 2);
    else if (c == '\t' && line->spaces)
        add(s, "        ", tab);
    else
        add(s, &c, 1);
}

/* Bytes that are shown as they are, a column each. */
static size_t show_run(struct shown *s, const char *data, size_t n)
{
    size_t run = 0;
    n = n < sizeof s->bytes ? n : sizeof s->bytes;
    while (run < n && !iscntrl((unsigned char)data[run]))
        run++;
    add(s, data, run);
    s->sh->tty->line.column = (uint16_t)(s->sh->tty->line.column + run);
    return run;
}

void tty_show(struct shell *sh, int stream, const char *data, size_t n)
{
    struct shown s = { .sh = sh, .stream = stream };
    for (size_t i = 0; i < n;) {
        size_t run = show_run(&s, data + i, n - i);
        if (!run)
            show_byte(&s, data[i]);
        i += run ? run : 1;
    }
    send(&s);
}

/* Sends what was echoed so far: no signal drops it any more. */
static void send_echo(struct shell *sh, struct buf *out)
{
    if (out->len && console_pays(sh, out->len))
        sh->hook->output(sh->context, 1, out->data, out->len);
    buf_reset(out);
    sh->tty->line.column_since = sh->tty->line.column;
}

/* ---- What comes ---- */

static void forget_line(struct tty *tty)
{
    tty->line.n = tty->line.handed = 0;
}

static void forget_input(struct shell *sh)
{
    text_release(&sh->input);
    sh->input_read = sh->tty->pushed = 0;
    forget_line(sh->tty);
}

static size_t line_start(const struct shell *sh)
{
    return sh->input.len - sh->tty->line.n;
}

/* A whole one, which may be read now. */
static void end_line(struct shell *sh, char c)
{
    text_char_add(&sh->input, c);
    forget_line(sh->tty);
}

static int signal_of(char c)
{
    return c == INTR ? SIGINT : c == QUIT ? SIGQUIT : c == SUSPEND ? SIGTSTP : 0;
}

/* What was typed before is gone, but not its memory, of which tty_arrive() counts on there being enough. */
static void send_signal(struct shell *sh, int signal, struct buf *out)
{
    sh->input.len = sh->input_read = sh->tty->pushed = 0;
    forget_line(sh->tty);
    send_echo(sh, out);
    for (struct proc *p = sh->procs; p; p = p->next)
        if (!p->background)
            proc_signal(p, signal);
}

/* The line lies at the end of the input, where there is room for one byte more. */
static void type(struct shell *sh, char c, struct buf *out)
{
    struct line *line = &sh->tty->line;
    bool literal = line->literal;
    size_t start = line_start(sh);
    line->text = sh->input.data + start;
    line->room = (uint16_t)(line->n + 1);
    line->echo = sh->tty->mode == TTY_COOKED;
    line->since = 0;
    enum line_event event = line_byte(line, (uint8_t)c, out);
    sh->input.len = start + line->n;
    sh->input.data[sh->input.len] = '\0';
    if (!literal && signal_of(c))
        send_signal(sh, signal_of(c), out);
    else if (event == LINE_DONE)
        end_line(sh, '\n');
    else if (!literal && c == END)
        end_line(sh, END);
}

/* What was read goes, so that a visitor who never empties it cannot make it grow. */
static void compact(struct shell *sh)
{
    struct tty *tty = sh->tty;
    size_t gone = sh->input_read;
    if (gone < COMPACT)
        return;
    sh->input.len -= gone;
    memmove(sh->input.data, sh->input.data + gone, sh->input.len + 1);
    sh->input_read = 0;
    tty->pushed = (uint32_t)(tty->pushed > gone ? tty->pushed - gone : 0);
}

void tty_arrive(struct shell *sh, const char *data, size_t n)
{
    struct buf out;
    compact(sh);
    text_add(&sh->input, data, n); /* room: from here on nothing fails that would leave `out` behind */
    sh->input.len -= n;
    buf_init(&out, ECHO_MOST);
    sh->tty->line.column_since = sh->tty->line.column;
    for (size_t i = 0; i < n; i++) {
        if (sh->tty->mode == TTY_RAW)
            text_char_add(&sh->input, data[i] == '\r' ? '\n' : data[i]);
        else
            type(sh, data[i], &out);
        if (out.len >= ECHO_ENOUGH)
            send_echo(sh, &out);
    }
    send_echo(sh, &out);
    buf_release(&out);
    if (!sh->input.len)
        forget_input(sh);
}

/* ---- Reading ---- */

/* Where ends what may be read now. */
static size_t readable_end(const struct shell *sh)
{
    const struct tty *tty = sh->tty;
    if (tty->mode == TTY_RAW || sh->input_ended)
        return sh->input.len;
    return tty->pushed > sh->input_read ? tty->pushed : line_start(sh);
}

bool tty_readable(const struct shell *sh)
{
    return readable_end(sh) > sh->input_read || sh->input_ended;
}

static void took(struct shell *sh, size_t n)
{
    sh->input_read += (uint32_t)n;
    if (sh->input_read >= sh->input.len)
        forget_input(sh);
}

int64_t tty_read(struct shell *sh, char *to, size_t n)
{
    struct tty *tty = sh->tty;
    if (readable_end(sh) <= sh->input_read)
        return sh->input_ended ? 0 : -EAGAIN;
    const char *at = sh->input.data + sh->input_read;
    bool lines = tty->mode != TTY_RAW && tty->pushed <= sh->input_read;
    size_t most = readable_end(sh) - sh->input_read, len = lines ? 0 : most;
    while (lines && len < most && at[len] != '\n' && at[len] != END)
        len++;
    bool line = len < most && at[len] == '\n', end = len < most && at[len] == END;
    size_t give = n < len + line ? n : len + line;
    memcpy(to, at, give);
    took(sh, give + (end && give == len));
    return (int64_t)give;
}

/* ---- Modes ---- */

/* The end of a file that waits to be read is a NUL to who reads bytes. */
static void change(struct shell *sh, enum tty_mode mode)
{
    struct tty *tty = sh->tty;
    bool was_raw = tty->mode == TTY_RAW, is_raw = mode == TTY_RAW;
    tty->mode = (uint8_t)mode;
    if (was_raw == is_raw)
        return;
    tty->line.literal = false;
    for (size_t i = tty->pushed; is_raw && i < line_start(sh); i++)
        if (sh->input.data[i] == END)
            sh->input.data[i] = '\0';
    tty->pushed = (uint32_t)sh->input.len;
    forget_line(tty);
}

void proc_terminal(struct proc *p, enum tty_mode mode)
{
    struct tty *tty = p->shell->tty;
    if (!tty)
        return;
    change(p->shell, mode);
    tty->owner = mode == TTY_COOKED ? 0 : p->pid;
}

bool proc_window(struct proc *p, int fd, unsigned *ret_columns, unsigned *ret_rows)
{
    const struct tty *tty = p->shell->tty;
    if (!tty || !tty->sized || !proc_isatty(p, fd))
        return false;
    *ret_columns = tty->columns;
    *ret_rows = tty->rows;
    return true;
}

void tty_left(struct shell *sh, uint32_t pid)
{
    if (!sh->tty || sh->tty->owner != pid)
        return;
    change(sh, TTY_COOKED);
    sh->tty->owner = 0;
}
