/* What vi shows: rows are put out from the first to the last column that differs. */
#include "shell/applets/vi.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void vi_say(struct vi *v, bool alert, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(v->status, sizeof v->status, format, args);
    va_end(args);
    v->alert = alert;
}

void vi_begin(struct vi *v)
{
    memset(v->screen, ' ', sizeof v->screen);
    out_text(v->p, "\033[?1049h");
    if (!proc_isatty(v->p, 1)) /* how large it is would be asked of a terminal */
        out_text(v->p, "\033[999;999H\033[6n");
    out_text(v->p, "\033[H\033[J");
}

void vi_end(struct vi *v)
{
    out_print(v->p, "\033[%d;1H\033[K", SCREEN_ROWS);
}

/* The columns of a row; those of a tab are blanks. */
static void draw_row(const struct vi *v, size_t line, char row[static SCREEN_COLUMNS])
{
    size_t end = vi_line_end(&v->text, line), column = 0;
    memset(row, ' ', SCREEN_COLUMNS);
    for (size_t i = line; i < end && column < SCREEN_COLUMNS; i++) {
        unsigned char c = (unsigned char)v->text.bytes.data[i];
        if (c == '\t')
            column = column / 8 * 8 + 8;
        else
            row[column++] = (char)(c < ' ' || c == 127 ? '.' : c);
    }
}

static size_t screen_column(const struct vi *v, size_t at)
{
    size_t column = 0;
    for (size_t i = vi_line_start(&v->text, at); i < at; i++)
        column = v->text.bytes.data[i] == '\t' ? column / 8 * 8 + 8 : column + 1;
    if (v->mode != VI_INSERT && at < v->text.bytes.len && v->text.bytes.data[at] == '\t')
        column = column / 8 * 8 + 7;
    return column < SCREEN_COLUMNS ? column : SCREEN_COLUMNS - 1;
}

static void put_changes(struct vi *v, size_t row, const char *now)
{
    char *was = v->screen[row];
    size_t first = 0, last = SCREEN_COLUMNS;
    while (first < SCREEN_COLUMNS && was[first] == now[first])
        first++;
    if (first == SCREEN_COLUMNS)
        return;
    while (was[last - 1] == now[last - 1])
        last--;
    memcpy(was, now, SCREEN_COLUMNS);
    out_print(v->p, "\033[%zu;%zuH", row + 1, first + 1);
    out_put(v->p, now + first, last - first);
}

/* The cursor's line is on the screen; its row. */
static size_t place_top(struct vi *v)
{
    size_t line = vi_line_start(&v->text, v->text.dot);
    if (line < v->top) {
        v->top = line;
        for (int i = 0; vi_lines(&v->text, v->text.dot) > vi_lines(&v->text, v->top) && i < VI_ROWS;
             i++)
            v->top = vi_line_before(&v->text, v->top);
    }
    size_t row = vi_lines(&v->text, line) - vi_lines(&v->text, v->top);
    if (row >= VI_ROWS) {
        v->top = line;
        for (row = 0; row < VI_ROWS / 2 && v->top > 0; row++)
            v->top = vi_line_before(&v->text, v->top);
    }
    return row;
}

static void put_cursor(struct vi *v, size_t row)
{
    out_print(v->p, "\033[%zu;%zuH", row + 1,
              screen_column(v, v->text.dot) + 1 + (v->text.bytes.len == 0));
}

/* "- file [Modified] 1/3 33%" */
static void describe(const struct vi *v, char *to, size_t n)
{
    size_t all = vi_lines(&v->text, v->text.bytes.len),
           at = all ? vi_lines(&v->text, v->text.dot) + 1 : 0;
    static const char modes[] = {
        [VI_COMMAND] = '-', [VI_INSERT] = 'I', [VI_REPLACE] = 'R', [VI_COLON] = '-'
    };
    snprintf(to, n, "%c %.80s%s%s %zu/%zu %zu%%", modes[v->mode], v->file ? v->file : "No file",
             v->read_only ? " [Readonly]" : "", v->text.modified ? " [Modified]" : "", at, all,
             all ? 100 * at / all : 100);
}

static void put_status(struct vi *v, size_t row)
{
    char now[160];
    if (v->mode == VI_COLON)
        snprintf(now, sizeof now, "%.*s", (int)v->n_colon, v->colon);
    else if (v->status[0])
        snprintf(now, sizeof now, "%s%.120s%s", v->alert ? "\033[7m" : "", v->status,
                 v->alert ? "\033[m" : "");
    else
        describe(v, now, sizeof now);
    v->status[0] = '\0';
    if (strcmp(now, v->shown) == 0)
        return;
    memcpy(v->shown, now, sizeof now);
    out_print(v->p, "\033[%d;1H\033[K%s", SCREEN_ROWS, now);
    if (v->mode != VI_COLON)
        put_cursor(v, row);
}

void vi_refresh(struct vi *v)
{
    size_t row = place_top(v), line = v->top;
    bool behind = false;
    for (size_t i = 0; i < VI_ROWS; i++) {
        char now[SCREEN_COLUMNS];
        if (behind || (i == 0 && v->text.bytes.len == 0)) {
            memset(now, ' ', sizeof now);
            now[0] = '~';
            behind = true;
        } else {
            draw_row(v, line, now);
            size_t end = vi_line_end(&v->text, line);
            behind = end + 1 >= v->text.bytes.len;
            line = end + 1;
        }
        put_changes(v, i, now);
    }
    if (v->mode != VI_COLON)
        put_cursor(v, row);
    put_status(v, row);
    out_flush(v->p);
}
