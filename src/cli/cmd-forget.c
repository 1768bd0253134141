#include "cli/commands.h"

#include "base/json.h"

#include <stdio.h>

const char forget_details[] =
    "Takes an address, or all of a prefix, out of everything that is kept: flows, the censuses of hours and\n"
    "days, and the sets of sources. The counts stay. The chain of evidence tells that something was forgotten,\n"
    "and when, not of whom; 'teiten verify' stays sound. It asks nothing and cannot be undone, and copies of\n"
    "the folder and the captures themselves are not touched. A sensor may run meanwhile.";

static int show(const struct cli *cli, const char *who, uint64_t met)
{
    if (cli->format != OUT_JSON) {
        char text[THOUSANDS_TEXT];
        printf("%s address%s of %s forgotten\n", thousands((int64_t)met, text), met == 1 ? "" : "es", who);
        return CLI_DONE;
    }
    struct json j;
    json_begin_object(&j);
    json_text(&j, "prefix", who);
    json_count(&j, "addresses", met);
    int err = json_write_pretty(&j, stdout);
    json_release(&j);
    return err ? cli_trouble("standard output", err, NULL) : CLI_DONE;
}

int cmd_forget(struct cli *cli)
{
    struct prefix who;
    struct store *s;
    uint64_t met = 0;
    const char *word = cli->arguments[0];
    if (cli->format == OUT_CSV)
        return cli_usage(cli, "--csv", "does not fit a single number; --json does");
    if (prefix_parse(word, &who))
        return cli_usage(cli, word, "is neither an address nor a prefix (as 192.0.2.0/24)");
    int code = commands_open_store(cli, STORE_READ, &s); /* what is not there is not made */
    if (code)
        return code;
    store_close(s);
    code = commands_open_store(cli, STORE_WRITE, &s);
    if (code)
        return code;
    int err = store_forget(s, &who, &met);
    code = err ? cli_trouble(cli_state_dir(cli), err, store_why(s)) : show(cli, word, met);
    store_close(s);
    return code;
}
