/* What a process knows of itself and of the others. */
#include "shell/inside.h"

#include <string.h>

struct memory *proc_memory(struct proc *p)
{
    return &p->memory;
}

void *proc_state(struct proc *p)
{
    return p->state;
}

const char *proc_name(const struct proc *p)
{
    return p->name;
}

void proc_rename(struct proc *p, const char *name)
{
    p->name = name;
}

uint32_t proc_pid(const struct proc *p)
{
    return p->pid;
}

uint32_t proc_ppid(const struct proc *p)
{
    return p->ppid;
}

uint32_t proc_uid(const struct proc *p)
{
    return p->uid;
}

uint32_t proc_gid(const struct proc *p)
{
    return p->gid;
}

struct vfs_who proc_who(const struct proc *p)
{
    return (struct vfs_who){ p->uid, p->gid };
}

const struct machine *proc_machine(const struct proc *p)
{
    return shell_machine(p->shell);
}

struct vfs *proc_vfs(struct proc *p)
{
    return p->shell->vfs;
}

vfs_ino proc_cwd(const struct proc *p)
{
    return p->cwd;
}

uint32_t proc_umask(const struct proc *p)
{
    return p->umask;
}

void proc_set_umask(struct proc *p, uint32_t mask)
{
    p->umask = mask & 0777;
}

int64_t proc_now(const struct proc *p)
{
    return shell_clock(p->shell);
}

int proc_set_now(struct proc *p, int64_t when)
{
    if (p->uid != 0)
        return -EPERM;
    p->shell->clock_shift = when - p->shell->now;
    return 0;
}

/* Both ends are cut before they are compared: so the start, as told by a clock and an uptime, never moves. */
uint64_t shell_uptime(const struct shell *sh, int64_t when)
{
    enum { HUNDREDTH = 10000 };
    int64_t booted = sh->identity ? sh->identity->booted : 0;
    if (!booted)
        booted = sh->began - (int64_t)shell_machine(sh)->uptime * 1000000;
    int64_t up = when / HUNDREDTH - booted / HUNDREDTH;
    return up > 0 ? (uint64_t)up : 0;
}

int64_t proc_uptime(const struct proc *p)
{
    return (int64_t)(shell_uptime(p->shell, p->shell->now) / 100);
}

/* splitmix64 (Steele, Lea and Flood, 2014): nothing is kept secret by it. */
uint64_t proc_random(struct proc *p)
{
    uint64_t x = p->shell->random += 0x9e3779b97f4a7c15;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

const char *proc_getenv(const struct proc *p, const char *name)
{
    const struct var *var = vars_find(p->vars, name, strlen(name));
    return var && (var->flags & VAR_EXPORT) && !(var->flags & VAR_UNSET) ? var->text + var->n_name + 1 : NULL;
}

char **proc_environ(const struct proc *p)
{
    return vars_environment(p->vars, &((struct proc *)p)->memory);
}

void proc_setenv(struct proc *p, const char *name, const char *value)
{
    struct memory *m = &p->shell->memory;
    if (value)
        (void)!vars_set(&p->vars, m, name, strlen(name), value, VAR_EXPORT);
    else
        (void)!vars_unset(&p->vars, m, name, strlen(name));
}

void proc_charge(struct proc *p, uint64_t n)
{
    struct shell *sh = p->shell;
    int64_t cost = n > INT32_MAX / 2 ? INT32_MAX / 2 : (int64_t)n;
    p->quantum = p->quantum < -INT32_MAX / 4 ? p->quantum : p->quantum - (int32_t)cost;
    sh->steps -= cost;
    p->work += (uint64_t)cost;
    sh->steps_left = sh->steps_left > (uint64_t)cost ? sh->steps_left - (uint64_t)cost : 0;
}

void proc_fails_with(struct proc *p, int status)
{
    p->fails_with = (int16_t)status;
}

void proc_wake_at(struct proc *p, int64_t when)
{
    p->wake_at = when - p->shell->clock_shift;
}

/* ---- Others ---- */

/* Both lists ascend by pid. */
static const struct machine_process *device_process(struct shell *sh, size_t at)
{
    const struct machine *m = shell_machine(sh);
    return at < m->n_processes ? &m->processes[at] : NULL;
}

static void info_of_device(const struct machine_process *from, struct proc_info *ret)
{
    *ret = (struct proc_info){ from->pid, from->ppid, from->uid, from->vsz, from->rss,
                               from->state, from->comm, from->command, 0 };
}

enum { VSZ = 1304, RSS = 620 }; /* kB, of a small BusyBox */

/* The file's name: that login puts a '-' before it is its shell's argv alone. */
static const char *comm_of(const struct proc *p)
{
    const char *name = p->words_before ? *proc_started_with(p) : p->name, *slash = strrchr(name, '/');
    name = slash && slash[1] ? slash + 1 : name;
    return name[0] == '-' && name[1] ? name + 1 : name;
}

static void info_of(struct memory *m, const struct proc *asks, const struct proc *p, struct proc_info *ret)
{
    struct text command = text_of(m);
    char **words = m ? proc_started_with(p) : NULL;
    for (char **word = words; word && *word; word++)
        text_print(&command, "%s%s", word == words ? "" : " ", *word);
    const char *state = p->ended ? "Z" : p->stopped ? "T" : p == asks ? "R" : "S";
    *ret = (struct proc_info){ p->pid, p->ppid, p->uid, p->ended ? 0 : VSZ, p->ended ? 0 : RSS, state,
                               comm_of(p), command.data ? command.data : p->name, p->work / 20000000 };
}

bool proc_info(struct proc *p, size_t i, struct proc_info *ret)
{
    return proc_info_in(&p->memory, p, i, ret);
}

/* Of the device's processes those with smaller pids. */
static size_t device_before(const struct machine *m, uint32_t pid)
{
    size_t least = 0, most = m->n_processes;
    while (least < most) {
        size_t middle = least + (most - least) / 2;
        if (m->processes[middle].pid < pid)
            least = middle + 1;
        else
            most = middle;
    }
    return least;
}

/* Where the session has ended none of the device's, those before its first own one need no counting. */
static size_t skip_device(const struct shell *sh, size_t *i)
{
    const struct machine *m = shell_machine(sh);
    size_t before = sh->procs ? device_before(m, sh->procs->pid) : m->n_processes;
    size_t skipped = shell_changes(sh)->killed ? 0 : *i < before ? *i : before;
    *i -= skipped;
    return skipped;
}

bool proc_info_in(struct memory *m, const struct proc *p, size_t i, struct proc_info *ret)
{
    struct shell *sh = p->shell;
    size_t at = skip_device(sh, &i);
    struct proc *own = sh->procs;
    for (;;) {
        const struct machine_process *device = device_process(sh, at);
        if (!device && !own)
            return false;
        bool takes_own = own && (!device || own->pid < device->pid);
        bool counts = takes_own ? !own->reaped : !shell_was_killed(sh, device->pid);
        if (counts && i-- == 0) {
            if (takes_own)
                info_of(m, p, own, ret);
            else
                info_of_device(device, ret);
            return true;
        }
        if (takes_own)
            own = own->next;
        else
            at++;
    }
}

bool proc_info_of(struct memory *m, const struct proc *p, uint32_t pid, struct proc_info *ret)
{
    const struct proc *own = proc_by_pid(p->shell, pid);
    if (own && own->reaped)
        return false;
    if (own)
        info_of(m, p, own, ret);
    const struct machine_process *device = NULL;
    for (size_t i = 0; !own && (device = device_process(p->shell, i)) && device->pid != pid;)
        i++;
    if (device && !shell_was_killed(p->shell, pid))
        info_of_device(device, ret);
    else if (!own)
        return false;
    return true;
}

/* ---- The network and the device ---- */

bool proc_fetch(struct proc *p, struct shell_fetch *what, struct shell_fetched *ret)
{
    *ret = (struct shell_fetched){ .answer = FETCH_UNREACHABLE, .address = "" };
    if (p->shell->hook->fetch)
        p->shell->hook->fetch(p->shell->context, what, ret);
    if (!ret->address)
        ret->address = "";
    p->woken = false;
    p->fetched |= ret->answer == FETCH_FOUND;
    proc_charge(p, 1000);
    return ret->answer != FETCH_PENDING;
}

void proc_tell_unknown(struct proc *p, const char *name, const char *answer)
{
    const struct shell_hook *hook = p->shell->hook;
    if (hook->unknown)
        hook->unknown(p->shell->context, name, answer);
}

void proc_no_applet(struct proc *p, const char *name)
{
    char *answer = memory_print(&p->memory, "%s: applet not found", name);
    proc_tell_unknown(p, name, answer);
    err_print(p, "%s\n", answer);
    memory_give(&p->memory, answer);
}

const struct changes *shell_changes(const struct shell *sh)
{
    static const struct changes none;
    return sh->changes ? sh->changes : &none;
}

struct changes *shell_own_changes(struct shell *sh)
{
    if (!sh->changes)
        sh->changes = memory_take(&sh->memory, sizeof *sh->changes);
    return sh->changes;
}

const char *shell_hostname(const struct shell *sh)
{
    const char *own = shell_changes(sh)->hostname, *given = sh->identity ? sh->identity->hostname : NULL;
    return own ? own : given ? given : shell_machine(sh)->nodename;
}

void shell_set_hostname(struct shell *sh, char *name)
{
    struct changes *changes = shell_own_changes(sh);
    memory_give(&sh->memory, changes->hostname);
    changes->hostname = name;
}

const char *proc_hostname(struct proc *p)
{
    return shell_hostname(p->shell);
}

void proc_set_hostname(struct proc *p, const char *name)
{
    shell_set_hostname(p->shell, memory_text(&p->shell->memory, name));
}

static struct network *own_network(struct shell *sh)
{
    struct changes *changes = shell_own_changes(sh);
    if (!changes->network)
        changes->network = network_make(&sh->memory, shell_machine(sh), sh->identity);
    return changes->network;
}

/* Made when it is first asked for: most visitors never do. */
struct network *shell_network(struct shell *sh)
{
    struct network *network = shell_changes(sh)->network;
    return network || !network_differs(sh->identity) ? network : own_network(sh);
}

const struct machine_interface *proc_interface(struct proc *p, size_t i)
{
    return network_interface(proc_machine(p), shell_network(p->shell), i);
}

const struct machine_socket *proc_socket(struct proc *p, size_t i)
{
    return network_socket(proc_machine(p), shell_network(p->shell), i);
}

const struct machine_route *proc_route(struct proc *p, size_t i)
{
    return network_route(proc_machine(p), shell_network(p->shell), i);
}

bool proc_interface_is_further(struct proc *p, size_t i)
{
    return network_is_further(proc_machine(p), shell_network(p->shell), i);
}

int proc_set_interface(struct proc *p, size_t i, const struct machine_interface *x)
{
    return network_set(own_network(p->shell), i, x);
}

int proc_add_route(struct proc *p, const struct machine_route *r)
{
    return network_add_route(own_network(p->shell), r);
}

void proc_drop_route(struct proc *p, size_t i)
{
    network_drop_route(own_network(p->shell), i);
}

void proc_power_off(struct proc *p)
{
    p->shell->over = true;
}

void shell_mark_fetched(struct shell *sh, vfs_ino ino)
{
    if (shell_is_fetched(sh, ino))
        return;
    struct changes *changes = shell_own_changes(sh);
    changes->fetched = memory_array(&sh->memory, changes->fetched, changes->n_fetched + 1, sizeof *changes->fetched);
    changes->fetched[changes->n_fetched++] = ino;
}

bool shell_is_fetched(const struct shell *sh, vfs_ino ino)
{
    const struct changes *changes = shell_changes(sh);
    for (size_t i = 0; i < changes->n_fetched; i++)
        if (changes->fetched[i] == ino)
            return true;
    return false;
}
