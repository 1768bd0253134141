#pragma once
/*
 * The blocks of a tar archive (POSIX.1-2017, pax, "ustar Interchange Format", and GNU's long names), as
 * BusyBox reads and writes them. Whatever stands in a block, what is read of it is whole and ended by a NUL.
 */
#include "base/err.h"
#include "base/rd.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TAR_BLOCK = 512, TAR_NAME = 100, TAR_PREFIX = 155, TAR_USER = 32, TAR_LONG_MOST = 4096 };

enum tar_type {
    TAR_FILE = '0',
    TAR_LINK = '1',
    TAR_SYMLINK = '2',
    TAR_CHARACTERS = '3',
    TAR_BLOCKS = '4',
    TAR_FOLDER = '5',
    TAR_FIFO = '6',
    TAR_WHOLE = '7', /* a file in one piece */
    TAR_OLD_FILE = '\0',
    /* What stands before an entry rather than being one. */
    TAR_LONG_NAME = 'L',
    TAR_LONG_TARGET = 'K',
    TAR_PAX = 'x',
    TAR_PAX_ALL = 'g',
    TAR_VOLUME = 'V',
};

struct tar_header {
    char name[TAR_PREFIX + 1 + TAR_NAME + 1], target[TAR_NAME + 1];
    char user[TAR_USER + 1], group[TAR_USER + 1]; /* "": only the numbers are known */
    uint32_t mode; /* permissions, and the kind of file where it is one */
    uint32_t uid, gid, major, minor;
    int64_t size, mtime; /* size: of what follows; may be anything */
    uint8_t type;
};

enum tar_verdict { TAR_ENTRY, TAR_ZERO, TAR_NO_MAGIC, TAR_BAD_SUM, TAR_BAD_NUMBER };

/* TAR_ZERO: it begins as the archive's end does. */
enum tar_verdict must_check tar_header_read(const uint8_t block[static TAR_BLOCK], struct tar_header *ret);
/* Names that do not fit are cut: long ones stand before it. */
void tar_header_write(const struct tar_header *h, uint8_t block[static TAR_BLOCK]);

/* The next record of an extended header ("LENGTH KEY=VALUE\n") is read; at the end *ret is NULL. Else "KEY=VALUE" and
 * its length, which lies in the reader's bytes. False: it has not the length that it says. */
bool tar_pax_next(struct rd *r, const char **ret, size_t *ret_n);
/* How much of a name must go so that it leads nowhere but down: slashes before it, and all up to its last "..". */
size_t tar_unsafe(const char *name);
/* The name without `count` components before it; NULL: it has no more than these. */
const char *tar_strip(const char *name, uint64_t count);
