#include "cli/sessions.h"

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "export/asciicast.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* clang-format off */
const struct option_def session_options[] = {
    { "asciicast", OPTION_FLAG, NULL, "Print what was said as asciicast v2, for players of terminal recordings" },
    { 0 },
};
/* clang-format on */

const char session_details[] =
    "Tells all that happened in one session, but for what was said, which 'teiten replay ID' shows. ID is as\n"
    "'teiten sessions' shows it. --json prints one object: what sessions has of it, the bytes of its transcript\n"
    "that are kept (spoken) and were not (unspoken), and events[], each with its time and type and the fields that\n"
    "it has; of a made file, kept tells whether its content is. --csv is refused: these are no rows.\n"
    "--asciicast prints what was said with its times. Control characters are in it as escapes of JSON; a player\n"
    "(asciinema play) lets them act on the terminal, which 'teiten replay ID' does not.";

/* ---- events ---- */

/* Of a file's content only whether it is kept. */
static int json_event(void *context, const struct session_event *e)
{
    struct json *j = context;
    struct session_event bare = *e;
    bare.has &= ~(UINT64_C(1) << FIELD_CONTENT);
    json_open_object(j, NULL);
    session_json(j, &bare);
    if (session_has(e, FIELD_CONTENT))
        json_bool(j, "kept", true);
    json_close(j);
    return 0;
}

/* A line: seconds since the beginning, what, and the fields. */
struct lines {
    int64_t start;
};

static int show_event(void *context, const struct session_event *e)
{
    const struct lines *l = context;
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_print(&b, "%10.3f  %-9s", (double)(e->time - l->start) / 1e6, session_type_name(e->type));
    session_fields(&b, e);
    if (buf_ok(&b))
        printf("%.*s\n", (int)b.len, (const char *)b.data);
    buf_release(&b);
    return 0;
}

/* ---- the session ---- */

static void json_words(struct json *j, const char *key, const char *text)
{
    json_text(j, key, text[0] ? text : NULL);
}

static void json_address(struct json *j, const char *key, const struct addr *a)
{
    char text[ADDR_TEXT];
    json_text(j, key, a->family ? addr_text(a, text) : NULL);
}

static void json_facts(struct json *j, const struct session_facts *f)
{
    char id[SESSION_NAME], moment[TIME_TEXT];
    json_text(j, "id", session_name(f->id, id));
    json_text(j, "start", time_text_us(f->start, moment));
    json_text(j, "end", f->end ? time_text_us(f->end, moment) : NULL);
    json_address(j, "source", &f->source);
    json_int(j, "source_port", f->source_port);
    json_address(j, "destination", &f->destination);
    json_int(j, "destination_port", f->destination_port);
    json_words(j, "service", f->service);
    json_words(j, "protocol", f->protocol);
    json_words(j, "persona", f->persona);
    json_bool(j, "logged_in", f->logged_in);
    json_count(j, "commands", f->commands);
    json_count(j, "downloads", f->downloads);
    json_words(j, "client", f->client);
    json_count(j, "spoken", f->spoken);
    json_count(j, "unspoken", f->unspoken);
}

static int show_json(const struct cli *cli, struct store *s, const struct session_facts *f)
{
    struct json j;
    json_begin_object(&j);
    json_facts(&j, f);
    json_open_list(&j, "events");
    int err = store_session_events(s, f->id, json_event, &j);
    json_close(&j);
    int code = err ? sessions_failed(cli, s, err) : CLI_DONE;
    if (!err && (err = json_write_pretty(&j, stdout)) != 0)
        code = cli_trouble("standard output", err, NULL);
    json_release(&j);
    return code;
}

static void show_end(const char *name, const struct addr *a, uint16_t port)
{
    char text[ADDR_TEXT];
    printf("%-14s %s port %u\n", name, a->family ? addr_text(a, text) : "-", port);
}

static int show_table(const struct cli *cli, struct store *s, const struct session_facts *f)
{
    char text[TIME_TEXT];
    struct lines l = { .start = f->start };
    fact_text("Session", session_name(f->id, text));
    fact_text("Start", time_text_us(f->start, text));
    fact_text("End", f->end ? time_text_us(f->end, text) : "it is open");
    show_end("Source", &f->source, f->source_port);
    show_end("Destination", &f->destination, f->destination_port);
    fact_words("Service", f->service);
    if (f->protocol[0])
        fact_words("Protocol", f->protocol);
    fact_words("Persona", f->persona);
    fact_words("Client", f->client);
    fact_text("Logged in", f->logged_in ? "yes" : "no");
    fact_count("Commands", f->commands, "");
    fact_count("Downloads", f->downloads, "");
    fact_count("Transcript", f->spoken, " bytes");
    if (f->unspoken)
        fact_count("Not kept", f->unspoken, " bytes after those");
    puts("");
    int err = store_session_events(s, f->id, show_event, &l);
    return err ? sessions_failed(cli, s, err) : CLI_DONE;
}

/* ---- as a recording ---- */

struct cast {
    struct asciicast c;
    struct buf b;
};

static int learn(void *context, const struct session_event *e)
{
    struct cast *k = context;
    asciicast_learn(&k->c, e);
    return 0;
}

/* Writes what an asciicast_*() appended. */
static int flush(struct cast *k, int err)
{
    if (!err && k->b.len && fwrite(k->b.data, 1, k->b.len, stdout) != k->b.len)
        err = errno ? -errno : -EIO;
    buf_reset(&k->b);
    return err;
}

static int put(void *context, const struct session_event *e)
{
    struct cast *k = context;
    return flush(k, asciicast_put(&k->c, &k->b, e));
}

static int show_cast(const struct cli *cli, struct store *s, const struct session_facts *f)
{
    struct cast k;
    asciicast_begin(&k.c);
    buf_init(&k.b, 1 << 20);
    int err = store_session_told(s, f->id, learn, &k);
    if (!err)
        err = flush(&k, asciicast_header(&k.c, &k.b));
    if (!err)
        err = store_session_told(s, f->id, put, &k);
    if (!err)
        err = flush(&k, asciicast_end(&k.c, &k.b));
    buf_release(&k.b);
    if (!err && fflush(stdout))
        return cli_trouble("standard output", errno ? -errno : -EIO, NULL);
    return err ? sessions_failed(cli, s, err) : CLI_DONE;
}

int cmd_session(struct cli *cli)
{
    struct store *s;
    struct session_facts f;
    if (cli->format == OUT_CSV)
        return cli_usage(cli, "--csv", "does not fit a session, which is no table; --json does");
    bool cast = cli_flag(cli, "asciicast");
    if (cast && cli->format != OUT_TABLE)
        return cli_usage(cli, "--asciicast", "is a form of its own: without --json");
    int code = sessions_open(cli, &s, &f);
    if (code)
        return code;
    code = cast ? show_cast(cli, s, &f) : cli->format == OUT_JSON ? show_json(cli, s, &f) : show_table(cli, s, &f);
    store_close(s);
    return code;
}
