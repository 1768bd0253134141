#include "shell/inside.h"

#include <string.h>

/*
 * Lines of NAME:x:ID:... are looked through anew each time: a visitor may have changed the file
 * since.
 */
enum { FILE_MOST = 1 << 18, FIELDS = 7 };

struct entry {
    char *field[FIELDS]; /* "" where the line ends earlier */
};

struct names {
    struct proc *p;
    char *data, *rest;
};

static bool names_open(struct names *n, struct proc *p, const char *path)
{
    size_t size;
    *n = (struct names){ .p = p };
    if (proc_read_file(p, path, FILE_MOST, &n->data, &size) != 0)
        return false;
    n->rest = n->data;
    return true;
}

static bool names_next(struct names *n, struct entry *ret)
{
    if (!*n->rest)
        return false;
    char *line = n->rest, *end = strchrnul(line, '\n');
    n->rest = end + (*end != '\0');
    *end = '\0';
    for (size_t i = 0; i < FIELDS; i++) {
        ret->field[i] = line;
        char *colon = i + 1 < FIELDS ? strchr(line, ':') : NULL;
        if (colon)
            *colon = '\0';
        line = colon ? colon + 1 : line + strlen(line);
    }
    return true;
}

static bool number(const char *s, uint32_t *ret)
{
    uint32_t v = 0;
    if (!*s)
        return false;
    for (; *s; s++) {
        if (*s < '0' || *s > '9' || __builtin_mul_overflow(v, 10, &v) ||
            __builtin_add_overflow(v, (uint32_t)(*s - '0'), &v))
            return false;
    }
    *ret = v;
    return true;
}

/* The entry of this name, or where name is NULL of this id, in passwd or group. What it points to
 * lives as long as n->data. */
static bool find(struct names *n, struct proc *p, const char *path, const char *name, uint32_t id,
                 struct entry *ret)
{
    if (!names_open(n, p, path))
        return false;
    while (names_next(n, ret)) {
        uint32_t own;
        if (*ret->field[0] && number(ret->field[2], &own) &&
            (name ? strcmp(ret->field[0], name) == 0 : own == id))
            return true;
    }
    memory_give(proc_memory(p), n->data);
    return false;
}

static const char *copied(struct names *n, const char *s)
{
    char *copy = memory_text(proc_memory(n->p), s);
    memory_give(proc_memory(n->p), n->data);
    return copy;
}

const char *proc_user(struct proc *p, uint32_t uid)
{
    struct names n;
    struct entry e;
    return find(&n, p, "/etc/passwd", NULL, uid, &e) ? copied(&n, e.field[0]) : NULL;
}

char *proc_user_with_home(struct proc *p, uint32_t uid, char **ret_home)
{
    struct names n;
    struct entry e;
    if (!find(&n, p, "/etc/passwd", NULL, uid, &e))
        return NULL;
    *ret_home = memory_text(proc_memory(p), e.field[5]);
    return (char *)copied(&n, e.field[0]);
}

const char *proc_group(struct proc *p, uint32_t gid)
{
    struct names n;
    struct entry e;
    return find(&n, p, "/etc/group", NULL, gid, &e) ? copied(&n, e.field[0]) : NULL;
}

int proc_user_id(struct proc *p, const char *name, uint32_t *ret_uid, uint32_t *ret_gid)
{
    struct names n;
    struct entry e;
    uint32_t gid = 0;
    if (!find(&n, p, "/etc/passwd", name, 0, &e))
        return -ENOENT;
    bool whole = number(e.field[2], ret_uid) && number(e.field[3], &gid);
    *ret_gid = gid;
    memory_give(proc_memory(p), n.data);
    return whole ? 0 : -ENOENT;
}

int proc_group_id(struct proc *p, const char *name, uint32_t *ret)
{
    struct names n;
    struct entry e;
    if (!find(&n, p, "/etc/group", name, 0, &e))
        return -ENOENT;
    bool whole = number(e.field[2], ret);
    memory_give(proc_memory(p), n.data);
    return whole ? 0 : -ENOENT;
}

const char *proc_user_home(struct proc *p, const char *name)
{
    struct names n;
    struct entry e;
    return find(&n, p, "/etc/passwd", name, 0, &e) ? copied(&n, e.field[5]) : NULL;
}

void proc_set_ids(struct proc *p, uint32_t uid, uint32_t gid)
{
    p->uid = uid;
    p->gid = gid;
    p->grouped = true;
}

bool proc_has_groups(const struct proc *p)
{
    return p->grouped;
}
