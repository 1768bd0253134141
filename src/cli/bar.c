#include "cli/bar.h"

#include "base/text.h"
#include "base/time.h"
#include "cli/out.h"

#include <math.h>
#include <string.h>

enum { BAR_COLUMNS = 24 };
#define SECOND UINT64_C(1000000000)

static const char *const eighths[] = { "",       "\u258f", "\u258e", "\u258d", "\u258c",
                                       "\u258b", "\u258a", "\u2589", "\u2588" };

void bar_share(struct buf *to, double share, unsigned columns, bool utf8, bool pad)
{
    if (!(share > 0)) /* also what is no number */
        share = 0;
    if (share > 1)
        share = 1;
    unsigned parts = (unsigned)lround(share * columns * 8);
    unsigned full = utf8 ? parts / 8 : (parts + 4) / 8, used = full;
    for (unsigned i = 0; i < full; i++)
        buf_text(to, utf8 ? eighths[8] : "#");
    if (utf8 && parts % 8) {
        buf_text(to, eighths[parts % 8]);
        used++;
    }
    if (pad && used < columns)
        buf_print(to, "%*s", (int)(columns - used), "");
}

/* --- progress ------------------------------------------------------------------------------------
 */

void bar_begin(struct bar *b, const char *label, uint64_t total, const char *unit)
{
    *b = (struct bar){ .unit = unit, .total = total, .screen = screen_width(stderr) };
    text_copy(b->label, sizeof b->label, label);
    b->start = b->last = time_mono();
}

static void put_rate(struct buf *to, double per_second, const char *unit)
{
    if (per_second >= 1e6)
        buf_print(to, "%.1f M %s/s", per_second / 1e6, unit);
    else if (per_second >= 1e3)
        buf_print(to, "%.1f k %s/s", per_second / 1e3, unit);
    else
        buf_print(to, "%.0f %s/s", per_second, unit);
}

static void put_left(struct buf *to, double seconds)
{
    unsigned long s = seconds < 359999 ? (unsigned long)ceil(seconds) : 359999;
    if (s >= 3600)
        buf_print(to, "  %lu:%02lu:%02lu left", s / 3600, s / 60 % 60, s % 60);
    else
        buf_print(to, "  %lu:%02lu left", s / 60, s % 60);
}

void bar_line(const struct bar *b, uint64_t done, uint64_t count, double seconds, struct buf *to)
{
    char counted[THOUSANDS_TEXT];
    text_escape(to, b->label, strlen(b->label), TEXT_PLAIN);
    if (b->total) {
        double share = done < b->total ? (double)done / (double)b->total : 1;
        buf_text(to, " [");
        bar_share(to, share, BAR_COLUMNS, screen_utf8(), true);
        buf_print(to, "] %3.0f %%", floor(share * 100));
    }
    buf_print(to, "  %s %s  ", thousands((int64_t)count, counted), b->unit);
    if (seconds > 0)
        put_rate(to, (double)count / seconds, b->unit);
    if (b->total && done > 0 && done <= b->total && seconds > 1)
        put_left(to, seconds / (double)done * (double)(b->total - done));
}

void bar_update(struct bar *b, uint64_t done, uint64_t count)
{
    uint64_t now;
    if (!b->screen || (now = time_mono()) - b->last < SECOND / 10)
        return;
    b->last = now;
    struct buf line;
    buf_init(&line, 1024);
    bar_line(b, done, count, (double)(now - b->start) / (double)SECOND, &line);
    if (buf_ok(&line)) {
        const char *text = (const char *)line.data;
        fprintf(stderr, "\r%.*s\x1b[K", (int)text_fit(text, line.len, b->screen - 1), text);
        fflush(stderr);
        b->drawn = true;
    }
    buf_release(&line);
}

void bar_clear(struct bar *b)
{
    if (!b->drawn)
        return;
    fputs("\r\x1b[K", stderr);
    fflush(stderr);
    b->drawn = false;
}
