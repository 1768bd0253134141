#include "shell/applets/ls.h"

#include "base/text.h"
#include "shell/applets/chmod-mode.h"
#include "shell/applets/stat-text.h"

#include <stdio.h>
#include <string.h>

int64_t ls_time(const struct ls *ls, const struct ls_item *item)
{
    return ls->flags & LS_CTIME   ? item->st.ctime
           : ls->flags & LS_ATIME ? item->st.atime
                                  : item->st.mtime;
}

static size_t show_quote(const struct ls *ls, const char *quote)
{
    if (!(ls->flags & LS_QUOTES))
        return 0;
    out_text(ls->p, quote);
    return 1;
}

/* Shows a name with what cannot be printed as ?. Its columns. */
static size_t show_name(const struct ls *ls, const char *s)
{
    size_t n = strlen(s), columns = show_quote(ls, "\"");
    while (n > 0) {
        uint32_t point = 0;
        size_t k = ls->unicode ? text_char(s, n, &point) : 0;
        bool plain = k ? point >= ' ' && point != 0x7f && (point < 0x80 || point > 0x9f)
                       : *s >= ' ' && *s < 0x7f;
        k = k ? k : 1;
        if (*s == '"' || *s == '\\')
            columns += show_quote(ls, "\\");
        out_put(ls->p, plain ? s : "?", plain ? k : 1);
        columns += plain && k > 1 ? text_width(s, k) : 1;
        s += k;
        n -= k;
    }
    return columns + show_quote(ls, "\"");
}

static size_t name_width(const struct ls *ls, const char *s)
{
    size_t n = strlen(s), quotes = 0;
    if (ls->flags & LS_QUOTES) {
        quotes = 2;
        for (const char *at = s; *at; at++)
            quotes += *at == '"' || *at == '\\';
    }
    return (ls->unicode && text_is_utf8(s, n) ? text_width(s, n) : n) + quotes;
}

/* ---- Colours and marks ---- */

static const struct {
    uint32_t type;
    const char *color, *bold;
    char mark;
} kinds[] = {
    { S_IFDIR, "34", "1", '/' }, { S_IFLNK, "36", "1", '@' }, { S_IFCHR, "35", "1", 0 },
    { S_IFBLK, "35", "1", 0 },   { S_IFIFO, "35", "0", '|' }, { S_IFSOCK, "35", "1", '=' },
};

static void begin_color(const struct ls *ls, uint32_t mode)
{
    const char *color = "0", *bold = "0";
    if (!(ls->flags & LS_COLOR))
        return;
    if (mode == 0) {
        color = "31";
        bold = "1";
    } else if (S_ISREG(mode) && mode & 0111) {
        color = "32";
        bold = "1";
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if ((mode & S_IFMT) == kinds[i].type) {
            color = kinds[i].color;
            bold = kinds[i].bold;
        }
    out_print(ls->p, "\033[%s;%sm", bold, color);
}

static void end_color(const struct ls *ls)
{
    if (ls->flags & LS_COLOR)
        out_text(ls->p, "\033[m");
}

static char mark_of(const struct ls *ls, uint32_t mode)
{
    if (!(ls->flags & (LS_CLASS | LS_SLASH)))
        return 0;
    if (S_ISDIR(mode))
        return '/';
    if (!(ls->flags & LS_CLASS))
        return 0;
    if (S_ISREG(mode))
        return mode & 0111 ? '*' : 0;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if ((mode & S_IFMT) == kinds[i].type)
            return kinds[i].mark;
    return 0;
}

static size_t show_mark(const struct ls *ls, uint32_t mode)
{
    char mark = mark_of(ls, mode);
    if (mark)
        out_char(ls->p, mark);
    return mark != 0;
}

/* ---- The long format ---- */

static void show_time(const struct ls *ls, const struct ls_item *item)
{
    enum { RECENT = 3600 * 24 * 365 / 2, AHEAD = 15 * 60 };
    struct date_time t;
    char offset[16];
    int64_t when = ls_time(ls, item), age = proc_now(ls->p) / 1000000 - when;
    local_time(ls->p, when, &t);
    if (ls->flags & LS_FULL_TIME)
        out_print(ls->p, "%lld-%02d-%02d %02d:%02d:%02d %s ", (long long)t.year, t.month + 1, t.day,
                  t.hour, t.minute, t.second, local_offset(&t, offset));
    else if (age < RECENT && age > -AHEAD)
        out_print(ls->p, "%.3s %2d %02d:%02d ", date_months[t.month], t.day, t.hour, t.minute);
    else
        out_print(ls->p, "%.3s %2d  %lld ", date_months[t.month], t.day, (long long)t.year);
}

static void show_id(const struct ls *ls, const char *name, uint32_t id)
{
    if (name && !(ls->flags & LS_NUMERIC))
        out_print(ls->p, "%-8.8s ", name);
    else
        out_print(ls->p, "%-8u ", id);
}

static void show_long(const struct ls *ls, const struct ls_item *item)
{
    struct proc *p = ls->p;
    const struct vfs_stat *st = &item->st;
    char mode[11], human[24];
    out_print(p, "%s %4u ", mode_text(st->mode, mode), st->links);
    if (!(ls->flags & LS_NO_OWNER))
        show_id(ls, proc_user(p, st->uid), st->uid);
    show_id(ls, proc_group(p, st->gid), st->gid);
    if (S_ISCHR(st->mode) || S_ISBLK(st->mode))
        out_print(p, "%4u,%4u ", st->major, st->minor);
    else if (ls->flags & LS_HUMAN)
        out_print(p, "%7s ", human_text(st->size, human));
    else
        out_print(p, "%9llu ", (unsigned long long)st->size);
    show_time(ls, item);
}

static void show_target(const struct ls *ls, const struct ls_item *item)
{
    char *target;
    if (!S_ISLNK(item->st.mode))
        return;
    int e = proc_readlink(ls->p, item->path, &target);
    if (e < 0) {
        proc_perror(ls->p, e, "%s: cannot read link", item->path);
        return;
    }
    out_text(ls->p, " -> ");
    begin_color(ls, item->target);
    show_name(ls, target);
    end_color(ls);
    show_mark(ls, item->target);
}

/* One item; the columns that it took. */
static size_t show_item(const struct ls *ls, const struct ls_item *item)
{
    size_t columns = 0;
    char text[32];
    if (ls->flags & LS_INODE) {
        columns += (size_t)snprintf(text, sizeof text, "%7u ", item->st.ino);
        out_text(ls->p, text);
    }
    if (ls->flags & LS_BLOCKS) {
        columns +=
            (size_t)snprintf(text, sizeof text, "%6llu ", (unsigned long long)item->st.blocks / 2);
        out_text(ls->p, text);
    }
    if (ls->format == LS_LONG)
        show_long(ls, item);
    begin_color(ls, item->mode);
    columns += show_name(ls, item->name);
    end_color(ls);
    if (ls->format == LS_LONG && S_ISLNK(item->st.mode))
        show_target(ls, item);
    else
        columns += show_mark(ls, item->st.mode);
    return columns;
}

/* ---- All of them ---- */

static size_t column_width(const struct ls *ls, struct ls_item *const *items, size_t n)
{
    size_t width = 0;
    for (size_t i = 0; i < n; i++) {
        size_t w = name_width(ls, items[i]->name);
        width = w > width ? w : width;
    }
    width += ls->flags & LS_INODE ? 8 : 0;
    width += ls->flags & LS_BLOCKS ? 5 : 0;
    width += ls->flags & LS_CLASS ? 1 : 0;
    return width + 2;
}

static void show_columns(const struct ls *ls, struct ls_item *const *items, size_t n)
{
    size_t width = column_width(ls, items, n), columns = ls->width / width;
    columns = columns > 1 ? columns : 1;
    size_t rows = (n + columns - 1) / columns;
    for (size_t row = 0; row < rows; row++) {
        size_t at = 0, next = 0;
        for (size_t column = 0; column < columns; column++) {
            size_t i = ls->format == LS_ACROSS ? row * columns + column : column * rows + row;
            if (i >= n)
                continue;
            if (at) {
                int pad = (int)next - (int)at;
                out_print(ls->p, "%*s", pad, "");
                at += (size_t)(pad < 0 ? -pad : pad);
            }
            next = at + width;
            at += show_item(ls, items[i]);
        }
        out_char(ls->p, '\n');
    }
}

void ls_show(const struct ls *ls, struct ls_item *const *items, size_t n)
{
    if (ls->format == LS_COLUMNS || ls->format == LS_ACROSS) {
        if (n)
            show_columns(ls, items, n);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        show_item(ls, items[i]);
        out_char(ls->p, '\n');
    }
}
