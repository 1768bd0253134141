#include "shell/applets/walk.h"
#include "shell/options.h"

#include <string.h>

#define LETTERS "RhLHPcvf"
enum {
    RECURSE = 1,
    LINK_ITSELF = 2,
    THROUGH = 4,
    THROUGH_FIRST = 8,
    CHANGES = 32,
    VERBOSE = 64,
    QUIET = 128
};
#define KEEP UINT32_MAX

struct owning {
    struct proc *p;
    uint32_t bits, uid, gid;
};

/* A number, cut to its width as the system call has it. */
static bool is_number(const char *s, uint32_t *ret)
{
    uint64_t value = 0;
    if (!*s)
        return false;
    for (; *s; s++) {
        if (*s < '0' || *s > '9' || value > UINT64_MAX / 10 - 9)
            return false;
        value = value * 10 + (uint64_t)(*s - '0');
    }
    *ret = (uint32_t)value;
    return true;
}

static bool find_group(struct proc *p, const char *name, uint32_t *ret)
{
    return is_number(name, ret) || proc_group_id(p, name, ret) == 0;
}

static bool find_user(struct proc *p, const char *name, uint32_t *ret_uid, uint32_t *ret_gid)
{
    if (!is_number(name, ret_uid))
        return proc_user_id(p, name, ret_uid, ret_gid) == 0;
    const char *known = proc_user(p, *ret_uid);
    *ret_gid = *ret_uid;
    return !known || proc_user_id(p, memory_text(proc_memory(p), known), ret_uid, ret_gid) == 0;
}

/* USER, USER:, USER:GROUP or :GROUP; a dot does for the colon where that is no user's name. */
static void read_owner(struct owning *o, const char *word)
{
    uint32_t login = KEEP;
    char *s = memory_text(proc_memory(o->p), word);
    char *colon = strchr(s, ':');
    if (!colon && strchr(s, '.') && !find_user(o->p, s, &o->uid, &login)) {
        colon = strchr(s, '.');
        *colon = ':';
    }
    if (!colon) {
        if (!find_user(o->p, s, &o->uid, &login))
            proc_die(o->p, "unknown user %s", s);
        return;
    }
    if (colon == s) {
        if (!find_group(o->p, colon + 1, &o->gid))
            proc_die(o->p, "unknown group %s", colon + 1);
        return;
    }
    *colon = '\0';
    bool known = find_user(o->p, s, &o->uid, &login);
    if (colon[1])
        known = known && find_group(o->p, colon + 1, &o->gid);
    else
        o->gid = login;
    *colon = ':';
    if (!known)
        proc_die(o->p, "unknown user/group %s", s);
}

static bool change(const struct owning *o, const struct walk *w)
{
    struct proc *p = o->p;
    bool follow =
        !(o->bits & LINK_ITSELF) && (!(o->bits & RECURSE) || o->bits & (THROUGH | THROUGH_FIRST));
    uint32_t uid = o->uid == KEEP ? w->st.uid : o->uid, gid = o->gid == KEEP ? w->st.gid : o->gid;
    int e = proc_chown(p, w->path.data, uid, gid, follow);
    if (e < 0) {
        if (!(o->bits & QUIET))
            proc_perror(p, e, "%s", w->path.data);
        return false;
    }
    if (o->bits & VERBOSE || (o->bits & CHANGES && (w->st.uid != uid || w->st.gid != gid)))
        out_print(p, "changed ownership of '%s' to %u:%u\n", w->path.data, uid, gid);
    return true;
}

static int change_all(const struct owning *o, const char *path)
{
    struct walk w;
    int status = 0;
    walk_begin(&w, o->p, path,
               (o->bits & RECURSE ? WALK_RECURSE : 0) | (o->bits & THROUGH ? WALK_LINKS : 0) |
                   (o->bits & THROUGH_FIRST ? WALK_LINKS_FIRST : 0));
    for (enum walk_event event; (event = walk_next(&w)) != WALK_END;) {
        if (event == WALK_ERROR) {
            proc_perror(o->p, w.error, "%s", w.path.data);
            status = 1;
        } else if (event != WALK_ENTER && !change(o, &w)) {
            if (event == WALK_LEAVE) /* said for the directory, and once more for what was in it */
                proc_perror(o->p, EPERM, "%s", w.path.data);
            status = 1;
        }
    }
    walk_end(&w);
    return status;
}

static int run(struct owning *o, char **argv, bool group)
{
    if (!argv[0] || !argv[1])
        proc_usage(o->p);
    const char *word = *argv++;
    if (!group)
        read_owner(o, word);
    else if (!find_group(o->p, word, &o->gid))
        proc_die(o->p, "unknown group %s", word);
    int status = 0;
    for (; *argv; argv++)
        status |= change_all(o, *argv);
    return status;
}

static int chown_once(struct proc *p, int argc, char **argv)
{
    struct owning o = { .p = p, .uid = KEEP, .gid = KEEP };
    o.bits = options_bits(p, argc, argv, LETTERS, &argv);
    return run(&o, argv, false);
}

static int chgrp_once(struct proc *p, int argc, char **argv)
{
    struct owning o = { .p = p, .uid = KEEP, .gid = KEEP };
    o.bits = options_bits(p, argc, argv, LETTERS, &argv);
    return run(&o, argv, true);
}

const struct applet applet_chgrp = { .name = "chgrp", .once = chgrp_once };
const struct applet applet_chown = { .name = "chown", .once = chown_once };
