#include "sample/tlsh.h"

#include <cstdio>
#include <tlsh.h>

void tlsh_text(const void *data, size_t n, char ret[TLSH_ROOM])
{
    ret[0] = '\0';
    Tlsh t;
    /* Its lengths are those of an unsigned int; samples are smaller. */
    t.update(static_cast<const unsigned char *>(data), static_cast<unsigned int>(n));
    t.final();
    const char *hash = t.getHash();
    if (hash && *hash)
        std::snprintf(ret, TLSH_ROOM, "T1%.70s", hash);
}
