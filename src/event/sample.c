#include "event/sample.h"

#include "base/array.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const words[SAMPLE_WORDS] = {
    [WORD_FORMAT] = "format",           [WORD_TYPE] = "type",       [WORD_CPU] = "cpu",
    [WORD_ORDER] = "order",             [WORD_ABI] = "abi",         [WORD_LINKING] = "linking",
    [WORD_INTERPRETER] = "interpreter", [WORD_LIBC] = "libc",       [WORD_COMPILER] = "compiler",
    [WORD_PACKER] = "packer",           [WORD_FAMILY] = "family",
};

const char *sample_word_name(enum sample_word w)
{
    return w < SAMPLE_WORDS ? words[w] : "";
}

const char *endpoint_kind_name(enum endpoint_kind k)
{
    static const char *const names[ENDPOINT_KINDS] = {
        [ENDPOINT_URL] = "url", [ENDPOINT_NAME] = "name", [ENDPOINT_ADDRESS] = "address", [ENDPOINT_AGENT] = "agent",
    };
    return k < ENDPOINT_KINDS ? names[k] : "";
}

void sample_report_init(struct sample_report *r)
{
    *r = (struct sample_report){ 0 };
}

void sample_report_release(struct sample_report *r)
{
    free(r->finding);
    free(r->part);
    free(r->endpoint);
    free(r->pair);
    free(r->rule);
    *r = (struct sample_report){ 0 };
}

unsigned sample_alike(const struct sample_signature *a, const struct sample_signature *b)
{
    unsigned n = 0;
    for (size_t i = 0; a->features && b->features && i < SAMPLE_SIGNATURE; i++)
        n += a->least[i] == b->least[i];
    return n;
}

/* ---- adding ---- */

void sample_set_word(struct sample_report *r, enum sample_word w, const char *text)
{
    text_copy(r->word[w], SAMPLE_WORD, text);
}

/* Adds an item to one of the lists, or counts that it had no room. */
#define ADD(list, n, item)                                                                         \
    ({                                                                                             \
        int err_ = 0;                                                                              \
        if ((n) >= SAMPLE_ITEMS) {                                                                 \
            n##_more++;                                                                            \
        } else {                                                                                   \
            err_ = ARRAY_ROOM(list, n##_room, (n) + 1);                                            \
            if (!err_)                                                                             \
                (list)[(n)++] = *(item);                                                           \
        }                                                                                          \
        err_;                                                                                      \
    })

int sample_add_finding(struct sample_report *r, const char *name, uint64_t at, const char *format, ...)
{
    struct sample_finding f = { .at = at };
    va_list args;
    text_copy(f.name, sizeof f.name, name);
    va_start(args, format);
    vsnprintf(f.text, sizeof f.text, format, args);
    va_end(args);
    for (size_t i = 0; i < r->findings; i++)
        if (!strcmp(r->finding[i].name, f.name) && !strcmp(r->finding[i].text, f.text))
            return 0;
    return ADD(r->finding, r->findings, &f);
}

int sample_add_part(struct sample_report *r, const struct sample_part *p)
{
    return ADD(r->part, r->parts, p);
}

/* A full list is not looked through for each one more: a stranger's file may have millions. */
int sample_add_endpoint(struct sample_report *r, const struct sample_endpoint *e)
{
    if (r->endpoints == SAMPLE_ITEMS) {
        r->endpoints_more++;
        return 0;
    }
    for (size_t i = 0; i < r->endpoints; i++) {
        struct sample_endpoint *had = &r->endpoint[i];
        if (had->kind != e->kind || had->port != e->port || strcmp(had->text, e->text) != 0)
            continue;
        if (e->confidence > had->confidence)
            *had = *e;
        return 0;
    }
    return ADD(r->endpoint, r->endpoints, e);
}

int sample_add_pair(struct sample_report *r, const struct sample_pair *p)
{
    for (size_t i = 0; i < r->pairs; i++)
        if (!strcmp(r->pair[i].user, p->user) && !strcmp(r->pair[i].password, p->password))
            return 0;
    return ADD(r->pair, r->pairs, p);
}

int sample_add_rule(struct sample_report *r, const struct sample_rule *x)
{
    return ADD(r->rule, r->rules, x);
}

/* ---- the binary form ---- */

static void put_key(struct buf *b, const uint8_t *key, uint8_t n)
{
    buf_part(b, key, n);
}

static bool get_key(struct rd *r, uint8_t key[static SAMPLE_KEY], uint8_t *ret_n)
{
    struct rd part = rd_part(r);
    size_t n = rd_left(&part);
    if (!rd_ok(r) || n > SAMPLE_KEY)
        return false;
    rd_copy(&part, key, n);
    *ret_n = (uint8_t)n;
    return true;
}

static void put_finding(struct buf *b, const struct sample_finding *f)
{
    buf_part_text(b, f->name);
    buf_part_text(b, f->text);
    buf_varint(b, f->at);
}

static bool get_finding(struct rd *r, struct sample_finding *f)
{
    bool good = RD_PART_TEXT(r, f->name) && RD_PART_TEXT(r, f->text);
    f->at = rd_varint(r);
    return good;
}

static void put_part(struct buf *b, const struct sample_part *p)
{
    buf_u8(b, p->segment);
    buf_part_text(b, p->name);
    buf_varint(b, p->offset);
    buf_varint(b, p->size);
    buf_varint(b, p->address);
    buf_le16(b, p->entropy);
    buf_u8(b, p->flags);
}

static bool get_part(struct rd *r, struct sample_part *p)
{
    uint8_t segment = rd_u8(r);
    bool good = RD_PART_TEXT(r, p->name);
    p->segment = segment != 0;
    p->offset = rd_varint(r);
    p->size = rd_varint(r);
    p->address = rd_varint(r);
    p->entropy = rd_le16(r);
    p->flags = rd_u8(r);
    return good && segment <= 1 && p->entropy <= 800 && p->flags <= (PART_READ | PART_WRITE | PART_EXECUTE);
}

static void put_endpoint(struct buf *b, const struct sample_endpoint *e)
{
    buf_u8(b, (uint8_t)e->kind);
    buf_part_text(b, e->text);
    buf_le16(b, e->port);
    buf_u8(b, e->confidence);
    buf_part_text(b, e->reason);
    put_key(b, e->key, e->key_n);
    buf_varint(b, e->at);
    buf_part_text(b, e->range);
}

static bool get_endpoint(struct rd *r, struct sample_endpoint *e)
{
    uint8_t kind = rd_u8(r);
    bool good = kind < ENDPOINT_KINDS && RD_PART_TEXT(r, e->text);
    e->kind = (enum endpoint_kind)kind;
    e->port = rd_le16(r);
    e->confidence = rd_u8(r);
    good = good && RD_PART_TEXT(r, e->reason) && get_key(r, e->key, &e->key_n);
    e->at = rd_varint(r);
    return good && RD_PART_TEXT(r, e->range) && e->confidence <= 100;
}

static void put_pair(struct buf *b, const struct sample_pair *p)
{
    buf_part_text(b, p->user);
    buf_part_text(b, p->password);
    put_key(b, p->key, p->key_n);
    buf_varint(b, p->at);
}

static bool get_pair(struct rd *r, struct sample_pair *p)
{
    bool good = RD_PART_TEXT(r, p->user) && RD_PART_TEXT(r, p->password) && get_key(r, p->key, &p->key_n);
    p->at = rd_varint(r);
    return good;
}

static void put_rule(struct buf *b, const struct sample_rule *x)
{
    buf_part_text(b, x->name);
    buf_part_text(b, x->family);
    buf_part_text(b, x->origin);
}

static bool get_rule(struct rd *r, struct sample_rule *x)
{
    return RD_PART_TEXT(r, x->name) && RD_PART_TEXT(r, x->family) && RD_PART_TEXT(r, x->origin);
}

#define PUT_LIST(b, list, n, put)                                                                  \
    do {                                                                                           \
        buf_varint(b, n);                                                                          \
        buf_varint(b, n##_more);                                                                   \
        for (size_t i_ = 0; i_ < (n); i_++)                                                        \
            put(b, &(list)[i_]);                                                                   \
    } while (0)

/* 0, 1 or -ENOMEM. */
#define GET_LIST(r, list, n, get)                                                                  \
    ({                                                                                             \
        uint64_t count_ = rd_varint(r);                                                            \
        n##_more = (size_t)rd_varint(r);                                                           \
        int err_ = !rd_ok(r) || count_ > SAMPLE_ITEMS;                                             \
        if (!err_ && count_)                                                                       \
            err_ = ARRAY_ROOM(list, n##_room, (size_t)count_);                                     \
        for (uint64_t i_ = 0; !err_ && i_ < count_; i_++) {                                        \
            memset(&(list)[n], 0, sizeof *(list));                                                 \
            err_ = !get(r, &(list)[n]) || !rd_ok(r);                                               \
            (n) += !err_;                                                                          \
        }                                                                                          \
        err_;                                                                                      \
    })

static void put_words(struct buf *b, const struct sample_report *r)
{
    buf_u8(b, SAMPLE_WORDS);
    for (size_t i = 0; i < SAMPLE_WORDS; i++)
        buf_part_text(b, r->word[i]);
}

/* An older report has fewer. */
static bool get_words(struct rd *r, struct sample_report *ret)
{
    unsigned n = rd_u8(r);
    bool good = n <= SAMPLE_WORDS;
    for (unsigned i = 0; good && i < n; i++)
        good = RD_PART_TEXT(r, ret->word[i]);
    return good;
}

static void put_signature(struct buf *b, const struct sample_signature *s)
{
    buf_le32(b, s->features);
    for (size_t i = 0; s->features && i < SAMPLE_SIGNATURE; i++)
        buf_le32(b, s->least[i]);
}

static void get_signature(struct rd *r, struct sample_signature *s)
{
    s->features = rd_le32(r);
    for (size_t i = 0; s->features && i < SAMPLE_SIGNATURE; i++)
        s->least[i] = rd_le32(r);
}

void sample_put(struct buf *b, const struct sample_report *r)
{
    buf_varint(b, r->size);
    buf_put(b, r->sha256, sizeof r->sha256);
    buf_put(b, r->sha1, sizeof r->sha1);
    buf_put(b, r->md5, sizeof r->md5);
    buf_part_text(b, r->tlsh);
    put_words(b, r);
    buf_u8(b, r->bits);
    buf_u8(b, (uint8_t)r->stripped);
    buf_le16(b, r->entropy);
    buf_le32(b, r->took);
    put_signature(b, &r->signature);
    PUT_LIST(b, r->finding, r->findings, put_finding);
    PUT_LIST(b, r->part, r->parts, put_part);
    PUT_LIST(b, r->endpoint, r->endpoints, put_endpoint);
    PUT_LIST(b, r->pair, r->pairs, put_pair);
    PUT_LIST(b, r->rule, r->rules, put_rule);
}

static int get_lists(struct rd *r, struct sample_report *ret)
{
    int err = GET_LIST(r, ret->finding, ret->findings, get_finding);
    err = err ? err : GET_LIST(r, ret->part, ret->parts, get_part);
    err = err ? err : GET_LIST(r, ret->endpoint, ret->endpoints, get_endpoint);
    err = err ? err : GET_LIST(r, ret->pair, ret->pairs, get_pair);
    return err ? err : GET_LIST(r, ret->rule, ret->rules, get_rule);
}

static int get_report(struct rd *r, struct sample_report *ret)
{
    ret->size = rd_varint(r);
    rd_copy(r, ret->sha256, sizeof ret->sha256);
    rd_copy(r, ret->sha1, sizeof ret->sha1);
    rd_copy(r, ret->md5, sizeof ret->md5);
    if (!RD_PART_TEXT(r, ret->tlsh) || !get_words(r, ret))
        return 1;
    ret->bits = rd_u8(r);
    uint8_t stripped = rd_u8(r);
    ret->stripped = (enum sample_tri)stripped;
    ret->entropy = rd_le16(r);
    ret->took = rd_le32(r);
    get_signature(r, &ret->signature);
    if (!rd_ok(r) || stripped > TRI_YES || ret->entropy > 800 || ret->size > SAMPLE_BYTES)
        return 1;
    int err = get_lists(r, ret);
    return err ? err : !rd_done(r);
}

int sample_get(struct rd r, struct sample_report *ret)
{
    struct sample_report v;
    sample_report_init(&v);
    int err = get_report(&r, &v);
    if (err)
        sample_report_release(&v);
    else
        *ret = v;
    return err;
}
