#pragma once
/* tar, in parts: its words and the way through an archive (tar.c), the bytes of one (tar-input.c), what is taken
 * out (tar-extract.c) and put in (tar-create.c). */
#include "shell/applets/reader.h"
#include "shell/applets/walk.h"
#include "shell/lzw.h"
#include "shell/tar-header.h"

enum tar_bits {
    TAR_CREATE = 1,
    TAR_EXTRACT = 2,
    TAR_LIST = 4,
    TAR_VERBOSE = 8,
    TAR_MORE = 16, /* twice that */
    TAR_OUTPUT = 32,
    TAR_NOW = 64,      /* not the times of the archive */
    TAR_OWN = 128,     /* nor its owners */
    TAR_KEEP = 256,    /* what is there */
    TAR_OVER = 512,    /* or is written over */
    TAR_FOLLOW = 1024, /* links */
    TAR_FLAT = 2048,   /* not into directories */
    TAR_NUMBERS = 4096,
    TAR_MASKED = 8192, /* the permissions, by the umask */
    TAR_BY_NAME = 16384, /* compressed as the archive's name ends */
};

/* What archives are compressed with. */
struct tar_packer {
    int letter; /* of its option */
    const char *name, *ending;
    /* Of those that are not undone here: who would, how what it made begins, and what is said of what does not
     * begin so (NULL: nothing). */
    const char *unpacks, *magic, *why;
};

/* What the archive is read through. */
struct tar_input {
    bool seeks, ended;
    struct reader from;
    struct gunzip *gunzip;
    struct lzw *lzw;
    const struct tar_packer *other; /* whose bytes are looked at, but not understood */
    bool failed; /* it could not be decompressed */
    const uint8_t *data; /* n bytes of it, borrowed until the next tar_input_fill() */
    size_t n;
};

/* What is still to be made when the archive was read: links that lead out of it, and hard ones. */
struct tar_later {
    struct tar_later *next;
    bool hard;
    char *name, *target;
};

struct tar_seen {
    vfs_ino ino;
    uint32_t mount;
    char *name;
};

enum tar_now { TAR_READS, TAR_TAKES, TAR_COPIES, TAR_PASSES, TAR_DRAINS, TAR_WAITS, TAR_LINKS, TAR_WALKS, TAR_ADDS };

struct tar {
    uint32_t bits;
    const char *file, *folder, *command; /* NULL: not given */
    const struct tar_packer *packer;     /* NULL: none */
    uint64_t strip;
    char **words;
    bool *found; /* of each of the words, where it takes out or lists */
    int status;
    enum tar_now now;
    int archive; /* its descriptor: a pipe's where a packer stands behind it */
    bool warned; /* of names that were cut */
    uint32_t child;
    const char *child_does; /* the command, of --to-command */

    /* Reading. */
    struct tar_input in;
    uint8_t block[TAR_BLOCK];
    size_t have; /* bytes of it */
    bool begun, zero; /* something was read; the last block was the first of the end's */
    bool good;        /* there was an entry, or the end of all */
    uint64_t offset;
    struct tar_header header;
    char *name, *target;           /* of the entry */
    char *long_name, *long_target; /* for the next */
    uint8_t *body;                 /* of what stands before an entry */
    size_t n_body;
    uint64_t left; /* of what is copied or passed over */
    bool lenient; /* less will do */
    int out;       /* what is copied goes there; -1: nowhere */
    struct tar_later *later, **later_end;

    /* Writing. */
    struct walk walk;
    bool walking;
    struct vfs_stat archive_stat;
    struct tar_seen *seen;
    size_t n_seen, room_seen;
    int in_file;
    bool failed;
};

void tar_input_begin(struct tar_input *in, struct proc *p, int fd, const struct tar_packer *packer);
/* NEXT_DONE: n bytes at data, or `ended`. Else what the step must return. */
enum applet_next tar_input_fill(struct tar_input *in, struct proc *p);
/* The next `n` of the archive are passed over, at once where it can be: what is left to be read away. */
uint64_t tar_input_skip(struct tar_input *in, struct proc *p, uint64_t n);

/* Says so the first time that a name is cut; the rest of it. */
const char *tar_safe_name(struct proc *p, struct tar *t, const char *name);

/* Makes what t->header, name and target say: t->out is then where its bytes go to, or -1. */
void tar_extract(struct proc *p, struct tar *t);
void tar_extracted(struct proc *p, struct tar *t); /* its bytes are there */
/* One of what was put off; false: there is none. */
bool tar_extract_later(struct proc *p, struct tar *t);

void tar_create(struct proc *p, struct tar *t);
enum applet_next tar_create_step(struct proc *p, struct tar *t);
