#include "cli/sessions.h"

#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "main/signals.h"

#include <string.h>

void session_text(struct buf *b, const void *data, size_t n)
{
    if (text_is_utf8(data, n) && !memchr(data, 0, n))
        buf_put(b, data, n);
    else
        text_escape(b, data, n, TEXT_PLAIN);
}

static void put_bytes(struct buf *b, const struct session_event *e, enum session_field f)
{
    const uint8_t *data = e->value[f].bytes.data;
    for (uint32_t i = 0; i < e->value[f].bytes.n; i++)
        buf_print(b, "%02x", data[i]);
}

/* NUL stands between words. */
static void put_words(struct buf *b, const struct session_event *e, enum session_field f)
{
    const char *data = (const char *)e->value[f].bytes.data;
    size_t n = e->value[f].bytes.n;
    for (size_t at = 0; at < n; at++) {
        size_t len = strnlen(data + at, n - at);
        if (at)
            buf_u8(b, ' ');
        text_escape(b, data + at, len, TEXT_PLAIN);
        at += len;
    }
}

/* A field that has no number, as text. */
static void put_text(struct buf *b, const struct session_event *e, enum session_field f)
{
    char text[ADDR_TEXT];
    struct addr a;
    switch (session_field(f)->kind) {
    case SESSION_ADDRESS:
        a = session_address(e, f);
        buf_text(b, addr_text(&a, text));
        break;
    case SESSION_BYTES:
        put_bytes(b, e, f);
        break;
    case SESSION_WORDS:
        put_words(b, e, f);
        break;
    default:
        text_escape(b, (const char *)e->value[f].bytes.data, e->value[f].bytes.n, TEXT_PLAIN);
    }
}

void session_fields(struct buf *b, const struct session_event *e)
{
    for (enum session_field f = 0; f < SESSION_FIELDS; f++) {
        if (!session_has(e, f))
            continue;
        uint8_t kind = session_field(f)->kind;
        buf_print(b, " %s=", f == FIELD_CONTENT ? "kept" : session_field(f)->name);
        if (f == FIELD_CONTENT)
            buf_text(b, "yes");
        else if (kind == SESSION_FLAG)
            buf_text(b, session_number(e, f) ? "yes" : "no");
        else if (kind == SESSION_NUMBER)
            buf_print(b, "%llu", (unsigned long long)session_number(e, f));
        else
            put_text(b, e, f);
    }
}

void session_words(struct buf *b, const char *words)
{
    if (words[0])
        text_escape(b, words, strlen(words), TEXT_PLAIN);
    else
        buf_u8(b, '-');
}

int sessions_failed(const struct cli *cli, struct store *s, int err)
{
    const char *state = cli_state_dir(cli);
    if (err == STORE_REFUSED) {
        say_error("this cannot be answered", store_why(s), NULL);
        return CLI_TROUBLE;
    }
    if (err == -ETIMEDOUT) {
        say_error("question", signals_stop ? "stopped before it was answered" : "takes longer than a minute",
                  signals_stop ? NULL : "ask for fewer sessions, with --from and --to or --source");
        return CLI_TROUBLE;
    }
    return cli_trouble(state, err, "see 'teiten verify' and 'teiten doctor'");
}

int sessions_open(const struct cli *cli, struct store **ret, struct session_facts *ret_facts)
{
    uint64_t id;
    const char *word = cli->arguments[0];
    if (session_name_parse(word, &id))
        return cli_usage(cli, word, "is no session (16 hexadecimal digits, as 'teiten sessions' shows them)");
    int code = commands_open_store(cli, STORE_READ, ret);
    if (code)
        return code;
    int none = store_session(*ret, id, ret_facts);
    if (!none)
        return CLI_DONE;
    if (none > 0) {
        say_error(word, "no such session is kept", "'teiten sessions' lists them");
        code = CLI_TROUBLE;
    } else {
        code = sessions_failed(cli, *ret, none);
    }
    store_close(*ret);
    return code;
}

int sessions_filter(const struct cli *cli, size_t limit, struct session_filter *ret, struct prefix *within)
{
    const char *source = cli_value(cli, "source");
    int64_t port = cli_int(cli, "port", -1);
    *ret = (struct session_filter){ .user = cli_value(cli, "user"),
                                    .password = cli_value(cli, "password"),
                                    .command = cli_value(cli, "command"),
                                    .persona = cli_value(cli, "persona"),
                                    .port = port > UINT16_MAX ? UINT16_MAX + 1 : (int)port,
                                    .since = cli_time(cli, "from", 0),
                                    .until = cli_time(cli, "to", 0),
                                    .limit = (size_t)cli_int(cli, "limit", (int64_t)limit),
                                    .cancel = &signals_stop };
    if (source && prefix_parse(source, within))
        return cli_usage(cli, source, "is no address or prefix (as 192.0.2.0/24)");
    ret->source = source ? within : NULL;
    if (ret->until && ret->since >= ret->until)
        return cli_usage(cli, "--from", "is not before --to");
    return CLI_DONE;
}
