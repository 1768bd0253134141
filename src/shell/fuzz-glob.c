/* u8: bit 0 another user than the one whose folder no one may read, the rest how much is done at once;
 * texts that end in NUL: a pattern; then what is there, a folder where it ends in a slash, a link where there is
 * a > in it. Every path is one of the tree, matches, and comes once, in order; the same in turns. */
#include "shell/glob.h"
#include "shell/pattern.h"
#include "shell/vfs-tree.h"

#include <assert.h>
#include <errno.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NAMES_MOST = 60, RUNS_MOST = 400000 };

static jmp_buf full;
static struct memory_account account = { .most = 1 << 20 };

static void __attribute__((noreturn)) exhausted(struct memory *m)
{
    (void)m;
    longjmp(full, 1);
}

static struct memory memory = { .account = &account, .exhausted = exhausted };
static const struct vfs_who root = { 0, 0 }, other = { 1000, 1000 };

static struct vfs_tree *tree_of_lines(void)
{
    static const char lines[] = "/a\tf\n/ab\tf\n/.h\tf\n/*\tf\n/d\td\n/d/f\tf\n/d/e\td\n/d/e/g\tf\n/l\tl\t-\t-\t-\t-\td\n"
                                "/secret\td\t700\n/secret/s\tf\n/listed\td\t444\n/listed/x\tf\n/d/up\tl\t-\t-\t-\t-\t..\n";
    struct tree_builder b;
    struct vfs_tree *tree = NULL;
    char why[160];
    int e = tree_begin(&b);
    assert(e == 0);
    e = tree_read_lines(&b, lines, sizeof lines - 1, why);
    assert(e == 0);
    e = tree_finish(&b, &tree);
    assert(e == 0);
    return tree;
}

static void make(struct vfs *v, char *path)
{
    char name[VFS_NAME_MOST + 1], *target = strchr(path, '>');
    size_t n = strlen(path);
    bool folder = n > 1 && path[n - 1] == '/';
    vfs_ino dir, ino;
    if (folder)
        path[n - 1] = '\0';
    if (target)
        *target++ = '\0';
    if (vfs_parent(v, VFS_ROOT, path, root, &dir, name) < 0)
        return;
    if (target)
        (void)!vfs_make_link(v, dir, name, target, root);
    else
        (void)!vfs_make_node(v, dir, name, folder ? S_IFDIR | 0755 : S_IFREG | 0644, 0, 0, root, &ino);
}

/* A backslash before a slash, or at the end, escapes nothing here; in a text that is matched whole it would. */
static bool has_odd_backslash(const char *pattern)
{
    for (const char *s = pattern; *s; s++)
        if (*s == '\\' && (*++s == '\0' || *s == '/'))
            return true;
    return false;
}

static void check(struct vfs *v, struct vfs_who who, const char *pattern, size_t n, char **paths, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        vfs_ino ino;
        int e = vfs_find(v, VFS_ROOT, paths[i], false, who, &ino);
        assert(e == 0 || (e == -EACCES && who.uid)); /* names may be read where nothing behind them can */
        assert(!i || strcmp(paths[i - 1], paths[i]) <= 0);
        assert(has_odd_backslash(pattern) ||
               pattern_match(pattern, n, paths[i], strlen(paths[i]), PATTERN_PATHNAME | PATTERN_PERIOD));
    }
}

static struct text find(struct vfs *v, struct vfs_who who, const char *pattern, int64_t budget)
{
    size_t n = strlen(pattern), count;
    struct text t = text_of(&memory);
    struct glob *g = glob_make(&memory, v, VFS_ROOT, who, pattern, n);
    bool through = false;
    for (int i = 0; !through && i < RUNS_MOST; i++) {
        int64_t steps = budget;
        through = glob_run(g, &steps);
    }
    if (!through)
        text_say(&t, "~");
    char **paths = through ? glob_take(g, &count) : NULL;
    if (paths)
        check(v, who, pattern, n, paths, count);
    for (size_t i = 0; paths && i < count; i++) {
        text_print(&t, "%s\n", paths[i]);
        memory_give(&memory, paths[i]);
    }
    memory_give(&memory, paths);
    glob_free(g);
    return t;
}

static void both(struct vfs *v, struct vfs_who who, const char *pattern, int64_t budget)
{
    struct text few = find(v, who, pattern, budget), many = find(v, who, pattern, 1 << 16);
    bool late = few.len && few.data[0] == '~';
    assert(late || (few.len == many.len && (!few.len || !memcmp(few.data, many.data, few.len))));
    text_release(&few);
    text_release(&many);
    assert(!memory.blocks);
}

static void play(struct vfs *v, const uint8_t *data, size_t size)
{
    char *text = memory_bytes(&memory, data + 1, size - 1);
    size_t pattern = strlen(text) + 1;
    for (size_t i = 0, at = pattern, n; at < size - 1 && i < NAMES_MOST; at += n, i++) {
        n = strlen(text + at) + 1;
        make(v, text + at);
    }
    char *copy = strdup(text);
    assert(copy);
    memory_give(&memory, text);
    if (!setjmp(full))
        both(v, data[0] & 1 ? other : root, copy, 1 + (data[0] >> 1) % 9);
    memory_clear(&memory);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct vfs_tree *tree;
    struct vfs *v;
    if (!size || size > 1024)
        return 0;
    if (!tree)
        tree = tree_of_lines();
    int e = vfs_make(&v, tree, &account, NULL, NULL);
    assert(e == 0);
    play(v, data, size);
    vfs_free(v);
    assert(account.used == 0);
    return 0;
}
