#include "main/samples.h"

#include "base/log.h"
#include "base/own.h"
#include "base/time.h"
#include "main/sample-add.h"

#include <string.h>

enum {
    ROOM_AT_ONCE = 16, /* samples that go in one round where the vault is full */
    PAUSE_S = 30,      /* after trouble with the vault or a store that is written no more */
};

void samples_begin(struct samples *s)
{
    s->n = 0;
    s->vault = (struct vault){ .fd = -1, .tmp = -1 };
    s->tools = (struct desk_tools){ .triage = &s->daemon->triage, .rules = s->daemon->rules, .own_rules = s->daemon->own_rules };
    if (!s->daemon->trays)
        return;
    int err = vault_open(&s->vault, s->daemon->state, VAULT_WRITE);
    if (err) {
        log_error("no-vault", LOG_ERRNO(err), LOG_TEXT("what-now", "no samples are kept"));
        return;
    }
    s->n = s->daemon->trays < s->plan->desks ? s->daemon->trays : s->plan->desks;
    for (size_t i = 0; i < s->n; i++)
        desk_init(&s->desk[i], &s->tools, &s->daemon->tray[i]);
    s->look = true;
}

void samples_end(struct samples *s)
{
    for (size_t i = 0; i < s->n; i++)
        desk_end(&s->desk[i]);
    vault_close(&s->vault);
    s->n = 0;
}

/* Trouble here is no reason to stop counting; a damaged store is, and the counts come to that, too. */
static int bear(struct samples *s, int err)
{
    store_rollback(s->store);
    if (err == -EUCLEAN)
        return err;
    if (time_mono() >= s->pause)
        log_error("samples-wait", LOG_ERRNO(err), LOG_TEXT("what-now", "counting goes on; it is tried again"));
    s->pause = time_mono() + PAUSE_S * NS_A_S;
    return 0;
}

static bool is_paused(const struct samples *s)
{
    return ledger_spared(s->ledger) || time_mono() < s->pause;
}

/* ---- what visitors make ---- */

/* All of it, as the event says; a part of a program is none. */
static bool is_whole(const struct session_event *e)
{
    return session_has(e, FIELD_SHA256) && session_number(e, FIELD_SIZE) == e->value[FIELD_CONTENT].bytes.n &&
           e->value[FIELD_CONTENT].bytes.n > 0 && !e->value[FIELD_CONTENT].bytes.cut;
}

static int keep_made(struct samples *s, const struct session_event *e)
{
    uint8_t sha256[32];
    const uint8_t *data = e->value[FIELD_CONTENT].bytes.data;
    size_t n = e->value[FIELD_CONTENT].bytes.n;
    const struct sample_origin origin = { .how = HOW_MADE, .session = e->session, .url = "", .server = "", .time = e->time };
    TRY(vault_put(&s->vault, data, n, sha256));
    TRY(store_sample_found(s->store, sha256, n, &origin));
    return store_commit(s->store);
}

void samples_made(struct samples *s, const struct session_event *e)
{
    if (!s->n || !is_whole(e))
        return;
    int err = is_paused(s) ? -EBUSY : keep_made(s, e);
    if (!err) {
        s->look = true;
        return;
    }
    store_rollback(s->store);
    if (s->missed++ == 0)
        log_error("sample-missed", LOG_ERRNO(err), LOG_TEXT("what-now", "the session has it; it is not said of others"));
}

/* ---- triage ---- */

static int told(struct samples *s, size_t i, struct sample_report *r)
{
    sample_report_of(r, s->lies[i], s->size[i]);
    int err = store_sample_told(s->store, r);
    return err < 0 ? err : store_commit(s->store);
}

/* Where the store does not take it now, the sample is read again later. */
static int take_word(struct samples *s, size_t i, enum desk_said said, struct sample_report *r, const char *why)
{
    int err = said == DESK_TOLD ? 0 : sample_failed_report(s->lies[i], s->size[i], why, r);
    if (!err)
        err = is_paused(s) ? -EBUSY : told(s, i, r);
    if (!err && s->ear.script && !strcmp(r->word[WORD_FORMAT], "script"))
        s->ear.script(s->ear.context, r);
    sample_report_release(r);
    s->look |= err != 0;
    return err ? bear(s, err) : 0;
}

/* One that the vault has no more is none. */
static int lay(struct samples *s, size_t i)
{
    auto_fd int fd = vault_read(&s->vault, s->lies[i]);
    if (fd >= 0) {
        int err = desk_give(&s->desk[i], ++s->numbers, fd);
        s->size[i] = s->desk[i].tray->size;
        return err;
    }
    TRY(store_sample_gone(s->store, s->lies[i]));
    return store_commit(s->store);
}

/* Those that lie on desks are not taken twice. */
static int take_next(struct samples *s, size_t i)
{
    uint8_t busy[TRAYS_MOST][32];
    size_t n = 0;
    for (size_t k = 0; k < s->n; k++)
        if (s->desk[k].busy)
            memcpy(busy[n++], s->lies[k], sizeof busy[0]);
    int none = store_sample_untold(s->store, busy, n, s->lies[i]);
    if (none == 1)
        s->look = false;
    return none ? none : lay(s, i);
}

static int serve_desks(struct samples *s)
{
    for (size_t i = 0; i < s->n && s->look; i++) {
        int err = desk_start(&s->desk[i]);
        if (err && restart_plan(&s->desk[i].restart, false))
            log_error("triage-not-started", LOG_ERRNO(err));
        if (desk_is_free(&s->desk[i]))
            TRY(take_next(s, i));
    }
    return 0;
}

/* ---- room ---- */

static int make_room(struct samples *s)
{
    uint8_t sha256[32];
    for (int i = 0; i < ROOM_AT_ONCE && s->vault.bytes > s->plan->quota; i++) {
        int none = store_sample_oldest(s->store, sha256);
        if (none)
            return none < 0 ? none : 0;
        TRY(store_sample_gone(s->store, sha256));
        TRY(store_commit(s->store));
        TRY(vault_remove(&s->vault, sha256));
    }
    return 0;
}

/* ---- polling ---- */

nfds_t samples_listen(const struct samples *s, struct pollfd *ret)
{
    for (size_t i = 0; i < s->n; i++)
        ret[i] = desk_listen(&s->desk[i]);
    return (nfds_t)s->n;
}

int samples_hear(struct samples *s, const struct pollfd *p, nfds_t n)
{
    for (nfds_t i = 0; i < n; i++) {
        struct sample_report r;
        const char *why = "";
        enum desk_said said = desk_hear(&s->desk[i], p[i].revents, &r, &why);
        if (said != DESK_NOTHING)
            TRY(take_word(s, i, said, &r, why));
    }
    if (!s->n || is_paused(s))
        return 0;
    int err = serve_desks(s);
    if (!err)
        err = make_room(s);
    return err ? bear(s, err) : 0;
}
