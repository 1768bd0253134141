#include "cli/commands.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifndef TEITEN_DATA
#define TEITEN_DATA "/usr/share/teiten"
#endif

/* Beside the sources in a build folder, else where it was installed. */
static void shipped(const char *name, char *ret, size_t n)
{
    char self[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    char *slash = len > 0 ? (self[len] = '\0', strrchr(self, '/')) : NULL;
    if (slash) {
        *slash = '\0';
        snprintf(ret, n, "%s/../%s", self, name);
        if (access(ret, R_OK) == 0)
            return;
    }
    snprintf(ret, n, "%s/%s", TEITEN_DATA, name);
}

void commands_personas(const struct conf *conf, char *ret, size_t n)
{
    const char *named = conf_text(conf, CONF_TRAP_PERSONAS);
    if (named[0])
        snprintf(ret, n, "%s", named);
    else
        shipped("personas", ret, n);
}

void commands_rules(char *ret, size_t n)
{
    shipped("rules", ret, n);
}
