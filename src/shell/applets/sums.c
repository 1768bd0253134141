#include "base/digest.h"
#include "shell/applets/reader.h"
#include "shell/filter.h"
#include "shell/options.h"

#include <fcntl.h>
#include <string.h>

enum { CHECK = 1, SILENT = 2, WARN = 4 };
enum { HEX = 2 * DIGEST_MOST + 1 };

struct sums {
    uint32_t bits;
    enum digest_kind kind;
    int status;
    char **files;
    const char *file;  /* that is hashed now, or NULL */
    struct reader data;
    struct digest digest;
    /* Of CHECK. */
    const char *list; /* the file of sums, or NULL */
    struct reader lines;
    char *expected; /* of `file` */
    size_t total, failed;
};

static const struct {
    const char *applet;
    enum digest_kind kind;
} kinds[] = {
    { "md5sum", DIGEST_MD5 },       { "sha1sum", DIGEST_SHA1 },     { "sha256sum", DIGEST_SHA256 },
    { "sha512sum", DIGEST_SHA512 }, { "sha3sum", DIGEST_SHA3_224 },
};

static enum digest_kind kind_of(struct proc *p, const char *bits)
{
    static const struct {
        const char *bits;
        enum digest_kind kind;
    } lengths[] = {
        { "224", DIGEST_SHA3_224 }, { "256", DIGEST_SHA3_256 }, { "384", DIGEST_SHA3_384 }, { "512", DIGEST_SHA3_512 },
    };
    for (size_t i = 0; bits && i < sizeof lengths / sizeof *lengths; i++)
        if (options_number(p, bits, 0, UINT32_MAX, NULL) == options_number(p, lengths[i].bits, 0, UINT32_MAX, NULL))
            return lengths[i].kind;
    if (bits)
        proc_die(p, "bad -a%s", bits);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(proc_name(p), kinds[i].applet))
            return kinds[i].kind;
    return DIGEST_MD5;
}

static void start(struct proc *p, int argc, char **argv)
{
    struct sums *s = proc_state(p);
    const char *bits = NULL;
    bool sha3 = !strcmp(proc_name(p), "sha3sum");
    s->bits = options_bits(p, argc, argv, sha3 ? "cswbta:" : "cswbt", &s->files, &bits);
    s->kind = kind_of(p, bits);
    if (!(s->bits & CHECK) && s->bits & (SILENT | WARN))
        proc_usage(p);
    if (!*s->files) {
        s->files = memory_array(proc_memory(p), NULL, 2, sizeof *s->files);
        s->files[0] = memory_text(proc_memory(p), "-");
        s->files[1] = NULL;
    }
}

static int open_named(struct proc *p, const char *name)
{
    return strcmp(name, "-") ? proc_open(p, name, O_RDONLY, 0) : 0;
}

/* The file was hashed, or could not be read: hash is NULL. */
static void end_file(struct proc *p, struct sums *s, const char *hash)
{
    if (s->expected) {
        bool good = hash && !strcmp(hash, s->expected);
        s->failed += !good;
        if (!(s->bits & SILENT))
            out_print(p, "%s: %s\n", s->file, good ? "OK" : "FAILED");
    } else if (hash) {
        out_print(p, "%s  %s\n", hash, s->file);
    } else {
        s->status = 1;
    }
    s->file = NULL;
}

static void begin_file(struct proc *p, struct sums *s, const char *name)
{
    s->file = name;
    int fd = open_named(p, name);
    if (fd < 0) {
        proc_perror(p, fd, "can't open '%s'", name);
        end_file(p, s, NULL);
        return;
    }
    reader_begin(&s->data, p, fd);
    digest_begin(&s->digest, s->kind);
}

static enum applet_next hash_piece(struct proc *p, struct sums *s)
{
    struct reader *r = &s->data;
    enum applet_next next = reader_fill(r, p);
    if (next != NEXT_DONE)
        return next;
    digest_add(&s->digest, r->data + r->at, r->n - r->at);
    r->at = r->n;
    if (!r->ended)
        return NEXT_AGAIN;
    uint8_t hash[DIGEST_MOST];
    char hex[HEX];
    size_t n = digest_end(&s->digest, hash);
    for (size_t i = 0; i < n; i++) {
        hex[2 * i] = "0123456789abcdef"[hash[i] >> 4];
        hex[2 * i + 1] = "0123456789abcdef"[hash[i] & 15];
    }
    hex[2 * n] = '\0';
    if (r->error)
        proc_perror(p, r->error, "can't read '%s'", s->file);
    bool good = !r->error;
    reader_end(r, p);
    end_file(p, s, good ? hex : NULL);
    return NEXT_AGAIN;
}

static void begin_list(struct proc *p, struct sums *s, const char *name)
{
    int fd = open_named(p, name);
    if (fd < 0)
        proc_die_errno(p, fd, "%s", name);
    s->list = name;
    s->total = s->failed = 0;
    reader_begin(&s->lines, p, fd);
    s->lines.nul_too = true;
}

static void end_list(struct proc *p, struct sums *s)
{
    if (!s->total)
        proc_error(p, "%s: no checksum lines found", s->list);
    else if (s->failed && !(s->bits & SILENT))
        proc_error(p, "WARNING: %zu of %zu computed checksums did NOT match", s->failed, s->total);
    if (!s->total || s->failed)
        s->status = 1;
    reader_end(&s->lines, p);
    s->list = NULL;
}

/* HASH, two blanks or else a blank and a star, NAME */
static void check_line(struct proc *p, struct sums *s, const char *data, size_t n)
{
    char *line = memory_bytes(proc_memory(p), data, filter_chop(data, n));
    char *name = strstr(line, "  ");
    if (!name)
        name = strstr(line, " *");
    s->total++;
    if (!name) {
        if (s->bits & WARN)
            proc_error(p, "invalid format");
        s->failed++;
        memory_give(proc_memory(p), line);
        return;
    }
    *name = '\0';
    s->expected = line;
    begin_file(p, s, name + 2);
}

static enum applet_next read_list(struct proc *p, struct sums *s)
{
    const char *line;
    size_t n;
    enum applet_next next = reader_line(&s->lines, p, &line, &n);
    if (next != NEXT_DONE)
        return next;
    if (line)
        check_line(p, s, line, n);
    else
        end_list(p, s);
    return NEXT_AGAIN;
}

static enum applet_next step(struct proc *p)
{
    struct sums *s = proc_state(p);
    if (out_full(p))
        return NEXT_AGAIN;
    if (s->file)
        return hash_piece(p, s);
    if (s->expected) {
        memory_give(proc_memory(p), s->expected);
        s->expected = NULL;
    }
    if (s->list)
        return read_list(p, s);
    if (!*s->files) {
        proc_done(p, s->status);
        return NEXT_DONE;
    }
    if (s->bits & CHECK)
        begin_list(p, s, *s->files++);
    else
        begin_file(p, s, *s->files++);
    return NEXT_AGAIN;
}

#define SUMS(NAME) { .name = NAME, .start = start, .step = step, .state = sizeof(struct sums) }
const struct applet applet_md5sum = SUMS("md5sum");
const struct applet applet_sha1sum = SUMS("sha1sum");
const struct applet applet_sha256sum = SUMS("sha256sum");
const struct applet applet_sha512sum = SUMS("sha512sum");
const struct applet applet_sha3sum = SUMS("sha3sum");
