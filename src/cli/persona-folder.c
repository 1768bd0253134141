#include "cli/commands.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifndef TEITEN_DATA
#define TEITEN_DATA "/usr/share/teiten"
#endif

void commands_personas(const struct conf *conf, char *ret, size_t n)
{
    const char *named = conf_text(conf, CONF_TRAP_PERSONAS);
    if (named[0]) {
        snprintf(ret, n, "%s", named);
        return;
    }
    char self[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    char *slash = len > 0 ? (self[len] = '\0', strrchr(self, '/')) : NULL;
    if (slash) {
        *slash = '\0';
        snprintf(ret, n, "%s/../personas", self);
        if (access(ret, R_OK) == 0)
            return;
    }
    snprintf(ret, n, "%s/personas", TEITEN_DATA);
}
