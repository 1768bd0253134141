#pragma once
/*
 * What a session asks of, and tells, the world around it: there is one way out of the shell, this one.
 */
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fetch_scheme { FETCH_HTTP, FETCH_HTTPS, FETCH_FTP, FETCH_TFTP, FETCH_TCP, FETCH_UDP };

/* What an applet wants from the network; borrowed for the call. */
struct shell_fetch {
    const char *applet; /* "wget" */
    enum fetch_scheme scheme;
    const char *host; /* as the visitor wrote it */
    uint16_t port;
    const char *path;            /* with its query; of TFTP and FTP the file's name */
    const char *url;             /* the whole, as far as there is one; else made of the parts */
    const char *user, *password; /* "" where none */
    const char *method;          /* "GET"; "PUT" of ftpput and tftp -p */
    const void *sent;            /* what would be sent (post data, an upload, nc's input) */
    size_t n_sent;
    const char *save; /* the path that the content is written to, "" standard output */
};

enum fetch_answer {
    FETCH_PENDING, /* not known yet: the applet waits until shell_wake() and asks again */
    FETCH_FOUND,   /* content follows */
    FETCH_MISSING, /* the server has no such file (404) */
    FETCH_FORBIDDEN,
    FETCH_REFUSED,     /* connection refused */
    FETCH_TIMEOUT,     /* nobody answers */
    FETCH_UNREACHABLE, /* network is unreachable */
    FETCH_UNRESOLVED,  /* bad address: the name is not known */
};

struct shell_fetched {
    enum fetch_answer answer;
    const void *content; /* borrowed until the next call of the hook */
    size_t n;
    const char *address; /* the resolved address, "192.0.2.1", "" where the host was one */
};

/* A file that was run; borrowed for the call. */
struct shell_ran {
    const char *path; /* as the visitor named it */
    char *const *argv;
    const void *content;
    size_t n;
    bool made;    /* by writes of this session (echo, printf, dd, a here-document), not by a fetch */
    bool foreign; /* for another CPU, or no program at all */
};

/* Any but `output` may be NULL. One table serves many sessions: context tells them apart. */
struct shell_hook {
    /* What the visitor sees: stream 1 or 2 (on a terminal both are shown). */
    void (*output)(void *context, int stream, const void *data, size_t n);
    void (*fetch)(void *context, const struct shell_fetch *what, struct shell_fetched *ret);
    void (*ran)(void *context, const struct shell_ran *what);
    /* What the visitor entered as one command (of one line or more, without its end), before it is run; and what came of it. */
    void (*command)(void *context, const char *text, size_t n);
    void (*status)(void *context, int status);
    /* A command that the device does not have, at any depth: "./x", "busybox ECCHI" as "ECCHI"; and the line that it answers,
     * wherever that goes. */
    void (*unknown)(void *context, const char *name, const char *answer);
};
