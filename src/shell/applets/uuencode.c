#include "shell/applets/base64-text.h"
#include "shell/applets/reader.h"
#include "shell/filter.h"
#include "shell/options.h"

#include <fcntl.h>
#include <string.h>

/* uuencode and uudecode: POSIX.1-2017, Shell and Utilities, uuencode, "Output Files". */

enum { LINE = 45, MODE = 0777 };

struct uuencode {
    struct filter filter;
    bool base64;
    struct base64_encoder encoder;
    char line[LINE];
    size_t n;
};

static char **encode_start(struct proc *p, int argc, char **argv)
{
    struct uuencode *u = proc_state(p);
    uint32_t mode = 0666 & ~proc_umask(p);
    char **words;
    u->base64 = options_bits(p, argc, argv, "m", &words);
    u->encoder.width = (size_t)LINE / 3 * 4;
    if (!words[0] || (words[1] && words[2]))
        proc_usage(p);
    if (words[1]) {
        struct vfs_stat st;
        int fd = proc_open(p, words[0], O_RDONLY, 0);
        if (fd < 0)
            proc_die_errno(p, fd, "can't open '%s'", words[0]);
        if (!proc_fstat(p, fd, &st))
            mode = st.mode & MODE;
        if (proc_dup(p, fd, 0) < 0)
            proc_die(p, "dup");
        words++;
    }
    out_print(p, "begin%s %o %s", u->base64 ? "-base64" : "", mode, words[0]);
    return words + 1; /* standard input is read */
}

static char encoded(unsigned v)
{
    return (char)(v & 63 ? (v & 63) + ' ' : '`');
}

static void put_line(struct proc *p, struct uuencode *u)
{
    memset(u->line + u->n, 0, LINE - u->n);
    out_char(p, '\n');
    out_char(p, encoded((unsigned)u->n));
    for (size_t i = 0; i < u->n; i += 3) {
        const unsigned char *b = (const unsigned char *)u->line + i;
        unsigned v = (unsigned)(b[0] << 16 | b[1] << 8 | b[2]);
        for (unsigned shift = 24; shift;)
            out_char(p, encoded(v >> (shift -= 6)));
    }
    u->n = 0;
}

static void encode_feed(struct proc *p, const char *data, size_t n)
{
    struct uuencode *u = proc_state(p);
    if (u->base64) {
        if (!u->n)
            out_char(p, '\n');
        u->n = 1;
        base64_encode(&u->encoder, p, data, n);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        u->line[u->n++] = data[i];
        if (u->n == LINE)
            put_line(p, u);
    }
}

static void encode_finish(struct proc *p)
{
    struct uuencode *u = proc_state(p);
    if (u->base64 && u->n)
        base64_encode_end(&u->encoder, p);
    else if (u->base64)
        out_char(p, '\n');
    else if (u->n)
        put_line(p, u);
    out_text(p, u->base64 ? "====\n" : "\n`\nend\n");
}

static const struct filter_ops encode_ops = {
    .start = encode_start,
    .feed = encode_feed,
    .finish = encode_finish,
    .failed = filter_failed_die,
};

const struct applet applet_uuencode = {
    .name = "uuencode",
    .filter = &encode_ops,
    .state = sizeof(struct uuencode),
    .unwritten = UNWRITTEN_WRITE,
};

struct uudecode {
    struct filter filter;
    const char *to; /* -o */
    bool begun, base64, ended;
    struct base64_decoder decoder;
};

static char **decode_start(struct proc *p, int argc, char **argv)
{
    struct uudecode *u = proc_state(p);
    char **files;
    options_bits(p, argc, argv, "o:", &files, &u->to);
    if (files[0] && files[1])
        proc_usage(p);
    u->decoder.stops = true;
    return files;
}

static uint32_t read_mode(const char *s)
{
    uint32_t mode = 0;
    const char *at = s;
    for (; *at >= '0' && *at <= '7' && mode < 1 << 24; at++)
        mode = mode * 8 + (uint32_t)(*at - '0');
    return (at == s || *at ? MODE : mode) & MODE;
}

static void open_to(struct proc *p, const struct uudecode *u, const char *name, uint32_t mode)
{
    name = u->to ? u->to : name;
    if (!strcmp(name, "-") || !strcmp(name, "/dev/stdout"))
        return;
    int fd = proc_open(p, name, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (fd < 0 || proc_dup(p, fd, 1) < 0)
        proc_die_errno(p, fd, "can't open '%s'", name);
    int e = proc_chmod(p, name, mode);
    if (e < 0)
        proc_die_errno(p, e, "can't open '%s'", name);
}

/* begin[-base64] MODE NAME */
static void look_for_begin(struct proc *p, struct uudecode *u, char *line)
{
    static const char plain[] = "begin ", base64[] = "begin-base64 ";
    u->base64 = !strncmp(line, base64, strlen(base64));
    if (!u->base64 && strncmp(line, plain, strlen(plain)))
        return;
    char *mode = line + strlen(u->base64 ? base64 : plain), *name = strchr(mode, ' ');
    if (!name)
        return;
    *name++ = '\0';
    name += strspn(name, " \t\r\f\v");
    size_t n = strlen(name);
    while (n && strchr(" \t\r\f\v", name[n - 1]))
        name[--n] = '\0';
    open_to(p, u, name, read_mode(mode));
    u->begun = true;
}

static unsigned decoded(char c)
{
    return ((unsigned char)c - (unsigned)' ') & 63;
}

static void decode_line(struct proc *p, struct uudecode *u, const char *line, size_t n)
{
    if (!strcmp(line, "end")) {
        u->ended = true;
        filter_stop(p);
        return;
    }
    size_t left = decoded(line[0]), at = 1;
    if (!n || n - 1 < left * 4 / 3)
        proc_die(p, "short file");
    for (; left; at += 4) {
        unsigned v = 0;
        for (size_t i = 0; i < 4; i++)
            v = v << 6 | decoded(at + i < n ? line[at + i] : ' ');
        for (unsigned shift = 24; shift && left; left--)
            out_char(p, (char)(v >> (shift -= 8)));
    }
}

static void decode_feed(struct proc *p, const char *data, size_t n)
{
    struct uudecode *u = proc_state(p);
    if (u->begun && u->base64) {
        base64_decode(&u->decoder, p, data, n);
        if (u->decoder.stopped)
            filter_stop(p);
        return;
    }
    n = filter_chop(data, n);
    n -= n && data[n - 1] == '\r';
    char *line = memory_bytes(proc_memory(p), data, n);
    if (u->begun)
        decode_line(p, u, line, n);
    else
        look_for_begin(p, u, line);
    memory_give(proc_memory(p), line);
}

static void decode_finish(struct proc *p)
{
    struct uudecode *u = proc_state(p);
    if (!u->begun)
        proc_die(p, "no 'begin' line");
    if (!u->base64 && !u->ended)
        proc_die(p, "short file");
    if (u->base64 && !u->decoder.stopped && !base64_decode_end(&u->decoder, p))
        proc_die(p, "truncated input");
}

static void missing(struct proc *p, int e)
{
    proc_die_errno(p, e, "%s", ((struct uudecode *)proc_state(p))->filter.name);
}

static const struct filter_ops decode_ops = {
    .start = decode_start,
    .feed = decode_feed,
    .finish = decode_finish,
    .missing = missing,
    .failed = filter_failed_silent,
    .lines = true,
};

const struct applet applet_uudecode = {
    .name = "uudecode",
    .filter = &decode_ops,
    .state = sizeof(struct uudecode),
};
