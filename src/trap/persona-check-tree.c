#include "trap/persona-inside.h"

#include <stdio.h>
#include <string.h>

static const struct vfs_who root = { 0, 0 };
static const char *const folders[] = { "/bin", "/sbin", "/usr/bin", "/usr/sbin" };

enum { N_FOLDERS = sizeof folders / sizeof folders[0] };

const char *persona_file(struct persona_checking *c, const char *path, size_t *ret_n)
{
    vfs_ino ino;
    *ret_n = 0;
    return vfs_find(c->v, VFS_ROOT, path, true, root, &ino) ? NULL : vfs_bytes(c->v, ino, ret_n);
}

static bool exists(struct persona_checking *c, const char *path)
{
    vfs_ino ino;
    return vfs_find(c->v, VFS_ROOT, path, true, root, &ino) == 0;
}

/* ---- Programs ---- */

static void check_program(struct persona_checking *c, const char *folder, const char *name,
                          const void *data, size_t n)
{
    struct elf_facts f = elf_read(data, n);
    bool is_elf = n >= 4 && memcmp(data, "\177ELF", 4) == 0;
    if (!is_elf)
        return;
    if (!f.is)
        persona_fault(c, "root%s/%s: the header of the program is cut", folder, name);
    else if (f.machine != c->cpu->machine || f.wide != c->cpu->wide)
        persona_fault(c, "root%s/%s: a program of another CPU than %s (machine %u, %s bits)",
                      folder, name, c->p->cpu, f.machine, f.wide ? "64" : "32");
    else if (f.big != (strcmp(c->p->order, "big") == 0))
        persona_fault(c, "root%s/%s: a program of the other byte order", folder, name);
    if (f.loader[0] && !exists(c, f.loader))
        persona_fault(c, "root%s/%s: its loader %s is missing", folder, name, f.loader);
}

/* All programs of a device come from one compiler: same ABI and architecture in their flags. */
static void check_flags(struct persona_checking *c, const char *folder, const char *name,
                        const void *data, size_t n)
{
    size_t own;
    const char *busybox = persona_file(c, "/bin/busybox", &own);
    struct elf_facts f = elf_read(data, n), of = busybox ? elf_read(busybox, own) : f;
    if (f.is && of.is && f.machine == of.machine && f.flags != of.flags)
        persona_fault(c, "root%s/%s: the flags %#x of its header are not busybox's, %#x", folder,
                      name, f.flags, of.flags);
}

/* ---- Links ---- */

static bool is_busybox(struct persona_checking *c, vfs_ino ino)
{
    vfs_ino busybox;
    return vfs_find(c->v, VFS_ROOT, "/bin/busybox", true, root, &busybox) == 0 && ino == busybox;
}

bool persona_own_telnetd(struct persona_checking *c)
{
    vfs_ino dir, ino;
    for (size_t i = 0; i < N_FOLDERS; i++) {
        if (vfs_find(c->v, VFS_ROOT, folders[i], true, root, &dir) == 0 &&
            vfs_find(c->v, dir, "telnetd", true, root, &ino) == 0 && !is_busybox(c, ino))
            return true;
    }
    return false;
}

static void check_entry(struct persona_checking *c, const char *folder, vfs_ino dir,
                        const char *name)
{
    vfs_ino ino;
    size_t n = 0;
    if (vfs_find(c->v, dir, name, true, root, &ino)) {
        persona_fault(c, "root%s/%s: a link to nothing", folder, name);
        return;
    }
    if (is_busybox(c, ino) && strcmp(name, "busybox") != 0) {
        if (!machine_has_applet(c->m, name))
            persona_fault(c, "root%s/%s: BusyBox has no such applet", folder, name);
        return;
    }
    const void *data = vfs_bytes(c->v, ino, &n);
    if (!data)
        return;
    check_program(c, folder, name, data, n);
    check_flags(c, folder, name, data, n);
}

static void check_folder(struct persona_checking *c, const char *folder)
{
    struct vfs_entry entry;
    char name[VFS_NAME_MOST + 1];
    uint64_t cursor = 0;
    vfs_ino dir;
    if (vfs_find(c->v, VFS_ROOT, folder, true, root, &dir))
        return;
    while (vfs_next(c->v, dir, &cursor, &entry) > 0) {
        memccpy(name, entry.name, '\0', sizeof name);
        check_entry(c, folder, dir, name);
    }
}

static bool has_link(struct persona_checking *c, const char *applet)
{
    vfs_ino dir, ino;
    for (size_t i = 0; i < N_FOLDERS; i++) {
        if (vfs_find(c->v, VFS_ROOT, folders[i], true, root, &dir) == 0 &&
            vfs_find(c->v, dir, applet, false, root, &ino) == 0)
            return true;
    }
    return false;
}

static void check_applets(struct persona_checking *c)
{
    for (size_t i = 0; i < c->m->n_applets && !c->m->standalone; i++) {
        if (!has_link(c, c->m->applets[i]))
            persona_fault(c, "machine.ini: the applet %s has no link in root", c->m->applets[i]);
    }
    for (size_t i = 0; i < c->m->n_programs; i++) {
        if (!has_link(c, c->m->programs[i]))
            persona_fault(c, "machine.ini: the program %s is not in root", c->m->programs[i]);
    }
}

static void check_busybox(struct persona_checking *c)
{
    size_t n;
    const char *data = persona_file(c, "/bin/busybox", &n);
    if (!data || !elf_read(data, n).is)
        persona_fault(c, "root/bin/busybox: there is none, or it is no program");
}

/* ---- Users ---- */

/* The line of a user in /etc/passwd, with its length; NULL there is none. */
static const char *user_line(const char *data, size_t n, const char *user, size_t *ret_n)
{
    size_t length = strlen(user);
    const char *end = data + n;
    while (data < end) {
        const char *stop = memchr(data, '\n', (size_t)(end - data));
        *ret_n = (size_t)((stop ? stop : end) - data);
        if (*ret_n > length && memcmp(data, user, length) == 0 && data[length] == ':')
            return data;
        data += *ret_n + 1;
    }
    return NULL;
}

static bool has_user(struct persona_checking *c, const char *user, const char *ending)
{
    size_t n, length = strlen(ending);
    const char *data = persona_file(c, "/etc/passwd", &n);
    const char *line = data ? user_line(data, n, user, &n) : NULL;
    return line && n >= length && memcmp(line + n - length, ending, length) == 0;
}

/* Whether the file has a user's password, of one who logs in without: BusyBox does not ask for it then. */
static void check_password(struct persona_checking *c, const struct persona_pair *pair)
{
    bool none = !*pair->password, asked = c->p->login.asks_password_always;
    size_t n, length = strlen(pair->user);
    const char *data = persona_file(c, "/etc/passwd", &n);
    const char *line = data ? user_line(data, n, pair->user, &n) : NULL;
    if (!line)
        persona_fault(c, "root/etc/passwd: no user %s, who may log in", pair->user);
    else if (none != (n > length + 1 && line[length + 1] == ':'))
        persona_fault(c, "root/etc/passwd: that %s has %s password is not what persona.ini says", pair->user, none ? "a" : "no");
    else if (none && asked)
        persona_fault(c, "persona.ini: %s has no password, and is asked for it", pair->user);
}

static void check_users(struct persona_checking *c)
{
    const struct machine *m = c->m;
    char ending[256];
    snprintf(ending, sizeof ending, ":%.120s:%.120s", m->home, m->shell);
    if (!has_user(c, m->user, ending))
        persona_fault(c, "root/etc/passwd: no %s with the home %s and the shell %s", m->user,
                      m->home, m->shell);
    for (size_t i = 0; i < c->p->n_pairs && !c->p->cli; i++)
        check_password(c, &c->p->pairs[i]);
}

/* Modules lie in a folder of the kernel's name, or, on a device without depmod, anywhere in there: but not in another's. */
static void check_modules(struct persona_checking *c)
{
    struct vfs_entry entry;
    char name[VFS_NAME_MOST + 1];
    uint64_t cursor = 0;
    size_t n = 0;
    vfs_ino dir;
    if (!c->m->n_modules || vfs_find(c->v, VFS_ROOT, "/lib/modules", true, root, &dir))
        return;
    for (; vfs_next(c->v, dir, &cursor, &entry) > 0; n++) {
        memccpy(name, entry.name, '\0', sizeof name);
        if (name[0] >= '0' && name[0] <= '9' && strcmp(name, c->m->release) != 0)
            persona_fault(c, "root/lib/modules/%s: the kernel is %s", name, c->m->release);
    }
    if (!n)
        persona_fault(c, "root/lib/modules: nothing of the kernel %s", c->m->release);
}

void persona_check_tree(struct persona_checking *c)
{
    check_busybox(c);
    for (size_t i = 0; i < N_FOLDERS; i++)
        check_folder(c, folders[i]);
    check_applets(c);
    check_users(c);
    check_modules(c);
}
