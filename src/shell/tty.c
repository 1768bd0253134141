#include "shell/tty.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <string.h>

/* The control characters as a new terminal has them. */
enum {
    INTR = 3,
    END = 4,
    KILL = 21,
    LITERAL = 22,
    REPRINT = 18,
    START = 17,
    STOP = 19,
    WORD_ERASE = 23,
    SUSPEND = 26,
    QUIT = 28,
    ERASE = 127,
};

enum {
    LINE_MOST = 4095, /* of a line that is not ended (N_TTY_BUF_SIZE - 1) */
    TAB = 8,
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

static void show_byte(struct shown *s, char c)
{
    struct tty *tty = s->sh->tty;
    unsigned column = tty->column, tab = TAB - column % TAB;
    if (c == '\n' || c == '\r')
        column = 0;
    else if (c == '\b')
        column += TAB - 1;
    else if (c == '\t')
        column += tab;
    else if (!iscntrl((unsigned char)c))
        column++;
    tty->column = (uint8_t)(column % TAB);
    if (c == '\n')
        add(s, "\r\n", 2);
    else if (c == '\t' && tty->spaces)
        add(s, "        ", tab);
    else
        add(s, &c, 1);
}

void tty_show(struct shell *sh, int stream, const char *data, size_t n)
{
    struct shown s = { .sh = sh, .stream = stream };
    for (size_t i = 0; i < n; i++)
        show_byte(&s, data[i]);
    send(&s);
}

static void show(struct shell *sh, const char *s, size_t n)
{
    if (sh->tty->mode == TTY_COOKED)
        console_put(sh, 1, s, n);
}

/* How many columns a byte takes on the screen, where it stands in the line. */
static size_t width(char c, size_t column)
{
    if (c == '\t')
        return TAB - column % TAB;
    return (unsigned char)c < ' ' || c == ERASE ? 2 : 1;
}

static void echo(struct shell *sh, char c)
{
    bool control = (unsigned char)c < ' ' || c == ERASE;
    if (control && c != '\t' && c != '\n')
        show(sh, (char[]){ '^', (char)(c ^ 0x40) }, 2);
    else
        show(sh, &c, 1);
}

/* ---- The line that is being typed ---- */

static void rub_out(struct shell *sh)
{
    struct text *in = &sh->input;
    size_t column = 0;
    char last = in->data[--in->len];
    for (size_t i = sh->tty->line; i < in->len; i++)
        column += width(in->data[i], column);
    in->data[in->len] = '\0';
    for (size_t i = width(last, column); i-- > 0;)
        show(sh, last == '\t' ? "\b" : "\b \b", last == '\t' ? 1 : 3);
}

static bool has_line(const struct shell *sh)
{
    return sh->input.len > sh->tty->line;
}

static char last_byte(const struct shell *sh)
{
    return sh->input.data[sh->input.len - 1];
}

static bool is_of_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static void erase_word(struct shell *sh)
{
    while (has_line(sh) && !is_of_word(last_byte(sh)))
        rub_out(sh);
    while (has_line(sh) && is_of_word(last_byte(sh)))
        rub_out(sh);
}

static void erase_line(struct shell *sh)
{
    while (has_line(sh))
        rub_out(sh);
}

static void reprint(struct shell *sh)
{
    echo(sh, REPRINT);
    echo(sh, '\n');
    for (size_t i = sh->tty->line; i < sh->input.len; i++)
        echo(sh, sh->input.data[i]);
}

static void keep(struct shell *sh, char c)
{
    if (sh->input.len - sh->tty->line >= LINE_MOST) {
        show(sh, "\a", 1);
        return;
    }
    text_char_add(&sh->input, c);
    echo(sh, c);
}

static void end_line(struct shell *sh, char c)
{
    text_char_add(&sh->input, c);
    sh->tty->line = (uint32_t)sh->input.len;
    if (c == '\n')
        echo(sh, c);
}

/* ---- Signals ---- */

static void forget_input(struct shell *sh)
{
    text_release(&sh->input);
    sh->input_read = sh->tty->pushed = sh->tty->line = 0;
}

static int signal_of(char c)
{
    return c == INTR ? SIGINT : c == QUIT ? SIGQUIT : c == SUSPEND ? SIGTSTP : 0;
}

static void send_signal(struct shell *sh, char c)
{
    forget_input(sh);
    echo(sh, c);
    for (struct proc *p = sh->procs; p; p = p->next)
        if (!p->background)
            proc_signal(p, signal_of(c));
}

/* ---- What comes ---- */

static void edit_line(struct shell *sh, char c)
{
    switch (c) {
    case ERASE:
        if (has_line(sh))
            rub_out(sh);
        break;
    case KILL:
        erase_line(sh);
        break;
    case WORD_ERASE:
        erase_word(sh);
        break;
    case REPRINT:
        reprint(sh);
        break;
    case LITERAL:
        sh->tty->literal = true;
        show(sh, "^\b", 2);
        break;
    case START:
    case STOP:
        break;
    case '\n':
    case END:
        end_line(sh, c);
        break;
    default:
        keep(sh, c);
    }
}

static void arrive(struct shell *sh, char c)
{
    struct tty *tty = sh->tty;
    c = c == '\r' && !tty->literal ? '\n' : c;
    if (tty->mode == TTY_RAW) {
        text_char_add(&sh->input, c);
        return;
    }
    if (tty->literal) {
        tty->literal = false;
        keep(sh, c);
        return;
    }
    if (signal_of(c))
        send_signal(sh, c);
    else
        edit_line(sh, c);
}

/* What was read goes, so that a visitor who never empties it cannot make it grow. */
static void compact(struct shell *sh)
{
    struct tty *tty = sh->tty;
    size_t gone = sh->input_read;
    if (gone < LINE_MOST)
        return;
    sh->input.len -= gone;
    memmove(sh->input.data, sh->input.data + gone, sh->input.len + 1);
    sh->input_read = 0;
    tty->pushed = (uint32_t)(tty->pushed > gone ? tty->pushed - gone : 0);
    tty->line = (uint32_t)(tty->line > gone ? tty->line - gone : 0);
}

void tty_arrive(struct shell *sh, const char *data, size_t n)
{
    compact(sh);
    for (size_t i = 0; i < n; i++)
        arrive(sh, data[i]);
}

/* ---- Reading ---- */

/* Where ends what may be read now. */
static size_t readable_end(const struct shell *sh)
{
    const struct tty *tty = sh->tty;
    if (tty->mode == TTY_RAW || sh->input_ended)
        return sh->input.len;
    return tty->pushed > sh->input_read ? tty->pushed : tty->line;
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
    size_t most = readable_end(sh) - sh->input_read, len = 0;
    const char *at = sh->input.data + sh->input_read;
    if (readable_end(sh) <= sh->input_read)
        return sh->input_ended ? 0 : -EAGAIN;
    bool lines = tty->mode != TTY_RAW && tty->pushed <= sh->input_read;
    while (len < most && !(lines && (at[len] == '\n' || at[len] == END)))
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
    tty->literal = false;
    for (size_t i = tty->pushed; is_raw && i < tty->line; i++)
        if (sh->input.data[i] == END)
            sh->input.data[i] = '\0';
    tty->pushed = tty->line = (uint32_t)sh->input.len;
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
