#include "cli/samples.h"

#include "base/log.h"
#include "base/sha256.h"
#include "base/time.h"
#include "main/sample-add.h"
#include "main/signals.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct column columns[] = {
    { "file", COLUMN_TEXT, "File", 0, false },
    { "sha256", COLUMN_TEXT, "SHA-256", 0, false },
    { "size", COLUMN_INT, "Size", 0, false },
    { "known", COLUMN_BOOL, "Known before", 0, false },
};

/* Everything that one needs to be read: owned. */
struct bench {
    struct vault vault;
    struct program triage;
    struct desk_tools tools;
    struct tray tray;
    struct desk desk;
};

static int open_folder(const char *path)
{
    return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static int set_up(const struct cli *cli, struct bench *b)
{
    char rules[PATH_MAX + 32];
    int err = vault_open(&b->vault, cli_state_dir(cli), VAULT_WRITE);
    if (err)
        return cli_trouble(cli_state_dir(cli), err, "the vault lies there");
    err = program_open(&b->triage, "teiten-triage");
    if (err)
        return cli_trouble("teiten-triage", err, "build it: ./run");
    err = tray_make(&b->tray);
    if (err)
        return cli_trouble("memory", err, NULL);
    commands_rules(rules, sizeof rules);
    b->tools = (struct desk_tools){ .triage = &b->triage, .rules = open_folder(rules),
                                    .own_rules = open_folder(conf_text(&cli->conf, CONF_SAMPLE_RULES)) };
    desk_init(&b->desk, &b->tools, &b->tray);
    return CLI_DONE;
}

static void tear_down(struct bench *b)
{
    desk_end(&b->desk);
    tray_release(&b->tray);
    if (b->tools.rules >= 0)
        close(b->tools.rules);
    if (b->tools.own_rules >= 0)
        close(b->tools.own_rules);
    program_close(&b->triage);
    vault_close(&b->vault);
}

static const char *remedy_of(int err)
{
    switch (err) {
    case -EFBIG:
        return "samples are at most 32 MiB";
    case -EISDIR:
        return "name files";
    case -EPIPE:
        return "teiten-triage does not work here; see 'teiten doctor'";
    default:
        return NULL;
    }
}

static int add_all(struct cli *cli, struct store *s, struct bench *b)
{
    struct sample_add a = { .store = s, .vault = &b->vault, .desk = &b->desk, .now = time_now_us() };
    struct out o;
    int code = CLI_DONE;
    cli_rows(cli, &o, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 1; i < cli->n_arguments && !signals_stop; i++) {
        struct sample_added added;
        char hex[SHA256_HEX];
        int err = sample_add(&a, cli->arguments[i], &added);
        if (err) {
            code = cli_trouble(cli->arguments[i], err, remedy_of(err));
            continue;
        }
        if (added.failed)
            say_warning(cli->arguments[i], "the program that reads samples ended over it", "it is kept; report it");
        out_text(&o, cli->arguments[i]);
        out_text(&o, sha256_hex(added.sha256, hex));
        out_count(&o, added.size);
        out_bool(&o, added.known);
    }
    int ended = cli_rows_end(&o);
    return code ? code : ended;
}

int samples_add(struct cli *cli)
{
    struct bench b = { .vault = { .fd = -1, .tmp = -1 }, .triage = { .fd = -1 }, .tools = { NULL, -1, -1 }, .tray = { .fd = -1 } };
    struct store *s;
    if (cli->n_arguments < 2)
        return cli_usage(cli, "FILE", "is missing");
    if (cli_state_make(cli))
        return CLI_TROUBLE;
    signals_catch();
    int code = commands_open_store(cli, STORE_WRITE, &s);
    if (code)
        return code;
    code = set_up(cli, &b);
    if (!code)
        code = add_all(cli, s, &b);
    tear_down(&b);
    store_close(s);
    return code;
}
