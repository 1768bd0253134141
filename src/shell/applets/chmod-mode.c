#include "shell/applets/chmod-mode.h"

#include <string.h>
#include <sys/stat.h>

static bool parse_octal(const char *s, uint32_t *mode)
{
    uint32_t value = 0;
    for (; *s; s++) {
        if (*s < '0' || *s > '7' || value > 07777)
            return false;
        value = value << 3 | (uint32_t)(*s - '0');
    }
    if (value > 07777)
        return false;
    *mode = (*mode & S_IFMT) | value;
    return true;
}

static const struct {
    char letter;
    uint32_t bits;
} classes[] = { { 'u', 04700 }, { 'g', 02070 }, { 'o', 00007 }, { 'a', 07777 } },
  rights[] = { { 'r', 0444 }, { 'w', 0222 }, { 'x', 0111 }, { 's', 06000 }, { 't', 01000 } };

/* The classes before the sign; 0: none are named. */
static uint32_t take_classes(const char **s)
{
    uint32_t who = 0;
    for (;; ++*s) {
        size_t i = 0;
        while (i < sizeof classes / sizeof classes[0] && classes[i].letter != **s)
            i++;
        if (i == sizeof classes / sizeof classes[0])
            return who;
        who |= classes[i].bits;
    }
}

/* The bits of one class, in all classes. */
static uint32_t copied(char from, uint32_t mode)
{
    uint32_t bits = (from == 'u' ? mode >> 6 : from == 'g' ? mode >> 3 : mode) & 7;
    return bits * 0111;
}

static uint32_t take_rights(const char **s, uint32_t mode)
{
    if (**s == 'u' || **s == 'g' || **s == 'o')
        return copied(*(*s)++, mode);
    uint32_t bits = 0;
    for (;; ++*s) {
        if (**s == 'X') {
            bits |= S_ISDIR(mode) || mode & 0111 ? 0111 : 0;
            continue;
        }
        size_t i = 0;
        while (i < sizeof rights / sizeof rights[0] && rights[i].letter != **s)
            i++;
        if (i == sizeof rights / sizeof rights[0])
            return bits;
        bits |= rights[i].bits;
    }
}

/* One sign and what follows it. What "=" takes off is gone before X and copies look at the mode. */
static uint32_t take_change(const char **s, uint32_t mode, uint32_t who, uint32_t umask)
{
    char sign = *(*s)++;
    if (sign == '=')
        mode &= ~(who ? who : 07777);
    uint32_t bits = take_rights(s, mode) & (who ? who : ~umask);
    return sign == '-' ? mode & ~bits : mode | bits;
}

bool mode_parse(const char *s, uint32_t umask, uint32_t *mode)
{
    if (*s >= '0' && *s <= '9')
        return parse_octal(s, mode);
    while (*s) {
        if (*s == ',') {
            s++;
            continue;
        }
        uint32_t who = take_classes(&s);
        if (!*s || !strchr("+-=", *s))
            return false;
        while (*s && strchr("+-=", *s))
            *mode = take_change(&s, *mode, who, umask);
        if (*s && *s != ',')
            return false;
    }
    return true;
}

const char *mode_text(uint32_t mode, char to[static 11])
{
    static const struct {
        uint32_t type;
        char letter;
    } types[] = { { S_IFDIR, 'd' }, { S_IFLNK, 'l' }, { S_IFCHR, 'c' },
                  { S_IFBLK, 'b' }, { S_IFIFO, 'p' }, { S_IFSOCK, 's' } };
    to[0] = '-';
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if ((mode & S_IFMT) == types[i].type)
            to[0] = types[i].letter;
    for (unsigned i = 0; i < 9; i++)
        to[i + 1] = mode & 0400u >> i ? "rwx"[i % 3] : '-';
    if (mode & S_ISUID)
        to[3] = mode & 0100 ? 's' : 'S';
    if (mode & S_ISGID)
        to[6] = mode & 0010 ? 's' : 'S';
    if (mode & S_ISVTX)
        to[9] = mode & 0001 ? 't' : 'T';
    to[10] = '\0';
    return to;
}
