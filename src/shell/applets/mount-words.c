#include "shell/applets/mount-words.h"

#include "shell/applets/realpath-whole.h"

#include <string.h>

int mount_place(struct proc *p, const char *name, char **ret)
{
    char last[VFS_NAME_MOST + 1];
    vfs_ino dir;
    struct vfs_stat st;
    struct text path = text_of(proc_memory(p));
    TRY(proc_lstat(p, name, &st));
    TRY(vfs_parent(proc_vfs(p), proc_cwd(p), name, proc_who(p), &dir, last));
    if (S_ISLNK(st.mode) || strcmp(last, "/") == 0 || strcmp(last, ".") == 0 ||
        strcmp(last, "..") == 0)
        return path_whole(p, name, ret);
    TRY(vfs_path(proc_vfs(p), dir, &path));
    last[strcspn(last, "/")] = '\0';
    *ret = proc_join(p, path.data, last);
    return 0;
}

bool words_have(const char *list, const char *word)
{
    size_t n = strlen(word);
    for (const char *s = list; s && *s; s += strcspn(s, ","), s += *s == ',')
        if (strncmp(s, word, n) == 0 && (s[n] == '\0' || s[n] == ','))
            return true;
    return false;
}

void words_add(struct text *list, const char *words)
{
    if (list->len)
        text_char_add(list, ',');
    text_say(list, words);
}

bool words_needs_device(const char *type)
{
    static const char *const none[] = { "tmpfs",    "ramfs",    "proc",      "sysfs",  "devpts",
                                        "devtmpfs", "debugfs",  "usbfs",     "cgroup", "nfs",
                                        "cifs",     "configfs", "securityfs" };
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        if (strcmp(type, none[i]) == 0)
            return false;
    /* jffs2 and its like take "mtd:NAME"; an unknown type is refused before its device is looked at
     */
    static const char *const block[] = { "ext2",     "ext3",   "ext4",    "vfat", "msdos",
                                         "squashfs", "cramfs", "iso9660", "romfs" };
    for (size_t i = 0; i < sizeof block / sizeof block[0]; i++)
        if (strcmp(type, block[i]) == 0)
            return true;
    return false;
}

/* Flags in the order that the kernel shows them; off: the word that takes one off. */
static const struct flag {
    const char *on, *off;
    bool group; /* relatime, noatime and strictatime exclude each other */
} flags[] = {
    { "ro", "rw", false },
    { "sync", "async", false },
    { "dirsync", NULL, false },
    { "mand", "nomand", false },
    { "nosuid", "suid", false },
    { "nodev", "dev", false },
    { "noexec", "exec", false },
    { "noatime", "atime", true },
    { "nodiratime", "diratime", false },
    { "relatime", "norelatime", true },
};
enum { FLAGS = sizeof flags / sizeof flags[0], RO = 0, NOATIME = 7, RELATIME = 9 };

/* Words that change nothing which is shown. */
static bool is_silent(const char *word, size_t n)
{
    static const char *const silent[] = { "remount", "bind",    "rbind",  "defaults",    "auto",
                                          "noauto",  "user",    "nouser", "users",       "loop",
                                          "shared",  "private", "slave",  "rshared",     "rprivate",
                                          "rslave",  "quiet",   "loud",   "strictatime", "_netdev",
                                          "nofail",  "silent",  "move",   "owner" };
    for (size_t i = 0; i < sizeof silent / sizeof silent[0]; i++)
        if (strlen(silent[i]) == n && memcmp(silent[i], word, n) == 0)
            return true;
    return n == 0;
}

/* Of a tmpfs. */
static bool is_known(const char *type, const char *word, size_t n)
{
    static const char *const tmpfs[] = { "size=", "mode=", "nr_inodes=", "nr_blocks=",
                                         "uid=",  "gid=",  "mpol=",      "huge=" };
    if (strcmp(type, "tmpfs") != 0)
        return true;
    for (size_t i = 0; i < sizeof tmpfs / sizeof tmpfs[0]; i++) {
        size_t k = strlen(tmpfs[i]);
        if (n > k && memcmp(tmpfs[i], word, k) == 0)
            return (word[k] >= '0' && word[k] <= '9') || k == 5 * (tmpfs[i][0] == 'h');
    }
    return false;
}

static bool set_flag(uint32_t *set, const char *word, size_t n)
{
    for (size_t i = 0; i < FLAGS; i++) {
        if (strlen(flags[i].on) == n && memcmp(flags[i].on, word, n) == 0) {
            if (flags[i].group)
                *set &= ~(1u << NOATIME | 1u << RELATIME);
            *set |= 1u << i;
            return true;
        }
        if (flags[i].off && strlen(flags[i].off) == n && memcmp(flags[i].off, word, n) == 0) {
            *set &= ~(1u << i);
            return true;
        }
    }
    if (n == 11 && memcmp(word, "strictatime", 11) == 0)
        *set &= ~(1u << NOATIME | 1u << RELATIME);
    return false;
}

/* A size as the kernel shows it: in k. */
static void add_other(struct text *others, const char *word, size_t n)
{
    const char *equals = memchr(word, '=', n);
    size_t key = equals ? (size_t)(equals - word) + 1 : n;
    struct text kept = text_of(others->memory);
    for (const char *s = others->data; s && *s; s += strcspn(s, ","), s += *s == ',')
        if (strncmp(s, word, key) != 0) {
            const char *one = memory_bytes(others->memory, s, strcspn(s, ","));
            words_add(&kept, one);
        }
    uint64_t size = 0;
    const char *digit = word + key;
    for (; key == 5 && memcmp(word, "size=", 5) == 0 && digit < word + n && *digit >= '0' &&
           *digit <= '9' && size < 1u << 30;
         digit++)
        size = size * 10 + (uint64_t)(*digit - '0');
    char unit = digit < word + n ? *digit : '\0';
    unsigned shift = unit == 'k' || unit == 'K'   ? 10
                     : unit == 'm' || unit == 'M' ? 20
                     : unit == 'g' || unit == 'G' ? 30
                                                  : 0;
    if (digit > word + key && unit != '%')
        words_add(&kept, memory_print(others->memory, "size=%lluk",
                                      (unsigned long long)((size << shift) + 1023) >> 10));
    else
        words_add(&kept, memory_bytes(others->memory, word, n));
    *others = kept;
}

static bool read_words(const char *words, const char *type, uint32_t *set, struct text *others,
                       bool strict)
{
    for (const char *s = words; *s; s += strcspn(s, ","), s += *s == ',') {
        size_t n = strcspn(s, ",");
        if (set_flag(set, s, n) || is_silent(s, n))
            continue;
        if (strict && !is_known(type, s, n))
            return false;
        add_other(others, s, n);
    }
    return true;
}

const char *words_shown(struct proc *p, const char *words, const char *type, const char *had)
{
    uint32_t set = *had ? 0 : 1u << RELATIME;
    struct text others = text_of(proc_memory(p)), all = text_of(proc_memory(p));
    if (!read_words(had, type, &set, &others, false) ||
        !read_words(words, type, &set, &others, true))
        return NULL;
    text_say(&all, set & 1u << RO ? "ro" : "rw");
    for (size_t i = 1; i < FLAGS; i++)
        if (set & 1u << i)
            words_add(&all, flags[i].on);
    if (others.len)
        words_add(&all, others.data);
    return all.data;
}
