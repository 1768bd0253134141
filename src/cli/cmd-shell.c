#include "cli/commands.h"

#include "main/program.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* clang-format off */
const struct option_def shell_options[] = {
    { "machine", OPTION_TEXT, "DIR", "The device to play: its folder; the one that is shipped where it is not given" },
    { "dry", OPTION_TEXT, "FILE", "Run nothing: print what the script in FILE would fetch and run; - is standard input" },
    { 0 },
};

const char shell_details[] =
    "An emulated BusyBox ash over the device's file system, to be tried by hand, or by scripts: without -c\n"
    "commands are read from standard input, with prompts on a terminal. No program of this machine is started,\n"
    "no file of it is opened and no packet sent, whatever is typed; downloads find the network unreachable.\n"
    "The exit code is the shell's.\n\n"
    "With --dry nothing is run, nothing is answered: every branch of the script is walked, and each thing that it\n"
    "would do is a line, once: `fetch URL by APPLET to FILE`, `run FILE`, `command NAME`; with --json an object of\n"
    "`found` (`what` is fetch, run or command) and `whole`. What cannot be known is a *. Where there is more to a\n"
    "script than is walked, that is said, `whole` is false and the exit code is 1. --csv is refused.\n";
/* clang-format on */

static int check_words(const struct cli *cli)
{
    if (!cli->n_arguments)
        return 0;
    if (strcmp(cli->arguments[0], "-c"))
        return cli_usage(cli, cli->arguments[0], "only -c COMMAND can stand here; a script is read from standard input");
    return cli->n_arguments == 1 ? cli_usage(cli, "-c", "needs a command") : 0;
}

/* Becomes the program, which ends the command; an exit code where that fails. */
static int become(const char *const *words)
{
    struct program program;
    int e = program_open(&program, words[0]);
    if (!e) {
        fflush(NULL);
        fexecve(program.fd, (char *const *)words, environ);
        e = -errno;
    }
    return cli_trouble(words[0], e, "build or install teiten anew");
}

/* The script becomes its standard input: it can open nothing itself. */
static int dry(const struct cli *cli, const char *file)
{
    const char *const words[] = { "teiten-shell", "--dry", cli->format == OUT_JSON ? "json" : "text", NULL };
    if (cli->n_arguments)
        return cli_usage(cli, cli->arguments[0], "nothing is run with --dry");
    if (cli_value(cli, "machine"))
        return cli_usage(cli, "--machine", "no device is played with --dry");
    if (strcmp(file, "-")) {
        int fd = open(file, O_RDONLY | O_CLOEXEC);
        if (fd < 0 || dup2(fd, STDIN_FILENO) < 0)
            return cli_trouble(file, -errno, "name a script that can be read");
    }
    return become(words);
}

int cmd_shell(struct cli *cli)
{
    const char *script = cli_value(cli, "dry");
    char personas[PATH_MAX + 32], shipped[sizeof personas + sizeof "/generic"];
    const char *words[256] = { "teiten-shell", cli_value(cli, "machine") };
    size_t n = 2;
    if (cli->format == OUT_CSV)
        return cli_usage(cli, "--csv", "there are no rows");
    if (script)
        return dry(cli, script);
    int code = check_words(cli);
    if (code)
        return code;
    if (!words[1]) {
        commands_personas(&cli->conf, personas, sizeof personas);
        snprintf(shipped, sizeof shipped, "%s/generic", personas);
        words[1] = shipped;
    }
    if (cli->n_arguments > sizeof words / sizeof *words - 3)
        return cli_usage(cli, cli->arguments[0], "too many arguments");
    for (size_t i = 0; i < cli->n_arguments; i++)
        words[n++] = cli->arguments[i];
    return become(words);
}
