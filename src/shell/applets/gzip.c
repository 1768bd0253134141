#include "shell/applets/reader.h"
#include "shell/deflate.h"
#include "shell/gunzip.h"
#include "shell/lzw.h"
#include "shell/options.h"

#include <fcntl.h>
#include <string.h>

/* gzip, gunzip, zcat, uncompress: a file, or what takes its place beside it; or standard input, or to standard output. */

enum { TO_OUTPUT = 1, FORCE = 2, KEEP = 4, VERBOSE = 8, QUIET = 16, UNDO = 32, TEST = 64 };
enum { ROOM = 4096, HEADER = 10 };

struct gzip {
    uint32_t bits;
    bool zcat, old; /* old: uncompress */
    bool closes; /* at the end, standard output: of -dc */
    char **files, *standard[2];
    int status;
    const char *name; /* of the file at work, or NULL */
    char *to_name;    /* the new one, or NULL */
    int to;           /* -1: nobody reads it */
    struct vfs_stat st;
    struct reader from;
    uint64_t taken, given;
    void *mark; /* what one file needs goes before the next */
    struct deflate *deflate;
    uint32_t crc;
    struct gunzip *gunzip;
    struct lzw *lzw; /* instead of it, of what compress made */
};

static const struct option_long longs[] = {
    { "stdout", 0, 'c' },     { "to-stdout", 0, 'c' }, { "force", 0, 'f' }, { "keep", 0, 'k' },
    { "verbose", 0, 'v' },    { "quiet", 0, 'q' },     { "test", 0, 't' },  { "decompress", 0, 'd' },
    { "uncompress", 0, 'd' }, { "no-name", 0, 'n' },   { "fast", 0, '1' },  { "best", 0, '9' },
    { NULL, 0, 0 },
};

static void start(struct proc *p, int argc, char **argv)
{
    struct gzip *g = proc_state(p);
    bool gzip = !strcmp(proc_name(p), "gzip");
    const char *letters = gzip ? "cfkvqdtn123456789" : "cfkvqdtn";
    g->old = !strcmp(proc_name(p), "uncompress");
    g->bits = options_bits_long(p, argc, argv, g->old ? "cf" : letters, g->old ? NULL : longs, &g->files);
    g->zcat = !strcmp(proc_name(p), "zcat");
    if (!gzip)
        g->bits |= UNDO;
    if (g->zcat)
        g->bits |= TO_OUTPUT;
    if (g->bits & TEST)
        g->bits |= UNDO | TO_OUTPUT;
    g->closes = (g->bits & (UNDO | TO_OUTPUT | TEST)) == (UNDO | TO_OUTPUT);
    if (!*g->files) {
        g->standard[0] = memory_text(proc_memory(p), "-");
        g->files = g->standard;
    }
}

/* ---- Names ---- */

/* big.gz is big, x.tgz x.tar; NULL: it has no such ending. */
static char *plain_name(struct proc *p, const char *name, bool old)
{
    static const struct {
        const char *ending, *instead;
    } endings[] = { { ".gz", "" }, { ".tgz", ".tar" }, { ".Z", "" } };
    size_t n = strlen(name);
    for (size_t i = old ? 2 : 0; i < sizeof endings / sizeof *endings; i++) {
        size_t n_ending = strlen(endings[i].ending);
        if (n > n_ending && !strcmp(name + n - n_ending, endings[i].ending))
            return memory_print(proc_memory(p), "%.*s%s", (int)(n - n_ending), name, endings[i].instead);
    }
    return NULL;
}

static bool open_to(struct proc *p, struct gzip *g)
{
    g->to_name = NULL;
    g->to = g->bits & TEST ? -1 : 1;
    bool standard = g->bits & TO_OUTPUT || !strcmp(g->name, "-");
    if (standard)
        return true;
    g->to_name = g->bits & UNDO ? plain_name(p, g->name, g->old) : memory_print(proc_memory(p), "%s.gz", g->name);
    if (!g->to_name) {
        proc_error(p, "%s: unknown suffix - ignored", g->name);
        return false;
    }
    if (g->bits & FORCE)
        (void)!proc_unlink(p, g->to_name);
    g->to = proc_open(p, g->to_name, O_WRONLY | O_CREAT | O_EXCL, g->st.mode & 07777);
    if (g->to < 0)
        proc_perror(p, g->to, "can't open '%s'", g->to_name);
    return g->to >= 0;
}

/* Without a name after it there is nothing to be done. */
static void begin_file(struct proc *p, struct gzip *g)
{
    out_put(p, "", 0); /* so that the buffer of the output is older than the mark, and stays */
    g->mark = memory_take(proc_memory(p), 0);
    g->name = *g->files++;
    bool standard = !strcmp(g->name, "-");
    if (standard && !(g->bits & (FORCE | TO_OUTPUT)) && proc_isatty(p, 0))
        proc_die(p, "compressed data not read from terminal, use -f to force it");
    int fd = standard ? 0 : proc_open(p, g->name, O_RDONLY, 0);
    int e = fd < 0 ? fd : standard ? 0 : proc_fstat(p, fd, &g->st);
    if (e < 0)
        proc_perror(p, e, "%s", g->name);
    if (e < 0 || !open_to(p, g)) {
        if (fd > 0)
            proc_close(p, fd);
        g->status = 1;
        g->name = NULL;
        return;
    }
    reader_begin(&g->from, p, fd);
    g->taken = g->given = 0;
}

/* False: it could not be written, and the file is given up. */
static bool put(struct proc *p, struct gzip *g, const void *data, size_t n)
{
    g->given += n;
    int64_t e = g->to > 0 ? proc_write(p, g->to, data, n) : 0;
    if (e < 0 && (g->zcat || !(g->bits & UNDO)))
        proc_die_errno(p, (int)e, "write error");
    if (e < 0)
        proc_perror(p, (int)e, "write");
    return e >= 0;
}

static void say_done(struct proc *p, const struct gzip *g)
{
    uint64_t percent = 100;
    if (g->bits & UNDO)
        percent -= g->given ? g->taken * 100 / g->given : 0;
    err_print(p, "%s: %llu%% - replaced with %s\n", g->name, (unsigned long long)percent, g->to_name);
}

static int close_output(struct proc *p)
{
    int e = proc_close(p, 1);
    if (e < 0)
        proc_perror(p, e, "close failed");
    return e;
}

/* The old file goes where all went well, the new one where it did not. */
static void end_file(struct proc *p, struct gzip *g, bool good)
{
    reader_end(&g->from, p);
    if (g->to_name) {
        proc_close(p, g->to);
        int64_t when = good && g->gunzip ? gunzip_time(g->gunzip) : 0;
        int e = when ? proc_utime(p, g->to_name, when, when) : 0;
        if (good && g->bits & VERBOSE)
            say_done(p, g);
        const char *gone = good ? g->name : g->to_name;
        if (!e && !(good && g->bits & KEEP))
            e = proc_unlink(p, gone);
        if (e)
            proc_perror(p, e, "can't remove file '%s'", gone);
        good = good && !e;
    }
    if (!strcmp(g->name, "-") && !(g->bits & TO_OUTPUT))
        good &= close_output(p) == 0;
    if (!good)
        g->status = 1;
    out_drop(p);
    memory_back(proc_memory(p), g->mark);
    g->name = NULL;
    g->deflate = NULL;
    g->gunzip = NULL;
    g->lzw = NULL;
    g->crc = 0;
}

/* ---- Compressing ---- */

static void put_number(struct proc *p, struct gzip *g, uint32_t n)
{
    const uint8_t bytes[] = { (uint8_t)n, (uint8_t)(n >> 8), (uint8_t)(n >> 16), (uint8_t)(n >> 24) };
    put(p, g, bytes, sizeof bytes);
}

static enum applet_next compress(struct proc *p, struct gzip *g)
{
    static const uint8_t header[HEADER] = { 0x1f, 0x8b, 8, [9] = 3 };
    struct reader *r = &g->from;
    enum applet_next next = reader_fill(r, p);
    if (next != NEXT_DONE)
        return next;
    if (!g->deflate) {
        g->deflate = deflate_make(proc_memory(p));
        put(p, g, header, sizeof header);
    }
    const uint8_t *data = (const uint8_t *)r->data + r->at;
    size_t n = r->n - r->at, had = n, room = ROOM;
    while (room == ROOM) {
        uint8_t out[ROOM];
        const uint8_t *before = data;
        room = deflate_run(g->deflate, &data, &n, r->ended, out, sizeof out);
        g->crc = deflate_crc(g->crc, before, (size_t)(data - before));
        put(p, g, out, room);
    }
    g->taken += had - n;
    r->at = r->n - n;
    if (!r->ended)
        return NEXT_AGAIN;
    put_number(p, g, g->crc);
    put_number(p, g, (uint32_t)g->taken);
    end_file(p, g, true);
    return NEXT_AGAIN;
}

/* ---- And back ---- */

static const char *why(const struct gzip *g)
{
    return g->lzw ? lzw_why(g->lzw) : gunzip_why(g->gunzip);
}

/* zcat looks at the first bytes itself, and does not tell what its decompressor made of the rest. */
static void fail(struct proc *p, struct gzip *g, enum gunzip_state state, bool empty)
{
    if (state == GUNZIP_DAMAGED)
        proc_error(p, "%s", why(g));
    else if (!g->zcat)
        proc_error(p, "invalid magic");
    else
        proc_error(p, empty ? "short read" : "no gzip/bzip2/xz magic");
    end_file(p, g, g->zcat && state == GUNZIP_DAMAGED);
    if (g->zcat && state == GUNZIP_MAGIC)
        proc_exit(p, 1);
}

/* The first bytes tell what undoes it. */
static void choose(struct proc *p, struct gzip *g)
{
    const struct reader *r = &g->from;
    bool is_lzw = r->n - r->at >= 2 && !memcmp(r->data + r->at, "\x1f\x9d", 2);
    if (g->old || is_lzw)
        g->lzw = lzw_make(proc_memory(p));
    else
        g->gunzip = gunzip_make(proc_memory(p));
}

/* What one piece gives, but not without end. *ret_lost: it could not be written. */
static enum gunzip_state undo(struct proc *p, struct gzip *g, bool *ret_lost)
{
    struct reader *r = &g->from;
    const uint8_t *data = (const uint8_t *)r->data + r->at, *out;
    size_t n = r->n - r->at, had = n, n_out, all = 0;
    enum gunzip_state state;
    do {
        state = g->lzw ? lzw_run(g->lzw, &data, &n, &out, &n_out) : gunzip_run(g->gunzip, &data, &n, &out, &n_out);
        *ret_lost = state == GUNZIP_OUT && !put(p, g, out, n_out);
        all += n_out;
    } while (state == GUNZIP_OUT && !*ret_lost && all < GUNZIP_WINDOW);
    r->at = r->n - n;
    g->taken += had - n;
    return state;
}

static enum applet_next decompress(struct proc *p, struct gzip *g)
{
    struct reader *r = &g->from;
    enum applet_next next = reader_fill(r, p);
    if (next != NEXT_DONE)
        return next;
    if (!g->gunzip && !g->lzw)
        choose(p, g);
    bool lost = false;
    enum gunzip_state state = undo(p, g, &lost);
    if (lost) {
        end_file(p, g, false);
        return NEXT_AGAIN;
    }
    bool ends = state == GUNZIP_MORE && r->ended;
    if (ends)
        state = g->lzw ? lzw_end(g->lzw) : gunzip_end(g->gunzip);
    if (state == GUNZIP_DONE)
        end_file(p, g, true);
    else if (state == GUNZIP_MAGIC || state == GUNZIP_DAMAGED)
        fail(p, g, state, ends);
    return NEXT_AGAIN;
}

static int end(struct proc *p, const struct gzip *g)
{
    return g->closes && close_output(p) < 0 ? 1 : g->status;
}

static enum applet_next step(struct proc *p)
{
    struct gzip *g = proc_state(p);
    if (out_full(p))
        return NEXT_AGAIN;
    if (g->name)
        return g->bits & UNDO ? decompress(p, g) : compress(p, g);
    if (!*g->files) {
        proc_done(p, end(p, g));
        return NEXT_DONE;
    }
    begin_file(p, g);
    return NEXT_AGAIN;
}

#define GZIP(NAME) { .name = NAME, .start = start, .step = step, .state = sizeof(struct gzip) }
const struct applet applet_gzip = GZIP("gzip");
const struct applet applet_gunzip = GZIP("gunzip");
const struct applet applet_zcat = GZIP("zcat");
const struct applet applet_uncompress = GZIP("uncompress");
