#include "shell/options.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/*
 * The password itself is not worked on: what is written in its place looks like its hash, and is
 * none.
 */
enum { FILE_MOST = 1 << 18, LINE_MOST = 256, SHORT = 6 };

struct passwd {
    const char *user;
    struct text line, first;
    bool asked, again;
};

static const char *self_name(struct proc *p)
{
    const char *name = proc_user(p, proc_uid(p));
    return name ? name : "root";
}

/* ---- The files ---- */

struct place {
    const char *path;
    char *data, *field, *end; /* the password's field of the user's line */
};

static bool find_line(struct proc *p, const char *path, const char *user, struct place *at)
{
    size_t n, length = strlen(user);
    *at = (struct place){ .path = path };
    if (proc_read_file(p, path, FILE_MOST, &at->data, &n) != 0)
        return false;
    for (char *line = at->data; line && *line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, user, length) != 0 || line[length] != ':')
            continue;
        at->field = line + length + 1;
        at->end = at->field + strcspn(at->field, ":\n");
        return true;
    }
    return false;
}

static bool find(struct proc *p, const char *user, struct place *at)
{
    if (find_line(p, "/etc/shadow", user, at))
        return true;
    bool found = find_line(p, "/etc/passwd", user, at);
    if (found)
        proc_error(p, "no record of %s in /etc/shadow, using /etc/passwd", user);
    return found;
}

static int write_file(struct proc *p, const char *path, uint32_t mode, const char *const *parts)
{
    int64_t e = 0;
    int fd = proc_open(p, path, O_WRONLY | O_CREAT | O_TRUNC, mode);
    if (fd < 0)
        return fd;
    for (; *parts && e >= 0; parts++)
        e = proc_write(p, fd, *parts, strlen(*parts));
    proc_close(p, fd);
    return e < 0 ? (int)e : proc_chmod(p, path, mode);
}

/* The old file is kept beside the new one, which is written beside it and takes its place. */
static int put(struct proc *p, const struct place *at, const char *value, const char *rest)
{
    struct vfs_stat st;
    const char *other = memory_print(proc_memory(p), "%s+", at->path);
    const char *old = memory_print(proc_memory(p), "%s-", at->path);
    const char *before = memory_bytes(proc_memory(p), at->data, (size_t)(at->field - at->data));
    TRY(proc_stat(p, at->path, &st));
    TRY(write_file(p, old, st.mode & 07777, (const char *const[]){ at->data, NULL }));
    TRY(write_file(p, other, st.mode & 07777, (const char *const[]){ before, value, rest, NULL }));
    return proc_rename_file(p, other, at->path);
}

/* Shadow has the day of the change behind the password. */
static const char *dated(struct proc *p, const char *rest)
{
    size_t n = *rest == ':' ? strcspn(rest + 1, ":\n") : 0;
    return n ? memory_print(proc_memory(p), ":%lld%s", (long long)(proc_now(p) / 1000000 / 86400),
                            rest + 1 + n)
             : rest;
}

static void change(struct proc *p, const char *user, const char *value)
{
    struct place at;
    bool shadow = find(p, user, &at) && strcmp(at.path, "/etc/shadow") == 0;
    int e = !at.field ? -ENOENT : put(p, &at, value, shadow ? dated(p, at.end) : at.end);
    if (e)
        proc_die_errno(p, e, "can't update password file %s", at.path);
    if (shadow && find_line(p, "/etc/passwd", user, &at) && put(p, &at, "x", at.end) != 0)
        proc_perror(p, EIO, "can't update password file %s", at.path);
    proc_error(p, "password for %s changed by %s", user, self_name(p));
    proc_exit(p, 0);
}

static void add_random(struct proc *p, struct text *t, size_t n)
{
    static const char digits[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    while (n--)
        text_char_add(t, digits[proc_random(p) & 63]);
}

static const char *made_up(struct proc *p)
{
    struct text t = text_of(proc_memory(p));
    text_say(&t, "$5$");
    add_random(p, &t, 16);
    text_char_add(&t, '$');
    add_random(p, &t, 43);
    return t.data;
}

/* ---- -d, -l, -u ---- */

static void lock(struct proc *p, const char *user, bool locks)
{
    struct place at;
    if (!find(p, user, &at))
        proc_die(p, "unknown user %s", user);
    bool locked = *at.field == '!';
    if (locked == locks)
        proc_die(p, "password for %s is already %slocked", user, locks ? "" : "un");
    const char *old = memory_bytes(proc_memory(p), at.field, (size_t)(at.end - at.field));
    change(p, user, locks ? memory_print(proc_memory(p), "!%s", old) : old + 1);
}

/* ---- Asking ---- */

static bool contains(const char *s, const char *part)
{
    return *part && strcasestr(s, part);
}

static const char *reversed(struct proc *p, const char *s)
{
    size_t n = strlen(s);
    char *r = memory_text(proc_memory(p), s);
    for (size_t i = 0; i < n; i++)
        r[i] = s[n - 1 - i];
    return r;
}

/* The more kinds of characters, the shorter it may be. */
static const char *weakness(struct proc *p, const char *word, const char *user)
{
    size_t n = strlen(word), most = 0;
    bool lower = false, upper = false, digit = false, other = false;
    if (n < SHORT)
        return "too short";
    if (contains(word, user) || contains(word, reversed(p, user)))
        return "similar to username";
    for (const char *c = word; *c; c++) {
        size_t same = 0;
        bool is_lower = *c >= 'a' && *c <= 'z', is_upper = *c >= 'A' && *c <= 'Z',
             is_digit = *c >= '0' && *c <= '9';
        lower |= is_lower;
        upper |= is_upper;
        digit |= is_digit;
        other |= !is_lower && !is_upper && !is_digit;
        for (const char *d = word; *d; d++)
            same += *d == *c;
        most = same > most ? same : most;
    }
    if (n + 2u * ((unsigned)lower + upper + digit + other) < 14)
        return "too weak";
    return most * 2 > n ? "too many similar characters" : NULL;
}

static void unchanged(struct proc *p, const char *user)
{
    proc_die(p, "password for %s is unchanged", user);
}

static void passwd_start(struct proc *p, int argc, char **argv)
{
    enum { ALGORITHM = 1, DELETE = 2, LOCK = 4, UNLOCK = 8 };
    struct passwd *w = proc_state(p);
    const char *algorithm = NULL;
    uint32_t uid, gid, given = options_bits(p, argc, argv, "a:dlu", &argv, &algorithm);
    if (proc_uid(p) != 0)
        proc_die(p, "must be suid to work properly");
    w->user = *argv ? *argv : self_name(p);
    if (proc_user_id(p, w->user, &uid, &gid) != 0)
        proc_die(p, "unknown user %s", w->user);
    if (given & DELETE)
        change(p, w->user, "");
    if (given & (LOCK | UNLOCK))
        lock(p, w->user, given & LOCK);
    w->line = w->first = text_of(proc_memory(p));
    out_print(p, "Changing password for %s\n", w->user);
}

/* A line of standard input: 1 it is whole or the last, 0 wait, -1 there is none. */
static int read_line(struct proc *p, struct passwd *w)
{
    char c;
    while (w->line.len < LINE_MOST) {
        int64_t n = proc_read(p, 0, &c, 1);
        if (n == -EAGAIN) {
            proc_waits_on(p, 0);
            return 0;
        }
        if (n <= 0)
            return w->line.len ? 1 : -1;
        if (c == '\n' || c == '\r' || !c)
            return 1;
        text_char_add(&w->line, c);
    }
    return 1;
}

static void take_first(struct proc *p, struct passwd *w)
{
    const char *why = weakness(p, w->line.data ? w->line.data : "", w->user);
    if (why)
        out_print(p, "Bad password: %s\n", why);
    w->first = w->line;
    w->line = text_of(proc_memory(p));
    w->again = true;
    w->asked = false;
}

static bool same(const struct text *a, const struct text *b)
{
    return a->len == b->len && (!a->len || memcmp(a->data, b->data, a->len) == 0);
}

static enum applet_next passwd_step(struct proc *p)
{
    struct passwd *w = proc_state(p);
    if (!w->asked) {
        out_text(p, w->again ? "Retype password: " : "New password: ");
        proc_terminal(p, TTY_QUIET);
        out_flush(p);
        w->asked = true;
    }
    int whole = read_line(p, w);
    if (!whole)
        return NEXT_INPUT;
    out_char(p, '\n');
    if (whole < 0)
        unchanged(p, w->user);
    if (!w->again) {
        take_first(p, w);
        return NEXT_AGAIN;
    }
    if (!same(&w->first, &w->line)) {
        out_text(p, "Passwords don't match\n");
        unchanged(p, w->user);
    }
    change(p, w->user, made_up(p));
    return NEXT_DONE;
}

const struct applet applet_passwd = {
    .name = "passwd", .start = passwd_start, .step = passwd_step, .state = sizeof(struct passwd)
};
