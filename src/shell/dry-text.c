#include "shell/dry-inside.h"

#include "shell/pattern.h"

#include <stdlib.h>
#include <string.h>

/* ---- Escapes of echo -e and printf ---- */

static int hex(char c)
{
    return c >= '0' && c <= '9'                 ? c - '0'
           : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                : -1;
}

/* What stands behind a backslash; where it ends. */
static const char *escape(struct text *to, const char *s)
{
    static const char from[] = "abefnrtv\\\"", by[] = "\a\b\033\f\n\r\t\v\\\"";
    const char *known = *s ? strchr(from, *s) : NULL;
    if (known) {
        text_char_add(to, by[known - from]);
        return s + 1;
    }
    int value = 0, digits = 0;
    if (*s == 'x' && hex(s[1]) >= 0) {
        for (s++; digits < 2 && hex(*s) >= 0; digits++)
            value = value * 16 + hex(*s++);
    } else if (*s >= '0' && *s <= '7') {
        int most = *s == '0' ? 4 : 3;
        for (; digits < most && *s >= '0' && *s <= '7'; digits++)
            value = value * 8 + (*s++ - '0');
    } else {
        text_char_add(to, '\\');
        return s;
    }
    text_char_add(to, (char)value);
    return s;
}

static void escaped(struct text *to, const char *s)
{
    while (*s) {
        if (*s == '\\')
            s = escape(to, s + 1);
        else
            text_char_add(to, *s++);
    }
}

void dry_echo(struct text *to, char **argv)
{
    bool line = true, escapes = false;
    char **at = argv + 1;
    for (; *at && (*at)[0] == '-' && (*at)[1] && !(*at)[1 + strspn(*at + 1, "neE")]; at++) {
        line &= !strchr(*at, 'n');
        escapes |= strchr(*at, 'e') != NULL;
    }
    for (char **first = at; *at; at++) {
        if (at != first)
            text_char_add(to, ' ');
        if (escapes)
            escaped(to, *at);
        else
            text_say(to, *at);
    }
    if (line)
        text_char_add(to, '\n');
}

/* One conversion, with the word it is of ("" where there is none). */
static const char *convert(struct text *to, const char *s, const char *word)
{
    s += strspn(s, "-+ #0123456789.");
    switch (*s) {
    case 'b':
        escaped(to, word);
        break;
    case 'c':
        text_add(to, word, *word != '\0');
        break;
    case '%':
        text_char_add(to, '%');
        break;
    case 'x':
    case 'X':
    case 'o':
        text_char_add(to, '*');
        break;
    default:
        text_say(to, word);
    }
    return *s ? s + 1 : s;
}

void dry_printf(struct text *to, char **argv)
{
    char **words = argv + 1;
    if (!*words)
        return;
    const char *format = *words++;
    do {
        char **before = words;
        for (const char *s = format; *s;) {
            if (*s == '\\') {
                s = escape(to, s + 1);
            } else if (*s == '%' && s[1] == '%') {
                text_char_add(to, '%');
                s += 2;
            } else if (*s == '%') {
                s = convert(to, s + 1, *words ? *words : "");
                words += *words != NULL;
            } else {
                text_char_add(to, *s++);
            }
        }
        if (words == before)
            break;
    } while (*words && to->len < DRY_TEXT);
}

void dry_base64(struct text *to, const char *s, size_t n)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = 0;
    unsigned n_bits = 0;
    for (size_t i = 0; i < n && s[i] != '='; i++) {
        const char *known = s[i] ? strchr(letters, s[i]) : NULL;
        if (!known)
            continue;
        bits = bits << 6 | (uint32_t)(known - letters);
        n_bits += 6;
        if (n_bits >= 8) {
            n_bits -= 8;
            text_char_add(to, (char)(bits >> n_bits));
        }
    }
}

/* ---- ${x OP ...} ---- */

static void cut(struct walk *w, const struct part *p, const char *value, const char *pattern,
                struct text *to)
{
    size_t n = strlen(value), n_pattern = strlen(pattern);
    bool left = p->op == OP_CUT_LEFT || p->op == OP_CUT_LEFT_MOST;
    bool most = p->op == OP_CUT_LEFT_MOST || p->op == OP_CUT_RIGHT_MOST;
    for (size_t i = 0; i <= n; i++) {
        size_t len = most ? n - i : i;
        const char *s = left ? value : value + n - len;
        dry_step(w, 1 + len / 64 * (n_pattern + 1));
        if (pattern_match(pattern, n_pattern, s, len, 0)) {
            text_add(to, left ? value + len : value, n - len);
            return;
        }
    }
    text_add(to, value, n);
}

static void replace(const struct part *p, const char *value, const char *what, const char *by,
                    struct text *to)
{
    size_t n = strlen(what);
    for (const char *found; n && (found = strstr(value, what)) && to->len < DRY_TEXT;
         value = found + n) {
        text_add(to, value, (size_t)(found - value));
        text_say(to, by);
        if (p->op == OP_REPLACE) {
            value = found + n;
            break;
        }
    }
    text_say(to, value);
}

static void slice(const char *value, const char *from, const char *count, struct text *to)
{
    long n = (long)strlen(value), begin = strtol(from, NULL, 10),
         length = count ? strtol(count, NULL, 10) : n;
    if (begin < 0)
        begin = begin < -n ? 0 : n + begin;
    if (begin > n)
        begin = n;
    long end = length < 0           ? (length < -n ? 0 : n + length)
               : length > n - begin ? n
                                    : begin + length;
    if (end > begin)
        text_add(to, value + begin, (size_t)(end - begin));
}

void dry_value_of(struct walk *w, const struct part *p, const char *value, struct text *to)
{
    bool set = value && !(p->colon && !*value);
    if (w->depth >= DRY_DEEP) {
        text_say(to, "*");
        return;
    }
    w->depth++;
    switch (p->op) {
    case OP_DEFAULT:
    case OP_ASSIGN:
        text_say(to, set ? value : dry_single(w, p->argument));
        if (!set && p->op == OP_ASSIGN)
            dry_set(w, p->text, p->n, to->data, w->unsure);
        break;
    case OP_ALTERNATIVE:
        text_say(to, dry_single(w, p->argument));
        break;
    case OP_CUT_LEFT:
    case OP_CUT_LEFT_MOST:
    case OP_CUT_RIGHT:
    case OP_CUT_RIGHT_MOST:
        cut(w, p, value ? value : "*", dry_single(w, p->argument), to);
        break;
    case OP_REPLACE:
    case OP_REPLACE_ALL:
        replace(p, value ? value : "*", dry_single(w, p->argument), dry_single(w, p->second), to);
        break;
    case OP_SLICE:
        slice(value ? value : "*", dry_single(w, p->argument),
              p->second ? dry_single(w, p->second) : NULL, to);
        break;
    case OP_LENGTH:
        text_print(to, "%zu", value ? strlen(value) : 0);
        break;
    default:
        text_say(to, value ? value : "*");
    }
    w->depth--;
}
