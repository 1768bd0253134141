/* date */
#include "shell/applet.h"
#include "shell/applets/date-time.h"
#include "shell/options.h"

#include <ctype.h>
#include <string.h>

enum given { UTC = 1, SET = 2, SHOW = 4, FORMAT = 8, FILE_OF = 16, RFC = 32, ISO = 64 };

struct request {
    unsigned given; /* enum given */
    const char *set, *show, *scan, *file;
    char precision;     /* of -I: d h m s n */
    const char *format; /* behind the + */
    struct date_zone zone;
};

static const struct option_long longs[] = {
    { "rfc-822", 0, 'R' }, { "rfc-2822", 0, 'R' },  { "set", 1, 's' }, { "utc", 0, 'u' },
    { "date", 1, 'd' },    { "reference", 1, 'r' }, { NULL, 0, 0 },
};

static char read_precision(struct proc *p, const char *word)
{
    static const char *const words[] = { "date", "hours", "minutes", "seconds", "ns" };
    if (!word)
        return 'd';
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i], word) == 0)
            return *word;
    }
    proc_usage(p);
}

static void read_options(struct proc *p, struct request *r, int argc, char ***argv)
{
    struct options o;
    int c;
    options_begin(&o, p, argc, *argv, "Rs:ud:r:I::D:", longs);
    while ((c = options_next(&o)) != -1) {
        r->given |= c == 'u'   ? UTC
                    : c == 'R' ? RFC
                    : c == 's' ? SET
                    : c == 'd' ? SHOW
                    : c == 'r' ? FILE_OF
                               : 0;
        if (c == 's')
            r->set = o.argument;
        else if (c == 'd')
            r->show = o.argument;
        else if (c == 'D')
            r->scan = o.argument;
        else if (c == 'r')
            r->file = o.argument;
        else if (c == 'I') {
            r->given |= ISO;
            r->precision = read_precision(p, o.argument);
        }
    }
    *argv += o.index;
}

/* What is not an option: +FORMAT, and a time to be set. */
static void read_words(struct proc *p, struct request *r, char **words)
{
    if (*words && **words == '+') {
        r->format = *words++ + 1;
        r->given |= FORMAT;
    }
    if (*words && !(r->given & (SET | SHOW))) {
        r->set = *words++;
        r->given |= SET;
    }
    if (*words && **words == '+' && !r->format) {
        r->format = *words++ + 1;
        r->given |= FORMAT;
    }
    if (*words)
        proc_usage(p);
}

/* ---- The times that are understood ---- */

/* n of them, two digits each, at s. */
static bool pairs(const char *s, int n, int *to)
{
    for (int i = 0; i < n; i++, s += 2) {
        if (!isdigit((unsigned char)s[0]) || !isdigit((unsigned char)s[1]))
            return false;
        to[i] = (s[0] - '0') * 10 + (s[1] - '0');
    }
    return true;
}

/* One digit or two. */
static bool read_second(const char *s, int *ret)
{
    size_t n = strspn(s, "0123456789");
    *ret = n == 1 ? s[0] - '0' : 0;
    return s[n] == '\0' && (n == 1 || (n == 2 && pairs(s, 1, ret))) && *ret <= 60;
}

/* [[[[[YY]YY]MM]DD]hh]mm[.ss]; of what is set MMDDhhmm[[YY]YY][.ss]. */
static bool read_compact(const char *s, bool set, struct date_time *t)
{
    size_t n = strspn(s, "0123456789");
    int v[6], second = 0;
    if (n % 2 || n < (set ? 8 : 2) || n > 12 || (s[n] && s[n] != '.') || !pairs(s, (int)n / 2, v))
        return false;
    if (s[n] == '.' && !read_second(s + n + 1, &second))
        return false;
    int parts = (int)n / 2, *year = set ? v + 4 : v, n_year = parts - 4,
        *rest = set ? v : v + (n_year > 0 ? n_year : 0);
    if (n_year > 0) {
        int century = n_year == 2 ? year[0] * 100 : (int)(t->year - t->year % 100);
        t->year = century + year[n_year - 1];
        parts = 4;
    }
    int *const fields[] = { &t->month, &t->day, &t->hour, &t->minute };
    for (int i = 0; i < parts; i++)
        *fields[4 - parts + i] = rest[i] - (parts - i == 4);
    t->second = second;
    return true;
}

struct date_layout {
    const char *scan; /* of date_scan() */
    bool day;         /* it names one: what it does not say of the hour is 0 */
};

static const struct date_layout layouts[] = {
    { "%H:%M:%S", false },         { "%H:%M", false },
    { "%m.%d-%H:%M:%S", true },    { "%m.%d-%H:%M", true },
    { "%Y.%m.%d-%H:%M:%S", true }, { "%Y.%m.%d-%H:%M", true },
    { "%Y-%m-%d %H:%M:%S", true }, { "%Y-%m-%d %H:%M", true },
    { "%Y-%m-%d %H", true },       { "%Y-%m-%d", true },
};

static bool read_layout(const char *s, struct date_time *t)
{
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
        struct date_time trial = *t;
        const char *end = date_scan(s, layouts[i].scan, &trial);
        if (end && *end == '\0') {
            *t = trial;
            return true;
        }
    }
    return false;
}

static bool is_sane(const struct date_time *t)
{
    return t->month >= 0 && t->month < 12 && t->day >= 1 && t->day <= 31 && t->hour >= 0 &&
           t->hour < 24 && t->minute >= 0 && t->minute < 60 && t->second >= 0 && t->second <= 61;
}

/* @SECONDS */
static bool read_seconds(const char *s, int64_t *ret)
{
    int64_t v = 0;
    const char *d = s;
    for (; isdigit((unsigned char)*d); d++) {
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, *d - '0', &v))
            return false;
    }
    *ret = v;
    return d > s && *d == '\0';
}

static bool to_instant(const struct request *r, const struct date_time *t, int64_t *ret)
{
    const int64_t parts[6] = { t->year, t->month + 1, t->day, t->hour, t->minute, t->second };
    return date_make(&r->zone, parts, -1, ret);
}

static bool read_time(const struct request *r, const char *s, bool set, int64_t now, int64_t *ret)
{
    struct date_time t;
    if (*s == '@' && !r->scan)
        return read_seconds(s + 1, ret);
    if (!date_break(&r->zone, now, &t))
        return false;
    t.hour = t.minute = t.second = 0;
    if (r->scan) {
        const char *end = date_scan(s, r->scan, &t);
        return end && to_instant(r, &t, ret); /* what stands behind it does not matter */
    }
    bool known = strpbrk(s, ":-") ? read_layout(s, &t) : read_compact(s, set, &t);
    return known && is_sane(&t) && to_instant(r, &t, ret);
}

/* ---- What is shown ---- */

static const char *format_of(struct proc *p, const struct request *r)
{
    static const struct {
        char precision;
        const char *format;
    } iso[] = {
        { 'd', "%Y-%m-%d" },
        { 'h', "%Y-%m-%dT%H" },
        { 'm', "%Y-%m-%dT%H:%M" },
        { 's', "%Y-%m-%dT%H:%M:%S" },
        { 'n', "%Y-%m-%dT%H:%M:%S,000000000" },
    };
    if (r->format)
        return r->format;
    if (r->given & RFC)
        return "%a, %d %b %Y %H:%M:%S %z";
    if (!(r->given & ISO))
        return "%a %b %e %H:%M:%S %Z %Y";
    for (size_t i = 0; i < sizeof iso / sizeof *iso; i++) {
        if (iso[i].precision == r->precision)
            return iso[i].format;
    }
    proc_usage(p);
}

/* +HH:MM */
static void put_offset(struct text *to, const struct date_time *t)
{
    int minutes = (t->offset < 0 ? -t->offset : t->offset) / 60;
    text_print(to, "%c%02d:%02d", t->offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

static void show(struct proc *p, const struct request *r, int64_t when)
{
    struct date_time t;
    struct text to = text_of(proc_memory(p));
    if (date_break(&r->zone, when, &t))
        date_format(&to, format_of(p, r), &t);
    if (!r->format && !(r->given & RFC) && r->given & ISO && r->precision != 'd')
        put_offset(&to, &t);
    text_char_add(&to, '\n');
    out_put(p, to.data, to.len);
}

static int run(struct proc *p, int argc, char **argv)
{
    struct request r = { .precision = 'd' };
    read_options(p, &r, argc, &argv);
    read_words(p, &r, argv);
    if (r.given & RFC && r.given & ISO)
        proc_usage(p);
    date_zone_read(&r.zone, r.given & UTC ? NULL : proc_getenv(p, "TZ"));
    int64_t now = proc_now(p) / 1000000, when = now;
    if (r.file) {
        struct vfs_stat st;
        int e = proc_stat(p, r.file, &st);
        if (e < 0)
            proc_die_errno(p, e, "can't stat '%s'", r.file);
        when = st.mtime;
    }
    const char *word = r.given & SET ? r.set : r.show;
    if (word && !read_time(&r, word, r.given & SET && !r.show, now, &when))
        proc_die(p, "invalid date '%s'", word);
    if (r.given & SET) {
        int e = proc_set_now(p, when * 1000000);
        if (e < 0)
            proc_perror(p, e, "can't set date");
    }
    show(p, &r, when);
    return 0;
}

const struct applet applet_date = { .name = "date", .once = run };
