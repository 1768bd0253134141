#include "cli/help.h"

#include <string.h>

enum { NAME_COLUMN = 26 };

static void print_entry(FILE *f, const char *name, const char *argument, const char *help)
{
    int n = fprintf(f, "  %s%s%s", name, argument ? " " : "", argument ? argument : "");
    if (n + 2 > NAME_COLUMN)
        n = fprintf(f, "\n") * 0;
    fprintf(f, "%*s%s\n", NAME_COLUMN - n, "", help);
}

static void print_options(FILE *f, const char *title, const struct option_def *options)
{
    if (!options || !options->name)
        return;
    fprintf(f, "\n%s:\n", title);
    for (; options->name; options++) {
        char name[64];
        snprintf(name, sizeof name, "--%s", options->name);
        print_entry(f, name, options->argument, options->help);
    }
}

static void print_command(const struct command *c, FILE *f)
{
    fprintf(f, "usage: teiten %s%s%s [OPTIONS]\n\n%s.\n", c->name, c->arguments ? " " : "",
            c->arguments ? c->arguments : "", c->summary);
    if (c->details)
        fprintf(f, "\n%s\n", c->details);
    print_options(f, "Options", c->options);
}

static void print_all(const struct command *c, FILE *f)
{
    fputs(
        "usage: teiten COMMAND [ARGUMENTS] [OPTIONS]\n\n"
        "teiten is an observatory for attacks on Internet devices: it counts every access to the\n"
        "addresses it stands on. It observes only; it never scans and never attacks.\n\n"
        "Commands:\n",
        f);
    for (; c->name; c++)
        print_entry(f, c->name, c->arguments, c->summary);
    print_entry(f, "help", "[COMMAND]", "Print help, also of one command");
}

void help_print(const struct cli *cli, FILE *f)
{
    if (cli->command)
        print_command(cli->command, f);
    else
        print_all(cli->commands, f);
    print_options(f, "Options of every command", cli_common_options);
    fputs("\nThe default state folder is /var/lib/teiten for root and ~/.local/state/teiten for "
          "others.\n"
          "Exit code: 0 done, 1 trouble, 2 wrong usage.\n",
          f);
}
