#include "cli/ask.h"

#include "cli/sources.h"

/* clang-format off */
const struct option_def sources_options[] = {
    ASK_PERIOD_OPTIONS, ASK_SERVICE_OPTIONS, ASK_KIND_OPTION, ASK_FINGERPRINT_OPTION,
    ASK_SOURCE_OPTION, ASK_LIMIT_OPTION,
    { 0 },
};

const char sources_details[] =
    "A row a source: accesses, packets, how many sensor addresses it reached, its fingerprints (of\n"
    "all its packets in the period), first and last time seen.\n"
    ASK_SOURCE_DETAILS "\n" ASK_PERIOD_DETAILS "\n" ASK_COUNT_DETAILS "\n" ASK_FINGERPRINT_DETAILS;
/* clang-format on */

int cmd_sources(struct cli *cli)
{
    struct ask ask;
    struct exposure exposure = { 0 };
    int code = ask_begin(&ask, cli, ASK_SOURCES, STEP_HOUR, false);
    if (!code) {
        int err = store_exposure(ask.store, ask.q.from, ask.q.to, &exposure);
        code = err ? ask_failed(&ask, err) : CLI_DONE;
    }
    if (!code && cli->format == OUT_TABLE)
        ask_heading(&ask, "Sources");
    size_t n = 0;
    if (!code)
        code = sources_show(&ask, NULL, &n);
    if (!code && cli->format == OUT_TABLE) {
        exposure.estimated = false; /* no rates here */
        ask_remarks(&ask, &exposure, n);
    }
    ask_end(&ask);
    return code;
}
