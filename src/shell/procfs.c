/* /proc of a session: its processes and its device's, as live.h shows them. */
#include "shell/inside.h"

#include "shell/live.h"

#include <string.h>

/* The pid that asks: of whoever runs, else of the first shell. */
static struct proc *asking(struct shell *sh)
{
    struct proc *p = sh->running && !sh->running->ended ? sh->running : proc_by_pid(sh, sh->first_pid);
    return p;
}

static uint32_t pid_at(void *context, size_t i)
{
    struct proc_info info;
    const struct proc *p = asking(context);
    return p && proc_info_in(NULL, p, i, &info) ? info.pid : 0;
}

static bool pid_known(void *context, uint32_t pid)
{
    struct proc_info info;
    const struct proc *p = asking(context);
    return p && proc_info_of(NULL, p, pid, &info);
}

static uint32_t self(void *context)
{
    const struct proc *p = asking(context);
    return p ? p->pid : 1;
}

/* ---- One process ---- */

static void join(struct memory *m, char *const *words, const char **ret, size_t *ret_n)
{
    struct text all = text_of(m);
    for (; words && *words; words++)
        text_add(&all, *words, strlen(*words) + 1);
    *ret = all.data;
    *ret_n = all.len;
}

/* One reading: what is made for it is of m. */
struct reading {
    struct shell *shell;
    struct memory *m;
};

static void own_process(struct memory *m, struct proc *p, struct live_process *ret)
{
    if (p->ended)
        return;
    struct text cwd = text_of(m);
    text_add(&cwd, "", 0);
    char one[64];
    size_t n = strlen(p->name) < sizeof one ? strlen(p->name) : sizeof one - 1;
    memcpy(one, p->name, n);
    one[n] = '\0';
    char *const alone[] = { one, NULL };
    char **words = proc_started_with(p);
    join(m, words ? words : alone, &ret->argv, &ret->n_argv);
    join(m, vars_environment(p->vars, m), &ret->environ, &ret->n_environ);
    ret->cwd = vfs_path(p->shell->vfs, p->cwd, &cwd) ? "" : cwd.data;
    ret->exe = p->exe;
    ret->gid = p->gid;
    ret->started = shell_uptime(p->shell, p->started);
}

static void device_process(struct memory *m, const struct proc_info *info, struct live_process *ret)
{
    if (info->command[0] == '[' || !info->vsz)
        return;
    struct text words = text_of(m);
    text_add(&words, info->command, strlen(info->command) + 1);
    for (size_t i = 0; i < words.len; i++)
        if (words.data[i] == ' ')
            words.data[i] = '\0';
    ret->argv = words.data;
    ret->n_argv = words.len;
    ret->cwd = "/";
    ret->exe = words.data[0] == '/' ? memory_text(m, words.data) : "/bin/busybox";
    ret->started = info->pid;
}

static bool process(void *context, uint32_t pid, struct live_process *ret)
{
    const struct reading *r = context;
    const struct proc *asks = asking(r->shell);
    struct proc_info info;
    if (!asks || !proc_info_of(r->m, asks, pid, &info))
        return false;
    *ret = (struct live_process){ .pid = info.pid,
                                  .ppid = info.ppid,
                                  .uid = info.uid,
                                  .gid = info.uid,
                                  .vsz = info.vsz,
                                  .rss = info.rss,
                                  .state = info.state,
                                  .comm = info.comm,
                                  .environ = "",
                                  .cwd = "",
                                  .exe = "",
                                  .cpu = info.cpu };
    struct proc *own = proc_by_pid(r->shell, pid);
    if (own)
        own_process(r->m, own, ret);
    else
        device_process(r->m, &info, ret);
    return true;
}

static bool descriptor(void *context, uint32_t pid, uint32_t fd, struct text *to)
{
    struct shell *sh = ((struct reading *)context)->shell;
    const struct proc *p = proc_by_pid(sh, pid);
    const struct file *f = p && !p->ended && fd < 1024 ? descriptor_file(p, (int)fd) : NULL;
    static const char *const names[] = { [FILE_NULL] = "/dev/null",
                                         [FILE_ZERO] = "/dev/zero",
                                         [FILE_FULL] = "/dev/full",
                                         [FILE_RANDOM] = "/dev/urandom" };
    if (!f)
        return false;
    bool here = f->type == FILE_LIVE && !f->ino; /* a here-document: a pipe to whoever looks */
    if (here || f->type == FILE_PIPE || (f->type == FILE_CONSOLE && !sh->terminal))
        text_print(to, "pipe:[%u]", 1000 + (f->type == FILE_CONSOLE ? f->stream : pid));
    else if (f->type == FILE_CONSOLE)
        text_say(to, "/dev/pts/0");
    else if (f->ino && vfs_path(sh->vfs, f->ino, to))
        text_say(to, "/ (deleted)");
    else if (!f->ino)
        text_say(to, names[f->type]);
    return true;
}

/* ---- What the vfs asks ---- */

static struct live_view view_of(struct reading *r, bool network)
{
    struct shell *sh = r->shell;
    return (struct live_view){ .context = r,
                               .process = process,
                               .descriptor = descriptor,
                               .vfs = sh->vfs,
                               .hostname = shell_hostname(sh),
                               .now = sh->now,
                               .uptime = shell_uptime(sh, sh->now),
                               .seed = sh->random,
                               .processes = (uint32_t)shell_machine(sh)->n_processes + sh->n_procs,
                               .last_pid = sh->next_pid - 1,
                               .network = network ? shell_network(sh) : NULL,
                               .identity = sh->identity,
                               .settings = shell_changes(sh)->settings };
}

typedef int live_asked(const struct machine *m, struct live_view *v, uint32_t pid, const char *name, struct text *to);

static int ask(struct shell *sh, live_asked *what, uint32_t pid, const char *name, struct text *to)
{
    enum { BYTES_A_STEP = 16, COST = 20 };
    struct reading r = { sh, to->memory };
    size_t before = to->len;
    struct live_view v = view_of(&r, strncmp(name, "net/", 4) == 0);
    text_add(to, "", 0); /* older than the mark: it stays */
    void *mark = memory_take(to->memory, 1);
    int e = what(shell_machine(sh), &v, pid, name, to);
    memory_back(to->memory, mark);
    if (sh->running) /* its text is made anew at each reading */
        proc_charge(sh->running, (to->len - before) / BYTES_A_STEP + COST);
    return e;
}

static int content(void *context, uint32_t pid, const char *name, struct text *to)
{
    return ask(context, live_content, pid, name, to);
}

static int link_to(void *context, uint32_t pid, const char *name, struct text *to)
{
    return ask(context, live_link, pid, name, to);
}

static bool has(void *context, uint32_t pid, const char *name)
{
    return live_has(shell_machine(context), pid, name);
}

/* The knobs of a process turn, and nothing comes of it; those of the system are the session's. */
static int write_to(void *context, uint32_t pid, const char *name, const void *data, size_t n)
{
    struct shell *sh = context;
    if (pid)
        return 0;
    if (strcmp(name, "sys/kernel/hostname") == 0) {
        char *host = setting_text(&sh->memory, data, n, HOST_NAME_MOST);
        shell_set_hostname(sh, host);
        return 0;
    }
    struct text now = text_of(&sh->memory);
    int e = content(sh, 0, name, &now);
    if (!e)
        e = setting_write(&shell_own_changes(sh)->settings, &sh->memory, name, now.data ? now.data : "", data, n);
    text_release(&now);
    return e;
}

const struct vfs_live shell_live = { pid_at, pid_known, self, content, link_to, has, write_to };
