#include "cli/samples.h"

#include "base/log.h"
#include "base/sha256.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/sample-zip.h"
#include "event/sample-json.h"
#include "sample/vault.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* clang-format off */
const struct option_def sample_options[] = {
    { "save", OPTION_TEXT, "FILE.zip", "Write the sample to a new ZIP file, with the password \"infected\"" },
    { 0 },
};
/* clang-format on */

const char sample_details[] =
    "sample SHA256 tells all that triage told of one, and how it came: SHA256 may be cut, as far as one alone begins\n"
    "so. --json prints one object; --csv is refused: these are no rows. confidence of an endpoint is 0 to 100; key is\n"
    "what it was hidden with. range is why an address is none that is reached from everywhere.\n"
    "sample add FILE... takes in programs from elsewhere, up to 32 MiB each. Nothing is ever run.";

enum { TEXT_MOST = 1 << 16 };

/* ---- JSON ---- */

static int json_came(void *context, const struct sample_came *c)
{
    struct json *j = context;
    char text[ADDR_TEXT], session[SESSION_NAME];
    json_open_object(j, NULL);
    json_time_us(j, "time", c->origin.time);
    json_text(j, "how", sample_how_name(c->origin.how));
    json_text(j, "session", c->origin.session ? session_name(c->origin.session, session) : NULL);
    json_text(j, "source", c->source.family ? addr_text(&c->source, text) : NULL);
    json_text(j, "persona", *c->persona ? c->persona : NULL);
    json_text(j, "url", *c->origin.url ? c->origin.url : NULL);
    json_text(j, "server", *c->origin.server ? c->origin.server : NULL);
    json_close(j);
    return 0;
}

static int show_json(const struct cli *cli, struct store *s, const struct sample_facts *f, const struct sample_report *r)
{
    struct json j;
    json_begin_object(&j);
    sample_json(&j, r);
    json_text(&j, "group", *f->group ? f->group : NULL);
    json_time_us(&j, "first_seen", f->first);
    json_time_us(&j, "last_seen", f->last);
    json_bool(&j, "told", f->told);
    json_bool(&j, "kept", f->kept);
    json_open_list(&j, "origins");
    int err = store_sample_origins(s, f->sha256, json_came, &j);
    json_close(&j);
    int code = err ? samples_failed(cli, s, err) : CLI_DONE;
    if (!err && (err = json_write_pretty(&j, stdout)) != 0)
        code = cli_trouble("standard output", err, NULL);
    json_release(&j);
    return code;
}

/* ---- for people ---- */

static void show_text(const char *name, const char *text)
{
    if (*text)
        fact_words(name, text);
}

/* Nothing of a stranger's acts on the terminal. */
static void show_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void show_line(const char *format, ...)
{
    char line[1024];
    struct buf b;
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    buf_init(&b, TEXT_MOST);
    text_escape(&b, line, strlen(line), TEXT_PLAIN);
    if (buf_ok(&b))
        printf("  %.*s\n", (int)b.len, (const char *)b.data);
    buf_release(&b);
}

static void show_words(const struct sample_report *r)
{
    char name[SAMPLE_WORD];
    for (enum sample_word w = 0; w < SAMPLE_WORDS; w++) {
        snprintf(name, sizeof name, "%s", sample_word_name(w));
        name[0] = (char)toupper((unsigned char)name[0]);
        show_text(w == WORD_CPU ? "CPU" : w == WORD_ABI ? "ABI" : name, r->word[w]);
    }
    if (r->bits)
        fact_count("Bits", r->bits, "");
    if (r->stripped != TRI_UNKNOWN)
        fact_text("Stripped", r->stripped == TRI_YES ? "yes" : "no");
    printf("%-14s %u.%02u bits a byte\n", "Entropy", r->entropy / 100u, r->entropy % 100u);
}

static void key_text(const uint8_t *key, uint8_t n, char ret[static 2 * SAMPLE_KEY + 8])
{
    size_t at = (size_t)snprintf(ret, 8, "%s", n ? " key " : "");
    for (uint8_t i = 0; i < n; i++)
        at += (size_t)snprintf(ret + at, 3, "%02x", key[i]);
}

static void show_endpoint(const struct sample_endpoint *e)
{
    char key[2 * SAMPLE_KEY + 8], port[16] = "";
    key_text(e->key, e->key_n, key);
    if (e->port && e->kind != ENDPOINT_URL)
        snprintf(port, sizeof port, " port %u", e->port);
    show_line("%3u  %-8s %s%s%s%s%s (%s%s)", e->confidence, endpoint_kind_name(e->kind), e->text, port, *e->range ? " [" : "",
              e->range, *e->range ? "]" : "", e->reason, key);
}

static void show_lists(const struct sample_report *r)
{
    if (r->endpoints)
        puts("\nEndpoints, with how sure each is");
    for (size_t i = 0; i < r->endpoints; i++)
        show_endpoint(&r->endpoint[i]);
    if (r->pairs)
        puts("\nLog-ins");
    for (size_t i = 0; i < r->pairs; i++)
        show_line("%s %s", r->pair[i].user, r->pair[i].password);
    if (r->findings)
        puts("\nFindings");
    for (size_t i = 0; i < r->findings; i++)
        show_line("%s: %s", r->finding[i].name, r->finding[i].text);
    if (r->rules)
        puts("\nRules");
    for (size_t i = 0; i < r->rules; i++)
        show_line("%s (%s)", r->rule[i].name, r->rule[i].origin);
}

static int show_came(void *context, const struct sample_came *c)
{
    char moment[TIME_TEXT], session[SESSION_NAME], source[ADDR_TEXT] = "";
    (void)context;
    if (c->source.family)
        addr_text(&c->source, source);
    show_line("%s  %s %s%s%s %s %s", time_text_us(c->origin.time, moment), sample_how_name(c->origin.how),
              c->origin.session ? session_name(c->origin.session, session) : "", *source ? " of " : "", source, c->persona,
              c->origin.url);
    return 0;
}

static int show_table(const struct cli *cli, struct store *s, const struct sample_facts *f, const struct sample_report *r)
{
    char text[TIME_TEXT], hex[SHA256_HEX];
    fact_text("SHA-256", sha256_hex(f->sha256, hex));
    fact_count("Size", f->size, " bytes");
    if (f->told)
        show_words(r);
    else
        fact_text("Triage", "has not told of it yet");
    if (*r->tlsh)
        fact_text("TLSH", r->tlsh);
    if (*f->group)
        fact_text("Group", f->group);
    fact_text("First seen", time_text_us(f->first, text));
    fact_text("Last seen", time_text_us(f->last, text));
    fact_text("Kept", f->kept ? "yes" : "no: what triage told is all there is");
    show_lists(r);
    puts("\nHow it came");
    int err = store_sample_origins(s, f->sha256, show_came, NULL);
    return err ? samples_failed(cli, s, err) : CLI_DONE;
}

/* ---- one ---- */

static int save(const struct cli *cli, const struct sample_facts *f)
{
    struct vault v;
    char hex[SHA256_HEX];
    const char *path = cli_value(cli, "save");
    sha256_hex(f->sha256, hex);
    int err = vault_open(&v, cli_state_dir(cli), VAULT_READ);
    int fd = err ? err : vault_read(&v, f->sha256);
    err = fd < 0 ? fd : sample_zip(path, hex, fd, f->size);
    if (fd >= 0)
        close(fd);
    vault_close(&v);
    if (fd == -ENOENT)
        return cli_trouble(hex, fd, "the vault has it no more");
    return err ? cli_trouble(path, err, err == -EEXIST ? "name a new file" : NULL) : CLI_DONE;
}

static int show(const struct cli *cli, struct store *s, const struct sample_facts *f)
{
    struct sample_report r;
    int none = store_sample_report(s, f->sha256, &r);
    if (none < 0)
        return samples_failed(cli, s, none);
    if (none) {
        sample_report_init(&r);
        memcpy(r.sha256, f->sha256, sizeof r.sha256);
        r.size = f->size;
    }
    int code = cli->format == OUT_JSON ? show_json(cli, s, f, &r) : show_table(cli, s, f, &r);
    sample_report_release(&r);
    return code;
}

static int open_one(struct cli *cli, struct store *s, struct sample_facts *ret)
{
    int err = store_sample(s, cli->arguments[0], ret);
    if (err == 1) {
        say_error(cli->arguments[0], "no such sample was met", "'teiten samples' lists them");
        return CLI_TROUBLE;
    }
    return err ? samples_failed(cli, s, err) : CLI_DONE;
}

int cmd_sample(struct cli *cli)
{
    struct store *s;
    struct sample_facts f;
    if (!strcmp(cli->arguments[0], "add"))
        return cli_value(cli, "save") ? cli_usage(cli, "--save", "does not go with add") : samples_add(cli);
    if (cli->n_arguments > 1)
        return cli_usage(cli, cli->arguments[1], "is one word too many");
    if (cli->format == OUT_CSV)
        return cli_usage(cli, "--csv", "does not fit a sample, which is no table; --json does");
    int code = commands_open_store(cli, STORE_READ, &s);
    if (code)
        return code;
    code = open_one(cli, s, &f);
    if (!code)
        code = cli_value(cli, "save") ? save(cli, &f) : show(cli, s, &f);
    store_close(s);
    return code;
}
