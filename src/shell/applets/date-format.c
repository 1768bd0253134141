/* strftime() and strptime() of the C locale. */
#include "shell/applets/date-time.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

const char *const date_months[12] = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December",
};
const char *const date_weekdays[7] = {
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
};

enum { WIDTH_MOST = 100000 };

/* One conversion: its flag, width, and where it goes. */
struct field {
    struct text *to;
    char flag; /* - _ 0, or 0 */
    bool upper, swap;
    int width; /* -1: none */
};

static void pad(struct text *to, char c, int n)
{
    while (n-- > 0)
        text_char_add(to, c);
}

static void put_text(const struct field *f, const char *s, size_t n)
{
    pad(f->to, f->flag == '0' ? '0' : ' ', f->width - (int)n);
    for (size_t i = 0; i < n; i++)
        text_char_add(f->to, (char)(f->upper ? toupper((unsigned char)s[i]) : s[i]));
}

static void put_number(const struct field *f, int64_t v, int digits, char fill)
{
    char text[32], *at = text + sizeof text;
    bool negative = v < 0;
    uint64_t left = negative ? -(uint64_t)v : (uint64_t)v;
    do
        *--at = (char)('0' + left % 10);
    while ((left /= 10) != 0);
    int n = (int)(text + sizeof text - at), width = f->width > digits ? f->width : digits;
    if (f->flag == '-')
        width = f->width;
    if (f->flag)
        fill = f->flag == '0' ? '0' : ' ';
    if (negative && fill == '0')
        text_char_add(f->to, '-');
    pad(f->to, fill, width - n - negative);
    if (negative && fill != '0')
        text_char_add(f->to, '-');
    text_add(f->to, at, (size_t)n);
}

/* Week of the year; the first is the one with the first `start` (0 Sunday, 1 Monday). */
static int week(const struct date_time *t, int start)
{
    return (t->yearday + 7 - (t->weekday + 7 - start) % 7) / 7;
}

/* ISO 8601: weeks begin on Monday, the first has the year's first Thursday. */
static int iso_week(const struct date_time *t, int64_t *ret_year)
{
    int from_monday = (t->weekday + 6) % 7, thursday = t->yearday - from_monday + 3;
    *ret_year = t->year;
    if (thursday < 0) {
        *ret_year = t->year - 1;
        thursday += 365 + date_is_leap(t->year - 1);
    } else if (thursday >= 365 + date_is_leap(t->year)) {
        *ret_year = t->year + 1;
        thursday -= 365 + date_is_leap(t->year);
    }
    return thursday / 7 + 1;
}

static void put_offset(const struct field *f, const struct date_time *t)
{
    int minutes = (t->offset < 0 ? -t->offset : t->offset) / 60;
    put_text(f, t->offset < 0 ? "-" : "+", 1);
    put_number(f, minutes / 60 * 100 + minutes % 60, 4, '0');
}

static int64_t positive_mod(int64_t a, int64_t b)
{
    return (a % b + b) % b;
}

/* Those that are numbers; false: it is none of them. */
static bool put_numeric(const struct field *f, char c, const struct date_time *t)
{
    int hour = t->hour % 12 ? t->hour % 12 : 12;
    int64_t iso_year;
    int iso = iso_week(t, &iso_year);
    const struct {
        char c;
        int digits;
        char fill;
        int64_t v;
    } rows[] = {
        { 'C', 2, '0', (t->year - positive_mod(t->year, 100)) / 100 },
        { 'd', 2, '0', t->day },
        { 'e', 2, ' ', t->day },
        { 'g', 2, '0', positive_mod(iso_year, 100) },
        { 'G', 4, '0', iso_year },
        { 'H', 2, '0', t->hour },
        { 'I', 2, '0', hour },
        { 'j', 3, '0', t->yearday + 1 },
        { 'k', 2, ' ', t->hour },
        { 'l', 2, ' ', hour },
        { 'm', 2, '0', t->month + 1 },
        { 'M', 2, '0', t->minute },
        { 's', 1, '0', t->when },
        { 'S', 2, '0', t->second },
        { 'u', 1, '0', t->weekday ? t->weekday : 7 },
        { 'U', 2, '0', week(t, 0) },
        { 'V', 2, '0', iso },
        { 'w', 1, '0', t->weekday },
        { 'W', 2, '0', week(t, 1) },
        { 'y', 2, '0', positive_mod(t->year, 100) },
        { 'Y', 1, '0', t->year },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].c == c) {
            put_number(f, rows[i].v, rows[i].digits, rows[i].fill);
            return true;
        }
    }
    return false;
}

/* Those that stand for others. */
static const char *composed(char c)
{
    switch (c) {
    case 'c':
        return "%a %b %e %H:%M:%S %Y";
    case 'D':
    case 'x':
        return "%m/%d/%y";
    case 'F':
        return "%Y-%m-%d";
    case 'r':
        return "%I:%M:%S %p";
    case 'R':
        return "%H:%M";
    case 'T':
    case 'X':
        return "%H:%M:%S";
    default:
        return NULL;
    }
}

static bool put_word(struct field *f, char c, const struct date_time *t)
{
    const char *s;
    size_t n = 3;
    switch (c) {
    case 'a':
    case 'A':
        s = date_weekdays[t->weekday];
        n = c == 'a' ? n : strlen(s);
        break;
    case 'b':
    case 'h':
    case 'B':
        s = date_months[t->month];
        n = c != 'B' ? n : strlen(s);
        break;
    case 'p':
    case 'P': {
        bool lower = c == 'P' || f->swap;
        s = t->hour < 12 ? lower ? "am" : "AM" : lower ? "pm" : "PM";
        n = 2;
        f->upper = f->upper && c != 'P';
        break;
    }
    case 'Z': {
        char zone[DATE_ZONE_NAME];
        n = strlen(t->zone);
        for (size_t i = 0; i < n; i++)
            zone[i] = (char)(f->swap ? tolower((unsigned char)t->zone[i]) : t->zone[i]);
        put_text(f, zone, n);
        return true;
    }
    case 'n':
        s = "\n";
        n = 1;
        break;
    case 't':
        s = "\t";
        n = 1;
        break;
    case '%':
        s = "%";
        n = 1;
        break;
    default:
        return false;
    }
    f->upper = f->upper || (f->swap && !strchr("pPn", c));
    put_text(f, s, n);
    return true;
}

static bool convert(struct field *f, char c, const struct date_time *t);

/* Of others, which are none themselves. */
static void put_composed(struct field *f, const char *format, const struct date_time *t)
{
    struct text part = text_of(f->to->memory);
    for (const char *s = format; *s; s++) {
        struct field one = { .to = &part, .width = -1 };
        if (*s == '%')
            convert(&one, *++s, t);
        else
            text_char_add(&part, *s);
    }
    put_text(f, part.data, part.len);
    text_release(&part);
}

static bool convert(struct field *f, char c, const struct date_time *t)
{
    if (put_numeric(f, c, t))
        return true;
    const char *others = composed(c);
    if (others)
        put_composed(f, others, t);
    else if (c == 'z')
        put_offset(f, t);
    else
        return put_word(f, c, t);
    return true;
}

/* Flags, width and E or O before the letter. */
static const char *read_field(const char *s, struct field *f)
{
    for (; *s && strchr("-_0^#", *s); s++) {
        if (*s == '^')
            f->upper = true;
        else if (*s == '#')
            f->swap = true;
        else
            f->flag = *s;
    }
    if (isdigit((unsigned char)*s)) {
        for (f->width = 0; isdigit((unsigned char)*s); s++)
            f->width = f->width < WIDTH_MOST / 10 ? f->width * 10 + (*s - '0') : WIDTH_MOST;
    }
    /* Other names of an era, other digits: the C locale has none, but not all letters may have
     * them. */
    if ((*s == 'E' && s[1] && strchr("cCpPrRsTuxXyYntzZ%", s[1])) ||
        (*s == 'O' && s[1] && strchr("bBCdegGhHIjklmMpPrRsSTuUVwWyntzZ%", s[1])))
        s++;
    return s;
}

void date_format(struct text *to, const char *format, const struct date_time *t)
{
    while (*format) {
        if (*format != '%') {
            text_char_add(to, *format++);
            continue;
        }
        struct field f = { .to = to, .width = -1 };
        const char *letter = read_field(format + 1, &f);
        bool known = *letter && convert(&f, *letter, t);
        if (!known) {
            letter += (*letter == 'E' || *letter == 'O') && letter[1];
            text_add(to, format, (size_t)(letter - format));
            if (*letter)
                text_char_add(to, (char)(f.upper ? toupper((unsigned char)*letter) : *letter));
        }
        format = letter + (*letter != '\0');
    }
}

/* ---- Reading ---- */

static const char *scan_int(const char *s, int least, int most, int digits, int *ret)
{
    int v = 0, n = 0;
    while (*s == ' ')
        s++;
    for (; n < digits && isdigit((unsigned char)s[n]); n++)
        v = v * 10 + (s[n] - '0');
    if (n == 0 || v < least || v > most)
        return NULL;
    *ret = v;
    return s + n;
}

static const char *scan_name(const char *s, const char *const *names, int n, int *ret)
{
    for (int i = 0; i < n; i++) {
        size_t whole = strlen(names[i]);
        if (strncasecmp(s, names[i], 3) != 0)
            continue;
        *ret = i;
        return s + (strncasecmp(s, names[i], whole) == 0 ? whole : 3);
    }
    return NULL;
}

static const char *scan_half(const char *s, struct date_time *t)
{
    bool after = strncasecmp(s, "pm", 2) == 0;
    if (!after && strncasecmp(s, "am", 2) != 0)
        return NULL;
    t->hour = t->hour % 12 + (after ? 12 : 0);
    return s + 2;
}

static const char *scan_seconds(const char *s, struct date_time *t)
{
    int64_t v;
    struct date_zone utc;
    date_zone_read(&utc, NULL);
    return isdigit((unsigned char)*s) && date_number(&s, &v) && date_break(&utc, v, t) ? s : NULL;
}

static const char *scan_one(const char *s, char c, struct date_time *t)
{
    int v = 0;
    const char *end;
    switch (c) {
    case 'a':
    case 'A':
        return scan_name(s, date_weekdays, 7, &t->weekday);
    case 'b':
    case 'B':
    case 'h':
        return scan_name(s, date_months, 12, &t->month);
    case 'd':
    case 'e':
        return scan_int(s, 1, 31, 2, &t->day);
    case 'H':
    case 'k':
        return scan_int(s, 0, 23, 2, &t->hour);
    case 'I':
    case 'l':
        return scan_int(s, 1, 12, 2, &t->hour);
    case 'j':
        end = scan_int(s, 1, 366, 3, &v);
        t->yearday = end ? v - 1 : t->yearday;
        return end;
    case 'm':
        end = scan_int(s, 1, 12, 2, &v);
        t->month = end ? v - 1 : t->month;
        return end;
    case 'M':
        return scan_int(s, 0, 59, 2, &t->minute);
    case 'p':
        return scan_half(s, t);
    case 's':
        return scan_seconds(s, t);
    case 'S':
        return scan_int(s, 0, 61, 2, &t->second);
    case 'y':
        end = scan_int(s, 0, 99, 2, &v);
        t->year = end ? v + (v < 69 ? 2000 : 1900) : t->year;
        return end;
    case 'Y':
        end = scan_int(s, 0, 9999, 4, &v);
        t->year = end ? v : t->year;
        return end;
    case 'n':
    case 't':
        while (isspace((unsigned char)*s))
            s++;
        return s;
    case '%':
        return *s == '%' ? s + 1 : NULL;
    default:
        return NULL;
    }
}

const char *date_scan(const char *s, const char *format, struct date_time *t)
{
    for (; *format && s; format++) {
        if (isspace((unsigned char)*format)) {
            while (isspace((unsigned char)*s))
                s++;
        } else if (*format != '%') {
            s = *s == *format ? s + 1 : NULL;
        } else {
            const char *others = composed(*++format);
            s = others && *format != 'c' && *format != 'r' ? date_scan(s, others, t)
                                                           : scan_one(s, *format, t);
            if (!*format)
                return NULL;
        }
    }
    return s;
}
