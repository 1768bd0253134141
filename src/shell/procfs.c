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
    struct shell *sh = context;
    struct proc_info info;
    struct proc *p = asking(sh);
    return p && proc_info(p, i, &info) ? info.pid : 0;
}

static bool info_of(struct shell *sh, uint32_t pid, struct proc_info *ret)
{
    struct proc *p = asking(sh);
    for (size_t i = 0; p && proc_info(p, i, ret); i++)
        if (ret->pid == pid)
            return true;
    return false;
}

static bool pid_known(void *context, uint32_t pid)
{
    struct proc_info info;
    return info_of(context, pid, &info);
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

static void own_process(struct proc *asks, struct proc *p, struct live_process *ret)
{
    struct memory *m = &asks->memory;
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
    ret->started = shell_machine(p->shell)->uptime * 100 + (uint64_t)(p->started - p->shell->began) / 10000;
}

static void device_process(struct proc *asks, const struct proc_info *info, struct live_process *ret)
{
    if (info->command[0] == '[' || !info->vsz)
        return;
    struct text words = text_of(&asks->memory);
    text_add(&words, info->command, strlen(info->command) + 1);
    for (size_t i = 0; i < words.len; i++)
        if (words.data[i] == ' ')
            words.data[i] = '\0';
    ret->argv = words.data;
    ret->n_argv = words.len;
    ret->cwd = "/";
    ret->exe = words.data[0] == '/' ? memory_text(&asks->memory, words.data) : "/bin/busybox";
    ret->started = info->pid;
}

static bool process(void *context, uint32_t pid, struct live_process *ret)
{
    struct shell *sh = context;
    struct proc_info info;
    struct proc *asks = asking(sh);
    if (!asks || !info_of(sh, pid, &info))
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
    struct proc *own = proc_by_pid(sh, pid);
    if (own)
        own_process(asks, own, ret);
    else
        device_process(asks, &info, ret);
    return true;
}

static bool descriptor(void *context, uint32_t pid, uint32_t fd, struct text *to)
{
    struct shell *sh = context;
    const struct proc *p = proc_by_pid(sh, pid);
    const struct file *f = p && !p->ended && fd < 1024 ? descriptor_file(p, (int)fd) : NULL;
    static const char *const names[] = { [FILE_NULL] = "/dev/null",
                                         [FILE_ZERO] = "/dev/zero",
                                         [FILE_FULL] = "/dev/full",
                                         [FILE_RANDOM] = "/dev/urandom" };
    if (!f)
        return false;
    if (f->type == FILE_PIPE || (f->type == FILE_CONSOLE && !sh->terminal))
        text_print(to, "pipe:[%u]", 1000 + (f->type == FILE_PIPE ? pid : f->stream));
    else if (f->type == FILE_CONSOLE)
        text_say(to, "/dev/pts/0");
    else if (f->type == FILE_NODE || f->type == FILE_LIVE)
        text_say(to, "/");
    else
        text_say(to, names[f->type]);
    return true;
}

/* ---- What the vfs asks ---- */

static struct live_view view_of(struct shell *sh)
{
    return (struct live_view){ .context = sh,
                               .process = process,
                               .descriptor = descriptor,
                               .vfs = sh->vfs,
                               .hostname = sh->hostname ? sh->hostname : shell_machine(sh)->nodename,
                               .now = sh->now,
                               .uptime = shell_machine(sh)->uptime * 100 + (uint64_t)(sh->now - sh->began) / 10000,
                               .seed = sh->random,
                               .processes = (uint32_t)shell_machine(sh)->n_processes + sh->n_procs,
                               .last_pid = sh->next_pid - 1 };
}

static int content(void *context, uint32_t pid, const char *name, struct text *to)
{
    struct live_view v = view_of(context);
    return live_content(shell_machine(context), &v, pid, name, to);
}

static int link_to(void *context, uint32_t pid, const char *name, struct text *to)
{
    struct live_view v = view_of(context);
    return live_link(shell_machine(context), &v, pid, name, to);
}

static bool has(void *context, uint32_t pid, const char *name)
{
    return live_has(shell_machine(context), pid, name);
}

void live_begin(struct shell *sh)
{
    sh->live = (struct vfs_live){ sh, pid_at, pid_known, self, content, link_to, has, NULL };
}
