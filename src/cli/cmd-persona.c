#include "cli/commands.h"

#include "base/log.h"
#include "base/text.h"
#include "cli/persona-show.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* clang-format off */
const struct option_def persona_options[] = {
    { "personas", OPTION_TEXT, "DIR", "The folder that has the personas; the shipped ones where it is not given" },
    { 0 },
};

const char persona_details[] =
    "A persona is a device that the trap plays: a folder of data. list has a row of each: id, class, vendor, cpu,\n"
    "order, shell (ash, or whose command line a visitor meets first) and ports.\n"
    "show ID tells all that is said of one: how it is logged in to, its BusyBox, system and hardware; with --json one\n"
    "object, whose sections are objects.\n"
    "check proves that each agrees with itself: CPU, byte order and flags of its programs, kernel, applets and\n"
    "their links, processes, sockets, users. Each fault is a line, and the exit code 1 where there is any. --json\n"
    "has an object a persona, id and faults[].\n"
    "What has a / in it is a folder of its own: teiten persona check ./mine";

static const struct column list_columns[] = {
    { .name = "id", .type = COLUMN_TEXT },      { .name = "class", .type = COLUMN_TEXT },
    { .name = "vendor", .type = COLUMN_TEXT },  { .name = "cpu", .type = COLUMN_TEXT },
    { .name = "order", .type = COLUMN_TEXT },   { .name = "shell", .type = COLUMN_TEXT },
    { .name = "ports", .type = COLUMN_PORTS },
};

static const struct column check_columns[] = {
    { .name = "id", .type = COLUMN_TEXT },
    { .name = "faults", .type = COLUMN_LIST },
};
/* clang-format on */

enum { FAULTS_MOST = 1000 /* that are told of one persona */ };

struct work {
    const struct cli *cli;
    char folder[PATH_MAX + 32]; /* of personas */
    struct persona_names all;
    struct out out;
    const char *id; /* that is being checked */
    char *faults[FAULTS_MOST];
    size_t n_faults;
    bool found; /* a fault of any */
    int status; /* -errno */
};

/* ---- Which ---- */

static int find_all(struct work *w)
{
    const char *given = cli_value(w->cli, "personas");
    if (given)
        snprintf(w->folder, sizeof w->folder, "%s", given);
    else
        commands_personas(&w->cli->conf, w->folder, sizeof w->folder);
    int e = persona_names_read(&w->all, w->folder);
    if (e)
        return cli_trouble(w->folder, e, "name the folder that has the personas with --personas");
    if (w->all.n)
        return CLI_DONE;
    say_error(w->folder, "no persona.ini in any folder of it", "name the folder that has the personas with --personas");
    return CLI_TROUBLE;
}

/* The folder of what is called so on the command line, and its id, which points into it. */
static const char *find_folder(const struct work *w, const char *word, char ret[static PATH_MAX + 512])
{
    if (strchr(word, '/'))
        snprintf(ret, PATH_MAX + 512, "%s", word);
    else
        snprintf(ret, PATH_MAX + 512, "%s/%.255s", w->folder, word);
    for (size_t n = strlen(ret); n > 1 && ret[n - 1] == '/'; n--)
        ret[n - 1] = '\0';
    const char *slash = strrchr(ret, '/');
    return slash && slash[1] ? slash + 1 : ret;
}

static int load(const struct work *w, const char *word, struct persona **ret, char why[static 200])
{
    char folder[PATH_MAX + 512];
    const char *id = find_folder(w, word, folder);
    int e = access(folder, R_OK) ? -errno : persona_load(ret, folder, id, why);
    if (e == -ENOENT)
        snprintf(why, 200, "there is no such persona");
    else if (e < 0)
        snprintf(why, 200, "%s", errno_text(e));
    return e;
}

static int cannot_load(const char *word, int e, const char *why)
{
    say_error(word, why, e == -ENOENT ? "'teiten persona list' has their names; a folder is named with a /, as ./mine"
                                      : "'teiten persona check' tells all faults");
    return CLI_TROUBLE;
}

/* ---- list, show ---- */

static void list_row(struct out *o, const struct persona *p)
{
    out_text(o, p->id);
    out_text(o, p->class);
    out_text(o, *p->vendor ? p->vendor : NULL);
    out_text(o, p->cpu);
    out_text(o, p->order);
    out_text(o, persona_shell(p));
    out_ports(o, p->ports, p->n_ports);
}

/* One that cannot be loaded keeps no other from being shown. */
static int list(struct work *w)
{
    int code = CLI_DONE;
    cli_rows(w->cli, &w->out, list_columns, sizeof list_columns / sizeof list_columns[0]);
    for (size_t i = 0; i < w->all.n; i++) {
        struct persona *p = NULL;
        char why[200] = "";
        int e = load(w, w->all.list[i], &p, why);
        if (e) {
            code = cannot_load(w->all.list[i], e, why);
            continue;
        }
        list_row(&w->out, p);
        persona_free(p);
    }
    int ended = cli_rows_end(&w->out);
    return ended ? ended : code;
}

static int show(struct work *w)
{
    struct persona *p = NULL;
    char why[200] = "";
    const char *word = w->cli->arguments[1];
    int e = load(w, word, &p, why);
    if (e)
        return cannot_load(word, e, why);
    int code = persona_show(w->cli, p);
    persona_free(p);
    return code;
}

/* ---- check ---- */

static void print_line(const char *id, const char *line)
{
    struct buf b;
    buf_init(&b, 1 << 14);
    text_escape(&b, id, strlen(id), TEXT_PLAIN);
    buf_text(&b, ": ");
    text_escape(&b, line, strlen(line), TEXT_PLAIN);
    printf("%.*s\n", (int)b.len, b.data ? (const char *)b.data : "");
    buf_release(&b);
}

static void note(void *context, const char *line)
{
    struct work *w = context;
    w->found = true;
    if (w->cli->format == OUT_TABLE) {
        print_line(w->id, line);
        return;
    }
    char *copy = w->n_faults < FAULTS_MOST ? strdup(line) : NULL;
    if (copy)
        w->faults[w->n_faults++] = copy;
}

static void end_row(struct work *w, bool good)
{
    if (w->cli->format == OUT_TABLE) {
        if (good)
            print_line(w->id, "good");
        return;
    }
    out_text(&w->out, w->id);
    out_list(&w->out, (const char *const *)w->faults, w->n_faults);
    while (w->n_faults)
        free(w->faults[--w->n_faults]);
}

/* 0, or an exit code: what was named so is no persona. What cannot be read of one is a fault of it. */
static int check_one(struct work *w, const char *word)
{
    struct persona *p = NULL;
    char why[200] = "";
    int e = load(w, word, &p, why);
    if (e < 0)
        return cannot_load(word, e, why);
    w->id = p ? p->id : word;
    if (e)
        note(w, why);
    int n = e ? e : persona_check(p, note, w);
    if (n >= 0)
        end_row(w, n == 0);
    persona_free(p);
    return n < 0 ? cli_trouble(word, n, NULL) : CLI_DONE;
}

static int check(struct work *w)
{
    const struct cli *cli = w->cli;
    size_t n = cli->n_arguments - 1;
    int code = CLI_DONE;
    if (cli->format != OUT_TABLE)
        cli_rows(cli, &w->out, check_columns, sizeof check_columns / sizeof check_columns[0]);
    for (size_t i = 0; i < (n ? n : w->all.n); i++) {
        int one = check_one(w, n ? cli->arguments[i + 1] : w->all.list[i]);
        code = one ? one : code;
    }
    int ended = cli->format != OUT_TABLE ? cli_rows_end(&w->out) : CLI_DONE;
    return ended ? ended : code ? code : w->found ? CLI_TROUBLE : CLI_DONE;
}

static const struct {
    const char *name;
    int (*run)(struct work *w);
    size_t least, most; /* words behind it */
} verbs[] = { { "list", list, 0, 0 }, { "show", show, 1, 1 }, { "check", check, 0, SIZE_MAX } };

/* Whether each named one has a slash, so that the folder of all is not needed. */
static bool all_folders(const struct cli *cli)
{
    for (size_t i = 1; i < cli->n_arguments; i++) {
        if (!strchr(cli->arguments[i], '/'))
            return false;
    }
    return cli->n_arguments > 1;
}

int cmd_persona(struct cli *cli)
{
    size_t n = cli->n_arguments - 1, verb = 0;
    while (strcmp(verbs[verb].name, cli->arguments[0]) != 0)
        verb++;
    if (n < verbs[verb].least)
        return cli_usage(cli, "ID", "is missing");
    if (n > verbs[verb].most)
        return cli_usage(cli, cli->arguments[verbs[verb].most + 1], "is one word too many");
    struct work *w = calloc(1, sizeof *w);
    if (!w)
        return cli_trouble("memory", -ENOMEM, NULL);
    w->cli = cli;
    int code = all_folders(cli) ? CLI_DONE : find_all(w);
    code = code ? code : verbs[verb].run(w);
    persona_names_release(&w->all);
    free(w);
    return code;
}
