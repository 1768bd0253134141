#include "base/test-folder.h"
#include "shell/applet.h"
#include "shell/shell.h"

#include <assert.h>
#include <string.h>

/* An awk program, a NUL, and what it reads. Whatever they are, the session ends within its limits,
 * and says the same with turns of some steps as with turns of many. */

static void write_file(const char *folder, const char *name, const char *text)
{
    char path[FOLDER_PATH + 64];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

static const struct shell_device *make_device(void)
{
    static struct shell_device *device;
    struct machine *machine;
    char folder[FOLDER_PATH], why[200] = "";
    if (device)
        return device;
    int e = folder_make(folder, "awk");
    assert(e == 0);
    static const char *const folders[] = { "root", "root/bin", "root/tmp", "root/dev" };
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        char path[FOLDER_PATH + 64];
        snprintf(path, sizeof path, "%s/%s", folder, folders[i]);
        e = mkdir(path, 0755);
        assert(e == 0);
    }
    write_file(
        folder, "machine.ini",
        "[busybox]\nbanner = b\nversion = v\nstandalone = yes\napplets = awk cat echo sh true\n");
    write_file(folder, "root.tsv", "/dev/null\tc\t666\t0\t0\t0\t1:3\n");
    write_file(folder, "mounts.tsv", "rootfs\t/\trootfs\trw\t0\t0\n");
    e = machine_load(&machine, folder, why);
    assert(e == 0);
    e = shell_device_make(&device, machine);
    assert(e == 0);
    folder_remove(folder);
    return device;
}

/* A sum of what is said, and how much it was. */
struct said {
    uint64_t sum;
    size_t n;
};

static void output(void *context, int stream, const void *data, size_t n)
{
    struct said *s = context;
    for (size_t i = 0; i < n; i++)
        s[stream - 1].sum = s[stream - 1].sum * 31 + ((const unsigned char *)data)[i];
    s[stream - 1].n += n;
}

static bool run(const char *program, const void *input, size_t n, int64_t steps, struct said *said)
{
    char *const arguments[] = { (char *)(uintptr_t)program, NULL };
    struct shell_options o = {
        .device = make_device(),
        .name = "sh",
        .command = "awk \"$1\"",
        .arguments = arguments,
        .name_argument = "sh",
        .now = 1600000000000000,
        .seed = 1,
        .hook = { .context = said, .output = output },
        .limits = { .memory = 1 << 20, .steps = 300000, .output = 1 << 18, .processes = 8 },
    };
    struct shell *sh;
    int e = shell_make(&sh, &o);
    assert(e == 0);
    e = shell_input(sh, input, n);
    assert(e == 0 || e == -ENOBUFS);
    shell_input_end(sh);
    enum shell_state state = SHELL_RUNNING;
    size_t turns = 0;
    for (; state == SHELL_RUNNING && turns < 3000000; turns++)
        state = shell_run(sh, steps, o.now);
    assert(state != SHELL_RUNNING);
    bool whole = shell_status(sh) != 137 && said[0].n + said[1].n < 1 << 17;
    shell_free(sh);
    return whole;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 4096)
        return 0;
    char *program = strndup((const char *)data, size);
    assert(program);
    size_t n = strlen(program), rest = n < size ? n + 1 : size;
    struct said many[2] = { { 0 } }, few[2] = { { 0 } };
    run(program, data + rest, size - rest, 1 << 20, many);
    run(program, data + rest, size - rest, 100, few);
    free(program);
    return 0;
}
