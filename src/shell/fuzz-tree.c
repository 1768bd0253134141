/* Lines beside a folder: whatever stands in them, the tree that comes of them is whole. */
#include "shell/vfs-tree.h"

#include <assert.h>
#include <string.h>
#include <sys/stat.h>

static void check_node(const struct vfs_tree *tree, vfs_ino ino)
{
    const struct tree_node *node = tree_at(tree, ino);
    uint32_t folders = 0;
    assert(node->parent <= ino && S_ISDIR(tree_at(tree, node->parent)->mode));
    if (!S_ISDIR(node->mode)) {
        assert(node->count == 0 && node->links == 1);
        assert(!S_ISLNK(node->mode) || (node->data && strlen(node->data) == node->size));
        return;
    }
    for (uint32_t i = 0; i < node->count; i++) {
        const struct tree_node *child = tree_at(tree, node->first + i);
        assert(child->parent == ino && child->name[0] && !strchr(child->name, '/'));
        assert(i == 0 || strcmp(tree_at(tree, node->first + i - 1)->name, child->name) < 0);
        assert(tree_child(tree, node, child->name, strlen(child->name)) == node->first + i);
        folders += S_ISDIR(child->mode);
    }
    assert(node->links == 2 + folders);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tree_builder b;
    struct vfs_tree *tree = NULL;
    char why[160] = "";
    if (tree_begin(&b) < 0)
        return 0;
    int64_t folder = tree_add(&b, 0, "folder", 6, S_IFDIR | 0755);
    int64_t file = folder < 0 ? folder : tree_add(&b, (uint32_t)folder, "file", 4, S_IFREG | 0644);
    int e = file < 0 ? (int)file : tree_read_lines(&b, (const char *)data, size, why);
    assert(e <= 0 || (e == 1 && why[0]));
    if (e == 0 && tree_finish(&b, &tree) == 0) {
        for (vfs_ino ino = VFS_ROOT; ino <= tree->n; ino++)
            check_node(tree, ino);
        e = vfs_tree_mount(tree, "tmpfs", "/folder", "tmpfs", "rw", 0);
        assert(e == 0 || e == -ENOENT);
        vfs_tree_free(tree);
    }
    tree_release(&b);
    return 0;
}
