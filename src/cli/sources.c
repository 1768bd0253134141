#include "cli/sources.h"

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

static void put_row(struct out *o, struct ask *ask, const struct answer *a)
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
}

int sources_show(struct ask *ask, size_t *ret_n)
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
    if (more || ask->cli->format != OUT_TABLE) {
        cli_rows(ask->cli, &o, columns, sizeof columns / sizeof columns[0]);
        for (; more; more = answers_next(answers, &a), n++)
            put_row(&o, ask, &a);
        code = cli_rows_end(&o);
    }
    answers_free(answers);
    *ret_n = n;
    return code;
}
