#include "cli/commands.h"

#include "main/program.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* clang-format off */
const struct option_def shell_options[] = {
    { "machine", OPTION_TEXT, "DIR", "The device to play: its folder; the one that is shipped where it is not given" },
    { 0 },
};

const char shell_details[] =
    "An emulated BusyBox ash over the device's file system, to be tried by hand, or by scripts: without -c\n"
    "commands are read from standard input, with prompts on a terminal. No program of this machine is started,\n"
    "no file of it is opened and no packet sent, whatever is typed; downloads find the network unreachable.\n"
    "The exit code is the shell's.\n";
/* clang-format on */

#ifndef TEITEN_DATA
#define TEITEN_DATA "/usr/share/teiten"
#endif

/* The device that is shipped: beside the sources in a build folder, else where it was installed. */
static void find_machine(char *ret, size_t n)
{
    char self[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    char *slash = len > 0 ? (self[len] = '\0', strrchr(self, '/')) : NULL;
    if (slash) {
        *slash = '\0';
        snprintf(ret, n, "%s/../personas/generic", self);
        if (access(ret, R_OK) == 0)
            return;
    }
    snprintf(ret, n, "%s/personas/generic", TEITEN_DATA);
}

static int check_words(const struct cli *cli)
{
    if (!cli->n_arguments)
        return 0;
    if (strcmp(cli->arguments[0], "-c"))
        return cli_usage(cli, cli->arguments[0], "only -c COMMAND can stand here; a script is read from standard input");
    return cli->n_arguments == 1 ? cli_usage(cli, "-c", "needs a command") : 0;
}

int cmd_shell(struct cli *cli)
{
    char shipped[PATH_MAX + 32];
    const char *words[256] = { "teiten-shell", cli_value(cli, "machine") };
    size_t n = 2;
    int code = check_words(cli);
    if (code)
        return code;
    if (!words[1]) {
        find_machine(shipped, sizeof shipped);
        words[1] = shipped;
    }
    if (cli->n_arguments > sizeof words / sizeof *words - 3)
        return cli_usage(cli, cli->arguments[0], "too many arguments");
    for (size_t i = 0; i < cli->n_arguments; i++)
        words[n++] = cli->arguments[i];
    struct program program;
    int e = program_open(&program, words[0]);
    if (!e) {
        fflush(NULL);
        fexecve(program.fd, (char *const *)words, environ);
        e = -errno;
    }
    return cli_trouble(words[0], e, "build or install teiten anew");
}
