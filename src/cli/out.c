#include "cli/out.h"

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"

#include <assert.h>
#include <langinfo.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { CELL_MOST = 65536, LINE_MOST = 1 << 20, GAP = 2 };

/* --- the terminal --------------------------------------------------------------------------------
 */

unsigned screen_width(FILE *f)
{
    struct winsize size;
    if (!isatty(fileno(f)))
        return 0;
    return ioctl(fileno(f), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

bool screen_colour(FILE *f)
{
    const char *no = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    return isatty(fileno(f)) && !(no && *no) && !(term && strcmp(term, "dumb") == 0);
}

bool screen_utf8(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

const char *thousands(int64_t value, char text[static THOUSANDS_TEXT])
{
    char digits[24];
    bool negative = value < 0;
    uint64_t size = negative ? -(uint64_t)value : (uint64_t)value;
    int n = snprintf(digits, sizeof digits, "%llu", (unsigned long long)size);
    char *to = text;
    if (negative)
        *to++ = '-';
    for (int i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0)
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return text;
}

void fact_text(const char *name, const char *value)
{
    printf("%-14s %s\n", name, value);
}

void fact_words(const char *name, const char *words)
{
    enum { MOST = 1 << 16 };
    struct buf b;
    buf_init(&b, MOST);
    text_escape(&b, words, strlen(words), TEXT_PLAIN);
    buf_u8(&b, 0);
    fact_text(name, words[0] && buf_ok(&b) ? (const char *)b.data : "-");
    buf_release(&b);
}

void fact_count(const char *name, uint64_t value, const char *unit)
{
    char text[THOUSANDS_TEXT];
    printf("%-14s %s%s\n", name, thousands(value > INT64_MAX ? INT64_MAX : (int64_t)value, text), unit);
}

void fact_time(const char *name, int64_t when)
{
    char text[TIME_TEXT];
    fact_text(name, when ? time_text(when, text) : "-");
}

/* --- tables --------------------------------------------------------------------------------------
 */

static bool to_the_right(const struct column *c)
{
    return c->type == COLUMN_INT || c->type == COLUMN_REAL;
}

static const char *heading(const struct column *c)
{
    return c->heading ? c->heading : c->name;
}

static void put_cell(struct buf *line, const struct out *o, size_t column, const char *cell)
{
    unsigned width = text_width(cell, strlen(cell));
    unsigned blank = o->widths[column] > width ? o->widths[column] - width : 0;
    bool right = to_the_right(&o->columns[column]);
    if (line->len)
        buf_print(line, "%*s", GAP, "");
    if (right)
        buf_print(line, "%*s", (int)blank, "");
    buf_text(line, cell);
    if (!right)
        buf_print(line, "%*s", (int)blank, "");
}

/* One line, without blanks at its end, no wider than the terminal. */
static void write_line(struct out *o, struct buf *line, bool strong)
{
    const char *text = (const char *)line->data;
    size_t n = line->len;
    while (n > 0 && text[n - 1] == ' ')
        n--;
    bool cut = o->screen && text_width(text, n) > o->screen;
    if (cut)
        n = text_fit(text, n, o->screen - 1);
    if (!buf_ok(line)) {
        o->status = -ENOMEM;
        return;
    }
    fprintf(o->f, "%s%.*s%s%s\n", strong ? "\x1b[1m" : "", (int)n, n ? text : "",
            !cut            ? ""
            : screen_utf8() ? "\xe2\x80\xa6"
                            : ">",
            strong ? "\x1b[0m" : "");
}

static void write_cells(struct out *o, char *const *cells, bool strong)
{
    struct buf line;
    buf_init(&line, LINE_MOST);
    for (size_t i = 0; i < o->n; i++)
        if (!o->columns[i].hide)
            put_cell(&line, o, i, cells ? cells[i] : heading(&o->columns[i]));
    write_line(o, &line, strong);
    buf_release(&line);
}

static void find_widths(struct out *o)
{
    for (size_t i = 0; i < o->n; i++) {
        const char *head = heading(&o->columns[i]);
        o->widths[i] = text_width(head, strlen(head));
        for (size_t at = i; at < o->kept; at += o->n) {
            unsigned width = text_width(o->cells[at], strlen(o->cells[at]));
            if (width > o->widths[i])
                o->widths[i] = width;
        }
    }
    o->widths_known = true;
}

/* Writes the rows kept. */
static void flush_table(struct out *o)
{
    if (!o->widths_known) {
        find_widths(o);
        write_cells(o, NULL, o->colour);
    }
    for (size_t at = 0; at + o->n <= o->kept; at += o->n)
        write_cells(o, o->cells + at, false);
    for (size_t at = 0; at < o->kept; at++)
        free(o->cells[at]);
    o->kept = 0;
}

static void keep_cell(struct out *o, const char *text, size_t n)
{
    char *cell = strndup(text, n);
    if (!cell) {
        o->status = -ENOMEM;
        return;
    }
    o->cells[o->kept++] = cell;
}

/* --- CSV -----------------------------------------------------------------------------------------
 */

/* RFC 4180, 2.5 to 2.7. */
static void write_field(struct out *o, const char *text, size_t n)
{
    bool quote = memchr(text, ',', n) || memchr(text, '"', n);
    if (o->at > 0)
        putc(',', o->f);
    if (quote)
        putc('"', o->f);
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '"')
            putc('"', o->f);
        putc(text[i], o->f);
    }
    if (quote)
        putc('"', o->f);
}

static void write_csv_head(struct out *o)
{
    for (size_t i = 0; i < o->n; i++)
        fprintf(o->f, "%s%s", i ? "," : "", o->columns[i].name);
    fputs("\r\n", o->f);
}

/* --- rows ----------------------------------------------------------------------------------------
 */

void out_begin(struct out *o, FILE *f, enum out_format format, const struct column *columns,
               size_t n)
{
    assert(n > 0 && n <= OUT_COLUMNS_MOST);
    *o = (struct out){ .f = f, .format = format, .columns = columns, .n = n };
    if (format == OUT_TABLE) {
        o->screen = screen_width(f);
        o->colour = screen_colour(f);
        o->cells = calloc(OUT_AHEAD * n, sizeof *o->cells);
        if (!o->cells)
            o->status = -ENOMEM;
    } else if (format == OUT_JSON) {
        o->row = calloc(1, sizeof *o->row);
        if (!o->row)
            o->status = -ENOMEM;
        putc('[', f);
    } else {
        write_csv_head(o);
    }
}

static void end_row(struct out *o)
{
    if (o->format == OUT_JSON) {
        fputs(o->rows ? ",\n " : "\n ", o->f);
        int e = json_write(o->row, o->f);
        json_release(o->row);
        if (e)
            o->status = e;
    } else if (o->format == OUT_CSV) {
        fputs("\r\n", o->f);
    } else if (o->kept == OUT_AHEAD * o->n) {
        flush_table(o);
    }
    o->at = 0;
    o->rows++;
}

/* Whether a value of this type may be put now; begins a row where one is due. */
static bool may_put(struct out *o, enum column_type type)
{
    if (o->status)
        return false;
    assert(type == o->columns[o->at].type);
    if (o->format == OUT_JSON && o->at == 0)
        json_begin_object(o->row);
    return true;
}

static void next_column(struct out *o)
{
    if (++o->at == o->n && !o->status)
        end_row(o);
}

/* One value as text, in a table or CSV. */
static void put_text(struct out *o, const char *text, size_t n)
{
    if (o->format == OUT_TABLE)
        keep_cell(o, text, n);
    else
        write_field(o, text, n);
}

static void put_buf(struct out *o, struct buf *b)
{
    if (buf_ok(b))
        put_text(o, b->data ? (const char *)b->data : "", b->len);
    else
        o->status = -ENOMEM;
    buf_release(b);
}

void out_null(struct out *o)
{
    if (!may_put(o, o->columns[o->at].type))
        return;
    if (o->format == OUT_JSON)
        json_nothing(o->row, o->columns[o->at].name);
    else if (o->format == OUT_TABLE)
        put_text(o, "-", 1);
    else
        put_text(o, "", 0);
    next_column(o);
}

void out_text(struct out *o, const char *value)
{
    if (!value) {
        out_null(o);
        return;
    }
    if (!may_put(o, COLUMN_TEXT))
        return;
    if (o->format == OUT_JSON) {
        json_text(o->row, o->columns[o->at].name, value);
    } else {
        struct buf b;
        buf_init(&b, CELL_MOST * 4);
        size_t n = strlen(value);
        text_escape(&b, value, n < CELL_MOST ? n : CELL_MOST, TEXT_PLAIN);
        put_buf(o, &b);
    }
    next_column(o);
}

void out_int(struct out *o, int64_t value)
{
    char text[THOUSANDS_TEXT];
    if (!may_put(o, COLUMN_INT))
        return;
    if (o->format == OUT_JSON) {
        json_int(o->row, o->columns[o->at].name, value);
    } else {
        if (o->format == OUT_TABLE)
            thousands(value, text);
        else
            snprintf(text, sizeof text, "%lld", (long long)value);
        put_text(o, text, strlen(text));
    }
    next_column(o);
}

void out_count(struct out *o, uint64_t value)
{
    out_int(o, value > INT64_MAX ? INT64_MAX : (int64_t)value);
}

static void put_real(struct out *o, double value, int decimals)
{
    char whole[THOUSANDS_TEXT], text[400];
    snprintf(text, sizeof text, "%.*f", decimals, value);
    double size = fabs(value);
    if (o->format == OUT_TABLE && size >= 1000 && size < 1e15) {
        const char *point = strchr(text, '.');
        char tail[64];
        text_copy(tail, sizeof tail, point ? point : "");
        thousands(strtoll(text, NULL, 10), whole);
        snprintf(text, sizeof text, "%s%s", whole, tail);
    }
    put_text(o, text, strlen(text));
}

void out_real(struct out *o, double value)
{
    if (!isfinite(value)) {
        out_null(o);
        return;
    }
    if (!may_put(o, COLUMN_REAL))
        return;
    const struct column *c = &o->columns[o->at];
    if (o->format == OUT_JSON)
        json_number(o->row, c->name, value, c->decimals);
    else
        put_real(o, value, c->decimals);
    next_column(o);
}

void out_time(struct out *o, int64_t when)
{
    char text[TIME_TEXT];
    if (!may_put(o, COLUMN_TIME))
        return;
    if (o->format == OUT_JSON)
        json_time(o->row, o->columns[o->at].name, when);
    else
        put_text(o, time_text(when, text), strlen("1970-01-01T00:00:00Z"));
    next_column(o);
}

void out_bool(struct out *o, bool value)
{
    if (!may_put(o, COLUMN_BOOL))
        return;
    const char *word = o->format == OUT_TABLE ? (value ? "yes" : "no") : (value ? "true" : "false");
    if (o->format == OUT_JSON)
        json_bool(o->row, o->columns[o->at].name, value);
    else
        put_text(o, word, strlen(word));
    next_column(o);
}

static void put_list_json(struct out *o, const char *const *values, size_t n)
{
    json_open_list(o->row, o->columns[o->at].name);
    for (size_t i = 0; i < n; i++)
        json_text(o->row, NULL, values[i]);
    json_close(o->row);
}

static void put_list_text(struct out *o, const char *const *values, size_t n)
{
    struct buf b;
    buf_init(&b, CELL_MOST * 4);
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_text(&b, "; ");
        text_escape(&b, values[i], strnlen(values[i], CELL_MOST), TEXT_PLAIN);
    }
    if (n == 0 && o->format == OUT_TABLE)
        buf_u8(&b, '-');
    put_buf(o, &b);
}

void out_list(struct out *o, const char *const *values, size_t n)
{
    if (!may_put(o, COLUMN_LIST))
        return;
    if (o->format == OUT_JSON)
        put_list_json(o, values, n);
    else
        put_list_text(o, values, n);
    next_column(o);
}

static void put_ports_json(struct out *o, const uint16_t *values, size_t n)
{
    json_open_list(o->row, o->columns[o->at].name);
    for (size_t i = 0; i < n; i++)
        json_count(o->row, NULL, values[i]);
    json_close(o->row);
}

static void put_ports_text(struct out *o, const uint16_t *values, size_t n)
{
    struct buf b;
    buf_init(&b, CELL_MOST * 4);
    for (size_t i = 0; i < n; i++)
        buf_print(&b, "%s%u", i ? " " : "", values[i]);
    if (n == 0 && o->format == OUT_TABLE)
        buf_u8(&b, '-');
    put_buf(o, &b);
}

void out_ports(struct out *o, const uint16_t *values, size_t n)
{
    if (!may_put(o, COLUMN_PORTS))
        return;
    if (o->format == OUT_JSON)
        put_ports_json(o, values, n);
    else
        put_ports_text(o, values, n);
    next_column(o);
}

/* --- the end -------------------------------------------------------------------------------------
 */

static void release(struct out *o)
{
    for (size_t at = 0; at < o->kept; at++)
        free(o->cells[at]);
    free(o->cells);
    if (o->row)
        json_release(o->row);
    free(o->row);
    o->cells = NULL;
    o->row = NULL;
    o->kept = 0;
}

int out_end(struct out *o)
{
    assert(o->status || o->at == 0);
    if (o->format == OUT_TABLE && !o->status)
        flush_table(o);
    else if (o->format == OUT_JSON)
        fputs(o->rows ? "\n]\n" : "]\n", o->f);
    release(o);
    errno = 0;
    if (fflush(o->f) != 0 || ferror(o->f))
        return errno ? -errno : -EIO;
    return o->status;
}
