/*
 * dd: blocks from one file to another. A block is read and written in pieces, so that its size
 * costs nothing; what is counted is what the reference, which holds whole blocks, would count.
 */
#include "shell/applet.h"
#include "shell/options.h"

#include <fcntl.h>
#include <string.h>

enum { PIECE = 16384, PIECES_A_TURN = 8 };

/* clang-format off */
enum flags {
    NOTRUNC = 1, NOERROR = 2, SYNC = 4, FSYNC = 8, SWAB = 16,
    SKIP_BYTES = 32, COUNT_BYTES = 64, FULLBLOCK = 128,
    SEEK_BYTES = 256, APPEND = 512,
    NOXFER = 1024, QUIET = 2048,
    IGNORED = 0,
};
/* clang-format on */

struct state {
    const char *in_name, *out_name;
    int in, out;
    uint64_t ibs, obs, count, skip, seek;
    unsigned flags;
    bool limited; /* count was given */
    bool whole;   /* a block is read to its end; else what one read gives is one */
    bool skipping;
    bool ended;
    uint64_t total; /* bytes read */
    uint64_t got;   /* of the block being read */
    uint64_t pad;   /* zeros still to be written behind it */
    uint64_t piled; /* bytes of the block being written */
    uint64_t in_full, in_part, out_full, out_part;
    uint64_t odd; /* the last block, where it cannot be swapped whole */
    char *data;
    int status;
};

struct word {
    const char *name;
    unsigned flag;
};

/* clang-format off */
static const struct word conv_words[] = {
    { "notrunc", NOTRUNC }, { "sync", SYNC }, { "noerror", NOERROR }, { "fsync", FSYNC }, { "swab", SWAB }, { NULL, 0 },
};
static const struct word iflag_words[] = {
    { "skip_bytes", SKIP_BYTES }, { "count_bytes", COUNT_BYTES }, { "fullblock", FULLBLOCK }, { "direct", IGNORED }, { NULL, 0 },
};
static const struct word oflag_words[] = {
    { "seek_bytes", SEEK_BYTES }, { "append", APPEND }, { "direct", IGNORED }, { NULL, 0 },
};
static const struct word status_words[] = {
    { "noxfer", NOXFER }, { "none", QUIET }, { NULL, 0 },
};
/* clang-format on */

/* One of them; false: it is none. */
static bool take_word(const struct word *words, const char *s, size_t n, unsigned *flags)
{
    for (; words->name; words++) {
        if (strlen(words->name) == n && memcmp(words->name, s, n) == 0) {
            *flags |= words->flag;
            return true;
        }
    }
    return false;
}

static unsigned read_list(struct proc *p, const struct word *words, const char *name, const char *s)
{
    unsigned flags = 0;
    for (;;) {
        size_t n = strcspn(s, ",");
        if (!take_word(words, s, n, &flags))
            proc_die(p, "invalid argument '%.*s' to '%s'", (int)n, s, name);
        if (s[n] == '\0')
            return flags;
        s += n + 1;
    }
}

static uint64_t number(struct proc *p, const char *s, uint64_t least)
{
    return options_number(p, s, least, INT64_MAX, options_cwbk);
}

static void read_status(struct proc *p, struct state *s, const char *value)
{
    if (!take_word(status_words, value, strlen(value), &s->flags))
        proc_die(p, "invalid argument '%s' to 'status'", value);
}

static void set_sizes(struct proc *p, struct state *s, const char *name, const char *value)
{
    uint64_t n = number(p, value, 1);
    if (strcmp(name, "obs") != 0)
        s->ibs = n;
    if (strcmp(name, "ibs") != 0)
        s->obs = n;
}

static void operand(struct proc *p, struct state *s, const char *name, const char *value)
{
    if (strcmp(name, "if") == 0) {
        s->in_name = value;
    } else if (strcmp(name, "of") == 0) {
        s->out_name = value;
    } else if (strcmp(name, "bs") == 0 || strcmp(name, "ibs") == 0 || strcmp(name, "obs") == 0) {
        set_sizes(p, s, name, value);
    } else if (strcmp(name, "count") == 0) {
        s->count = number(p, value, 0);
        s->limited = true;
    } else if (strcmp(name, "skip") == 0) {
        s->skip = number(p, value, 0);
    } else if (strcmp(name, "seek") == 0) {
        s->seek = number(p, value, 0);
    } else if (strcmp(name, "conv") == 0) {
        s->flags |= read_list(p, conv_words, name, value);
    } else if (strcmp(name, "iflag") == 0) {
        s->flags |= read_list(p, iflag_words, name, value);
    } else if (strcmp(name, "oflag") == 0) {
        s->flags |= read_list(p, oflag_words, name, value);
    } else if (strcmp(name, "status") == 0) {
        read_status(p, s, value);
    } else {
        proc_usage(p);
    }
}

static void open_both(struct proc *p, struct state *s)
{
    if (s->in_name)
        s->in = proc_open(p, s->in_name, O_RDONLY, 0);
    else
        s->in_name = "standard input";
    if (s->in < 0)
        proc_die_errno(p, s->in, "can't open '%s'", s->in_name);
    int flags = O_WRONLY | O_CREAT | (s->flags & APPEND ? O_APPEND : 0) |
                (s->seek || s->flags & NOTRUNC ? 0 : O_TRUNC);
    if (s->out_name)
        s->out = proc_open(p, s->out_name, flags, 0666);
    else
        s->out_name = "standard output";
    if (s->out < 0)
        proc_die_errno(p, s->out, "can't open '%s'", s->out_name);
}

static bool is_regular(struct proc *p, int fd)
{
    struct vfs_stat st;
    return proc_fstat(p, fd, &st) == 0 && S_ISREG(st.mode);
}

static void seek_output(struct proc *p, struct state *s)
{
    uint64_t at;
    if (s->seek == 0)
        return;
    if (__builtin_mul_overflow(s->seek, s->flags & SEEK_BYTES ? 1 : s->obs, &at) || at > INT64_MAX)
        proc_die_errno(p, EFBIG, "%s", s->out_name);
    int e = 0;
    if (s->out != 1 && !(s->flags & NOTRUNC) && is_regular(p, s->out))
        e = proc_truncate(p, s->out, at);
    if (e == 0 && proc_seek(p, s->out, (int64_t)at, SEEK_CUR) < 0)
        e = ESPIPE;
    if (e)
        proc_die_errno(p, e, "%s", s->out_name);
}

/* Where it cannot be skipped by a seek it is read. */
static void skip_input(struct proc *p, struct state *s)
{
    uint64_t at;
    bool far =
        __builtin_mul_overflow(s->skip, s->flags & SKIP_BYTES ? 1 : s->ibs, &at) || at > INT64_MAX;
    s->skipping = s->skip && (far || proc_seek(p, s->in, (int64_t)at, SEEK_CUR) < 0);
}

static bool gives_whole_blocks(struct proc *p, struct state *s)
{
    struct vfs_stat st;
    return s->flags & FULLBLOCK ||
           (proc_fstat(p, s->in, &st) == 0 && !S_ISFIFO(st.mode) && !proc_isatty(p, s->in));
}

static void start(struct proc *p, int argc, char **argv)
{
    struct state *s = proc_state(p);
    s->ibs = s->obs = 512;
    s->out = 1;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0)
            continue;
        const char *value = strchr(argv[i], '=');
        if (!value)
            proc_usage(p);
        operand(p, s, memory_bytes(proc_memory(p), argv[i], (size_t)(value - argv[i])), value + 1);
    }
    /* The reference holds a block, which a device cannot do of more than it has. */
    uint64_t most = proc_machine(p)->memory_total * 1024;
    if (s->ibs > most || s->obs > most)
        proc_die(p, "out of memory");
    s->data = memory_take(proc_memory(p), PIECE);
    open_both(p, s);
    seek_output(p, s);
    skip_input(p, s);
    s->whole = gives_whole_blocks(p, s);
}

static enum applet_next finish(struct proc *p, struct state *s)
{
    if (s->ibs != s->obs && s->piled)
        s->out_part++;
    if (!(s->flags & QUIET)) {
        err_print(p, "%llu+%llu records in\n%llu+%llu records out\n",
                  (unsigned long long)s->in_full, (unsigned long long)s->in_part,
                  (unsigned long long)s->out_full, (unsigned long long)s->out_part);
    }
    proc_done(p, s->status);
    return NEXT_DONE;
}

/* False: the output takes no more, which was said. */
static bool write_piece(struct proc *p, struct state *s, size_t n)
{
    int64_t e = proc_write(p, s->out, s->data, n);
    if (e < 0) {
        proc_perror(p, (int)e, "error writing '%s'", s->out_name);
        s->status = 1;
        s->piled = 0;
        return false;
    }
    s->piled += n;
    if (s->ibs != s->obs) {
        s->out_full += s->piled / s->obs;
        s->piled %= s->obs;
    }
    return true;
}

static void end_output(struct state *s)
{
    if (s->ibs != s->obs || s->piled == 0)
        return;
    if (s->piled == s->obs)
        s->out_full++;
    else
        s->out_part++;
    s->piled = 0;
}

static void end_block(struct state *s)
{
    if (s->got == s->ibs)
        s->in_full++;
    else
        s->in_part++;
    s->odd = s->got % 2 ? s->got : 0;
    s->pad = s->flags & SYNC ? s->ibs - s->got : 0;
    s->got = 0;
    if (!s->pad)
        end_output(s);
}

static bool write_padding(struct proc *p, struct state *s)
{
    size_t n = s->pad < PIECE ? (size_t)s->pad : PIECE;
    memset(s->data, 0, n);
    if (!write_piece(p, s, n))
        return false;
    s->pad -= n;
    if (!s->pad)
        end_output(s);
    return true;
}

static void swap_bytes(char *data, size_t n)
{
    for (size_t i = 0; i + 1 < n; i += 2) {
        char c = data[i];
        data[i] = data[i + 1];
        data[i + 1] = c;
    }
}

/* How much of the block may be read; 0: no more blocks are wanted. */
static size_t wanted(const struct state *s)
{
    uint64_t left = s->ended ? 0 : s->ibs - s->got;
    if (s->limited && s->flags & COUNT_BYTES) {
        uint64_t rest = s->count - s->total;
        left = rest < left ? rest : left;
    } else if (s->limited && s->in_full + s->in_part >= s->count) {
        left = 0;
    }
    return left < PIECE ? (size_t)left : PIECE;
}

/* A block that cannot be read is one without bytes. */
static void failed(struct proc *p, struct state *s, int e)
{
    proc_perror(p, e, "%s", s->in_name);
    if (!(s->flags & NOERROR))
        proc_exit(p, 1);
    s->out_part += !(s->flags & SYNC) && s->ibs == s->obs;
    end_block(s);
}

/* False: the output takes no more. */
static bool copy_piece(struct proc *p, struct state *s, int64_t n)
{
    if (n <= 0) {
        s->ended = n == 0;
        if (n < 0)
            failed(p, s, (int)n);
        return true;
    }
    if (s->flags & SWAB) {
        if (s->odd)
            proc_die(p, "can't swab %llu byte buffer", (unsigned long long)s->odd);
        swap_bytes(s->data, (size_t)n);
    }
    s->got += (uint64_t)n;
    s->total += (uint64_t)n;
    if (!write_piece(p, s, (size_t)n)) {
        end_block(s);
        return false;
    }
    if (s->got == s->ibs || !s->whole)
        end_block(s);
    return true;
}

/* What is skipped goes nowhere. */
static bool skip_piece(struct state *s, int64_t n)
{
    if (n <= 0) {
        s->skipping = false;
        return true;
    }
    s->got += (uint64_t)n;
    if (s->flags & SKIP_BYTES) {
        s->skip -= (uint64_t)n < s->skip ? (uint64_t)n : s->skip;
        s->got = 0;
    } else if (s->got == s->ibs || !s->whole) {
        s->skip--;
        s->got = 0;
    }
    s->skipping = s->skip > 0;
    return true;
}

static size_t wanted_to_skip(const struct state *s)
{
    uint64_t left = s->flags & SKIP_BYTES ? s->skip : s->ibs - s->got;
    return left < PIECE ? (size_t)left : PIECE;
}

static enum applet_next step(struct proc *p)
{
    struct state *s = proc_state(p);
    for (int i = 0; i < PIECES_A_TURN; i++) {
        if (s->pad) {
            if (!write_padding(p, s))
                return finish(p, s);
            continue;
        }
        size_t n = s->skipping ? wanted_to_skip(s) : wanted(s);
        if (n == 0 && s->got == 0)
            return finish(p, s);
        if (n == 0) {
            s->ended = true;
            end_block(s);
            continue;
        }
        int64_t got = proc_read(p, s->in, s->data, n);
        if (got == -EAGAIN) {
            proc_waits_on(p, s->in);
            return NEXT_INPUT;
        }
        if (!(s->skipping ? skip_piece(s, got) : copy_piece(p, s, got)))
            return finish(p, s);
    }
    return NEXT_AGAIN;
}

const struct applet applet_dd = {
    .name = "dd", .start = start, .step = step, .state = sizeof(struct state)
};
