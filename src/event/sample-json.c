#include "event/sample-json.h"

#include <stdio.h>
#include <string.h>

static void put_text(struct json *j, const char *key, const char *value)
{
    json_text(j, key, *value ? value : NULL);
}

static void put_key(struct json *j, const uint8_t *key, uint8_t n)
{
    if (n)
        json_hex(j, "key", key, n);
}

static void put_finding(struct json *j, const struct sample_finding *f)
{
    json_text(j, "name", f->name);
    json_text(j, "text", f->text);
    json_count(j, "at", f->at);
}

static void put_endpoint(struct json *j, const struct sample_endpoint *e)
{
    json_text(j, "kind", endpoint_kind_name(e->kind));
    json_text(j, "text", e->text);
    if (e->port)
        json_count(j, "port", e->port);
    json_count(j, "confidence", e->confidence);
    json_text(j, "reason", e->reason);
    put_key(j, e->key, e->key_n);
    json_count(j, "at", e->at);
    put_text(j, "range", e->range);
}

static void put_pair(struct json *j, const struct sample_pair *p)
{
    json_text(j, "user", p->user);
    json_text(j, "password", p->password);
    put_key(j, p->key, p->key_n);
    json_count(j, "at", p->at);
}

static void put_part(struct json *j, const struct sample_part *p)
{
    char flags[4] = "";
    snprintf(flags, sizeof flags, "%s%s%s", p->flags & PART_READ ? "r" : "", p->flags & PART_WRITE ? "w" : "",
             p->flags & PART_EXECUTE ? "x" : "");
    json_text(j, "kind", p->segment ? "segment" : "section");
    json_text(j, "name", p->name);
    json_count(j, "offset", p->offset);
    json_count(j, "size", p->size);
    json_count(j, "address", p->address);
    json_text(j, "flags", flags);
    json_number(j, "entropy", p->entropy / 100.0, 2);
}

static void put_rule(struct json *j, const struct sample_rule *x)
{
    json_text(j, "name", x->name);
    put_text(j, "family", x->family);
    json_text(j, "origin", x->origin);
}

#define PUT_LIST(j, key, list, n, put)                                                             \
    do {                                                                                           \
        json_open_list(j, key);                                                                    \
        for (size_t i_ = 0; i_ < (n); i_++) {                                                      \
            json_open_object(j, NULL);                                                             \
            put(j, &(list)[i_]);                                                                   \
            json_close(j);                                                                         \
        }                                                                                          \
        json_close(j);                                                                             \
        if (n##_more)                                                                              \
            json_count(j, key "_left_out", n##_more);                                              \
    } while (0)

static void put_stripped(struct json *j, enum sample_tri t)
{
    if (t == TRI_UNKNOWN)
        json_nothing(j, "stripped");
    else
        json_bool(j, "stripped", t == TRI_YES);
}

void sample_json(struct json *j, const struct sample_report *r)
{
    json_hex(j, "sha256", r->sha256, sizeof r->sha256);
    json_hex(j, "sha1", r->sha1, sizeof r->sha1);
    json_hex(j, "md5", r->md5, sizeof r->md5);
    put_text(j, "tlsh", r->tlsh);
    json_count(j, "size", r->size);
    for (enum sample_word w = 0; w < SAMPLE_WORDS; w++)
        put_text(j, sample_word_name(w), r->word[w]);
    if (r->bits)
        json_count(j, "bits", r->bits);
    else
        json_nothing(j, "bits");
    put_stripped(j, r->stripped);
    json_number(j, "entropy", r->entropy / 100.0, 2);
    PUT_LIST(j, "endpoints", r->endpoint, r->endpoints, put_endpoint);
    PUT_LIST(j, "findings", r->finding, r->findings, put_finding);
    PUT_LIST(j, "log_ins", r->pair, r->pairs, put_pair);
    PUT_LIST(j, "rules", r->rule, r->rules, put_rule);
    PUT_LIST(j, "parts", r->part, r->parts, put_part);
}
