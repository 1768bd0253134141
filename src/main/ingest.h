#pragma once
/*
 * Captures from files into the store: a sense worker a file, several at once, one writer.
 */
#include "main/intake.h"
#include "main/sensor.h"

struct ingest_file {
    const char *name; /* "-": standard input */
    /* what came of it */
    int error;        /* -errno of opening or of our own trouble; 0 */
    const char *why;  /* words for it; may be NULL */
    bool duplicate, died;
    char refused[160]; /* why the store would not take it; "" where it did */
    uint64_t packets, flows;
    int64_t first, last;
    struct record_warning warning[INTAKE_WARNINGS];
    size_t warnings;
    unsigned confined; /* CONFINED_ flags of base/confine.h, as its worker said */
};

struct ingest {
    struct store *store;
    const struct sensor *sensor;
    struct ingest_file *file;
    size_t n;
    size_t workers; /* at once */
    bool again, bar; /* bar: show progress */
};

/* Fills each file's outcome. 0; -EINTR where a signal asked to stop (what was not whole is dropped); -errno
 * of the store. */
int must_check ingest_run(struct ingest *in);
/* Words for a warning; `text` has room for them. */
const char *ingest_warning_text(const struct record_warning *w, char *text, size_t n);
