/* crontab: the tables of cron, which nothing here ever runs. */
#include "shell/applet.h"
#include "shell/options.h"

#include <fcntl.h>
#include <string.h>

enum { TABLE_MOST = 1 << 18, EDIT = 8, LIST = 4, REMOVE = 16 };

struct state {
    unsigned what;
    const char *user;
    uint32_t uid, gid;
    char *temporary; /* what an editor works on */
    uint32_t editor; /* its pid, 0: not yet started */
    int fd;          /* where a new table comes from */
    struct text table;
};

static const char default_folder[] = "/var/spool/cron/crontabs";

/* A file that the user, not root, must be able to read. */
static int open_table(struct proc *p, struct state *s, const char *file, bool as_user)
{
    if (strcmp(file, "-") == 0)
        return 0;
    if (as_user && s->uid != 0) {
        vfs_ino ino;
        struct vfs_who who = { s->uid, s->gid };
        int e = vfs_find(proc_vfs(p), proc_cwd(p), file, true, who, &ino);
        if (e == 0)
            e = vfs_access(proc_vfs(p), ino, 4, who);
        if (e < 0)
            return e;
    }
    return proc_open(p, file, O_RDONLY, 0);
}

static void start(struct proc *p, int argc, char **argv)
{
    struct state *s = proc_state(p);
    const char *user = NULL, *folder = default_folder;
    s->what = options_bits(p, argc, argv, "u:c:ler", &argv, &user, &folder);
    unsigned orders = s->what & (LIST | EDIT | REMOVE);
    if (orders & (orders - 1) || (orders ? *argv != NULL : !*argv || argv[1]))
        proc_usage(p);
    if (proc_uid(p) != 0)
        proc_die(p, "must be suid to work properly");
    s->user = user ? user : proc_user(p, proc_uid(p));
    if (!s->user)
        proc_die(p, "unknown uid %u", proc_uid(p));
    if (user && proc_user_id(p, user, &s->uid, &s->gid) < 0)
        proc_die(p, "unknown user %s", user);
    s->table = text_of(proc_memory(p));
    if (!orders) {
        s->fd = open_table(p, s, *argv, user != NULL);
        if (s->fd < 0)
            proc_die_errno(p, s->fd, "can't open '%s'", *argv);
    }
    int e = proc_chdir(p, folder);
    if (e < 0)
        proc_die_errno(p, e, "can't change directory to '%s'", folder);
    s->temporary = memory_print(proc_memory(p), "%s.%u", folder, proc_pid(p));
}

/* Tells cron who changed something. */
static enum applet_next tell_cron(struct proc *p, struct state *s)
{
    int fd = proc_open(p, "cron.update", O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (fd >= 0) {
        char *line = memory_print(proc_memory(p), "%s\n", s->user);
        proc_write(p, fd, line, strlen(line));
        proc_close(p, fd);
    } else {
        proc_perror(p, fd, "can't append to %s/%s", proc_getcwd(p), "cron.update");
    }
    proc_done(p, 0);
    return NEXT_DONE;
}

/* The new table takes the old one's place at once. */
static enum applet_next install(struct proc *p, struct state *s)
{
    char *fresh = memory_print(proc_memory(p), "%s.new", s->user);
    int fd = proc_open(p, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
    if (fd < 0)
        proc_die_errno(p, fd, "can't open '%s'", fresh);
    int64_t put = proc_write(p, fd, s->table.data, s->table.len);
    if (put < 0)
        proc_die_errno(p, (int)put, "write error");
    proc_close(p, fd);
    int e = proc_rename_file(p, fresh, s->user);
    if (e < 0) {
        proc_perror(p, e, "can't move '%s' to '%s'", fresh, s->user);
        proc_done(p, 1);
        return NEXT_DONE;
    }
    return tell_cron(p, s);
}

/* 0; -EAGAIN: more is to come. What cannot be read ends it, too. */
static int read_table(struct proc *p, struct state *s)
{
    char data[1024];
    int64_t n;
    while ((n = proc_read(p, s->fd, data, sizeof data)) > 0) {
        if (s->table.len > TABLE_MOST)
            proc_die_errno(p, ENOSPC, "write error");
        text_add(&s->table, data, (size_t)n);
    }
    if (n == -EAGAIN) {
        proc_waits_on(p, s->fd);
        return -EAGAIN;
    }
    if (n < 0)
        proc_perror(p, (int)n, "read error");
    return 0;
}

static enum applet_next list(struct proc *p, struct state *s)
{
    char *data;
    size_t n;
    int e = proc_read_file(p, s->user, TABLE_MOST, &data, &n);
    if (e == -EISDIR)
        proc_die_errno(p, e, "read error");
    if (e < 0)
        proc_die_errno(p, e, "can't open '%s'", s->user);
    out_put(p, data, n);
    proc_done(p, 0);
    return NEXT_DONE;
}

static enum applet_next remove_table(struct proc *p, struct state *s)
{
    int e = proc_unlink(p, s->user);
    (void)e; /* there may have been none */
    return tell_cron(p, s);
}

/* A copy for the editor, which is $VISUAL, $EDITOR or vi. */
static void start_editor(struct proc *p, struct state *s)
{
    char *data;
    size_t n;
    int fd = proc_open(p, s->temporary, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (fd < 0)
        proc_die_errno(p, fd, "can't open '%s'", s->temporary);
    if (proc_read_file(p, s->user, TABLE_MOST, &data, &n) == 0)
        proc_write(p, fd, data, n);
    proc_close(p, fd);
    const char *editor = proc_getenv(p, "VISUAL");
    editor = editor ? editor : proc_getenv(p, "EDITOR");
    editor = editor ? editor : "vi";
    char *argv[] = { memory_text(proc_memory(p), editor), s->temporary, NULL };
    int pid = proc_spawn(p, argv, -1, -1);
    if (pid < 0)
        proc_perror(p, pid, "can't execute '%s'", editor);
    s->editor = pid < 0 ? UINT32_MAX : (uint32_t)pid;
}

static enum applet_next edit(struct proc *p, struct state *s)
{
    uint32_t pid;
    int by_signal;
    if (!s->editor)
        start_editor(p, s);
    if (s->editor != UINT32_MAX && proc_wait(p, s->editor, &pid, &by_signal) == -EAGAIN)
        return NEXT_CHILD;
    s->fd = proc_open(p, s->temporary, O_RDONLY, 0);
    if (s->fd < 0)
        proc_die_errno(p, s->fd, "can't open '%s'", s->temporary);
    if (read_table(p, s) < 0)
        return NEXT_INPUT;
    int e = proc_unlink(p, s->temporary);
    (void)e;
    return install(p, s);
}

static enum applet_next step(struct proc *p)
{
    struct state *s = proc_state(p);
    switch (s->what & (LIST | EDIT | REMOVE)) {
    case LIST:
        return list(p, s);
    case EDIT:
        return edit(p, s);
    case REMOVE:
        return remove_table(p, s);
    default:
        return read_table(p, s) < 0 ? NEXT_INPUT : install(p, s);
    }
}

const struct applet applet_crontab = {
    .name = "crontab", .start = start, .step = step, .state = sizeof(struct state)
};
