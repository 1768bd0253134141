#include "shell/glob.h"
#include "base/test-folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(a) (sizeof(a) / sizeof(a)[0])

static struct memory_account account = { .most = 64 << 20 };
static struct memory memory;
static struct vfs_tree *tree;
static struct vfs *vfs;

static void __attribute__((noreturn)) exhausted(struct memory *m)
{
    (void)m;
    abort();
}

static const struct vfs_who root = { 0, 0 }, other = { 1000, 1000 };

/* Names below /t, of which one that ends in a slash is a folder. */
static const char *const names[] = { "a",     "ab",      ".h",       "*",           "x y",  "d/",
                                     "d/f",   "d/e/",    "d/e/g",    "d2/",         "d2/f", ".hd/",
                                     ".hd/x", "secret/", "secret/s", "back\\slash", "[x]" };
static const char *const links[][2] = {
    { "l", "d" }, { "dangling", "nowhere" }, { "d2/up", ".." }, { "d/e/self", "self" }
};

static vfs_ino find(const char *path)
{
    vfs_ino ino;
    assert_int_equal(vfs_find(vfs, VFS_ROOT, path, true, root, &ino), 0);
    return ino;
}

static void make(const char *name)
{
    char path[VFS_NAME_MOST], last[VFS_NAME_MOST + 1];
    vfs_ino dir, ino;
    snprintf(path, sizeof path, "/t/%s", name);
    bool is_folder = path[strlen(path) - 1] == '/';
    if (is_folder)
        path[strlen(path) - 1] = '\0';
    assert_int_equal(vfs_parent(vfs, VFS_ROOT, path, root, &dir, last), 0);
    assert_int_equal(vfs_make_node(vfs, dir, last, is_folder ? S_IFDIR | 0755 : S_IFREG | 0644, 0,
                                   0, root, &ino),
                     0);
}

static char *found(const char *pattern, struct vfs_who who, int64_t budget)
{
    struct glob *g = glob_make(&memory, vfs, find("/t"), who, pattern, strlen(pattern));
    struct text t = text_of(&memory);
    size_t n;
    for (int64_t steps = budget; !glob_run(g, &steps);)
        steps = budget;
    char **paths = glob_take(g, &n);
    for (size_t i = 0; i < n; i++) {
        text_print(&t, "%s%s", i ? "," : "", paths[i]);
        memory_give(&memory, paths[i]);
    }
    text_add(&t, "", 0);
    memory_give(&memory, paths);
    glob_free(g);
    return t.data;
}

static const struct {
    const char *pattern, *paths, *others; /* of root, and of whom files are not; NULL: the same */
} cases[] = {
    { "*", "*,[x],a,ab,back\\slash,d,d2,dangling,l,secret,x y", NULL },
    { "?", "*,a,d,l", NULL },
    { "a*", "a,ab", NULL },
    { "[ad]", "a,d", NULL },
    { "[!a]?", "d2", NULL },
    { ".*", ".,..,.h,.hd", NULL },
    { ".h*", ".h,.hd", NULL },
    { "*h", "back\\slash", NULL },
    { "[.]h", "", NULL },
    { "\\*", "*", NULL },
    { "\\**", "*", NULL },
    { "\\[x]", "[x]", NULL },
    { "back\\\\*", "back\\slash", NULL },
    { "back\\*", "", NULL },
    { "nosuch*", "", NULL },
    { "*/", "d/,d2/,l/,secret/", NULL },
    { "*//", "d//,d2//,l//,secret//", NULL },
    { "*/*", "d/e,d/f,d2/f,d2/up,l/e,l/f,secret/s", "d/e,d/f,d2/f,d2/up,l/e,l/f" },
    { "*/*/", "d/e/,d2/up/,l/e/", NULL },
    { "d/*", "d/e,d/f", NULL },
    { "d/./*", "d/./e,d/./f", NULL },
    { "d/../a*", "d/../a,d/../ab", NULL },
    { "d*/f", "d/f,d2/f", NULL },
    { "*/f", "d/f,d2/f,l/f", NULL },
    { "d//*", "d//e,d//f", NULL },
    { "/t/a*", "/t/a,/t/ab", NULL },
    { "//t//a*", "//t//a,//t//ab", NULL },
    { "/*/a", "/t/a", NULL },
    { "dang*", "dangling", NULL },
    { "dang*/", "", NULL },
    { "dang*/x", "", NULL },
    { "a*/x", "", NULL },
    { "a*/", "", NULL },
    { "d/e/*", "d/e/g,d/e/self", NULL },
    { "d/e/s*/*", "", NULL },
    { "secret/*", "secret/s", "" },
    { "secret*/s", "secret/s", "" },
    { "secret*", "secret", NULL },
    { "*/up/*/up/a", "d2/up/d2/up/a", NULL },
    { "d[/]f", "", NULL },
    { "[a/b]", "", NULL },
    { "", "", NULL },
};

static void all(int64_t budget)
{
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char *paths = found(cases[i].pattern, root, budget);
        assert_string_equal(paths, cases[i].paths);
        memory_give(&memory, paths);
        paths = found(cases[i].pattern, other, budget);
        assert_string_equal(paths, cases[i].others ? cases[i].others : cases[i].paths);
        memory_give(&memory, paths);
    }
}

static void paths_are_found(void **state)
{
    (void)state;
    all(INT64_MAX);
}

static void the_same_step_by_step(void **state)
{
    (void)state;
    all(1);
}

/* A link upwards makes a tree without end: what is read is paid for, and may be left at any time.
 */
static void may_be_left(void **state)
{
    static const char pattern[] = "d2/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*";
    struct glob *g = glob_make(&memory, vfs, find("/t"), root, pattern, strlen(pattern));
    int64_t steps = 100;
    (void)state;
    assert_false(glob_run(g, &steps));
    assert_true(steps <= 0 && steps > -20);
    glob_free(g);
}

static int set_up(void **state)
{
    char folder[FOLDER_PATH], why[200];
    (void)state;
    assert_int_equal(folder_make(folder, "glob"), 0);
    int e = vfs_tree_load(&tree, folder, why);
    folder_remove(folder);
    assert_int_equal(e, 0);
    assert_int_equal(vfs_make(&vfs, tree, &account, NULL, NULL), 0);
    vfs_ino t;
    assert_int_equal(vfs_chmod(vfs, VFS_ROOT, 0755, root), 0);
    assert_int_equal(vfs_make_node(vfs, VFS_ROOT, "t", S_IFDIR | 0755, 0, 0, root, &t), 0);
    for (size_t i = 0; i < LENGTH(names); i++)
        make(names[i]);
    for (size_t i = 0; i < LENGTH(links); i++) {
        char path[VFS_NAME_MOST], last[VFS_NAME_MOST + 1];
        vfs_ino dir;
        snprintf(path, sizeof path, "/t/%s", links[i][0]);
        assert_int_equal(vfs_parent(vfs, VFS_ROOT, path, root, &dir, last), 0);
        assert_int_equal(vfs_make_link(vfs, dir, last, links[i][1], root), 0);
    }
    assert_int_equal(vfs_chmod(vfs, find("/t/secret"), 0700, root), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    vfs_free(vfs);
    vfs_tree_free(tree);
    assert_int_equal(account.used, 0);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_found),
        cmocka_unit_test(the_same_step_by_step),
        cmocka_unit_test(may_be_left),
    };
    memory.account = &account;
    memory.exhausted = exhausted;
    return cmocka_run_group_tests_name("shell/glob", tests, set_up, tear_down);
}
