#include "cli/cli.h"

#include "base/log.h"
#include "base/own.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/help.h"

#include <ctype.h>
#include <limits.h>
#include <locale.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* clang-format off */
const struct option_def cli_common_options[] = {
    { "state", OPTION_TEXT, "DIR", "Where everything is kept ($TEITEN_STATE, else see below)" },
    { "config", OPTION_TEXT, "FILE", "Read the configuration from FILE" },
    { "set", OPTION_TEXT, "S.K=VALUE", "Set one item of the configuration; may be repeated" },
    { "json", OPTION_FLAG, NULL, "Print JSON" },
    { "csv", OPTION_FLAG, NULL, "Print CSV, where there are rows" },
    { "help", OPTION_FLAG, NULL, "Print this help" },
    { "version", OPTION_FLAG, NULL, "Print the version" },
    { 0 },
};
/* clang-format on */

enum { GO_ON = -1 }; /* no exit code yet */

/* --- what went wrong -----------------------------------------------------------------------------
 */

static int usage_remedy(const char *what, const char *why, const char *remedy)
{
    say_error(what, why, remedy);
    return CLI_USAGE;
}

int cli_usage(const struct cli *cli, const char *what, const char *why)
{
    char remedy[128];
    snprintf(remedy, sizeof remedy, "see teiten %s%s--help", cli->command ? cli->command->name : "",
             cli->command ? " " : "");
    return usage_remedy(what, why, remedy);
}

int cli_trouble(const char *what, int e, const char *remedy)
{
    say_error(what, errno_text(e), remedy);
    return CLI_TROUBLE;
}

int cli_problem(const char *source, const struct conf_problem *p)
{
    char what[PATH_MAX + 16], why[512], allowed[256] = "";
    if (p->line)
        snprintf(what, sizeof what, "%s:%u", source, p->line);
    else
        snprintf(what, sizeof what, "%s", source);
    if (!p->key[0])
        text_copy(why, sizeof why, p->why);
    else if (!p->value[0])
        snprintf(why, sizeof why, "%s %s", p->key, p->why);
    else
        snprintf(why, sizeof why, "%s: \"%s\" %s", p->key, p->value, p->why);
    if (p->allowed[0])
        snprintf(allowed, sizeof allowed, "allowed: %s", p->allowed);
    say_error(what, why, p->remedy[0] ? p->remedy : allowed);
    return CLI_TROUBLE;
}

/* --- names ---------------------------------------------------------------------------------------
 */

static const struct command *find_command(const struct command *commands, const char *name)
{
    for (; commands->name; commands++)
        if (strcmp(commands->name, name) == 0)
            return commands;
    return NULL;
}

static const char *command_name(size_t i, const void *context)
{
    return ((const struct command *)context)[i].name;
}

static const struct option_def *find_option(const struct option_def *options, const char *name,
                                            size_t n)
{
    for (; options && options->name; options++)
        if (strlen(options->name) == n && memcmp(options->name, name, n) == 0)
            return options;
    return NULL;
}

static const struct option_def *any_option(const struct cli *cli, const char *name, size_t n)
{
    const struct option_def *own =
        cli->command ? find_option(cli->command->options, name, n) : NULL;
    return own ? own : find_option(cli_common_options, name, n);
}

/* Own options, then the common ones. */
static const char *option_name(size_t i, const void *context)
{
    const struct cli *cli = context;
    const struct option_def *own = cli->command ? cli->command->options : NULL;
    for (; own && own->name; own++, i--)
        if (i == 0)
            return own->name;
    return cli_common_options[i].name;
}

static int unknown_command(const struct cli *cli, const char *word)
{
    char remedy[128];
    const char *near = text_nearest(word, command_name, cli->commands);
    if (!near)
        return usage_remedy(word, "is no command", "teiten --help lists them");
    snprintf(remedy, sizeof remedy, "did you mean teiten %s?", near);
    return usage_remedy(word, "is no command", remedy);
}

static int unknown_option(const struct cli *cli, const char *word, size_t n)
{
    char remedy[128];
    auto_free char *name = strndup(word + 2, n);
    const char *near = name ? text_nearest(name, option_name, cli) : NULL;
    if (!near)
        return cli_usage(cli, word, cli->command ? "is no option of this command" : "is no option");
    snprintf(remedy, sizeof remedy, "did you mean --%s?", near);
    return usage_remedy(word, "is no option", remedy);
}

/* --- reading the line ----------------------------------------------------------------------------
 */

/* "--name", "--name=value", or "--name" with its value in the next word. */
static int read_option(struct cli *cli, char **argv, int *at)
{
    const char *word = argv[*at];
    size_t n = strcspn(word + 2, "=");
    const char *value = word[2 + n] ? word + 2 + n + 1 : NULL;
    const struct option_def *def = any_option(cli, word + 2, n);
    if (!def)
        return unknown_option(cli, word, n);
    if (def->type == OPTION_FLAG && value)
        return cli_usage(cli, word, "takes no value");
    if (def->type != OPTION_FLAG && !value)
        value = argv[*at + 1] ? argv[++*at] : NULL;
    if (def->type != OPTION_FLAG && !value)
        return cli_usage(cli, word, "wants a value");
    cli->given[cli->n_given++] = (struct cli_given){ def, value };
    return GO_ON;
}

static int read_word(struct cli *cli, const char *word)
{
    if (cli->command) {
        cli->arguments[cli->n_arguments++] = word;
        return GO_ON;
    }
    if (!cli->help && strcmp(word, "help") == 0) {
        cli->help = true;
        return GO_ON;
    }
    cli->command = find_command(cli->commands, word);
    return cli->command ? GO_ON : unknown_command(cli, word);
}

static int read_line(struct cli *cli, char **argv)
{
    bool options = true;
    int status = GO_ON;
    for (int i = 1; argv[i] && status == GO_ON; i++) {
        if (options && strcmp(argv[i], "--") == 0)
            options = false;
        else if (options && strcmp(argv[i], "-h") == 0)
            cli->help = true;
        else if (options && strncmp(argv[i], "--", 2) == 0)
            status = read_option(cli, argv, &i);
        else if (options && cli->command && cli->command->foreign_words)
            options = false, status = read_word(cli, argv[i]);
        else if (options && argv[i][0] == '-' && argv[i][1])
            status = cli_usage(cli, argv[i], "is no option; options begin with two dashes");
        else
            status = read_word(cli, argv[i]);
    }
    cli->help = cli->help || cli_flag(cli, "help");
    return status;
}

/* --- checking it ---------------------------------------------------------------------------------
 */

/* Whether word is one of the words of choices. */
static bool chosen(const char *choices, size_t n, const char *word)
{
    for (const char *at = choices, *end = choices + n; at < end;) {
        size_t length = strcspn(at, "| ");
        if (length > (size_t)(end - at))
            length = (size_t)(end - at);
        if (strlen(word) == length && memcmp(at, word, length) == 0)
            return true;
        at += length + 1;
    }
    return false;
}

/* One word of a command's `arguments`, as many words of the line as it takes. */
static int check_argument(const struct cli *cli, const char *pattern, size_t n, size_t *at)
{
    bool optional = pattern[0] == '[';
    size_t end = n - (pattern[n - 1] == ']');
    bool many = end > 3 && strncmp(pattern + end - 3, "...", 3) == 0;
    bool words = islower((unsigned char)pattern[0]) && memchr(pattern, '|', n);
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)n, pattern);
    if (*at == cli->n_arguments)
        return optional ? GO_ON : cli_usage(cli, name, "is missing");
    if (words && !chosen(pattern, n, cli->arguments[*at])) {
        char why[96];
        snprintf(why, sizeof why, "is none of %s", name);
        return cli_usage(cli, cli->arguments[*at], why);
    }
    *at = many ? cli->n_arguments : *at + 1;
    return GO_ON;
}

static int check_arguments(const struct cli *cli)
{
    size_t at = 0;
    const char *pattern = cli->command->arguments ? cli->command->arguments : "";
    for (size_t n; (n = strcspn(pattern, " ")) > 0; pattern += n + (pattern[n] == ' ')) {
        int status = check_argument(cli, pattern, n, &at);
        if (status != GO_ON)
            return status;
    }
    return at < cli->n_arguments ? cli_usage(cli, cli->arguments[at], "is one word too many")
                                 : GO_ON;
}

static int check_value(const struct cli *cli, const struct cli_given *g)
{
    char what[64], why[256];
    int64_t v;
    snprintf(what, sizeof what, "--%s", g->def->name);
    if (g->def->type == OPTION_INT && text_int(g->value, 0, INT64_MAX, &v) != 0) {
        snprintf(why, sizeof why, "\"%.100s\" is no whole number", g->value);
        return cli_usage(cli, what, why);
    }
    if (g->def->type == OPTION_TIME && time_parse(g->value, cli->now, cli_zone(cli), &v) != 0) {
        snprintf(why, sizeof why, "\"%.100s\" is no time", g->value);
        return usage_remedy(what, why, "write 2026-11-24, \"2026-11-24 05:59\", 24h, 7d or now");
    }
    if (g->def->type == OPTION_CHOICE &&
        !chosen(g->def->argument, strlen(g->def->argument), g->value)) {
        snprintf(why, sizeof why, "\"%.100s\" is none of %.100s", g->value, g->def->argument);
        return cli_usage(cli, what, why);
    }
    return GO_ON;
}

static int check_values(struct cli *cli)
{
    for (size_t i = 0; i < cli->n_given; i++) {
        int status = check_value(cli, &cli->given[i]);
        if (status != GO_ON)
            return status;
    }
    if (cli_flag(cli, "json") && cli_flag(cli, "csv"))
        return cli_usage(cli, "--json", "does not go with --csv");
    cli->format = cli_flag(cli, "json") ? OUT_JSON : cli_flag(cli, "csv") ? OUT_CSV : OUT_TABLE;
    return GO_ON;
}

/* --- configuration and state ---------------------------------------------------------------------
 */

int cli_conf_load(const struct cli *cli, struct conf *ret)
{
    struct conf_problem problem;
    int e = conf_init(ret);
    if (e)
        return cli_trouble("configuration", e, NULL);
    const char *path = cli_value(cli, "config");
    e = path ? conf_read_file(ret, path, &problem) : 0;
    if (e < 0)
        return cli_trouble(path, e, "name a file that can be read after --config");
    if (e > 0)
        return cli_problem(path, &problem);
    const char *set;
    for (size_t i = 0; (set = cli_value_at(cli, "set", i)); i++) {
        e = conf_set(ret, set, &problem);
        if (e < 0)
            return cli_trouble("--set", e, NULL);
        if (e > 0) {
            cli_problem("--set", &problem);
            return CLI_USAGE;
        }
    }
    return CLI_DONE;
}

static int load_conf(struct cli *cli)
{
    int code = cli_conf_load(cli, &cli->conf);
    return code == CLI_DONE ? GO_ON : code;
}

static char *home_state(void)
{
    char *path;
    const char *home = getenv("HOME");
    const struct passwd *user = home && *home ? NULL : getpwuid(geteuid());
    if (user)
        home = user->pw_dir;
    return home && *home && asprintf(&path, "%s/.local/state/teiten", home) >= 0 ? path : NULL;
}

static int find_state(struct cli *cli)
{
    const char *named = cli_value(cli, "state");
    if (!named || !*named)
        named = getenv("TEITEN_STATE");
    if (named && *named)
        cli->state = strdup(named);
    else
        cli->state = geteuid() == 0 ? strdup("/var/lib/teiten") : home_state();
    if (cli->state)
        return GO_ON;
    say_error("state folder", "there is no home folder to keep it in", "name one with --state DIR");
    return CLI_TROUBLE;
}

const char *cli_state_dir(const struct cli *cli)
{
    return cli->state;
}

/* mkdir -p, for the owner and the group only. */
static int make_folders(char *path)
{
    for (char *at = path + 1; *at; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        int failed = mkdir(path, 0755) != 0 && errno != EEXIST;
        *at = '/';
        if (failed)
            return -errno;
    }
    return mkdir(path, 0750) != 0 && errno != EEXIST ? -errno : 0;
}

int cli_state_make(const struct cli *cli)
{
    struct stat s;
    if (stat(cli->state, &s) == 0 && S_ISDIR(s.st_mode))
        return CLI_DONE;
    auto_free char *path = strdup(cli->state);
    int e = path ? make_folders(path) : -ENOMEM;
    return e ? cli_trouble(cli->state, e, "name a folder that you may make with --state DIR")
             : CLI_DONE;
}

/* --- what commands ask ---------------------------------------------------------------------------
 */

const char *cli_value_at(const struct cli *cli, const char *name, size_t i)
{
    for (size_t at = 0; at < cli->n_given; at++)
        if (strcmp(cli->given[at].def->name, name) == 0 && i-- == 0)
            return cli->given[at].value;
    return NULL;
}

static const struct cli_given *last_given(const struct cli *cli, const char *name)
{
    for (size_t at = cli->n_given; at-- > 0;)
        if (strcmp(cli->given[at].def->name, name) == 0)
            return &cli->given[at];
    return NULL;
}

bool cli_flag(const struct cli *cli, const char *name)
{
    return last_given(cli, name) != NULL;
}

const char *cli_value(const struct cli *cli, const char *name)
{
    const struct cli_given *g = last_given(cli, name);
    return g ? g->value : NULL;
}

int64_t cli_int(const struct cli *cli, const char *name, int64_t otherwise)
{
    const char *value = cli_value(cli, name);
    int64_t v;
    return value && text_int(value, 0, INT64_MAX, &v) == 0 ? v : otherwise;
}

int64_t cli_time(const struct cli *cli, const char *name, int64_t otherwise)
{
    const char *value = cli_value(cli, name);
    int64_t v;
    return value && time_parse(value, cli->now, cli_zone(cli), &v) == 0 ? v : otherwise;
}

const char *cli_zone(const struct cli *cli)
{
    return conf_text(&cli->conf, CONF_REPORT_ZONE);
}

void cli_rows(const struct cli *cli, struct out *o, const struct column *columns, size_t n)
{
    out_begin(o, stdout, cli->format, columns, n);
}

int cli_rows_end(struct out *o)
{
    int e = out_end(o);
    return e ? cli_trouble("standard output", e, NULL) : CLI_DONE;
}

/* --- running -------------------------------------------------------------------------------------
 */

static int prepare(struct cli *cli, char **argv)
{
    int status = read_line(cli, argv);
    if (status != GO_ON)
        return status;
    if (cli_flag(cli, "version")) {
        puts("teiten " TEITEN_VERSION);
        return CLI_DONE;
    }
    if (cli->help) {
        help_print(cli, stdout);
        return CLI_DONE;
    }
    if (!cli->command) {
        help_print(cli, stderr);
        return CLI_USAGE;
    }
    status = check_arguments(cli);
    if (status == GO_ON)
        status = load_conf(cli);
    if (status == GO_ON)
        status = find_state(cli);
    return status == GO_ON ? check_values(cli) : status;
}

/* A command whose words did not reach their reader is not done. */
static int close_output(int status)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    return status == CLI_DONE ? cli_trouble("standard output", errno ? errno : EIO, NULL) : status;
}

int cli_main(int argc, char **argv, const struct command *commands)
{
    struct cli cli = { .commands = commands, .now = time_now() };
    setlocale(LC_CTYPE, ""); /* widths of characters; numbers stay as they are */
    cli.arguments = calloc((size_t)argc + 1, sizeof *cli.arguments);
    cli.given = calloc((size_t)argc + 1, sizeof *cli.given);
    int status = CLI_TROUBLE;
    if (cli.arguments && cli.given) {
        status = prepare(&cli, argv);
        if (status == GO_ON)
            status = cli.command->run(&cli);
    } else {
        cli_trouble("command line", -ENOMEM, NULL);
    }
    conf_release(&cli.conf);
    free(cli.state);
    free(cli.given);
    free(cli.arguments);
    return close_output(status);
}
