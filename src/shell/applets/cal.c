/* cal: Julian until 2 September 1752, Gregorian from the 14th on, as Britain had it. */
#include "shell/applet.h"
#include "shell/applets/date-time.h"
#include "shell/options.h"

#include <string.h>

enum { WEEKS = 6, CELLS = WEEKS * 7, LINE = 79 };

struct calendar {
    bool julian; /* days are counted through the year */
    bool monday;
    int cell;  /* columns of a day, with the blank before it */
    int width; /* of a month */
};

static bool is_leap(int64_t year)
{
    return year <= 1752 ? year % 4 == 0 : date_is_leap(year);
}

static int days_before(int64_t year, int month)
{
    static const int days[12] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
    return days[month] + (month > 1 && is_leap(year));
}

static int days_in(int64_t year, int month)
{
    return month == 1 ? 28 + is_leap(year) : date_month_days(2001, month);
}

/* 0 is Sunday. The first day of the year 1 was a Saturday. */
static int weekday(int64_t year, int month, int day)
{
    bool old = year < 1752 || (year == 1752 && (month < 8 || (month == 8 && day <= 2)));
    if (!old)
        return (int)((date_days(year, month, day) + 4) % 7 + 7) % 7;
    int64_t n = (year - 1) * 365 + (year - 1) / 4 + days_before(year, month) + day - 1;
    return (int)((6 + n) % 7);
}

/* The days of a month where they stand; 0: none. */
static void lay_out(const struct calendar *c, int64_t year, int month, int cells[static CELLS])
{
    memset(cells, 0, CELLS * sizeof *cells);
    int at = (weekday(year, month, 1) + (c->monday ? 6 : 0)) % 7;
    for (int day = 1; day <= days_in(year, month); day++) {
        if (year == 1752 && month == 8 && day > 2 && day < 14)
            continue;
        cells[at++] = day + (c->julian ? days_before(year, month) : 0);
    }
}

static void put_week(const struct calendar *c, const int *cells, char *line)
{
    for (int i = 0; i < 7; i++) {
        char *at = line + i * c->cell;
        for (int v = cells[i], d = c->cell - 2; v > 0; v /= 10)
            at[d--] = (char)('0' + v % 10);
    }
}

/* Without the blanks at its end, unless it is all blank. */
static void put_line(struct proc *p, const char *line, size_t n)
{
    size_t len = n;
    while (len > 0 && line[len - 1] == ' ')
        len--;
    out_put(p, line, len ? len : n);
    out_char(p, '\n');
}

static void put_centered(struct proc *p, const char *s, int width, int behind)
{
    int left = (width - (int)strlen(s)) / 2, right = width - (int)strlen(s) - left;
    out_print(p, "%*s%s%*s", left > 0 ? left : 0, "", s, behind >= 0 ? right + behind : 0, "");
}

static void put_names(struct proc *p, const struct calendar *c)
{
    for (int i = 0; i < 7; i++)
        out_print(p, "%s%*s%.2s", i ? " " : "", c->cell - 3, "",
                  date_weekdays[(i + c->monday) % 7]);
}

static void put_month(struct proc *p, const struct calendar *c, int64_t year, int month)
{
    int cells[CELLS];
    char *title = memory_print(proc_memory(p), "%s %lld", date_months[month], (long long)year);
    put_centered(p, title, c->width, -1);
    out_char(p, '\n');
    put_names(p, c);
    out_char(p, '\n');
    lay_out(c, year, month, cells);
    for (int w = 0; w < WEEKS; w++) {
        char line[LINE];
        memset(line, ' ', sizeof line);
        put_week(c, cells + w * 7, line);
        put_line(p, line, (size_t)c->width + 1);
    }
}

/* Months beside each other. */
static void put_row(struct proc *p, const struct calendar *c, int64_t year, int month, int n)
{
    int cells[3][CELLS];
    for (int i = 0; i < n; i++) {
        put_centered(p, date_months[month + i], c->width, i + 1 < n ? 2 : 0);
        lay_out(c, year, month + i, cells[i]);
    }
    out_char(p, '\n');
    for (int i = 0; i < n; i++) {
        put_names(p, c);
        out_text(p, i + 1 < n ? "  " : "\n");
    }
    for (int w = 0; w < WEEKS; w++) {
        char line[LINE];
        memset(line, ' ', sizeof line);
        for (int i = 0; i < n; i++)
            put_week(c, cells[i] + w * 7, line + i * (c->width + 2));
        put_line(p, line, sizeof line);
    }
}

static void put_year(struct proc *p, const struct calendar *c, int64_t year)
{
    int n = c->julian ? 2 : 3;
    put_centered(p, memory_print(proc_memory(p), "%lld", (long long)year),
                 n * c->width + (n - 1) * 2, 0);
    out_text(p, "\n\n");
    for (int month = 0; month < 12; month += n)
        put_row(p, c, year, month, n);
}

static int run(struct proc *p, int argc, char **argv)
{
    unsigned given = options_bits(p, argc, argv, "jmy", &argv);
    struct calendar c = { .julian = given & 1, .monday = given & 2 };
    struct date_zone zone;
    struct date_time now = { .year = 1970 };
    c.cell = c.julian ? 4 : 3;
    c.width = 7 * c.cell - 1;
    date_zone_read(&zone, proc_getenv(p, "TZ"));
    date_break(&zone, proc_now(p) / 1000000, &now);
    int month = given & 4 ? -1 : now.month;
    if (argv[0] && argv[1] && argv[2])
        proc_usage(p);
    if (argv[0]) {
        if (!argv[1])
            month = -1;
        else if (!(given & 4))
            month = (int)options_number(p, argv[0], 1, 12, NULL) - 1;
        now.year = (int64_t)options_number(p, argv[argv[1] ? 1 : 0], 1, 9999, NULL);
    }
    if (month < 0)
        put_year(p, &c, now.year);
    else
        put_month(p, &c, now.year, month);
    return 0;
}

const struct applet applet_cal = { .name = "cal", .once = run, .unwritten = UNWRITTEN_OUTPUT };
