#include "shell/applets/stat-mount.h"

#include "base/hash.h"
#include "shell/applets/walk.h"

#include <string.h>

static const struct {
    const char *type;
    uint32_t magic, block;
    const char *kind;
} kinds[] = {
    { "tmpfs", 0x01021994, 4096, "tmpfs" },
    { "devtmpfs", 0x01021994, 4096, "tmpfs" },
    { "proc", 0x9fa0, 4096, "proc" },
    { "sysfs", 0x62656572, 4096, "sysfs" },
    { "devpts", 0x1cd1, 4096, "devpts" },
    { "ramfs", 0x858458f6, 4096, "ramfs" },
    { "rootfs", 0x858458f6, 4096, "ramfs" },
    { "ext2", 0xef53, 4096, "ext2/ext3" },
    { "ext3", 0xef53, 4096, "ext2/ext3" },
    { "ext4", 0xef53, 4096, "ext2/ext3" },
    { "squashfs", 0x73717368, 131072, "squashfs" },
    { "cramfs", 0x28cd3d45, 4096, "cramfs" },
    { "romfs", 0x7275, 1024, "romfs" },
    { "vfat", 0x4d44, 4096, "msdos" },
    { "nfs", 0x6969, 4096, "nfs" },
    { "jffs2", 0x72b6, 4096, "UNKNOWN" },
    { "ubifs", 0x24051905, 4096, "UNKNOWN" },
    { "yaffs2", 0x5941ff53, 2048, "UNKNOWN" },
    { "", 0xef53, 4096, "UNKNOWN" },
};

/* Those that keep nothing say that they have no room either. */
static bool is_empty_kind(const char *type)
{
    static const char *const empty[] = { "proc",   "sysfs",   "devpts", "ramfs",
                                         "rootfs", "debugfs", "usbfs",  "cgroup" };
    for (size_t i = 0; i < sizeof empty / sizeof empty[0]; i++)
        if (strcmp(type, empty[i]) == 0)
            return true;
    return false;
}

static uint64_t count_nodes(struct proc *p, const char *path)
{
    struct walk w;
    uint64_t n = 0;
    uint32_t mount = UINT32_MAX;
    walk_begin(&w, p, path, WALK_RECURSE);
    for (enum walk_event event; (event = walk_next(&w)) != WALK_END;) {
        if (event == WALK_ERROR || event == WALK_LEAVE)
            continue;
        mount = mount == UINT32_MAX ? w.st.mount : mount;
        if (w.st.mount == mount)
            n++;
        else if (event == WALK_ENTER)
            walk_skip(&w);
    }
    walk_end(&w);
    return n;
}

struct mount_space mount_space(struct proc *p, const struct vfs_mount *m)
{
    size_t k = 0;
    while (kinds[k].type[0] && strcmp(kinds[k].type, m->type) != 0)
        k++;
    struct mount_space s = { .block = kinds[k].block,
                             .magic = kinds[k].magic,
                             .kind = kinds[k].kind };
    s.id = hash64(m->path, strlen(m->path), s.magic);
    if (is_empty_kind(m->type))
        return s;
    /* What a half of the memory would hold, in pages, is what a tmpfs takes. */
    bool read_only = strcmp(m->type, "squashfs") == 0 || strcmp(m->type, "cramfs") == 0 ||
                     strcmp(m->type, "romfs") == 0;
    s.used = m->used;
    s.size = m->size ? m->size : m->used;
    s.nodes_used = count_nodes(p, memory_text(proc_memory(p), m->path));
    s.nodes = read_only               ? s.nodes_used
              : s.magic == 0x01021994 ? proc_machine(p)->memory_total / 8
                                      : s.size / 16384;
    if (s.nodes < s.nodes_used)
        s.nodes = s.nodes_used;
    return s;
}
