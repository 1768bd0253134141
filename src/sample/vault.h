#pragma once
/*
 * Where samples are kept: STATE/vault/ab/SHA256, each once, whole or not at all, for reading only (0400). What is being
 * written lies in STATE/vault/tmp under a name of its own until it is complete and on the disk; then it is renamed.
 *
 * Several may write, and others read beside them: what a dead one left half written goes when the next one opens it and
 * nobody else writes.
 */
#include "base/err.h"
#include "base/sha256.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct vault {
    int fd;         /* of its folder; owned; -1: not open */
    int tmp;        /* of a writer: of the folder of what is being written, locked for sharing; owned */
    uint64_t bytes; /* that lie there; of a writer */
    uint64_t files;
    uint64_t next;  /* number of the next temporary file */
    uid_t uid;      /* what root makes is the state folder's owner's */
    gid_t gid;
};

enum vault_mode { VAULT_READ, VAULT_WRITE };

/* Writing: makes the folder where there is none, removes what a dead writer left half written, and adds up what there is. 0;
 * -ENOENT: nothing there yet (reading); -errno. */
int must_check vault_open(struct vault *ret, const char *state, enum vault_mode mode);
void vault_close(struct vault *v); /* a closed one is fine */

/* A file that grows. Whatever fails, vault_drop() or vault_keep() gives it back. */
struct vault_file {
    struct vault *vault;
    int fd;
    char name[48];
    struct sha256 hash;
    uint64_t size;
};
int must_check vault_begin(struct vault_file *ret, struct vault *v);
int must_check vault_add(struct vault_file *f, const void *data, size_t n); /* 0; -ENOSPC; -errno */
/* It is there, with its hash; or was before. 0 or -errno, and nothing of it is left. */
int must_check vault_keep(struct vault_file *f, uint8_t ret_sha256[static SHA256_BYTES]);
void vault_drop(struct vault_file *f);

/* All at once. */
int must_check vault_put(struct vault *v, const void *data, size_t n, uint8_t ret_sha256[static SHA256_BYTES]);

bool vault_has(const struct vault *v, const uint8_t sha256[static SHA256_BYTES]);
/* A descriptor for reading, the caller's, close-on-exec; or -errno (-ENOENT). */
int must_check vault_read(const struct vault *v, const uint8_t sha256[static SHA256_BYTES]);
/* 0, also where it was not there; -errno. */
int must_check vault_remove(struct vault *v, const uint8_t sha256[static SHA256_BYTES]);
