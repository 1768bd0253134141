#include "shell/machine.h"

#include "base/own.h"
#include "shell/machine-inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILES_MOST = 1024 };

/* Exhaustion jumps out of here: what must be given back is h's, or is taken after the memory. */
static int read_whole(struct machine_hold *h, const char *path, char **ret, size_t *ret_n)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return -errno;
    if (!S_ISREG(st.st_mode) || st.st_size > MACHINE_FILE_MOST)
        return -EFBIG;
    char *data = memory_take(&h->memory, (size_t)st.st_size + 1);
    auto_file FILE *f = fopen(path, "rb");
    if (!f)
        return -errno;
    size_t n = fread(data, 1, (size_t)st.st_size, f);
    if (ferror(f))
        return -EIO;
    data[n] = '\0';
    *ret = data;
    *ret_n = n;
    return 0;
}

/* ret_n stays 0 where there is no such file. */
static int read_part(struct machine_hold *h, const char *folder, const char *name, char **ret,
                     size_t *ret_n)
{
    *ret = NULL;
    *ret_n = 0;
    int e = read_whole(h, memory_print(&h->memory, "%s/%s", folder, name), ret, ret_n);
    if (e == -ENOENT)
        return 0;
    return e ? machine_wrong(h, name, 0, "%s", strerror(-e)) : 0;
}

static int load_tables(struct machine_hold *h, const char *folder)
{
    const struct machine_table *t;
    int e = 0;
    for (size_t i = 0; !e && (t = machine_table_at(i)); i++) {
        char *data;
        size_t n;
        e = read_part(h, folder, machine_table_file(t), &data, &n);
        if (!e && data)
            e = machine_read_table(h, t, data, n);
    }
    return e;
}

static int add_file(struct machine_hold *h, const char *path, const char *name)
{
    char *data;
    size_t n;
    int e = read_whole(h, path, &data, &n);
    if (e)
        return machine_wrong(h, path, 0, "%s", strerror(-e));
    if (strlen(data) != n || h->n_files >= FILES_MOST)
        return machine_wrong(h, path, 0, "%s", strlen(data) != n ? "a NUL" : "too many files");
    h->files = memory_array(&h->memory, h->files, h->n_files + 1, sizeof *h->files);
    h->files[h->n_files++] = (struct machine_file){ name, data };
    return 0;
}

static int load_files(struct machine_hold *h, const char *path, const char *prefix, size_t depth);

static int load_entry(struct machine_hold *h, const char *folder, const char *prefix,
                      const char *entry, size_t depth)
{
    struct stat st;
    const char *path = memory_print(&h->memory, "%s/%s", folder, entry);
    const char *name = memory_print(&h->memory, "%s%s", prefix, entry);
    if (stat(path, &st) != 0)
        return machine_wrong(h, path, 0, "%s", strerror(errno));
    if (!S_ISDIR(st.st_mode))
        return add_file(h, path, name);
    return load_files(h, path, memory_print(&h->memory, "%s/", name), depth + 1);
}

static int load_files(struct machine_hold *h, const char *path, const char *prefix, size_t depth)
{
    if (depth >= MACHINE_DEPTH)
        return machine_wrong(h, path, 0, "folders are too deep");
    h->open[depth] = opendir(path);
    if (!h->open[depth])
        return errno == ENOENT && depth == 0 ? 0 : machine_wrong(h, path, 0, "%s", strerror(errno));
    int e = 0;
    const struct dirent *d;
    while (!e && (d = readdir(h->open[depth]))) {
        if (d->d_name[0] != '.')
            e = load_entry(h, path, prefix, d->d_name, depth);
    }
    closedir(h->open[depth]);
    h->open[depth] = NULL;
    return e;
}

static int by_name(const void *a, const void *b)
{
    const struct machine_file *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static int load_proc(struct machine_hold *h, const char *folder)
{
    int e = load_files(h, memory_print(&h->memory, "%s/proc", folder), "", 0);
    if (h->n_files)
        qsort(h->files, h->n_files, sizeof *h->files, by_name);
    return e;
}

static int load_tree(struct machine_hold *h, const char *folder)
{
    char why[MACHINE_WHY] = "";
    int e = vfs_tree_load(&h->machine.tree, memory_print(&h->memory, "%s/root", folder), why);
    if (e)
        return machine_wrong(h, "root", 0, "%s", e < 0 ? strerror(-e) : why);
    for (size_t i = 0; i < h->n_mounts; i++) {
        const struct machine_mount *m = &h->mounts[i];
        e = vfs_tree_mount(h->machine.tree, m->device, m->path, m->type, m->options, m->size);
        if (e)
            return machine_wrong(h, "mounts.tsv", 0, "%s: %s", m->path,
                                 strerror(e < 0 ? -e : EINVAL));
        vfs_tree_used(h->machine.tree, m->used);
    }
    return 0;
}

static int load_log(struct machine_hold *h, const char *folder)
{
    char *data;
    size_t n;
    int e = read_part(h, folder, "dmesg", &data, &n);
    h->machine.dmesg = data ? data : "";
    return e;
}

static int load_all(struct machine_hold *h, const char *folder)
{
    char *data;
    size_t n;
    int e = read_whole(h, memory_print(&h->memory, "%s/machine.ini", folder), &data, &n);
    if (e)
        return machine_wrong(h, "machine.ini", 0, "%s", strerror(-e));
    e = machine_read_ini(h, data, n);
    e = e ? e : load_tables(h, folder);
    e = e ? e : load_log(h, folder);
    e = e ? e : load_proc(h, folder);
    return e ? e : load_tree(h, folder);
}

static int load_guarded(struct machine_hold *h, const char *folder)
{
    if (setjmp(h->full))
        return -ENOMEM;
    return load_all(h, folder);
}

int machine_load(struct machine **ret, const char *folder, char ret_why[static 200])
{
    struct machine_hold *h = machine_hold_make((char(*)[MACHINE_WHY])(void *)ret_why);
    if (!h)
        return -ENOMEM;
    int e = load_guarded(h, folder);
    if (e)
        machine_free(&h->machine);
    else
        *ret = &h->machine;
    return e;
}

void machine_free(struct machine *m)
{
    if (!m)
        return;
    vfs_tree_free(m->tree);
    machine_hold_free(m->memory);
}

static int against_applet(const void *key, const void *item)
{
    return strcmp(key, *(const char *const *)item);
}

bool machine_has_applet(const struct machine *m, const char *name)
{
    return m->n_applets &&
           bsearch(name, m->applets, m->n_applets, sizeof *m->applets, against_applet);
}

bool machine_has_program(const struct machine *m, const char *name)
{
    return m->n_programs &&
           bsearch(name, m->programs, m->n_programs, sizeof *m->programs, against_applet);
}

static int against_file(const void *key, const void *item)
{
    return strcmp(key, ((const struct machine_file *)item)->name);
}

const char *machine_proc(const struct machine *m, const char *name)
{
    const struct machine_hold *h = m->memory;
    const struct machine_file *f =
        h->n_files ? bsearch(name, h->files, h->n_files, sizeof *h->files, against_file) : NULL;
    return f ? f->text : NULL;
}
