/*
 * Test tool: runs shell scripts in the emulated shell, each in a session of its own, and says what
 * came of it.
 *
 *   batch FOLDER [NOW]
 *
 * NOW is when every session begins, in seconds since 1970, and then only sleep passes; else the time is the
 * clock's. The counterpart of cell: the same orders and answers (wire.h), the same machine, but nothing is
 * run. Whoever sleeps wakes at once, later. The network is one that leads nowhere, as a cell's.
 */
#include "shell/machine.h"
#include "shell/shell.h"
#include "shell/vfs.h"
#include "wire.h"

#include "base/own.h"

#include <arpa/inet.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

enum { SECONDS = 10, PIECE = 4096, TURN = 200000 };

struct run {
    const struct wire_order *order;
    struct wire_answer answer;
    struct shell *shell;
    int64_t begun, now;   /* microseconds, of the session */
    int64_t clock, slept; /* what the clock said at its beginning (0: it stands), and the sleep that
                             was passed over */
    char *input;
    size_t n_input, fed;
    bool ended; /* and its end was said */
};

static void die(const char *what)
{
    fprintf(stderr, "batch: %s\n", what);
    exit(2);
}

/* ---- The world ---- */

static void take_output(void *context, int stream, const void *data, size_t n)
{
    struct run *run = context;
    struct buf *to = stream == 2 ? &run->answer.err : &run->answer.out;
    buf_put(to, data, n);
    if (!buf_ok(to))
        run->answer.late = true;
}

static void answer_fetch(void *context, const struct shell_fetch *what, struct shell_fetched *ret)
{
    (void)context;
    struct in6_addr address;
    bool number = inet_pton(AF_INET, what->host, &address) == 1 ||
                  inet_pton(AF_INET6, what->host, &address) == 1;
    *ret = (struct shell_fetched){ .answer = number ? FETCH_UNREACHABLE : FETCH_UNRESOLVED,
                                   .address = "" };
}

static void take_ran(void *context, const struct shell_ran *what)
{
    (void)context;
    (void)what;
}

/* ---- A session ---- */

static int64_t clock_now(clockid_t which)
{
    struct timespec t;
    clock_gettime(which, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* What stands before the shell: the script too, where it is not a word of the command. */
static void make_input(struct run *run)
{
    const struct wire_order *o = run->order;
    size_t n_script = o->way == 'c' ? 0 : o->n_script;
    run->input = malloc(n_script + o->n_input + 1);
    if (!run->input)
        die("no memory");
    memcpy(run->input, o->script, n_script);
    memcpy(run->input + n_script, o->input, o->n_input);
    run->n_input = n_script + o->n_input;
}

/* True: something was handed over. */
static bool feed(struct run *run)
{
    if (run->fed > run->n_input)
        return false;
    size_t n = run->n_input - run->fed;
    if (n > PIECE)
        n = PIECE;
    if (n && shell_input(run->shell, run->input + run->fed, n) == 0) {
        run->fed += n;
        return true;
    }
    if (run->fed < run->n_input || run->ended)
        return false;
    shell_input_end(run->shell);
    run->ended = true;
    return true;
}

/* One turn; false: no more. */
static bool turn(struct run *run)
{
    int64_t steps = run->order->steps ? run->order->steps : TURN;
    if (run->answer.steps++ % (uint64_t)(TURN / steps) == 0 && run->clock)
        run->now = run->begun + run->slept + clock_now(CLOCK_MONOTONIC) - run->clock;
    enum shell_state state = shell_run(run->shell, steps, run->now);
    if (state == SHELL_ASLEEP) {
        int64_t wakes = shell_wakes(run->shell);
        run->slept += wakes > run->now ? wakes - run->now : 1;
        run->now = wakes > run->now ? wakes : run->now + 1;
    } else if (state == SHELL_FETCHING) {
        shell_wake(run->shell);
    } else if (state == SHELL_INPUT && !feed(run)) {
        run->answer.late = true;
    }
    if (run->now - run->begun > SECONDS * INT64_C(1000000))
        run->answer.late = true;
    return state != SHELL_ENDED && !run->answer.late;
}

static const struct shell_hook hook = { .output = take_output, .fetch = answer_fetch, .ran = take_ran };

static void run_session(struct run *run, const struct shell_device *device)
{
    const struct wire_order *o = run->order;
    auto_free char **arguments = wire_arguments(o);
    struct shell_options options = {
        .device = device,
        .hook = &hook, .context = run,
        .name = "sh",
        .command = o->way == 'c' ? o->script : NULL,
        .name_argument = o->way == 'c' && arguments ? arguments[0] : NULL,
        .arguments = o->way == 'c' && arguments && arguments[0] ? arguments + 1 : NULL,
        .terminal = o->way == 't',
        .limits = { .memory = 16 << 20 }, /* a script may copy the reference, as it may in a cell */
        .now = run->now,
        .seed = 1,
    };
    if (shell_make(&run->shell, &options) < 0)
        die("no session");
    make_input(run);
    while (feed(run))
        ;
    int64_t end = clock_now(CLOCK_PROCESS_CPUTIME_ID) + SECONDS * INT64_C(1000000);
    while (turn(run)) {
        if (run->answer.steps % 1024 == 0 && clock_now(CLOCK_PROCESS_CPUTIME_ID) > end)
            run->answer.late = true;
    }
    run->answer.status = shell_status(run->shell);
}

/* ---- The tree ---- */

static void list_folder(struct buf *to, struct vfs *vfs, vfs_ino folder,
                        char path[static PATH_MAX]);

static void *content_of(struct vfs *vfs, const struct vfs_stat *st, size_t *ret_n)
{
    char *content = malloc(st->size + 1);
    *ret_n = 0;
    while (content && *ret_n < st->size) {
        int64_t n = vfs_read(vfs, st->ino, *ret_n, content + *ret_n, st->size - *ret_n);
        if (n <= 0)
            break;
        *ret_n += (size_t)n;
    }
    return content;
}

static void list_entry(struct buf *to, struct vfs *vfs, vfs_ino ino, char path[static PATH_MAX])
{
    struct vfs_stat st;
    if (!strcmp(path, "/proc") || vfs_stat(vfs, ino, &st) < 0)
        return;
    struct wire_entry e = {
        .path = path,
        .mode = st.mode,
        .uid = st.uid,
        .gid = st.gid,
        .links = st.links,
        .major = st.major,
        .minor = st.minor,
        .size = st.size,
        .time = st.mtime,
    };
    auto_free char *content = NULL;
    struct memory_account account = { .most = SIZE_MAX };
    struct memory memory = { .account = &account };
    struct text target = text_of(&memory);
    if (S_ISREG(st.mode) && (st.size <= WIRE_LARGE || st.mtime >= WIRE_OLD)) {
        e.content = content = content_of(vfs, &st, &e.n_content);
    } else if (S_ISLNK(st.mode) && vfs_readlink(vfs, ino, &target) >= 0) {
        e.content = target.data;
        e.n_content = target.len;
    }
    wire_entry(to, &e);
    memory_clear(&memory);
    if (S_ISDIR(st.mode))
        list_folder(to, vfs, ino, path);
}

struct name {
    char *name;
    vfs_ino ino;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct name *)a)->name, ((const struct name *)b)->name);
}

static struct name *names_of(struct vfs *vfs, vfs_ino folder, size_t *ret_n)
{
    struct name *names = NULL;
    struct vfs_entry entry;
    uint64_t cursor = 0;
    for (*ret_n = 0; vfs_next(vfs, folder, &cursor, &entry) == 1; ++*ret_n) {
        struct name *more = reallocarray(names, *ret_n + 1, sizeof *names);
        if (!more)
            die("no memory");
        names = more;
        names[*ret_n] = (struct name){ strdup(entry.name), entry.ino };
    }
    if (*ret_n)
        qsort(names, *ret_n, sizeof *names, by_name);
    return names;
}

/* path comes back as it was. */
static void list_folder(struct buf *to, struct vfs *vfs, vfs_ino folder, char path[static PATH_MAX])
{
    size_t n, len = strlen(path);
    auto_free struct name *names = names_of(vfs, folder, &n);
    for (size_t i = 0; i < n; i++) {
        if (len + strlen(names[i].name) + 2 < PATH_MAX) {
            snprintf(path + len, PATH_MAX - len, "/%s", names[i].name);
            list_entry(to, vfs, names[i].ino, path);
            path[len] = '\0';
        }
        free(names[i].name);
    }
}

/* ---- */

static void run_order(const struct wire_order *o, const struct shell_device *device, int64_t now)
{
    struct run run = { .order = o, .begun = now ? now : clock_now(CLOCK_REALTIME) };
    run.now = run.begun;
    run.clock = now ? 0 : clock_now(CLOCK_MONOTONIC);
    wire_answer_init(&run.answer);
    run_session(&run, device);
    char path[PATH_MAX] = "";
    list_folder(&run.answer.tree, shell_vfs(run.shell), VFS_ROOT, path);
    shell_free(run.shell);
    free(run.input);
    if (wire_answer(o->id, &run.answer) < 0)
        die("the answer cannot be written");
    wire_answer_release(&run.answer);
}

/* The same machine with an ordinary user before it. */
static struct machine ordinary(const struct machine *machine)
{
    static const char *const environment[] = { "USER=user",
                                               "LOGNAME=user",
                                               "HOME=/home/user",
                                               "SHELL=/bin/sh",
                                               "PATH=/usr/bin:/bin:/usr/sbin:/sbin",
                                               NULL };
    struct machine other = *machine;
    other.user = "user";
    other.home = "/home/user";
    other.uid = other.gid = 1000;
    other.environment = environment;
    return other;
}

int main(int argc, char **argv)
{
    if (argc != 2 && argc != 3) {
        fprintf(stderr, "usage: batch FOLDER [NOW]\n");
        return 2;
    }
    int64_t now = argc == 3 ? strtoll(argv[2], NULL, 10) * 1000000 : 0;
    struct machine *machine;
    char why[200] = "";
    int e = machine_load(&machine, argv[1], why);
    if (e) {
        fprintf(stderr, "batch: %s: %s\n", argv[1], e < 0 ? strerror(-e) : why);
        return 2;
    }
    struct machine user = ordinary(machine);
    struct shell_device *device, *user_device;
    if (shell_device_make(&device, machine) || shell_device_make(&user_device, &user))
        die("no device");
    struct wire_order order;
    while ((e = wire_order(&order)) == 0) {
        run_order(&order, order.uid ? user_device : device, now);
        wire_order_release(&order);
    }
    shell_device_free(user_device);
    shell_device_free(device);
    machine_free(machine);
    return e < 0 ? 2 : 0;
}
