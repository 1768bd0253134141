#include "cli/commands.h"

#include "base/json.h"
#include "base/log.h"

#include <stdio.h>

enum { NOT_BEGUN = -1 };

const char forget_details[] =
    "Takes an address, or all of a prefix, out as a source: out of the flows, the censuses of hours and days, and\n"
    "the sets of sources. Counts stay, and in the addresses' place stand pseudonyms, which 'teiten sources' shows\n"
    "as 0.0.0.1 and up, or 100::1. It asks nothing and cannot be undone. In sessions it gives way as a source and as a\n"
    "destination, in what was typed and said each of its characters becomes an x, and made files that hold it go.\n"
    "\n"
    "What stays: addresses as destinations, which are the sensor's own; names of ingested files; captures,\n"
    "copies of the folder, and stores set aside in STATE/damaged-* (name these with --state); packets that come\n"
    "meanwhile; and hours that are damaged, which it says. The chain of evidence tells that something was\n"
    "forgotten, when, and how many addresses, not whose; 'teiten verify' stays sound.\n"
    "\n"
    "A sensor may run meanwhile. While a file is being taken in forget is refused. It waits a minute for upkeep,\n"
    "and as long for questions that still read the old state; then it says so, and a call again ends the work.\n"
    "--json prints one object: prefix, addresses, and complete, false where some of the work is left. --csv is\n"
    "refused: these are no rows.";

static int show(const struct cli *cli, const char *who, uint64_t met, bool complete)
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
    json_bool(&j, "complete", complete);
    int err = json_write_pretty(&j, stdout);
    json_release(&j);
    return err ? cli_trouble("standard output", err, NULL) : CLI_DONE;
}

/* What trouble means for the addresses, which is more than its name. `begun`: whether anything was looked at. */
static int fail(const struct cli *cli, const struct store *s, int err, bool begun, uint64_t met)
{
    const char *state = cli_state_dir(cli), *who = cli->arguments[0];
    if (err == STORE_REFUSED) {
        say_error("nothing was forgotten", store_why(s), NULL);
    } else if (err == -EBUSY && !begun) {
        say_error("nothing was forgotten", "upkeep, or another forget, held the store for a whole minute",
                  "call it again");
    } else if (err == -EBUSY) {
        (void)!show(cli, who, met, false);
        say_error("some of what held them may be left in the files", store_why(s),
                  "another call ends the work");
    } else if (err == -EUCLEAN) {
        (void)!show(cli, who, met, false);
        say_error(state, store_why(s), "these are left as they were, all else is done; see 'teiten verify'");
    } else {
        return cli_trouble(state, err, store_why(s));
    }
    return CLI_TROUBLE;
}

static int forget(const struct cli *cli, struct store *s, const struct prefix *who)
{
    uint64_t met = (uint64_t)NOT_BEGUN; /* stays so where upkeep's lock was not to be had */
    int err = store_forget(s, who, &met);
    bool begun = met != (uint64_t)NOT_BEGUN;
    return err ? fail(cli, s, err, begun, begun ? met : 0) : show(cli, cli->arguments[0], met, true);
}

int cmd_forget(struct cli *cli)
{
    struct prefix who;
    struct store *s;
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
    code = forget(cli, s, &who);
    store_close(s);
    return code;
}
