#include "shell/filter.h"
#include "shell/options.h"

#include <fcntl.h>
#include <string.h>

/*
 * The reference that teiten is compared with was built without; POSIX.1-2017, split, is what is followed: pieces of 1000
 * lines, xaa, xab and so on. A file is made when there is something for it.
 */
enum { BYTES = 1, LINES = 2, PIECE = 256, SUFFIX_MOST = VFS_NAME_MOST };

struct split {
    struct filter filter;
    bool bytes;
    uint64_t most, left; /* of bytes or lines, a file and of this one */
    struct text name;    /* of the next file */
    size_t suffix;       /* its last so many letters */
    bool exhausted;
    int fd; /* -1: none is open */
};

static const struct options_suffix suffixes[] = {
    { "b", 512 }, { "k", 1024 }, { "m", 1 << 20 }, { "g", 1 << 30 }, { "", 0 },
};

static char **start(struct proc *p, int argc, char **argv)
{
    struct split *s = proc_state(p);
    const char *bytes = NULL, *lines = "1000", *suffix = "2", *prefix = "x";
    char **words;
    uint32_t bits = options_bits(p, argc, argv, "b:l:a:", &words, &bytes, &lines, &suffix);
    s->bytes = bits & BYTES;
    s->most = s->bytes ? options_number(p, bytes, 1, INT64_MAX, suffixes) : options_number(p, lines, 1, INT64_MAX, NULL);
    s->suffix = (size_t)options_number(p, suffix, 1, INT32_MAX, NULL);
    if (words[0] && words[1]) {
        if (words[2])
            proc_usage(p);
        prefix = words[1];
        words[1] = NULL;
    }
    const char *slash = strrchr(prefix, '/');
    if (s->suffix > SUFFIX_MOST || strlen(slash ? slash + 1 : prefix) + s->suffix > VFS_NAME_MOST)
        proc_die(p, "suffix too long");
    s->name = text_of(proc_memory(p));
    text_say(&s->name, prefix);
    for (size_t i = 0; i < s->suffix; i++)
        text_char_add(&s->name, 'a');
    s->fd = -1;
    s->filter.piece = PIECE;
    return words;
}

static void count_up(struct split *s)
{
    char *end = s->name.data + s->name.len;
    for (size_t i = 1; i <= s->suffix; i++) {
        if (end[-(ptrdiff_t)i]++ != 'z')
            return;
        end[-(ptrdiff_t)i] = 'a';
    }
    s->exhausted = true;
}

static void open_next(struct proc *p, struct split *s)
{
    if (s->exhausted)
        proc_die(p, "suffixes exhausted");
    if (s->fd >= 0)
        (void)proc_close(p, s->fd);
    s->fd = proc_open(p, s->name.data, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (s->fd < 0)
        proc_die_errno(p, s->fd, "can't open '%s'", s->name.data);
    count_up(s);
    s->left = s->most;
}

/* How much of the piece belongs to this file. */
static size_t fitting(struct split *s, const char *data, size_t n)
{
    if (s->bytes) {
        n = s->left < n ? (size_t)s->left : n;
        s->left -= n;
        return n;
    }
    for (const char *at = data; (at = memchr(at, '\n', n - (size_t)(at - data)));)
        if (at++, !--s->left)
            return (size_t)(at - data);
    return n;
}

static void feed(struct proc *p, const char *data, size_t n)
{
    struct split *s = proc_state(p);
    while (n) {
        if (s->fd < 0 || !s->left)
            open_next(p, s);
        size_t some = fitting(s, data, n);
        int64_t error = proc_write(p, s->fd, data, some);
        if (error < 0)
            proc_die_errno(p, (int)error, "write error");
        data += some;
        n -= some;
    }
}

static const struct filter_ops ops = {
    .start = start,
    .feed = feed,
    .failed = filter_failed_die,
};

const struct applet applet_split = { .name = "split", .filter = &ops, .state = sizeof(struct split) };
