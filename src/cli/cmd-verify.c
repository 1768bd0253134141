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
    "whether that head is still in the chain.";

const struct option_def verify_options[] = {
    { "head", OPTION_TEXT, "HEX", "This link, written down earlier, must be in the chain" },
    { 0 },
};

struct report {
    const struct cli *cli;
    struct verified v;
    struct bar bar;
    uint64_t told;
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
    int64_t at;
    char text[160];
    int missing = store_chain_find(s, link, &at);
    if (missing <= 0)
        return missing;
    snprintf(text, sizeof text, "the head %.64s is not in the chain: the chain was cut, or made anew", hex);
    r->v.faults++;
    tell(r, text);
    return 0;
}

static int show_json(struct report *r)
{
    const struct verified *v = &r->v;
    char hex[SHA256_HEX];
    json_close(&r->json);
    json_bool(&r->json, "sound", v->faults == 0);
    json_count(&r->json, "fault_count", v->faults);
    json_count(&r->json, "events", v->events);
    json_count(&r->json, "events_copied", v->copied);
    json_count(&r->json, "segments", v->segments);
    json_count(&r->json, "runs", v->runs);
    json_count(&r->json, "days", v->days);
    json_count(&r->json, "bytes", v->bytes);
    json_text(&r->json, "head", sha256_hex(v->head, hex));
    int err = json_write_pretty(&r->json, stdout);
    return err ? cli_trouble("standard output", err, NULL) : CLI_DONE;
}

static void put_count(const char *name, uint64_t value, const char *unit)
{
    char text[THOUSANDS_TEXT];
    printf("%-14s %s%s\n", name, thousands((int64_t)value, text), unit);
}

static void show_table(const struct report *r)
{
    const struct verified *v = &r->v;
    char hex[SHA256_HEX];
    if (r->told > FAULTS_MOST)
        puts("...");
    puts(v->faults ? "Something that is kept was altered, see above.\n" : "Nothing that is kept was altered.\n");
    put_count("Events", v->events, "");
    put_count("Copied", v->copied, " of them in log/");
    put_count("Segments", v->segments, "");
    put_count("Runs", v->runs, "");
    put_count("Days", v->days, "");
    put_count("Hashed", v->bytes, " bytes");
    put_count("Faults", v->faults, "");
    printf("%-14s %s\n", "Head", sha256_hex(v->head, hex));
}

static int show(struct report *r)
{
    int code = CLI_DONE;
    if (r->cli->format == OUT_JSON)
        code = show_json(r);
    else
        show_table(r);
    return code ? code : r->v.faults ? CLI_TROUBLE : CLI_DONE;
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
    if (err == STORE_REFUSED) {
        say_error(cli_state_dir(cli), store_why(s), "run 'teiten observe' or 'teiten ingest FILE' once");
        code = CLI_TROUBLE;
    } else {
        code = err ? cli_trouble(cli_state_dir(cli), err, store_why(s)) : show(&r);
    }
    json_release(&r.json);
    store_close(s);
    return code;
}
