#pragma once
/*
 * What a session wrote to /proc/sys: from then on it reads that, and nobody else does. Bounded by
 * the names that can be written, each once, and SETTING_MOST bytes.
 */
#include "base/err.h"
#include "shell/memory.h"

enum { SETTING_MOST = 256, HOST_NAME_MOST = 64 };

struct setting {
    struct setting *next;
    char *value; /* with its end of line */
    char name[];
};

/* What was written to "sys/vm/swappiness", or NULL. */
const char *setting_find(const struct setting *list, const char *name);
/* Takes what is written to a file that shows `now`: where that is numbers, it must be numbers. 0,
 * or -EINVAL as the kernel has it. */
int must_check setting_write(struct setting **list, struct memory *m, const char *name,
                             const char *now, const void *data, size_t n);
/* A written text as the kernel keeps it: its first line, at most `most` bytes. */
char *setting_text(struct memory *m, const void *data, size_t n, size_t most);
