/* u8: flags; u8: the expression's length; the expression, the text. Spans lie in the text and in
 * each other. */
#include "shell/regex.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void __attribute__((noreturn)) no_memory(struct memory *m)
{
    (void)m;
    abort();
}

static void search_all(struct regex *r, struct memory *m, const char *s, size_t n, bool not_bol)
{
    struct regex_span spans[REGEX_GROUPS];
    uint64_t work = 0;
    for (size_t from = 0; from <= n && work < 1000000; from++) {
        enum regex_verdict verdict = regex_search(r, m, s, n, from, not_bol, spans, &work);
        struct regex_span whole = spans[0];
        assert((verdict == REGEX_MATCH) == (whole.start >= 0));
        if (verdict != REGEX_MATCH)
            break;
        assert((size_t)whole.start >= from && whole.start <= whole.end && (size_t)whole.end <= n);
        for (size_t i = 1; i < REGEX_GROUPS; i++)
            assert(spans[i].start < 0 ||
                   (i <= regex_groups(r) && spans[i].start >= whole.start &&
                    spans[i].start <= spans[i].end && spans[i].end <= whole.end));
        assert(regex_search(r, m, s, n, from, not_bol, NULL, &work) == REGEX_MATCH);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct memory_account account = { .most = 16 << 20 };
    struct memory m = { .account = &account, .exhausted = no_memory };
    const char *why = NULL, *s = (const char *)data + 2;
    size_t n = data[1] < size - 2 ? data[1] : size - 2;
    struct regex *r = regex_make(&m, s, n, data[0] & 7, &why);
    assert(r ? why == NULL : why != NULL);
    if (r)
        search_all(r, &m, s + n, size - 2 - n, data[0] & 8);
    regex_free(&m, r);
    assert(account.used == 0);
    return 0;
}
