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
static const char *const heights[] = { "\u2581", "\u2582", "\u2583", "\u2584",
                                       "\u2585", "\u2586", "\u2587", "\u2588" };
static const char plain_heights[] = "_.-=+*%#";

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

/* The greatest number of a group; not a number where it has none. */
static double greatest(const double *values, size_t n)
{
    double most = NAN;
    for (size_t i = 0; i < n; i++)
        if (isfinite(values[i]) && !(values[i] <= most))
            most = values[i];
    return most;
}

static void put_height(struct buf *to, double value, double most, bool utf8)
{
    if (!isfinite(value)) {
        buf_u8(to, ' ');
        return;
    }
    double share = most > 0 && value > 0 ? value / most : 0;
    unsigned height = (unsigned)lround(share * 7);
    if (utf8)
        buf_text(to, heights[height]);
    else
        buf_u8(to, (uint8_t)plain_heights[height]);
}

void bar_spark(struct buf *to, const double *values, size_t n, unsigned columns, bool utf8)
{
    double most = greatest(values, n);
    size_t places = n < columns ? n : columns;
    for (size_t i = 0; i < places; i++) {
        size_t from = i * n / places, end = (i + 1) * n / places;
        put_height(to, greatest(values + from, end - from), most, utf8);
    }
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
