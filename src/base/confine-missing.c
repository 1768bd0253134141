/* Apart from the rest, so that who only tells of it needs no libseccomp. */
#include "base/confine.h"

#include <stdio.h>

void confine_missing(unsigned confined, char *ret, size_t n)
{
    static const char *const words[] = { "limits",           "an empty root", "a network of its own",
                                         "no capabilities", "Landlock",      "seccomp" };
    size_t at = 0;
    if (n)
        ret[0] = '\0';
    for (size_t i = 0; i < sizeof words / sizeof words[0] && at < n; i++) {
        if (confined >> i & 1)
            continue;
        int put = snprintf(ret + at, n - at, "%s%s", at ? ", " : "", words[i]);
        at += put > 0 ? (size_t)put : 0;
    }
}
