/* id, groups, whoami, logname */
#include "shell/options.h"

#include <stdlib.h>
#include <string.h>

enum { GROUPS_MOST = 64, FILE_MOST = 1 << 16 };

struct ids {
    uint32_t uid, gid, groups[GROUPS_MOST];
    size_t n;
};

/* The groups of /etc/group that have this member, behind the one of /etc/passwd. */
static void read_groups(struct proc *p, const char *user, struct ids *ids)
{
    char *data;
    size_t n;
    ids->groups[ids->n++] = ids->gid;
    if (!user || proc_read_file(p, "/etc/group", FILE_MOST, &data, &n) != 0)
        return;
    for (char *line = data, *next; line && ids->n < GROUPS_MOST; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        char *name = line, *members = strrchr(line, ':'), *rest;
        char *end = strchr(line, ':');
        if (!end || members <= end)
            continue;
        *end = '\0';
        uint32_t gid;
        for (char *m = strtok_r(members + 1, ",", &rest); m; m = strtok_r(NULL, ",", &rest)) {
            if (strcmp(m, user) != 0 || proc_group_id(p, name, &gid) != 0 || gid == ids->gid)
                continue;
            ids->groups[ids->n++] = gid;
            break;
        }
    }
}

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Of a user by name, or of the process. */
static struct ids ids_of(struct proc *p, const char *user)
{
    struct ids ids = { .uid = proc_uid(p), .gid = proc_gid(p) };
    if (!user && proc_has_groups(p)) {
        read_groups(p, proc_user(p, ids.uid), &ids);
        qsort(ids.groups, ids.n, sizeof ids.groups[0], ascending); /* as the kernel keeps them */
    }
    if (!user)
        return ids;
    if (proc_user_id(p, user, &ids.uid, &ids.gid) != 0)
        proc_die(p, "unknown user %s", user);
    read_groups(p, user, &ids);
    return ids;
}

/* A number or its name; one without a name is said and counts as a failure. */
static int show(struct proc *p, uint32_t id, bool name, bool group)
{
    const char *s = name ? (group ? proc_group(p, id) : proc_user(p, id)) : NULL;
    if (s)
        out_text(p, s);
    else
        out_print(p, "%u", id);
    if (name && !s)
        proc_error(p, "unknown ID %u", id);
    return name && !s;
}

static void show_both(struct proc *p, const char *prefix, uint32_t id, bool group)
{
    const char *s = group ? proc_group(p, id) : proc_user(p, id);
    out_print(p, "%s%u", prefix, id);
    if (s)
        out_print(p, "(%s)", s);
}

static int show_groups(struct proc *p, const struct ids *ids, bool name)
{
    int status = show(p, ids->gid, name, true);
    for (size_t i = 0; i < ids->n; i++) {
        if (ids->groups[i] == ids->gid)
            continue;
        out_char(p, ' ');
        status |= show(p, ids->groups[i], name, true);
    }
    return status;
}

static void show_all(struct proc *p, const struct ids *ids)
{
    show_both(p, "uid=", ids->uid, false);
    show_both(p, " gid=", ids->gid, true);
    for (size_t i = 0; i < ids->n; i++)
        show_both(p, i ? "," : " groups=", ids->groups[i], true);
}

static int id_once(struct proc *p, int argc, char **argv)
{
    enum { USER = 1, GROUP = 2, GROUPS = 4, NAME = 8, REAL = 16 };
    uint32_t given = options_bits(p, argc, argv, "ugGnr", &argv);
    uint32_t what = given & (USER | GROUP | GROUPS);
    if ((what & (what - 1)) || (!what && (given & (NAME | REAL))) || (argv[0] && argv[1]))
        proc_usage(p);
    struct ids ids = ids_of(p, argv[0]);
    bool name = given & NAME;
    int status = 0;
    if (!what)
        show_all(p, &ids);
    else if (what == GROUPS)
        status = show_groups(p, &ids, name);
    else
        status = show(p, what == USER ? ids.uid : ids.gid, name, what == GROUP);
    out_char(p, '\n');
    return status;
}

static int groups_once(struct proc *p, int argc, char **argv)
{
    (void)argc;
    struct ids ids = ids_of(p, argv[1]);
    int status = show_groups(p, &ids, true);
    out_char(p, '\n');
    return status;
}

static int whoami_once(struct proc *p, int argc, char **argv)
{
    if (argc > 1)
        proc_usage(p);
    (void)argv;
    const char *name = proc_user(p, proc_uid(p));
    if (!name)
        proc_die(p, "unknown uid %u", proc_uid(p));
    out_print(p, "%s\n", name);
    return 0;
}

/* Nobody logged in through a terminal that is written down. */
static int logname_once(struct proc *p, int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        proc_usage(p);
    proc_die_errno(p, ENXIO, "getlogin");
}

const struct applet applet_id = { .name = "id", .once = id_once, .unwritten = UNWRITTEN_OUTPUT };
const struct applet applet_groups = { .name = "groups", .once = groups_once, .unwritten = UNWRITTEN_OUTPUT };
const struct applet applet_whoami = { .name = "whoami", .once = whoami_once, .unwritten = UNWRITTEN_255 };
const struct applet applet_logname = { .name = "logname", .once = logname_once };
