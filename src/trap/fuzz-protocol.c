/*
 * The first byte tells how it comes in pieces. What is named or unknown of some bytes is so of
 * more; what is said with it stays within its room, and nothing is wanted of a visitor who will say
 * no more.
 */
#include "trap/protocol-inside.h"

#include <assert.h>
#include <stdlib.h>

static enum protocol_verdict name_of(const uint8_t *data, size_t n, bool over, struct protocol *ret)
{
    uint8_t *copy = malloc(n ? n : 1);
    assert(copy);
    if (n)
        memcpy(copy, data, n);
    enum protocol_verdict v = protocol_name(copy, n, over, ret);
    free(copy);
    return v;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct protocol p = { 0 }, before = { 0 };
    enum protocol_verdict v, last = PROTOCOL_MORE;
    if (size < 1 || size > 3 * PROTOCOL_LOOKS)
        return 0;
    size_t step = data[0] + 1u;
    data++;
    size--;
    for (size_t n = 0;; n = size - n < step ? size : n + step) {
        v = name_of(data, n, false, &p);
        assert(last == PROTOCOL_MORE || v == last);
        assert(v != PROTOCOL_NAMED || last != PROTOCOL_NAMED || strcmp(p.name, before.name) == 0);
        assert(v != PROTOCOL_MORE || n < PROTOCOL_LOOKS);
        assert(p.host.n <= PROTOCOL_WORDS && p.agent.n <= PROTOCOL_WORDS);
        last = v;
        before = p;
        if (n == size)
            break;
    }
    v = name_of(data, size, true, &p);
    assert(v != PROTOCOL_MORE && (last == PROTOCOL_MORE || v == last));
    assert(last != PROTOCOL_NAMED || strcmp(p.name, before.name) == 0);
    return 0;
}
