/*
 * The lines beside a folder: path, type, mode, uid, gid, mtime, device or target; tabs between. "-"
 * leaves what is there. The path "*" stands for all that came of the folder, and for what later
 * lines make anew. Blank lines and those that begin with # say nothing.
 */
#include "shell/vfs-tree.h"

#include <stdio.h>
#include <string.h>

enum { PATH, TYPE, MODE, UID, GID, MTIME, MORE, FIELDS };

struct field {
    const char *s;
    size_t n;
};

struct line {
    struct field field[FIELDS];
};

static const struct {
    char letter;
    uint32_t type, mode;
} types[] = {
    { 'd', S_IFDIR, 0755 }, { 'f', S_IFREG, 0644 }, { 'l', S_IFLNK, 0777 },  { 'c', S_IFCHR, 0600 },
    { 'b', S_IFBLK, 0600 }, { 'p', S_IFIFO, 0644 }, { 's', S_IFSOCK, 0755 },
};

static bool is_kept(struct field f)
{
    return f.n == 0 || (f.n == 1 && f.s[0] == '-');
}

static bool split(struct line *l, const char *s, size_t n)
{
    *l = (struct line){ 0 };
    for (size_t i = 0; i < FIELDS; i++) {
        const char *tab = n ? memchr(s, '\t', n) : NULL;
        size_t length = tab ? (size_t)(tab - s) : n;
        l->field[i] = (struct field){ s, length };
        if (!tab)
            return i >= TYPE;
        s += length + 1;
        n -= length + 1;
    }
    return false;
}

/* A whole number in a base up to 10; kept fields leave *ret. */
static bool number(struct field f, unsigned base, uint64_t most, uint64_t *ret)
{
    uint64_t v = 0;
    if (is_kept(f))
        return true;
    for (size_t i = 0; i < f.n; i++) {
        unsigned digit = (unsigned)(f.s[i] - '0');
        if (digit >= base || v > (most - digit) / base)
            return false;
        v = v * base + digit;
    }
    *ret = v;
    return true;
}

static bool set_owner(const struct line *l, uint32_t *uid, uint32_t *gid, int64_t *mtime)
{
    uint64_t u = *uid, g = *gid, t = (uint64_t)*mtime;
    if (!number(l->field[UID], 10, UINT32_MAX - 1, &u) ||
        !number(l->field[GID], 10, UINT32_MAX - 1, &g) ||
        !number(l->field[MTIME], 10, INT64_MAX / 4, &t))
        return false;
    *uid = (uint32_t)u;
    *gid = (uint32_t)g;
    *mtime = (int64_t)t;
    return true;
}

static const char *set_all(struct tree_builder *b, const struct line *l)
{
    if (!set_owner(l, &b->uid, &b->gid, &b->mtime))
        return "no such owner or time";
    for (size_t i = 0; i < b->n; i++) {
        struct tree_node *node = &b->drafts[i].node;
        if (!set_owner(l, &node->uid, &node->gid, &node->mtime))
            return "no such owner or time";
    }
    return NULL;
}

/* "major:minor" */
static bool set_device(struct tree_node *node, struct field f)
{
    const char *colon = f.n ? memchr(f.s, ':', f.n) : NULL;
    if (!colon)
        return is_kept(f);
    uint64_t major = 0, minor = 0;
    size_t n = (size_t)(colon - f.s);
    if (!number((struct field){ f.s, n }, 10, 4095, &major) ||
        !number((struct field){ colon + 1, f.n - n - 1 }, 10, (1 << 20) - 1, &minor))
        return false;
    node->major = (uint16_t)major;
    node->minor = (uint32_t)minor;
    return true;
}

static const char *set_type(struct tree_builder *b, uint32_t i, const struct line *l)
{
    struct tree_node *node = &b->drafts[i].node;
    struct field type = l->field[TYPE], more = l->field[MORE];
    if (!is_kept(type)) {
        size_t t = 0;
        while (t < sizeof types / sizeof types[0] && (type.n != 1 || types[t].letter != type.s[0]))
            t++;
        if (t == sizeof types / sizeof types[0])
            return "no such type";
        if (b->drafts[i].child && types[t].type != S_IFDIR)
            return "it holds others, and stays a directory";
        if ((node->mode & S_IFMT) != types[t].type) {
            node->mode = types[t].type | types[t].mode;
            node->data = NULL;
            node->size = 0;
        }
    }
    if (!S_ISLNK(node->mode))
        return set_device(node, more) ? NULL : "no such device number";
    if (!is_kept(more)) {
        if (more.n >= VFS_PATH_MOST)
            return "the target is too long";
        node->data = tree_text(b->tree, more.s, more.n);
        node->size = node->data ? (uint32_t)more.n : 0;
    }
    return node->size ? NULL : "a link without a target";
}

/* The draft that a path names, made where only its last part is missing. */
static const char *place(struct tree_builder *b, struct field path, int64_t *ret)
{
    uint32_t at = 0;
    const char *s = path.s, *end = path.s + path.n;
    for (;;) {
        while (s < end && *s == '/')
            s++;
        if (s == end)
            break;
        const char *slash = memchr(s, '/', (size_t)(end - s));
        size_t n = (size_t)((slash ? slash : end) - s);
        if ((n == 1 && s[0] == '.') || (n == 2 && s[0] == '.' && s[1] == '.'))
            return "a path with dots";
        if (!S_ISDIR(b->drafts[at].node.mode))
            return "it stands in what is no directory";
        uint32_t next = tree_draft_child(b, at, s, n);
        s += n;
        if (!next && slash)
            return "its directory is missing";
        if (!next) {
            int64_t made = tree_add(b, at, s - n, n, S_IFREG | 0644);
            *ret = made;
            return made < 0 ? "it cannot be added" : NULL;
        }
        at = next;
    }
    *ret = at;
    return NULL;
}

static const char *set_line(struct tree_builder *b, const struct line *l)
{
    struct field path = l->field[PATH];
    if (path.n == 1 && path.s[0] == '*')
        return set_all(b, l);
    if (path.n == 0)
        return "a path is missing";
    int64_t at = 0;
    const char *why = place(b, path, &at);
    if (!why)
        why = set_type(b, (uint32_t)at, l);
    if (why)
        return why;
    struct tree_node *node = &b->drafts[at].node;
    uint64_t mode = node->mode & 07777;
    if (!number(l->field[MODE], 8, 07777, &mode))
        return "no such mode";
    node->mode = (node->mode & S_IFMT) | (uint32_t)mode;
    return set_owner(l, &node->uid, &node->gid, &node->mtime) ? NULL : "no such owner or time";
}

int tree_read_lines(struct tree_builder *b, const char *data, size_t n, char ret_why[static 160])
{
    const char *end = data + n;
    for (size_t number_of = 1; data < end; number_of++) {
        const char *newline = memchr(data, '\n', (size_t)(end - data));
        size_t length = (size_t)((newline ? newline : end) - data);
        struct line l;
        const char *why = NULL;
        if (memchr(data, '\0', length))
            why = "a NUL";
        else if (length && data[0] != '#')
            why = split(&l, data, length) ? set_line(b, &l)
                                          : "not path, type, mode, uid, gid, mtime, more";
        if (why) {
            snprintf(ret_why, 160, "%zu: %s", number_of, why);
            return 1;
        }
        data += length + (newline != NULL);
    }
    return 0;
}
