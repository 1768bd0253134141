#include "cli/commands.h"

#include "base/log.h"

#include <stdio.h>
#include <string.h>

int commands_open_store(const struct cli *cli, enum store_mode mode, struct store **ret)
{
    const char *state = cli_state_dir(cli);
    int err = store_open(ret, state, mode);
    switch (err) {
    case STORE_FINE:
        if (store_is_partial(*ret))
            say_warning(state, "the newest counts lie in a log that cannot be read from a read-only place",
                        "copy the folder to where it can be written");
        return CLI_DONE;
    case STORE_NEWER:
        say_error(state, "written by a newer teiten", "update teiten, or name another folder with --state");
        return CLI_TROUBLE;
    case STORE_NOT_OURS:
        say_error(state, "its teiten.db is not a store of teiten's", "name another folder with --state");
        return CLI_TROUBLE;
    case -ENOENT:
        say_error(state, "nothing was counted here yet",
                  "run 'teiten observe' or 'teiten ingest FILE', or name the folder with --state");
        return CLI_TROUBLE;
    default:
        return cli_trouble(state, err, "see 'teiten doctor'");
    }
}

int commands_prefixes(const struct cli *cli, struct prefix_list *ret)
{
    const char *text = cli_value(cli, "prefix"), *bad;
    if (!text)
        return CLI_DONE;
    int err = prefix_list_parse(text, ret, &bad);
    if (err > 0)
        return cli_usage(cli, bad, "is no prefix (as 192.0.2.0/24)");
    return err ? cli_trouble("--prefix", err, NULL) : CLI_DONE;
}
