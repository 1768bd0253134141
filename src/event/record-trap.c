#include "event/record-trap.h"

#include <string.h>

/* As in event/record.c: sums of these stay sums in SQL. */
#define COUNT_MAX (UINT64_C(1) << 48)
#define OFFSET_MOST ((int64_t)SETUP_OFFSET)

#define ID_EPOCH_MS INT64_C(1577836800000)

uint64_t trap_session_id(int64_t now, uint8_t worker)
{
    enum { TURN_AND_WORKER = 4096 };
    int64_t ms = now / 1000 - ID_EPOCH_MS;
    return (uint64_t)(ms > 0 ? ms : 0) * TURN_AND_WORKER + worker;
}

const char *trap_service_name(enum trap_service s)
{
    static const char *const names[TRAP_SERVICES] = { [SERVICE_TELNET] = "telnet", [SERVICE_HTTP] = "http",
                                                      [SERVICE_NETIS] = "netis", [SERVICE_OTHER] = "other" };
    return s < TRAP_SERVICES ? names[s] : "";
}

int record_put_trap_setup(struct channel *c, const struct trap_setup *v)
{
    size_t at = channel_begin(c, RECORD_TRAP_SETUP);
    struct buf *b = &c->out;
    buf_put(b, v->key, sizeof v->key);
    buf_u8(b, v->worker);
    buf_le64(b, v->first_id);
    buf_part(b, v->persona, strlen(v->persona));
    buf_u8(b, (uint8_t)v->login);
    buf_le32(b, v->after);
    buf_le64(b, v->remember);
    buf_le32(b, v->total);
    buf_le32(b, v->source);
    buf_le32(b, v->network);
    buf_le64(b, v->memory);
    buf_part(b, v->service, v->listeners);
    buf_u8(b, (uint8_t)v->catchall);
    buf_u8(b, (uint8_t)v->fetch);
    buf_le64(b, (uint64_t)v->clock_offset);
    for (size_t i = 0; i < TRAP_BUDGET_KEYS; i++)
        buf_le64(b, v->budget_key[i]);
    prefix_list_put(b, &v->own);
    return channel_end(c, at);
}

static int get_persona(struct rd *r, char ret[static TRAP_PERSONA])
{
    struct rd name = rd_part(r);
    size_t n = rd_left(&name);
    if (n >= TRAP_PERSONA)
        return 1;
    rd_copy(&name, ret, n);
    return memchr(ret, '\0', n) != NULL;
}

static int get_services(struct rd *r, struct trap_setup *ret)
{
    struct rd services = rd_part(r);
    size_t n = rd_left(&services);
    if (n > TRAP_LISTENERS)
        return 1;
    rd_copy(&services, ret->service, n);
    ret->listeners = (uint32_t)n;
    for (size_t i = 0; i < n; i++)
        if (ret->service[i] > SERVICE_BY_PORT)
            return 1;
    return 0;
}

int record_get_trap_setup(struct rd r, struct trap_setup *ret)
{
    struct trap_setup v = { 0 };
    rd_copy(&r, v.key, sizeof v.key);
    v.worker = rd_u8(&r);
    v.first_id = rd_le64(&r);
    int bad = get_persona(&r, v.persona);
    v.login = (enum trap_login)rd_u8(&r);
    v.after = rd_le32(&r);
    v.remember = rd_le64(&r);
    v.total = rd_le32(&r);
    v.source = rd_le32(&r);
    v.network = rd_le32(&r);
    v.memory = rd_le64(&r);
    bad |= get_services(&r, &v);
    v.catchall = (enum trap_catchall)rd_u8(&r);
    v.fetch = (enum fetch_policy)rd_u8(&r);
    v.clock_offset = (int64_t)rd_le64(&r);
    for (size_t i = 0; i < TRAP_BUDGET_KEYS; i++)
        v.budget_key[i] = rd_le64(&r);
    int err = prefix_list_get(&r, SETUP_PREFIXES, &v.own);
    if (err || bad || !rd_done(&r) || v.worker >= TRAP_WORKERS || v.login >= LOGIN_WAYS || v.catchall >= CATCHALL_WAYS ||
        v.fetch >= POLICY_FETCH_WAYS || v.remember > INT64_MAX / 2 ||
        v.clock_offset > OFFSET_MOST || v.clock_offset < -OFFSET_MOST) {
        prefix_list_release(&v.own);
        return err < 0 ? err : 1;
    }
    *ret = v;
    return 0;
}

int record_put_trap_fact(struct channel *c, const struct trap_fact *v)
{
    size_t at = channel_begin(c, RECORD_TRAP_FACT);
    buf_le64(&c->out, v->fact);
    buf_u8(&c->out, v->accepted);
    buf_le64(&c->out, (uint64_t)v->until);
    return channel_end(c, at);
}

int record_get_trap_fact(struct rd r, struct trap_fact *ret)
{
    struct trap_fact v;
    v.fact = rd_le64(&r);
    v.accepted = rd_u8(&r) != 0;
    v.until = (int64_t)rd_le64(&r);
    if (!rd_done(&r) || v.fact == 0 || v.until <= 0)
        return 1;
    *ret = v;
    return 0;
}

int record_put_trap_ask(struct channel *c, const struct trap_ask *v)
{
    size_t at = channel_begin(c, RECORD_TRAP_ASK);
    buf_le64(&c->out, v->session);
    buf_le64(&c->out, v->ticket);
    buf_part_text(&c->out, v->url);
    buf_part_text(&c->out, v->agent);
    return channel_end(c, at);
}

int record_get_trap_ask(struct rd r, struct trap_ask *ret)
{
    struct trap_ask v = { .session = rd_le64(&r) };
    v.ticket = rd_le64(&r);
    if (!RD_PART_TEXT(&r, v.url) || !RD_PART_TEXT(&r, v.agent) || !rd_done(&r) || !v.ticket)
        return 1;
    *ret = v;
    return 0;
}

int record_put_trap_told(struct channel *c, const struct trap_told *v)
{
    size_t at = channel_begin(c, RECORD_TRAP_TOLD);
    buf_le64(&c->out, v->session);
    buf_le64(&c->out, v->ticket);
    buf_u8(&c->out, v->answer);
    buf_part_text(&c->out, v->address);
    buf_put(&c->out, v->sha256, sizeof v->sha256);
    buf_le64(&c->out, v->size);
    return channel_end(c, at);
}

int record_get_trap_told(struct rd r, struct trap_told *ret)
{
    struct trap_told v = { .session = rd_le64(&r) };
    v.ticket = rd_le64(&r);
    v.answer = rd_u8(&r);
    if (!RD_PART_TEXT(&r, v.address))
        return 1;
    rd_copy(&r, v.sha256, sizeof v.sha256);
    v.size = rd_le64(&r);
    if (!rd_done(&r) || v.answer == 0 || v.answer >= TRAP_ANSWERS)
        return 1;
    *ret = v;
    return 0;
}

int record_put_trap_bytes(struct channel *c, uint64_t session, uint64_t ticket, const void *data, size_t n)
{
    size_t at = channel_begin(c, RECORD_TRAP_BYTES);
    buf_le64(&c->out, session);
    buf_le64(&c->out, ticket);
    buf_put(&c->out, data, n);
    return channel_end(c, at);
}

int record_get_trap_bytes(struct rd r, uint64_t *ret_session, uint64_t *ret_ticket, struct rd *ret_bytes)
{
    *ret_session = rd_le64(&r);
    *ret_ticket = rd_le64(&r);
    if (!rd_ok(&r) || rd_left(&r) > TRAP_PIECE)
        return 1;
    *ret_bytes = r;
    return 0;
}

/* All of them are numbers of 64 bits. */
enum { COUNTS = sizeof(struct trap_counts) / sizeof(uint64_t) };

void trap_counts_add(struct trap_counts *sum, const struct trap_counts *v)
{
    uint64_t a[COUNTS], b[COUNTS];
    memcpy(a, sum, sizeof a);
    memcpy(b, v, sizeof b);
    for (size_t i = 0; i < COUNTS; i++)
        a[i] += b[i];
    memcpy(sum, a, sizeof a);
}

int record_put_trap_counts(struct channel *c, const struct trap_counts *v)
{
    size_t at = channel_begin(c, RECORD_TRAP_COUNTS);
    uint64_t number[COUNTS];
    memcpy(number, v, sizeof number);
    for (size_t i = 0; i < COUNTS; i++)
        buf_le64(&c->out, number[i]);
    return channel_end(c, at);
}

int record_get_trap_counts(struct rd r, struct trap_counts *ret)
{
    uint64_t number[COUNTS];
    bool sane = true;
    for (size_t i = 0; i < COUNTS; i++) {
        number[i] = rd_le64(&r);
        sane &= number[i] < COUNT_MAX;
    }
    if (!rd_done(&r) || !sane)
        return 1;
    memcpy(ret, number, sizeof number);
    return 0;
}
