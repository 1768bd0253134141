#include "cli/sources.h"

#include "base/array.h"

#include <stdlib.h>

/* clang-format off */
static const struct column columns[] = {
    { "address", COLUMN_TEXT, "Source", 0, false },
    { "accesses", COLUMN_INT, "Accesses", 0, false },
    { "packets", COLUMN_INT, "Packets", 0, false },
    { "destinations", COLUMN_INT, "Destinations", 0, false },
    { "fingerprints", COLUMN_LIST, "Fingerprints", 0, false },
    { "first", COLUMN_TIME, "First", 0, false },
    { "last", COLUMN_TIME, "Last", 0, false },
    { "country", COLUMN_TEXT, NULL, 0, true },
    { "asn", COLUMN_INT, NULL, 0, true },
    { "sessions", COLUMN_INT, "Sessions", 0, false },
};
/* clang-format on */

static void put_fingerprints(struct out *o, struct ask *ask, const struct source_class *cl)
{
    const char *names[FINGERPRINTS];
    size_t n = 0;
    for (unsigned i = 0; i < FINGERPRINTS; i++)
        if (class_has_fingerprint(cl, i))
            names[n++] = ask_fingerprint_name(ask, i);
    out_list(o, names, n);
}

/* ---- sessions ---- */

void seen_sessions_release(struct seen_sessions *x)
{
    free(x->row);
    free(x->shown);
    *x = (struct seen_sessions){ .n = 0 };
}

static int take_source(void *context, const struct session_source *row)
{
    struct seen_sessions *x = context;
    TRY(ARRAY_ROOM(x->row, x->room, x->n + 1));
    x->row[x->n++] = *row;
    return 0;
}

static int by_address(const void *a, const void *b)
{
    const struct session_source *x = a, *y = b;
    return addr_cmp(&x->source, &y->source);
}

/* Sessions have no kinds, marks or protocols: who asks for those asks for packets. */
int sources_sessions(struct ask *ask, bool whole, struct seen_sessions *ret)
{
    static const char *const packets[] = { "proto", "kind", "fingerprint" };
    const struct session_filter f = { .source = ask->q.within,
                                      .port = ask->q.port,
                                      .since = whole ? 0 : ask->q.from,
                                      .until = whole ? 0 : ask->q.to,
                                      .deadline = ask->q.deadline,
                                      .cancel = ask->q.cancel };
    *ret = (struct seen_sessions){ .n = 0 };
    for (size_t i = 0; i < sizeof packets / sizeof packets[0]; i++)
        if (cli_value(ask->cli, packets[i]))
            return 0;
    TRY(store_session_sources(ask->store, &f, take_source, ret));
    if (ret->n)
        qsort(ret->row, ret->n, sizeof *ret->row, by_address);
    ret->shown = calloc(ret->n + 1, sizeof *ret->shown);
    return ret->shown ? 0 : -ENOMEM;
}

static void put_sessions(struct out *o, struct seen_sessions *x, const struct addr *source)
{
    if (!x)
        return;
    const struct session_source key = { .source = *source };
    const struct session_source *found = x->n ? bsearch(&key, x->row, x->n, sizeof key, by_address) : NULL;
    out_count(o, found ? found->sessions : 0);
    if (found)
        x->shown[found - x->row] = true;
}

/* A source of sessions of which no packets were counted. */
static void put_alone(struct out *o, const struct session_source *row)
{
    char text[ADDR_TEXT];
    out_text(o, addr_text(&row->source, text));
    out_count(o, 0);
    out_count(o, 0);
    out_null(o);
    out_list(o, NULL, 0);
    out_time(o, row->first);
    out_time(o, row->last);
    out_null(o);
    out_null(o);
    out_count(o, row->sessions);
}

static size_t put_rest(struct out *o, const struct ask *ask, const struct seen_sessions *x, size_t n)
{
    for (size_t i = 0; x && i < x->n && (ask->q.limit == 0 || n < ask->q.limit); i++)
        if (!x->shown[i]) {
            put_alone(o, &x->row[i]);
            n++;
        }
    return n;
}

/* ---- rows ---- */

static void put_row(struct out *o, struct ask *ask, struct seen_sessions *sessions, const struct answer *a)
{
    char text[ADDR_TEXT];
    out_text(o, addr_text(&a->source, text));
    out_count(o, a->accesses);
    out_count(o, a->packets);
    if (a->destinations == ANSWER_UNKNOWN)
        out_null(o);
    else
        out_int(o, a->destinations);
    put_fingerprints(o, ask, &a->cl);
    out_time(o, a->first);
    out_time(o, a->last);
    out_null(o);
    out_null(o);
    put_sessions(o, sessions, &a->source);
}

int sources_show(struct ask *ask, struct seen_sessions *sessions, size_t *ret_n)
{
    struct answers *answers;
    struct answer a;
    struct out o;
    size_t n = 0;
    int err = store_ask(ask->store, &ask->q, &answers);
    if (err)
        return ask_failed(ask, err);
    bool more = answers_next(answers, &a);
    int code = CLI_DONE;
    if (more || ask->cli->format != OUT_TABLE || (sessions && sessions->n)) {
        cli_rows(ask->cli, &o, columns, sizeof columns / sizeof columns[0] - !sessions);
        for (; more; more = answers_next(answers, &a), n++)
            put_row(&o, ask, sessions, &a);
        n = put_rest(&o, ask, sessions, n);
        code = cli_rows_end(&o);
    }
    answers_free(answers);
    *ret_n = n;
    return code;
}
