#include "cli/ask.h"

#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "main/signals.h"
#include "trend/series.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALL_KINDS = (1u << KINDS) - 1 };

/* ---- options ---- */

static int read_kinds(struct ask *ask)
{
    const char *word;
    for (size_t i = 0; (word = cli_value_at(ask->cli, "kind", i)); i++) {
        enum kind kind;
        if (strcmp(word, "all") == 0)
            ask->q.kinds = ALL_KINDS;
        else if (kind_parse(word, &kind) == 0)
            ask->q.kinds |= 1u << kind;
        else
            return cli_usage(ask->cli, word, "is no kind");
    }
    ask->q.order = counts_accesses(&ask->q) ? ORDER_ACCESSES : ORDER_PACKETS;
    return CLI_DONE;
}

/* A bare port is of --proto where that is given. */
static int read_service(struct ask *ask)
{
    const char *proto_word = cli_value(ask->cli, "proto"), *port_text = cli_value(ask->cli, "port");
    enum proto wanted = PROTO_TCP, proto;
    uint16_t port;
    char text[64];
    ask->q.proto = ask->q.port = -1;
    if (proto_word) {
        if (proto_parse(proto_word, &wanted))
            return cli_usage(ask->cli, proto_word, "is no protocol");
        ask->q.proto = (int)wanted;
    }
    if (!port_text)
        return CLI_DONE;
    bool bare = proto_word && port_text[strspn(port_text, "0123456789")] == '\0';
    snprintf(text, sizeof text, "%s%s%s", port_text, bare ? "/" : "", bare ? proto_word : "");
    if (service_parse(text, &proto, &port))
        return cli_usage(ask->cli, port_text, "is no port (as 23/tcp, 53413/udp, 8/0/icmp)");
    if (proto_word && proto != wanted)
        return cli_usage(ask->cli, "--port", "is of another protocol than --proto");
    ask->q.proto = (int)proto;
    ask->q.port = port;
    return CLI_DONE;
}

static int read_source(struct ask *ask)
{
    const char *text = cli_value(ask->cli, "source");
    if (!text)
        return CLI_DONE;
    if (prefix_parse(text, &ask->within))
        return cli_usage(ask->cli, text, "is no address or prefix (as 192.0.2.0/24)");
    ask->q.within = &ask->within;
    return CLI_DONE;
}

static int find_fingerprint(struct ask *ask, const char *name)
{
    for (unsigned i = 0; i < FINGERPRINT_TOOLS; i++)
        if (strcmp(name, tool_name(1u << i)) == 0) {
            ask->q.fingerprint = (int)i;
            return CLI_DONE;
        }
    unsigned label;
    int err = store_label_find(ask->store, name, &label);
    if (err < 0)
        return ask_failed(ask, err);
    if (err > 0) {
        say_error(name, "is no fingerprint that was met here", "teiten top fingerprints lists them");
        return CLI_TROUBLE;
    }
    ask->q.fingerprint = (int)(FINGERPRINT_LABEL + label);
    return CLI_DONE;
}

/* All that is kept of flows, for a question that asks whether something was ever seen. */
static void widen(const struct ask *ask, struct period_wish *w)
{
    int64_t first = ask->facts.first;
    if (ask->facts.flows_from > first)
        first = ask->facts.flows_from;
    if (w->from == PERIOD_OPEN && first && (w->to == PERIOD_OPEN || first < w->to))
        w->from = first;
}

static int read_period(struct ask *ask, int step, bool whole)
{
    struct period_wish w = { .from = cli_time(ask->cli, "from", PERIOD_OPEN),
                             .to = cli_time(ask->cli, "to", PERIOD_OPEN),
                             .step = step,
                             .unbounded = ask->q.topic != ASK_SERIES,
                             .zone = cli_zone(ask->cli),
                             .now = ask->cli->now,
                             .first = ask->facts.first,
                             .last = ask->facts.last };
    if (whole)
        widen(ask, &w);
    switch (period_make(&ask->period, &w)) {
    case PERIOD_FINE:
        break;
    case PERIOD_BACKWARD:
        return cli_usage(ask->cli, "--from", "is not before --to");
    default:
        return cli_usage(ask->cli, "--from", "makes too many steps; ask for longer steps");
    }
    if (whole && w.from == ask->facts.first && !cli_value(ask->cli, "from"))
        ask->period.rounded = false;
    ask->q.from = ask->period.from;
    ask->q.to = ask->period.to;
    ask->q.step = ask->period.step;
    ask->q.zone = w.zone;
    return CLI_DONE;
}

static int read_options(struct ask *ask)
{
    int code = read_kinds(ask);
    if (!code)
        code = read_service(ask);
    if (!code)
        code = read_source(ask);
    ask->q.limit = (size_t)cli_int(ask->cli, "limit", ASK_LIMIT);
    ask->q.fingerprint = -1;
    return code;
}

int ask_begin(struct ask *ask, const struct cli *cli, enum store_topic topic, int step, bool whole)
{
    *ask = (struct ask){ .cli = cli, .q.topic = topic };
    int code = read_options(ask);
    if (!code)
        code = commands_open_store(cli, STORE_READ, &ask->store);
    if (code)
        return code;
    int err = store_bounds(ask->store, &ask->facts);
    if (err)
        return ask_failed(ask, err);
    const char *fingerprint = cli_value(cli, "fingerprint");
    if (fingerprint)
        code = find_fingerprint(ask, fingerprint);
    if (!code)
        code = read_period(ask, step, whole);
    signals_catch();
    ask->q.deadline = time_mono() + ASK_SECONDS * UINT64_C(1000000000);
    ask->q.cancel = &signals_stop;
    return code;
}

/* Said once, under all that was asked: which hours are not in it. */
static void say_unreadable(const struct ask *ask)
{
    struct stretch part[STRETCHES];
    size_t n = ask->store ? store_unreadable(ask->store, part, STRETCHES) : 0;
    for (size_t i = 0; i < n; i++) {
        char from[TIME_TEXT], to[TIME_TEXT], what[600];
        snprintf(what, sizeof what, "%s to %s", time_text(part[i].from, from), time_text(part[i].to, to));
        say_warning(what, "is damaged in teiten.db and left out of this answer", NULL);
    }
}

void ask_end(struct ask *ask)
{
    say_unreadable(ask);
    store_close(ask->store);
    ask->store = NULL;
}

int ask_failed(struct ask *ask, int err)
{
    const char *state = cli_state_dir(ask->cli);
    if (err == STORE_REFUSED) {
        say_error("this cannot be answered", store_why(ask->store), NULL);
        return CLI_TROUBLE;
    }
    if (err == -ETIMEDOUT) {
        if (signals_stop)
            say_error("question", "stopped before it was answered", NULL);
        else
            say_error("question", "takes longer than a minute", "ask for a shorter period, or by fewer rows");
        return CLI_TROUBLE;
    }
    if (err == -EUCLEAN || err == -EIO)
        return cli_trouble(state, err, "what this question needs is damaged; ask for another period with --from "
                                       "and --to, or see 'teiten doctor'");
    return cli_trouble(state, err, "see 'teiten doctor'");
}

/* ---- words ---- */

const char *ask_fingerprint_name(struct ask *ask, unsigned number)
{
    if (number < FINGERPRINT_TOOLS)
        return tool_name(1u << number);
    for (unsigned i = 0; !ask->labels_known && i < MARK_LABELS; i++)
        text_copy(ask->label[i], sizeof ask->label[i], store_label_name(ask->store, i));
    ask->labels_known = true;
    unsigned label = number - FINGERPRINT_LABEL;
    return number >= FINGERPRINT_LABEL && label < MARK_LABELS ? ask->label[label] : "?";
}

static void put_filters(const struct ask *ask, struct buf *line)
{
    static const char *const names[] = { "proto", "port", "fingerprint", "source" };
    const char *value;
    for (size_t i = 0; (value = cli_value_at(ask->cli, "kind", i)); i++)
        buf_print(line, "%s%s", i ? ", " : ", kind ", value);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if ((value = cli_value(ask->cli, names[i]))) {
            buf_print(line, ", %s ", names[i]);
            text_escape(line, value, strlen(value), TEXT_PLAIN);
        }
}

void ask_heading(const struct ask *ask, const char *what)
{
    char from[TIME_TEXT], to[TIME_TEXT];
    struct buf line;
    buf_init(&line, 4096);
    buf_print(&line, "%s from %s to %s", what, time_text(ask->period.from, from),
              time_text(ask->period.to, to));
    if (ask->period.rounded)
        buf_print(&line, " (whole %ss)", step_name(ask->period.step));
    put_filters(ask, &line);
    if (buf_ok(&line))
        printf("%.*s\n\n", (int)line.len, (const char *)line.data);
    buf_release(&line);
}

/* A line under a table, the first one set apart from it. */
static void remark(bool *apart, const char *text)
{
    printf("%s%s\n", *apart ? "\n" : "", text);
    *apart = false;
}

void ask_remarks(const struct ask *ask, const struct exposure *e, size_t rows)
{
    bool apart = rows > 0;
    char cut[64];
    if (rows == 0)
        remark(&apart, "Nothing of this was counted.");
    if (ask->q.limit && rows >= ask->q.limit && ask->q.topic != ASK_SERIES) {
        snprintf(cut, sizeof cut, "The first %zu; --limit 0 shows all.", rows);
        remark(&apart, cut);
    }
    if (e->address_seconds <= 0)
        remark(&apart, "Nothing was observed in this period, so that there is no rate.");
    else if (e->estimated)
        remark(&apart, "Rates are estimated: the sensor's addresses were inferred from the destinations "
                       "seen (see sensor.prefix).");
    if (e->dark && e->answering)
        remark(&apart, "Silent and answering addresses are counted together here; their rates do not "
                       "compare.");
}
