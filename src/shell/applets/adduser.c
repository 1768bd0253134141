/* adduser, addgroup */
#include "shell/options.h"

#include <fcntl.h>
#include <string.h>

enum { FILE_MOST = 1 << 18, FIRST = 1000, LAST = 59999, FIRST_SYSTEM = 100, LAST_SYSTEM = 999 };

struct user {
    const char *name, *home, *gecos, *shell;
    uint32_t uid, gid;
    bool no_home, no_password, system;
};

static void add_line(struct proc *p, const char *path, const char *line)
{
    int fd = proc_open(p, path, O_WRONLY | O_APPEND, 0);
    if (fd < 0)
        proc_die_errno(p, fd, "can't open '%s'", path);
    int64_t e = proc_write(p, fd, line, strlen(line));
    if (e < 0)
        proc_die_errno(p, (int)e, "write error");
    proc_close(p, fd);
}

static uint32_t free_id(struct proc *p, bool system, bool group)
{
    uint32_t last = system ? LAST_SYSTEM : LAST;
    for (uint32_t id = system ? FIRST_SYSTEM : FIRST; id <= last; id++) {
        if (!(group ? proc_group(p, id) : proc_user(p, id)))
            return id;
    }
    proc_die(p, "no %cids left", group ? 'g' : 'u');
}

static void make_home(struct proc *p, const struct user *u)
{
    struct vfs_stat st;
    if (u->no_home || proc_stat(p, u->home, &st) == 0)
        return;
    int e = proc_mkdir(p, u->home, 0755);
    e = e ? e : proc_chown(p, u->home, u->uid, u->gid, true);
    if (e)
        proc_perror(p, e, "can't create directory '%s'", u->home);
}

static void write_user(struct proc *p, const struct user *u)
{
    struct memory *m = proc_memory(p);
    struct vfs_stat st;
    add_line(p, "/etc/passwd",
             memory_print(m, "%s:x:%u:%u:%s:%s:%s\n", u->name, u->uid, u->gid, u->gecos, u->home,
                          u->shell));
    if (proc_stat(p, "/etc/shadow", &st) == 0)
        add_line(p, "/etc/shadow",
                 memory_print(m, "%s:!:%lld:0:99999:7:::\n", u->name,
                              (long long)(proc_now(p) / 1000000 / 86400)));
}

static void need_root(struct proc *p)
{
    if (proc_uid(p) != 0)
        proc_die(p, "permission denied (are you root?)");
}

static struct user read_options(struct proc *p, int argc, char **argv)
{
    enum { NO_PASSWORD = 16, SYSTEM = 32, NO_HOME = 64 };
    struct user u = { .gecos = NULL };
    const char *group = NULL, *uid = NULL, *skeleton = NULL;
    uint32_t given = options_bits(p, argc, argv, "h:g:s:G:DSHu:k:", &argv, &u.home, &u.gecos,
                                  &u.shell, &group, &uid, &skeleton);
    if (!argv[0])
        proc_usage(p);
    need_root(p);
    u.name = argv[0];
    u.no_password = given & NO_PASSWORD;
    u.no_home = given & NO_HOME;
    u.system = given & SYSTEM;
    u.uid = uid ? (uint32_t)options_number(p, uid, 0, UINT32_MAX - 1, NULL) : 0;
    if (proc_user_id(p, u.name, &(uint32_t){ 0 }, &(uint32_t){ 0 }) == 0)
        proc_die(p, "user '%s' in use", u.name);
    if (!uid)
        u.uid = free_id(p, u.system, false);
    u.gid = u.uid;
    if (group && proc_group_id(p, group, &u.gid) != 0)
        proc_die(p, "unknown group %s", group);
    if (!group && proc_group(p, u.gid) == NULL)
        add_line(p, "/etc/group", memory_print(proc_memory(p), "%s:x:%u:\n", u.name, u.gid));
    return u;
}

static int adduser_once(struct proc *p, int argc, char **argv)
{
    static char passwd[] = "passwd";
    struct user u = read_options(p, argc, argv);
    struct memory *m = proc_memory(p);
    u.gecos = u.gecos ? u.gecos : memory_print(m, "Linux User,,,");
    u.shell = u.shell ? u.shell : u.system ? "/bin/false" : "/bin/sh";
    u.home = u.home ? u.home : memory_print(m, "/home/%s", u.name);
    write_user(p, &u);
    make_home(p, &u);
    if (u.no_password)
        return 0;
    char *words[] = { passwd, memory_text(m, u.name), NULL };
    int e = proc_exec_applet(p, words);
    proc_die_errno(p, e, "can't execute '%s'", passwd);
}

static int addgroup_once(struct proc *p, int argc, char **argv)
{
    enum { SYSTEM = 2 };
    const char *gid = NULL;
    uint32_t id, given = options_bits(p, argc, argv, "g:S", &argv, &gid);
    if (!argv[0])
        proc_usage(p);
    need_root(p);
    if (proc_group_id(p, argv[0], &id) == 0)
        proc_die(p, "group '%s' in use", argv[0]);
    id = gid ? (uint32_t)options_number(p, gid, 0, UINT32_MAX - 1, NULL)
             : free_id(p, given & SYSTEM, true);
    add_line(p, "/etc/group", memory_print(proc_memory(p), "%s:x:%u:\n", argv[0], id));
    return 0;
}

const struct applet applet_adduser = { .name = "adduser", .once = adduser_once };
const struct applet applet_addgroup = { .name = "addgroup", .once = addgroup_once };
