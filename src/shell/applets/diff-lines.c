#include "shell/applets/diff.h"

#include <ctype.h>
#include <string.h>

/* What of a line is compared, byte by byte: a run of spaces is one or none, and none before the end. */
struct eye {
    const char *s, *end;
    uint32_t bits;
};

enum { EYE_END = -1 };

static int look(struct eye *e)
{
    const char *s = e->s;
    if (e->bits & (DIFF_SPACES | DIFF_NO_SPACES)) {
        while (s < e->end && isspace((unsigned char)*s))
            s++;
        if (s < e->end && s > e->s && !(e->bits & DIFF_NO_SPACES)) {
            e->s = s;
            return ' ';
        }
    }
    e->s = s;
    if (s == e->end)
        return EYE_END;
    unsigned char c = (unsigned char)*e->s++;
    return e->bits & DIFF_FOLD ? tolower(c) : c;
}

bool diff_alike(uint32_t bits, const char *a, size_t n_a, const char *b, size_t n_b)
{
    if (!(bits & (DIFF_SPACES | DIFF_NO_SPACES | DIFF_FOLD)))
        return n_a == n_b && !memcmp(a, b, n_a);
    struct eye left = { a, a + n_a, bits }, right = { b, b + n_b, bits };
    for (;;) {
        int x = look(&left), y = look(&right);
        if (x != y)
            return false;
        if (x == EYE_END)
            return true;
    }
}

/* Jenkins' one at a time. */
uint32_t diff_hash(uint32_t bits, const char *s, size_t n)
{
    struct eye e = { s, s + n, bits };
    uint32_t hash = 0;
    for (int c; (c = look(&e)) != EYE_END;) {
        hash += (uint32_t)c;
        hash += hash << 10;
        hash ^= hash >> 6;
    }
    hash += hash << 3;
    hash ^= hash >> 11;
    return hash + (hash << 15);
}

bool diff_bytes(const struct diff_text of[static 2], bool *ret_binary)
{
    size_t n = of[0].bytes.len < of[1].bytes.len ? of[0].bytes.len : of[1].bytes.len;
    *ret_binary = n && (memchr(of[0].bytes.data, '\0', n) || memchr(of[1].bytes.data, '\0', n));
    return of[0].bytes.len != of[1].bytes.len || (n && memcmp(of[0].bytes.data, of[1].bytes.data, n));
}
