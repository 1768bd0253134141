#include "shell/applets/reader.h"
#include "shell/options.h"

#include <ctype.h>
#include <fcntl.h>
#include <string.h>

enum { PLAIN = 4, C_SOURCE = 8, REVERSE = 16 };
enum { COLUMNS = 16, COLUMNS_PLAIN = 30, COLUMNS_C = 12, COLUMNS_MOST = 65536 };

struct xxd {
    uint32_t bits;
    size_t columns, group;
    uint64_t skip, left;
    uint64_t address, shift; /* of the next line; what is added to it where it is shown */
    const char *name;        /* the operand, or NULL */
    const char *broken;      /* what standard input is called where it cannot be read */
    const char *array;       /* -i of a file: its name in C, else NULL */
    struct reader from;
    struct text line; /* bytes of the line being gathered */
    /* Of REVERSE. */
    enum { AT_START, IN_OFFSET, IN_BYTES } state;
    int nibble; /* the first of two digits, or -1 */
};

static const char *array_name(struct proc *p, const char *path)
{
    char *name = memory_print(proc_memory(p), "%s%s", isdigit((unsigned char)path[0]) ? "__" : "", path);
    for (char *s = name; *s; s++)
        if (!isalnum((unsigned char)*s))
            *s = '_';
    return name;
}

static int open_file(struct proc *p, struct xxd *x)
{
    if (!x->name || !strcmp(x->name, "-"))
        return 0;
    int fd = proc_open(p, x->name, O_RDONLY, 0);
    if (fd < 0 && x->bits & REVERSE)
        proc_die_errno(p, fd, "can't open '%s'", x->name);
    if (fd < 0)
        proc_die_errno(p, fd, "%s", x->name);
    return fd;
}

/* What is longer than the file ends where the file does. */
static void pass_over(struct proc *p, struct xxd *x, int fd)
{
    struct vfs_stat st;
    if (!x->skip)
        return;
    if (!proc_fstat(p, fd, &st) && S_ISREG(st.mode) && x->skip >= st.size) {
        x->address = st.size;
        x->left = 0;
        return;
    }
    int64_t at = proc_seek(p, fd, (int64_t)x->skip, SEEK_SET);
    if (at < 0)
        proc_die_errno(p, (int)at, "%s", fd ? x->name : "stdin");
    x->address = x->skip;
}

static void start(struct proc *p, int argc, char **argv)
{
    struct xxd *x = proc_state(p);
    const char *length = NULL, *skip = "0", *group = "2", *columns = "0", *shift = "0";
    char **files;
    x->bits = options_bits(p, argc, argv, "l:s:pirg:c:o:a", &files, &length, &skip, &group, &columns, &shift);
    if (files[0] && files[1])
        proc_usage(p);
    x->left = length ? options_number_any(p, length, 0, INT32_MAX, NULL) : UINT64_MAX;
    x->skip = options_number_any(p, skip, 0, INT64_MAX, NULL);
    x->group = (size_t)options_number(p, group, 0, INT32_MAX, NULL);
    x->columns = (size_t)options_number(p, columns, 0, INT32_MAX, NULL);
    x->shift = (uint64_t)options_signed_any(p, shift, INT64_MIN, INT64_MAX, NULL);
    if (!x->columns)
        x->columns = x->bits & PLAIN ? COLUMNS_PLAIN : x->bits & C_SOURCE ? COLUMNS_C : COLUMNS;
    if (x->columns > COLUMNS_MOST)
        proc_die(p, "out of memory");
    x->name = files[0];
    x->broken = files[-1];
    x->line = text_of(proc_memory(p));
    x->nibble = -1;
    int fd = open_file(p, x);
    if (x->bits & REVERSE) {
        x->left = UINT64_MAX;
    } else {
        pass_over(p, x, fd);
        if (x->bits & C_SOURCE && x->name) {
            x->array = array_name(p, x->name);
            out_print(p, "unsigned char %s[] = {\n", x->array);
        }
    }
    reader_begin(&x->from, p, fd);
}

/* ---- Dumping ---- */

static void put_plain(struct proc *p, const struct xxd *x)
{
    for (size_t i = 0; i < x->line.len; i++)
        out_print(p, "%02x", (unsigned char)x->line.data[i]);
    out_char(p, '\n');
}

static void put_source(struct proc *p, const struct xxd *x)
{
    out_char(p, ' ');
    for (size_t i = 0; i < x->line.len; i++)
        out_print(p, " 0x%02x,", (unsigned char)x->line.data[i]);
    out_char(p, '\n');
}

static void put_whole(struct proc *p, const struct xxd *x)
{
    out_print(p, "%08llx: ", (unsigned long long)(x->address + x->shift));
    for (size_t i = 0; i < x->columns; i++) {
        if (i < x->line.len)
            out_print(p, "%02x", (unsigned char)x->line.data[i]);
        else
            out_text(p, "  ");
        if (x->group && (i + 1) % x->group == 0 && i + 1 < x->columns)
            out_char(p, ' ');
    }
    out_text(p, "  ");
    for (size_t i = 0; i < x->line.len; i++)
        out_char(p, isprint((unsigned char)x->line.data[i]) ? x->line.data[i] : '.');
    out_char(p, '\n');
}

static void put_line(struct proc *p, struct xxd *x)
{
    if (x->bits & PLAIN)
        put_plain(p, x);
    else if (x->bits & C_SOURCE)
        put_source(p, x);
    else
        put_whole(p, x);
    x->address += x->line.len;
    x->line.len = 0;
}

static void dump(struct proc *p, struct xxd *x)
{
    struct reader *r = &x->from;
    while (r->at < r->n && x->left && !out_full(p)) {
        size_t n = r->n - r->at, room = x->columns - x->line.len;
        n = n < room ? n : room;
        n = n < x->left ? n : (size_t)x->left;
        text_add(&x->line, r->data + r->at, n);
        r->at += n;
        x->left -= n;
        if (x->line.len == x->columns)
            put_line(p, x);
    }
}

/* ---- Back again ---- */

static int digit_value(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c | 32) : NULL;
    return isxdigit((unsigned char)c) && at ? (int)(at - digits) : -1;
}

static void take_digit(struct proc *p, struct xxd *x, char c)
{
    int value = digit_value(c);
    if (x->nibble >= 0 && isspace((unsigned char)c))
        return; /* even an end of line, as the reference does */
    if (value < 0 || x->nibble < 0) {
        x->nibble = value;
        if (c == '\n' && !(x->bits & PLAIN))
            x->state = AT_START;
        return;
    }
    out_char(p, (char)(x->nibble << 4 | value));
    x->nibble = -1;
}

static void undo(struct proc *p, struct xxd *x)
{
    struct reader *r = &x->from;
    for (; r->at < r->n && !out_full(p); r->at++) {
        char c = r->data[r->at];
        if (x->bits & PLAIN || x->state == IN_BYTES) {
            take_digit(p, x, c);
        } else if (c == '\n') {
            x->state = AT_START;
        } else if (c == ':' || (isspace((unsigned char)c) && !(x->state == AT_START && c == ' '))) {
            x->state = IN_BYTES;
        } else if (c != ' ') {
            x->state = IN_OFFSET;
        }
    }
}

static enum applet_next finish(struct proc *p, struct xxd *x)
{
    if (x->line.len)
        put_line(p, x);
    if (x->array)
        out_print(p, "};\nunsigned int %s_len = %llu;\n", x->array, (unsigned long long)x->address);
    proc_done(p, 0);
    return NEXT_DONE;
}

static enum applet_next step(struct proc *p)
{
    struct xxd *x = proc_state(p);
    if (out_full(p))
        return NEXT_AGAIN;
    if (!x->left)
        return finish(p, x);
    enum applet_next next = reader_fill(&x->from, p);
    if (next != NEXT_DONE)
        return next;
    if (x->bits & REVERSE)
        undo(p, x);
    else
        dump(p, x);
    if (!x->from.ended)
        return NEXT_AGAIN;
    if (x->from.error && !(x->bits & REVERSE))
        proc_perror(p, x->from.error, "%s", x->from.fd ? x->name : x->broken);
    return finish(p, x);
}

const struct applet applet_xxd = { .name = "xxd", .start = start, .step = step, .state = sizeof(struct xxd) };
