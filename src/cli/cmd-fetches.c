#include "cli/samples.h"

#include "base/sha256.h"
#include "base/time.h"

#include <stdio.h>

/* clang-format off */
const struct option_def fetches_options[] = {
    { "limit", OPTION_INT, "N", "At most N rows (else 20; 0: all)" },
    { 0 },
};

const char fetches_details[] =
    "A row a URL that visitors wanted, or that a script which was fetched would fetch, with the policy live; the newest\n"
    "first. state is queued (until next), done (sha256 is the sample), refused (by policy: reason says by what), failed,\n"
    "or given-up. tries counts connections. With the policies off and record nothing is queued: what was wanted stands\n"
    "in the sessions ('teiten top downloads').";

static const struct column columns[] = {
    { "time", COLUMN_TIME, "Wanted", 0, false },
    { "url", COLUMN_TEXT, "URL", 0, false },
    { "state", COLUMN_TEXT, "State", 0, false },
    { "reason", COLUMN_TEXT, "Reason", 0, false },
    { "address", COLUMN_TEXT, "Address", 0, false },
    { "tries", COLUMN_INT, "Tries", 0, false },
    { "next", COLUMN_TIME, "Next", 0, true },
    { "sha256", COLUMN_TEXT, "Sample", 0, true },
    { "session", COLUMN_TEXT, "Session", 0, true },
    { "depth", COLUMN_INT, "Depth", 0, true },
};
/* clang-format on */

enum { LIMIT = 20 };

static int put_row(void *context, const struct wanted *w)
{
    struct out *o = context;
    char hex[SHA256_HEX], session[SESSION_NAME];
    out_time(o, w->added / US_A_S);
    out_text(o, w->url);
    out_text(o, wanted_state_name(w->state));
    out_text(o, w->reason);
    out_text(o, w->address[0] ? w->address : NULL);
    out_count(o, w->tries);
    if (w->state == WANTED_QUEUED)
        out_time(o, w->next / US_A_S);
    else
        out_null(o);
    out_text(o, w->state == WANTED_DONE ? sha256_hex(w->sha256, hex) : NULL);
    out_text(o, w->session ? session_name(w->session, session) : NULL);
    out_count(o, w->depth);
    return 0;
}

int cmd_fetches(struct cli *cli)
{
    struct store *s;
    struct out o;
    size_t limit = (size_t)cli_int(cli, "limit", LIMIT);
    int code = commands_open_store(cli, STORE_READ, &s);
    if (code)
        return code;
    cli_rows(cli, &o, columns, sizeof columns / sizeof columns[0]);
    int err = store_wanted_list(s, limit, put_row, &o);
    uint64_t n = o.rows;
    code = cli_rows_end(&o);
    if (err)
        code = samples_failed(cli, s, err);
    else if (!code && cli->format == OUT_TABLE && n == 0)
        puts("Nothing was wanted while fetch.policy was live.");
    store_close(s);
    return code;
}
