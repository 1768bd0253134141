#include "cli/commands.h"

#include "base/text.h"

#include <string.h>

enum { LINE_MOST = 90 };

static const struct column columns[] = {
    { .name = "name", .type = COLUMN_TEXT },    { .name = "value", .type = COLUMN_TEXT },
    { .name = "default", .type = COLUMN_TEXT }, { .name = "origin", .type = COLUMN_TEXT },
    { .name = "type", .type = COLUMN_TEXT },    { .name = "allowed", .type = COLUMN_TEXT },
    { .name = "help", .type = COLUMN_TEXT },
};

static const char *const origins[] = {
    [CONF_DEFAULT] = "default",
    [CONF_FILE] = "file",
    [CONF_SET] = "command line",
};

static void print_rows(struct out *o, const struct conf *now, const struct conf *defaults)
{
    for (size_t i = 0; i < CONF_COUNT; i++) {
        enum conf_id id = (enum conf_id)i;
        char allowed[192];
        out_text(o, conf_items[i].name);
        out_text(o, conf_text(now, id));
        out_text(o, conf_text(defaults, id));
        out_text(o, origins[conf_origin(now, id)]);
        out_text(o, conf_type_name(conf_items[i].type));
        out_text(o, *conf_allowed(id, allowed) ? allowed : NULL);
        out_text(o, conf_items[i].help);
    }
}

/* "[sensor]" where an item begins another section than the one before it. */
static void print_section(size_t i)
{
    size_t n = strcspn(conf_items[i].name, ".");
    if (i == 0 || strncmp(conf_items[i - 1].name, conf_items[i].name, n + 1) != 0)
        printf("%s[%.*s]\n", i ? "\n" : "", (int)n, conf_items[i].name);
}

/* "key = value"; a list goes on on indented lines, for a line of the file may not be long. */
static void print_value(const char *before, const char *key, const char *value)
{
    printf("%s%s =", before, key);
    for (size_t n, used = 0; *value; value += n + (value[n] == ' ')) {
        n = strcspn(value, " ");
        if (used > 0 && used + n > LINE_MOST) {
            printf("\n%s ", before);
            used = 0;
        }
        printf(" %.*s", (int)n, value);
        used += n + 1;
    }
    putchar('\n');
}

static void print_item(const struct conf *now, const struct conf *defaults, enum conf_id id)
{
    const struct conf_item *item = &conf_items[id];
    const char *key = strchr(item->name, '.') + 1;
    char allowed[192];
    conf_allowed(id, allowed);
    bool said = item->type == CONF_DAYS || item->type == CONF_CHOICE; /* what it is */
    printf("# %s. (%s%s%s)\n", item->help, said ? "" : conf_type_name(item->type),
           *allowed && !said ? ": " : "", allowed);
    print_value("#", key, conf_text(defaults, id));
    if (conf_origin(now, id) != CONF_DEFAULT)
        print_value("", key, conf_text(now, id));
}

/* A file that can be kept and edited: defaults stand behind a #. */
static void print_file(const struct conf *now, const struct conf *defaults)
{
    for (size_t i = 0; i < CONF_COUNT; i++) {
        print_section(i);
        print_item(now, defaults, (enum conf_id)i);
    }
}

static int print(const struct cli *cli)
{
    struct conf defaults;
    struct out o;
    int status = CLI_DONE;
    int e = conf_init(&defaults);
    if (e) {
        status = cli_trouble("configuration", e, NULL);
    } else if (cli->format == OUT_TABLE) {
        print_file(&cli->conf, &defaults);
    } else {
        cli_rows(cli, &o, columns, sizeof columns / sizeof columns[0]);
        print_rows(&o, &cli->conf, &defaults);
        status = cli_rows_end(&o);
    }
    conf_release(&defaults);
    return status;
}

static int check(const char *path)
{
    struct conf c;
    struct conf_problem problem;
    int e = conf_init(&c);
    if (e == 0)
        e = conf_read_file(&c, path, &problem);
    conf_release(&c);
    if (e > 0)
        return cli_problem(path, &problem);
    if (e < 0)
        return cli_trouble(path, e, "name a configuration file that can be read");
    struct buf name;
    buf_init(&name, 65536);
    text_escape(&name, path, strlen(path), TEXT_PLAIN);
    printf("%.*s: good\n", (int)name.len, name.data ? (const char *)name.data : "");
    buf_release(&name);
    return CLI_DONE;
}

int cmd_config(struct cli *cli)
{
    bool checking = strcmp(cli->arguments[0], "check") == 0;
    const char *path = cli->n_arguments > 1 ? cli->arguments[1] : NULL;
    if (checking && !path)
        return cli_usage(cli, "FILE", "is missing");
    if (!checking && path)
        return cli_usage(cli, path, "is one word too many");
    return checking ? check(path) : print(cli);
}
