#include "shell/applets/find.h"

#include <string.h>

/* POSIX.1-2017, Shell and Utilities, chmod: the grammar of modes, from 0. */

enum { SPECIAL = 07000, EACH = 0777, STICKY = 01000, SET_UID = 04000, SET_GID = 02000 };

static bool octal(const char *s, uint32_t *ret)
{
    uint32_t mode = 0;
    for (; *s >= '0' && *s <= '7'; s++) {
        mode = mode << 3 | (uint32_t)(*s - '0');
        if (mode > (SPECIAL | EACH))
            return false;
    }
    *ret = mode;
    return !*s;
}

static uint32_t who_of(char c)
{
    switch (c) {
    case 'u':
        return SET_UID | 0700;
    case 'g':
        return SET_GID | 0070;
    case 'o':
        return 0007;
    case 'a':
        return SET_UID | SET_GID | EACH;
    default:
        return 0;
    }
}

/* The bits of rwxXst, for everyone; false: c is none. An X has nothing to be of. */
static bool bits_of(char c, uint32_t mode, uint32_t *bits)
{
    static const char letters[] = "rwxst";
    static const uint32_t values[] = { 0444, 0222, 0111, SET_UID | SET_GID, STICKY };
    const char *known = c ? strchr(letters, c) : NULL;
    if (c == 'X')
        *bits |= mode & 0111 ? 0111 : 0;
    else if (known)
        *bits |= values[known - letters];
    return known || c == 'X';
}

/* One clause, up to a comma or the end; NULL: it is none. */
static const char *clause(const char *s, uint32_t umask, uint32_t *mode)
{
    uint32_t who = 0;
    for (; who_of(*s); s++)
        who |= who_of(*s);
    uint32_t mask = who ? who | STICKY : ((SPECIAL | EACH) & ~umask);
    if (!*s || !strchr("+-=", *s))
        return NULL;
    while (*s && strchr("+-=", *s)) {
        char how = *s++;
        uint32_t bits = 0;
        while (bits_of(*s, *mode, &bits))
            s++;
        if (how == '=')
            *mode &= ~(who ? who : (uint32_t)EACH);
        *mode = how == '-' ? *mode & ~(bits & mask) : *mode | (bits & mask);
    }
    return *s && *s != ',' ? NULL : s;
}

bool find_mode(const char *s, uint32_t umask, uint32_t *ret)
{
    if (!*s || (*s >= '0' && *s <= '9'))
        return octal(s, ret);
    *ret = 0;
    for (;;) {
        s = clause(s, umask, ret);
        if (!s || !*s)
            return s;
        s++;
    }
}
