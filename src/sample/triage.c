#include "sample/triage.h"

#include "base/digest.h"
#include "base/time.h"
#include "sample/elf.h"
#include "sample/endpoint.h"
#include "sample/entropy.h"
#include "sample/magic.h"
#include "sample/script.h"
#include "sample/similar.h"
#include "sample/tlsh.h"
#include "sample/xor.h"
#include "sample/yara.h"

#include <stdlib.h>

enum { YARA_S = 10, STRING_LEAST = 4, WIDE_LEAST = 6 };

struct triage {
    struct yara *yara;
};

int triage_make(struct triage **ret, const int *rules, size_t n)
{
    struct triage *t = calloc(1, sizeof *t);
    if (!t)
        return -ENOMEM;
    similar_prepare();
    int err = yara_make(&t->yara, rules, n);
    if (err) {
        free(t);
        return err;
    }
    *ret = t;
    return 0;
}

void triage_free(struct triage *t)
{
    if (t)
        yara_free(t->yara);
    free(t);
}

static void hash(const void *data, size_t n, struct sample_report *r)
{
    struct digest d;
    uint8_t out[DIGEST_MOST];
    digest_begin(&d, DIGEST_SHA1);
    digest_add(&d, data, n);
    (void)digest_end(&d, out);
    memcpy(r->sha1, out, sizeof r->sha1);
    digest_begin(&d, DIGEST_MD5);
    digest_add(&d, data, n);
    (void)digest_end(&d, out);
    memcpy(r->md5, out, sizeof r->md5);
}

static int find_open(const void *data, size_t n, struct sample_report *r)
{
    struct endpoint_walk open = { .report = r, .from = { .reason = "string" } },
                         wide = { .report = r, .from = { .reason = "wide", .trust = -10 } };
    TRY(strings_each(data, n, STRING_LEAST, endpoint_take, &open));
    return strings_each_wide(data, n, WIDE_LEAST, endpoint_take, &wide);
}

static bool is(const struct sample_report *r, const char *format)
{
    return !strcmp(r->word[WORD_FORMAT], format);
}

static int read_format(const void *data, size_t n, struct sample_report *r)
{
    magic_tell(data, n, r);
    if (is(r, "elf"))
        return elf_tell(data, n, r);
    return is(r, "script") || is(r, "text") ? script_read(data, n, r) : 0;
}

/* What is packed has no text to be found, hidden or not; nor has what is compressed. */
static bool may_hide_text(const struct sample_report *r)
{
    return is(r, "elf") || is(r, "pe") || is(r, "data") || is(r, "bflt") || is(r, "macho");
}

int triage_run(struct triage *t, const void *data, size_t n, struct sample_report *r)
{
    uint64_t began = time_mono();
    r->size = n;
    hash(data, n, r);
    tlsh_text(data, n, r->tlsh);
    r->entropy = entropy(data, n);
    TRY(read_format(data, n, r));
    TRY(find_open(data, n, r));
    if (may_hide_text(r))
        TRY(xor_find(data, n, r));
    similar_sign(data, n, r);
    TRY(yara_scan(t->yara, data, n, YARA_S, r));
    uint64_t took = (time_mono() - began) / 1000;
    r->took = took > UINT32_MAX ? UINT32_MAX : (uint32_t)(took ? took : 1);
    return 0;
}
