#pragma once
/*
 * Whole sessions for fuzz targets: a small device with every applet, and the rules that hold for every
 * session, whatever is typed into it. The same input must have the same outcome whatever the turns.
 */
#include "base/test-folder.h"
#include "shell/applet.h"
#include "shell/inside.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* ---- The device ---- */

static inline void fuzz_file(const char *folder, const char *name, const void *data, size_t n)
{
    char path[FOLDER_PATH + 64];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert(f && fwrite(data, 1, n, f) == n && fclose(f) == 0);
}

static inline void fuzz_folders(const char *folder)
{
    static const char *const names[] = { "root",     "root/bin",  "root/tmp", "root/etc", "root/dev",
                                         "root/ro",  "root/proc", "proc",     "root/mnt" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[FOLDER_PATH + 64];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        int e = mkdir(path, 0755);
        assert(e == 0);
    }
}

static inline void fuzz_ini(const char *folder)
{
    static const char begin[] = "[busybox]\nbanner = b\nversion = v\nstandalone = yes\napplets =";
    static const char end[] = "\n[user]\nuser = root\nuid = 0\nhome = /\n[environment]\nPATH=/bin\nHOME=/\n";
    char ini[16384];
    size_t n = (size_t)snprintf(ini, sizeof ini, "%s", begin);
    const struct applet *a;
    for (size_t i = 0; (a = applet_at(i)) && n < sizeof ini - 200; i++)
        n += (size_t)snprintf(ini + n, sizeof ini - n, " %s", a->name);
    n += (size_t)snprintf(ini + n, sizeof ini - n, "%s", end);
    fuzz_file(folder, "machine.ini", ini, n);
}

/* clang-format off */
static inline void fuzz_files(const char *folder)
{
    static const struct {
        const char *name, *text;
    } files[] = {
        { "root/etc/passwd", "root:x:0:0:root:/:/bin/sh\nuser:x:1000:1000::/tmp:/bin/sh\n" },
        { "root/etc/group", "root:x:0:root\nuser:x:1000:\n" },
        { "root/ro/text", "one two\nthree\n" },
        { "root.tsv", "/dev/null\tc\t666\t0\t0\t0\t1:3\n/dev/zero\tc\t666\t0\t0\t0\t1:5\n"
                      "/dev/full\tc\t666\t0\t0\t0\t1:7\n/dev/urandom\tc\t666\t0\t0\t0\t1:9\n"
                      "/dev/tty\tc\t666\t0\t0\t0\t5:0\n/ro/link\tl\t-\t-\t-\t-\t../ro/text\n" },
        { "mounts.tsv", "rootfs\t/\trootfs\trw\t0\t0\nproc\t/proc\tproc\trw\t0\t0\n"
                        "tmpfs\t/tmp\ttmpfs\trw\t0\t0\n/dev/m\t/ro\tsquashfs\tro\t0\t0\n" },
    };
    static const char elf[] = "\177ELF\1\1\1\0\0\0\0\0\0\0\0\0\2\0\10\0\1\0\0\0 a busybox";
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        fuzz_file(folder, files[i].name, files[i].text, strlen(files[i].text));
    fuzz_file(folder, "root/bin/busybox", elf, sizeof elf);
}
/* clang-format on */

/* Made at the first call, for the whole run. */
static inline const struct shell_device *fuzz_device(void)
{
    static struct shell_device *device;
    static struct machine *machine;
    char folder[FOLDER_PATH], why[200] = "";
    if (device)
        return device;
    int e = folder_make(folder, "fuzz");
    assert(e == 0);
    fuzz_folders(folder);
    fuzz_ini(folder);
    fuzz_files(folder);
    e = machine_load(&machine, folder, why);
    folder_remove(folder);
    assert(e == 0);
    e = shell_device_make(&device, machine);
    assert(e == 0);
    return device;
}

/* ---- What is said ---- */

/* Of standard output and errors, a sum of the bytes and how many they were. */
struct fuzz_said {
    uint64_t sum[2], n[2];
    int status;
    bool whole; /* no limit of its life cut it off, which may be anywhere in a turn */
};

static inline void fuzz_hear(struct fuzz_said *s, int stream, const void *data, size_t n)
{
    assert(stream == 1 || stream == 2);
    for (size_t i = 0; i < n; i++)
        s->sum[stream - 1] = s->sum[stream - 1] * 31 + ((const unsigned char *)data)[i];
    s->n[stream - 1] += n;
}

static inline void fuzz_same(const struct fuzz_said *a, const struct fuzz_said *b)
{
    if (!a->whole || !b->whole)
        return;
    assert(a->status == b->status);
    assert(a->n[0] == b->n[0] && a->sum[0] == b->sum[0]);
    assert(a->n[1] == b->n[1] && a->sum[1] == b->sum[1]);
}

/* ---- The session ---- */

/* Never above its limit, but for the line that says so. */
static inline enum shell_state fuzz_turn(struct shell *sh, int64_t steps, int64_t now)
{
    enum shell_state state = shell_run(sh, steps, now);
    assert(sh->account.used <= sh->account.most + 4096);
    assert(sh->n_procs <= sh->procs_most);
    return state;
}

/* Its outcome, and everything it held is given back. */
static inline void fuzz_end(struct shell *sh, struct fuzz_said *said)
{
    said->status = shell_status(sh);
    said->whole = sh->steps_left && sh->output_left;
    shell_clear(sh);
    assert(sh->account.used == 0);
    shell_free(sh);
}

static inline void fuzz_output(void *context, int stream, const void *data, size_t n)
{
    fuzz_hear(context, stream, data, n);
}

/* -c COMMAND with its arguments ($1...), which reads `input`; until it ends, or waits for what never comes. */
static const struct shell_hook fuzz_hook = { .output = fuzz_output };

static inline struct fuzz_said fuzz_command(const char *command, char *const *arguments, const void *input, size_t n,
                                            int64_t steps)
{
    struct fuzz_said said = { { 0 }, { 0 }, 0, false };
    struct shell_options o = {
        .device = fuzz_device(),
        .name = "sh",
        .command = command,
        .arguments = arguments,
        .name_argument = "sh",
        .now = INT64_C(1600000000000000),
        .seed = 1,
        .hook = &fuzz_hook, .context = &said,
        .limits = { .memory = 1 << 20, .steps = 100000, .output = 1 << 18, .processes = 8 },
    };
    struct shell *sh;
    int e = shell_make(&sh, &o);
    assert(e == 0);
    e = shell_input(sh, input, n);
    assert(e == 0 || e == -ENOBUFS);
    shell_input_end(sh);
    enum shell_state state = SHELL_RUNNING;
    for (uint64_t turns = 0; state == SHELL_RUNNING; turns++) {
        assert(turns < 2 * o.limits.steps);
        state = fuzz_turn(sh, steps, o.now);
    }
    fuzz_end(sh, &said);
    return said;
}

/* The first text of some bytes; *ret_n is how long it is with its NUL. */
static inline char *fuzz_text(const uint8_t *data, size_t size, size_t *ret_n)
{
    char *s = strndup((const char *)data, size);
    assert(s);
    size_t n = strlen(s);
    *ret_n = n < size ? n + 1 : size;
    return s;
}
