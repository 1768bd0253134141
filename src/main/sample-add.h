#pragma once
/*
 * Programs from elsewhere: into the vault, through triage, into the store.
 */
#include "main/desk.h"
#include "sample/vault.h"
#include "store/store.h"

struct sample_add {
    struct store *store; /* borrowed, as all */
    struct vault *vault;
    struct desk *desk;   /* started */
    int64_t now;         /* microseconds */
};

/* What came of one file: its name, and of triage whether it told of it. */
struct sample_added {
    uint8_t sha256[32];
    uint64_t size;
    bool known;          /* it was there before */
    const char *failed;  /* triage: why it told nothing; NULL: it did; static */
};

/* 0; -EFBIG: larger than a sample may be; -EISDIR; -errno. Commits. */
int must_check sample_add(struct sample_add *a, const char *path, struct sample_added *ret);
/* What is told of one that triage told nothing of. 0 or -ENOMEM; *ret is the caller's to release. */
int must_check sample_failed_report(const uint8_t sha256[static 32], uint64_t size, const char *why, struct sample_report *ret);
/* A report, whatever its worker said of that: of this sample. */
void sample_report_of(struct sample_report *r, const uint8_t sha256[static 32], uint64_t size);
