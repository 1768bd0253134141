#include "shell/filter.h"
#include "shell/options.h"

#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>

enum { COUNT = 1, DUPLICATES = 2, UNIQUES = 4, FOLD = 8, NUL = 16 };

struct uniq {
    struct filter filter;
    uint32_t bits;
    const char *name; /* the operand, or NULL */
    uint64_t fields, characters, width;
    struct text line; /* the first of those that are alike */
    uint64_t count;   /* 0: none yet */
    char end;
};

/* The file is standard input or output from now on. */
static void become(struct proc *p, const char *name, int flags, int standard)
{
    int fd = strcmp(name, "-") ? proc_open(p, name, flags, 0666) : standard;
    int e = fd < 0 ? fd : proc_dup(p, fd, standard);
    if (e < 0)
        proc_die_errno(p, e, "can't open '%s'", name);
}

static char **start(struct proc *p, int argc, char **argv)
{
    struct uniq *u = proc_state(p);
    const char *fields = "0", *characters = "0", *width = NULL;
    char **files;
    u->bits = options_bits(p, argc, argv, "cduizf:s:w:", &files, &fields, &characters, &width);
    u->fields = options_number(p, fields, 0, INT32_MAX, NULL);
    u->characters = options_number(p, characters, 0, INT32_MAX, NULL);
    u->width = width ? options_number(p, width, 0, INT32_MAX, NULL) : UINT64_MAX;
    u->line = text_of(proc_memory(p));
    u->end = u->bits & NUL ? '\0' : '\n';
    u->name = files[0];
    if (!u->name)
        return files;
    become(p, u->name, O_RDONLY, 0);
    if (files[1] && files[2])
        proc_usage(p);
    if (files[1])
        become(p, files[1], O_WRONLY | O_CREAT | O_TRUNC, 1);
    return files + (files[1] ? 2 : 1);
}

/* What of a line is compared. */
static const char *key(const struct uniq *u, const char *s, size_t *n)
{
    const char *end = s + *n;
    for (uint64_t i = u->fields; i && s < end; i--) {
        while (s < end && isspace((unsigned char)*s))
            s++;
        while (s < end && !isspace((unsigned char)*s))
            s++;
    }
    s += u->characters < (uint64_t)(end - s) ? (size_t)u->characters : (size_t)(end - s);
    *n = u->width < (uint64_t)(end - s) ? (size_t)u->width : (size_t)(end - s);
    return s;
}

static bool alike(const struct uniq *u, const char *line, size_t n)
{
    size_t n_held = u->line.len;
    const char *held = key(u, u->line.data, &n_held);
    line = key(u, line, &n);
    if (n != n_held)
        return false;
    return u->bits & FOLD ? !strncasecmp(line, held, n) : !memcmp(line, held, n);
}

static void put_held(struct proc *p, const struct uniq *u)
{
    if (!u->count || (u->bits & (u->count > 1 ? UNIQUES : DUPLICATES)))
        return;
    if (u->bits & COUNT)
        out_print(p, "%7llu ", (unsigned long long)u->count);
    out_put(p, u->line.data, u->line.len);
    out_char(p, u->end);
}

static void feed(struct proc *p, const char *line, size_t n)
{
    struct uniq *u = proc_state(p);
    n = filter_chop(line, n);
    if (u->count && alike(u, line, n)) {
        u->count++;
        return;
    }
    put_held(p, u);
    u->line.len = 0;
    text_add(&u->line, line, n);
    u->count = 1;
}

static void finish(struct proc *p)
{
    put_held(p, proc_state(p));
}

static void failed(struct proc *p, int e)
{
    (void)e;
    const struct uniq *u = proc_state(p);
    proc_die(p, "%s: I/O error", u->name ? u->name : "(null)");
}

static const struct filter_ops ops = {
    .start = start,
    .feed = feed,
    .finish = finish,
    .failed = failed,
    .lines = true,
    .nul_too = true,
};

const struct applet applet_uniq = {
    .name = "uniq",
    .filter = &ops,
    .state = sizeof(struct uniq),
    .unwritten = UNWRITTEN_OUTPUT,
};
