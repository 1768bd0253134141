#pragma once
/* A URL taken apart, as wget reads it. */
#include "shell/applets/net.h"

struct url {
    enum fetch_scheme scheme;
    const char *user, *password; /* "" where none */
    const char *host;            /* without brackets */
    const char *shown;           /* as written: with its brackets and port */
    uint16_t port;
    const char *path; /* begins with a slash; with its query */
};

/* All strings are of the process's memory. Ends the process where the scheme or port makes no
 * sense. */
struct url url_parse(struct proc *p, const char *s);
/* What the content is called where nothing else is said: "index.html" where the path ends in a
 * slash. */
const char *url_file(const struct url *u);
