#include "event/record-sample.h"

#include "base/text.h"

#include <string.h>

static void put_endpoint(struct buf *b, const struct endpoint *e)
{
    addr_put(b, &e->addr);
    buf_le16(b, e->port);
}

static bool get_endpoint(struct rd *r, struct endpoint *e)
{
    bool good = addr_get(r, &e->addr) == 0;
    e->port = rd_le16(r);
    return good && rd_ok(r);
}

/* ---- triage ---- */

int record_put_triage(struct channel *c, const struct triage_ask *v)
{
    size_t at = channel_begin(c, RECORD_TRIAGE);
    buf_le64(&c->out, v->number);
    buf_le64(&c->out, v->size);
    return channel_end(c, at);
}

int record_get_triage(struct rd r, struct triage_ask *ret)
{
    struct triage_ask v = { .number = rd_le64(&r) };
    v.size = rd_le64(&r);
    if (!rd_done(&r) || v.size > SAMPLE_BYTES)
        return 1;
    *ret = v;
    return 0;
}

int record_put_triaged(struct channel *c, uint64_t number, const struct sample_report *report)
{
    size_t at = channel_begin(c, RECORD_TRIAGED);
    buf_le64(&c->out, number);
    sample_put(&c->out, report);
    return channel_end(c, at);
}

int record_get_triaged(struct rd r, uint64_t *ret_number, struct sample_report *ret)
{
    *ret_number = rd_le64(&r);
    return rd_ok(&r) ? sample_get(r, ret) : 1;
}

/* ---- dial ---- */

int record_put_dial(struct channel *c, const struct dial_ask *v)
{
    size_t at = channel_begin(c, RECORD_DIAL);
    struct buf *b = &c->out;
    buf_le32(b, v->servers);
    for (uint32_t i = 0; i < v->servers; i++)
        put_endpoint(b, &v->server[i]);
    buf_le16(b, v->first_port);
    buf_le16(b, v->last_port);
    buf_part_text(b, v->host);
    buf_le32(b, v->milliseconds);
    prefix_list_put(b, &v->deny);
    return channel_end(c, at);
}

static bool get_servers(struct rd *r, struct dial_ask *v)
{
    v->servers = rd_le32(r);
    bool good = rd_ok(r) && v->servers <= DIAL_SERVERS;
    for (uint32_t i = 0; good && i < v->servers; i++)
        good = get_endpoint(r, &v->server[i]);
    return good;
}

int record_get_dial(struct rd r, struct dial_ask *ret)
{
    struct dial_ask v = { 0 };
    if (!get_servers(&r, &v))
        return 1;
    v.first_port = rd_le16(&r);
    v.last_port = rd_le16(&r);
    bool good = RD_PART_TEXT(&r, v.host);
    v.milliseconds = rd_le32(&r);
    if (!good || !rd_ok(&r) || v.first_port > v.last_port || v.milliseconds == 0)
        return 1;
    int err = prefix_list_get(&r, DIAL_DENIED, &v.deny);
    if (!err && !rd_done(&r))
        err = 1;
    if (err)
        prefix_list_release(&v.deny);
    else
        *ret = v;
    return err;
}

int record_put_dialled(struct channel *c, const struct dial_found *v)
{
    size_t at = channel_begin(c, RECORD_DIALLED);
    buf_le32(&c->out, (uint32_t)v->status);
    buf_le32(&c->out, v->n);
    for (uint32_t i = 0; i < v->n; i++) {
        addr_put(&c->out, &v->found[i].addr);
        buf_u8(&c->out, v->found[i].verdict);
    }
    return channel_end(c, at);
}

int record_get_dialled(struct rd r, struct dial_found *ret)
{
    struct dial_found v = { .status = (int32_t)rd_le32(&r) };
    v.n = rd_le32(&r);
    if (!rd_ok(&r) || v.n > DIAL_ADDRESSES || v.status > 0 || v.status < -4095)
        return 1;
    for (uint32_t i = 0; i < v.n; i++) {
        if (addr_get(&r, &v.found[i].addr))
            return 1;
        v.found[i].verdict = rd_u8(&r);
    }
    if (!rd_done(&r))
        return 1;
    *ret = v;
    return 0;
}

int record_put_dial_go(struct channel *c, const struct dial_go *v)
{
    size_t at = channel_begin(c, RECORD_DIAL_GO);
    put_endpoint(&c->out, &v->to);
    buf_u8(&c->out, v->proxy);
    buf_u8(&c->out, v->tftp);
    buf_part_text(&c->out, v->file);
    return channel_end(c, at);
}

int record_get_dial_go(struct rd r, struct dial_go *ret)
{
    struct dial_go v = { 0 };
    bool good = get_endpoint(&r, &v.to);
    uint8_t proxy = rd_u8(&r), tftp = rd_u8(&r);
    if (!good || proxy > 1 || tftp > 1 || !RD_PART_TEXT(&r, v.file) || !rd_done(&r))
        return 1;
    v.proxy = proxy != 0;
    v.tftp = tftp != 0;
    *ret = v;
    return 0;
}

/* ---- fetch ---- */

const char *fetch_end_name(enum fetch_end e)
{
    static const char *const names[FETCHED_WAYS] = {
        [FETCHED_ALL] = "all",     [FETCHED_REDIRECT] = "redirect", [FETCHED_STATUS] = "status",     [FETCHED_CUT] = "cut",
        [FETCHED_LARGE] = "large", [FETCHED_SLOW] = "slow",         [FETCHED_NONSENSE] = "nonsense",
    };
    return e < FETCHED_WAYS ? names[e] : "";
}

int record_put_fetch(struct channel *c, const struct fetch_ask *v)
{
    size_t at = channel_begin(c, RECORD_FETCH);
    struct buf *b = &c->out;
    buf_part_text(b, v->url);
    addr_put(b, &v->address);
    buf_part_text(b, v->agent);
    buf_part_text(b, v->headers);
    buf_u8(b, v->proxied);
    buf_le64(b, v->bytes);
    buf_le32(b, v->milliseconds);
    return channel_end(c, at);
}

int record_get_fetch(struct rd r, struct fetch_ask *ret)
{
    struct fetch_ask v = { 0 };
    if (!RD_PART_TEXT(&r, v.url) || addr_get(&r, &v.address) || !RD_PART_TEXT(&r, v.agent) || !RD_PART_TEXT(&r, v.headers))
        return 1;
    uint8_t proxied = rd_u8(&r);
    v.proxied = proxied != 0;
    v.bytes = rd_le64(&r);
    v.milliseconds = rd_le32(&r);
    if (!rd_done(&r) || proxied > 1 || v.bytes > SAMPLE_BYTES || v.milliseconds == 0)
        return 1;
    *ret = v;
    return 0;
}

int record_put_fetch_data(struct channel *c, const void *data, size_t n)
{
    size_t at = channel_begin(c, RECORD_FETCH_DATA);
    buf_put(&c->out, data, n);
    return channel_end(c, at);
}

int record_put_fetch_wants(struct channel *c, uint16_t port)
{
    size_t at = channel_begin(c, RECORD_FETCH_WANTS);
    buf_le16(&c->out, port);
    return channel_end(c, at);
}

int record_get_fetch_wants(struct rd r, uint16_t *ret_port)
{
    uint16_t port = rd_le16(&r);
    if (!rd_done(&r) || port == 0)
        return 1;
    *ret_port = port;
    return 0;
}

int record_put_fetch_end(struct channel *c, const struct fetch_ended *v)
{
    size_t at = channel_begin(c, RECORD_FETCH_END);
    buf_u8(&c->out, (uint8_t)v->how);
    buf_le32(&c->out, v->status);
    buf_le64(&c->out, v->bytes);
    buf_part_text(&c->out, v->location);
    buf_part_text(&c->out, v->why);
    return channel_end(c, at);
}

int record_get_fetch_end(struct rd r, struct fetch_ended *ret)
{
    struct fetch_ended v = { 0 };
    uint8_t how = rd_u8(&r);
    v.how = (enum fetch_end)how;
    v.status = rd_le32(&r);
    v.bytes = rd_le64(&r);
    if (how >= FETCHED_WAYS || v.bytes > SAMPLE_BYTES || !RD_PART_TEXT(&r, v.location) || !RD_PART_TEXT(&r, v.why) || !rd_done(&r))
        return 1;
    *ret = v;
    return 0;
}
