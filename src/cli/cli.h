#pragma once
/*
 * The front door: `teiten COMMAND ARGUMENTS OPTIONS`, from a table of commands, each with a table
 * of its options. The tables make the help and the check. To add a command, write cmd-NAME.c with
 * its run function and options, and add its line to the table in main/teiten.c.
 *
 * Commands end with 0 done, 1 trouble, 2 wrong usage, and have said what was wrong before they
 * return.
 */
#include "base/conf.h"
#include "base/err.h"
#include "cli/out.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef TEITEN_VERSION
#define TEITEN_VERSION "0.1.0"
#endif

enum cli_exit { CLI_DONE, CLI_TROUBLE, CLI_USAGE };

enum option_type {
    OPTION_FLAG,   /* no value */
    OPTION_TEXT,   /* any text */
    OPTION_INT,    /* a whole number, 0 or more */
    OPTION_TIME,   /* what time_parse() takes, in report.zone */
    OPTION_CHOICE, /* one of the words of `argument`, parted by | */
};

struct option_def {
    const char *name; /* without its dashes; NULL ends the table */
    enum option_type type;
    const char *argument; /* how its value is called, "TIME"; NULL of a flag */
    const char *help;     /* one line */
};

struct cli;

struct command {
    const char *name; /* NULL ends the table */
    /*
     * "FILE..." one or more, "[FILE]" optional, "[FILE...]" any, "ports|sources" one of these
     * words, "ADDRESS|PREFIX" one of either; NULL none. It is shown and checked.
     */
    const char *arguments;
    const char *summary;              /* one line */
    const struct option_def *options; /* NULL: none of its own */
    int (*run)(struct cli *cli);
    const char *details; /* paragraphs for `teiten COMMAND --help`; may be NULL */
    bool foreign_words;  /* its words are another's command line: after the first of them none is an option of ours */
};

struct cli_given {
    const struct option_def *def;
    const char *value;
};

/* One call of a command; all borrowed from the command line but conf and state. */
struct cli {
    const struct command *commands, *command;
    const char **arguments; /* what is no option */
    size_t n_arguments;
    struct cli_given *given; /* options in the order given */
    size_t n_given;
    bool help;
    enum out_format format;
    struct conf conf;
    char *state;
    int64_t now; /* when the command was called */
};

/* Runs the command line; the exit code. */
int cli_main(int argc, char **argv, const struct command *commands);

/* The configuration that this command line asks for, read anew into *ret, which is the caller's to release in any
 * case. 0, or an exit code, and said why. */
int must_check cli_conf_load(const struct cli *cli, struct conf *ret);

bool cli_flag(const struct cli *cli, const char *name);
/* The value given last, or NULL. */
const char *cli_value(const struct cli *cli, const char *name);
/* The i-th value of an option that may be repeated, or NULL. */
const char *cli_value_at(const struct cli *cli, const char *name, size_t i);
int64_t cli_int(const struct cli *cli, const char *name, int64_t otherwise);
int64_t cli_time(const struct cli *cli, const char *name, int64_t otherwise);
/* The zone that days are cut in and times without a zone are read in: report.zone. */
const char *cli_zone(const struct cli *cli);

/* The state folder: --state, else $TEITEN_STATE, else /var/lib/teiten as root or
 * ~/.local/state/teiten. It need not exist. */
const char *cli_state_dir(const struct cli *cli);
/* Makes the state folder where it is missing. 0, or CLI_TROUBLE and said so. */
int must_check cli_state_make(const struct cli *cli);

/* Say what is wrong; their value is the exit code. e is -errno. */
int cli_usage(const struct cli *cli, const char *what, const char *why);
int cli_trouble(const char *what, int e, const char *remedy);
int cli_problem(const char *source, const struct conf_problem *problem);
/* Begins rows on standard output in the format asked for; ends them, and says where that failed. */
void cli_rows(const struct cli *cli, struct out *o, const struct column *columns, size_t n);
int must_check cli_rows_end(struct out *o);
