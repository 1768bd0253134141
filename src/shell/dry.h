#pragma once
/*
 * Dry mode: what a loader script would have asked of the network and run, without its being run at all.
 *
 * Every branch is walked: both sides of if, && and ||, all arms of a case, loops over lists once an item,
 * others once; functions that nobody calls, too. A variable has some values at most, what is not known
 * is a "*". What is written by echo, printf, cat, tee and base64 -d, and then run (sh FILE, | sh, eval,
 * ./FILE), is walked as well. Nothing of a session is needed; time and memory are bounded.
 */
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dry_kind {
    DRY_COMMAND, /* `name` would have been called */
    DRY_RUN,     /* the file `name` would have been run, by itself or by a shell */
    DRY_FETCH,   /* `applet` would have gone to the network */
};

/* Borrowed for the call. Texts are never NULL; unknown parts of them are "*". */
struct dry_found {
    enum dry_kind kind;
    const char *name;
    const char *applet; /* "wget"; of /dev/tcp the command that it was given to */
    const char *url;    /* as the script has it, with http:// where it has none; made of the parts of tftp and ftp */
    const char *scheme; /* "http" "https" "ftp" "tftp" "tcp" "udp" */
    const char *host;
    uint16_t port;      /* 0: not known */
    const char *path;   /* on the server, with its slash; "" where there is none */
    const char *save;   /* the local file; "" standard output, or none */
    bool upload;
};

struct dry {
    void *context;
    /* Each finding once, in the order of the script. */
    void (*found)(void *context, const struct dry_found *f);
    uint64_t steps; /* commands, words and pieces of text that are looked at; 0: 200,000 */
    size_t memory;  /* bytes; 0: 8 MiB */
};

/* 0: all of it was walked; 1: the bounds ended it. */
int must_check dry_walk(const struct dry *d, const void *script, size_t n);
