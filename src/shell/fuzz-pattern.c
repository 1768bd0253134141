/* u8: flags, u8: the pattern's length; the pattern, the text. The answer is fnmatch()'s. */
#include "shell/pattern.h"

#include <assert.h>
#include <fnmatch.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > 400)
        return 0;
    unsigned flags = data[0] & 15;
    size_t n = data[1] < size - 2 ? data[1] : size - 2;
    const char *pattern = (const char *)data + 2;
    bool is = pattern_match(pattern, n, pattern + n, size - 2 - n, flags);
    pattern_is(pattern, n);
    /* Each star costs libc a call; it is asked for what it can answer soon, and holds no NUL. */
    size_t stars = 0;
    for (size_t i = 0; i < n; i++)
        stars += pattern[i] == '*';
    char a[400] = "", b[400] = "";
    memcpy(a, pattern, n);
    memcpy(b, pattern + n, size - 2 - n);
    if (stars > 4 || strlen(a) != n || strlen(b) != size - 2 - n)
        return 0;
    int libc =
        (flags & PATTERN_PATHNAME ? FNM_PATHNAME : 0) | (flags & PATTERN_PERIOD ? FNM_PERIOD : 0) |
        (flags & PATTERN_NOESCAPE ? FNM_NOESCAPE : 0) | (flags & PATTERN_ICASE ? FNM_CASEFOLD : 0);
    assert(is == (fnmatch(a, b, libc) == 0));
    return 0;
}
