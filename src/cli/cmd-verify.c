#include "cli/commands.h"

#include "base/json.h"
#include "base/log.h"
#include "base/sha256.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/bar.h"

#include <stdlib.h>
#include <string.h>

enum { FAULTS_MOST = 1000 /* that are told one by one */ };

const char verify_details[] =
    "Everything that is kept has its SHA-256 in a chain of events, each of which holds the one before. verify\n"
    "works all of them out again, also while a sensor runs, and tells what was altered, added or taken away\n"
    "behind teiten's back. The exit status is 1 where it found anything.\n"
    "Someone who may write the store could alter it and make the whole chain anew. Against that, write down\n"
    "the head that verify prints, or carry STATE/log/*.chain away, where he cannot; --head HEX later tells\n"
    "whether that head is still in the chain, and since when.\n"
    "--json prints one object: faults[] (the first 1,000), the numbers of what was checked, and head; where the\n"
    "check itself ended in trouble, complete is false and sound no more than null. --csv is refused: these are\n"
    "no rows.";

const struct option_def verify_options[] = {
    { "head", OPTION_TEXT, "HEX", "This link, written down earlier, must be in the chain" },
    { 0 },
};

struct report {
    const struct cli *cli;
    struct verified v;
    struct bar bar;
    uint64_t told;
    int64_t head_since; /* of the head that was given; 0: none was, or it is not there */
    struct json json; /* its list of faults is open */
};

static void tell(void *context, const char *fault)
{
    struct report *r = context;
    if (!fault) {
        bar_update(&r->bar, r->v.bytes, r->v.bytes);
        return;
    }
    if (r->told++ >= FAULTS_MOST)
        return;
    if (r->cli->format == OUT_JSON) {
        json_text(&r->json, NULL, fault);
        return;
    }
    struct buf b;
    buf_init(&b, 1 << 12);
    text_escape(&b, fault, strlen(fault), TEXT_PLAIN);
    bar_clear(&r->bar);
    if (b.len)
        printf("%.*s\n", (int)b.len, (const char *)b.data);
    buf_release(&b);
}

/* The head that was written down, as one more thing to check. */
static int check_head(struct store *s, struct report *r, const char *hex, const uint8_t *link)
{
    char text[160];
    int missing = store_chain_find(s, link, &r->head_since);
    if (missing <= 0)
        return missing;
    r->head_since = 0;
    snprintf(text, sizeof text, "the head %.64s is not in the chain: the chain was cut, or made anew", hex);
    r->v.faults++;
    tell(r, text);
    return 0;
}

/* Also of a check that ended half way: what it had found by then is as true. */
static int show_json(struct report *r, bool complete)
{
    const struct verified *v = &r->v;
    char hex[SHA256_HEX];
    json_close(&r->json);
    json_bool(&r->json, "complete", complete);
    if (complete || v->faults)
        json_bool(&r->json, "sound", v->faults == 0);
    else
        json_nothing(&r->json, "sound");
    json_count(&r->json, "fault_count", v->faults);
    json_count(&r->json, "events", v->events);
    json_count(&r->json, "events_copied", v->copied);
    json_count(&r->json, "segments", v->segments);
    json_count(&r->json, "runs", v->runs);
    json_count(&r->json, "days", v->days);
    json_count(&r->json, "sessions", v->sessions);
    json_count(&r->json, "bytes", v->bytes);
    json_text(&r->json, "head", complete && v->events ? sha256_hex(v->head, hex) : NULL);
    if (r->head_since)
        json_time(&r->json, "head_since", r->head_since);
    int err = json_write_pretty(&r->json, stdout);
    return err ? cli_trouble("standard output", err, NULL) : CLI_DONE;
}

static void say_left_off(const struct report *r)
{
    char text[THOUSANDS_TEXT];
    if (r->told > FAULTS_MOST)
        printf("... and %s more faults, which are not shown\n", thousands((int64_t)(r->told - FAULTS_MOST), text));
}

static void show_table(const struct report *r)
{
    const struct verified *v = &r->v;
    char hex[SHA256_HEX], since[TIME_TEXT];
    say_left_off(r);
    puts(v->faults ? "Something that is kept was altered, see above.\n" : "Nothing that is kept was altered.\n");
    fact_count("Events", v->events, "");
    if (v->copied)
        fact_count("Copied", v->copied, " of them in log/");
    else
        fact_text("Copied", "none of them in log/ yet");
    fact_count("Segments", v->segments, "");
    fact_count("Runs", v->runs, "");
    fact_count("Days", v->days, "");
    if (v->sessions)
        fact_count("Sessions", v->sessions, "");
    fact_count("Hashed", v->bytes, " bytes");
    fact_count("Faults", v->faults, "");
    fact_text("Head", v->events ? sha256_hex(v->head, hex) : "-");
    if (r->head_since)
        printf("%-14s in the chain since %s\n", "Head given", time_text(r->head_since, since));
}

static int show(struct report *r)
{
    int code = CLI_DONE;
    if (r->cli->format == OUT_JSON)
        code = show_json(r, true);
    else
        show_table(r);
    return code ? code : r->v.faults ? CLI_TROUBLE : CLI_DONE;
}

/* The check itself ended in trouble. */
static int fail(struct report *r, struct store *s, int err)
{
    const char *state = cli_state_dir(r->cli);
    if (err == STORE_REFUSED) {
        say_error(state, store_why(s), "run 'teiten observe' or 'teiten ingest FILE' once");
        return CLI_TROUBLE;
    }
    char why[512];
    snprintf(why, sizeof why, "the check ended half way: %s", store_why(s));
    if (r->cli->format == OUT_JSON)
        (void)!show_json(r, false);
    else
        say_left_off(r);
    return cli_trouble(state, err, why);
}

static int verify(struct store *s, struct report *r, const char *hex, const uint8_t *link)
{
    struct store_facts facts;
    if (store_facts(s, &facts) == 0)
        bar_begin(&r->bar, "verify", facts.bytes, "bytes");
    int err = store_verify(s, tell, r, &r->v);
    bar_clear(&r->bar);
    return err == 0 && hex ? check_head(s, r, hex, link) : err;
}

int cmd_verify(struct cli *cli)
{
    struct report r = { .cli = cli };
    uint8_t link[SHA256_BYTES];
    const char *hex = cli_value(cli, "head");
    struct store *s;
    if (cli->format == OUT_CSV)
        return cli_usage(cli, "--csv", "does not fit a check, which is no table; --json does");
    if (hex && !sha256_parse(hex, link))
        return cli_usage(cli, "--head", "takes 64 hexadecimal digits, as verify prints them");
    int code = commands_open_store(cli, STORE_READ, &s);
    if (code)
        return code;
    json_begin_object(&r.json);
    json_open_list(&r.json, "faults");
    int err = verify(s, &r, hex, link);
    code = err ? fail(&r, s, err) : show(&r);
    json_release(&r.json);
    store_close(s);
    return code;
}
