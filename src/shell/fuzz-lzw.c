/* u8: how many bytes come at a time; then what compress may have made. In pieces it is the same as at once. */
#include "shell/lzw.h"

#include <assert.h>
#include <setjmp.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 1 << 20 };

static jmp_buf full;

static void __attribute__((noreturn)) no_memory(struct memory *m)
{
    (void)m;
    longjmp(full, 1);
}

static void undo(struct memory *m, const uint8_t *data, size_t size, size_t piece, struct text *ret)
{
    struct lzw *z = lzw_make(m);
    enum gunzip_state state = GUNZIP_MORE;
    const uint8_t *out;
    size_t n_out;
    while (size && state == GUNZIP_MORE && ret->len < MOST) {
        size_t n = piece < size ? piece : size, had = n;
        do {
            state = lzw_run(z, &data, &n, &out, &n_out);
            if (state == GUNZIP_OUT)
                text_add(ret, out, n_out);
        } while (state == GUNZIP_OUT && ret->len < MOST);
        size -= had - n;
        assert(state != GUNZIP_MORE || n == 0);
    }
    if (state == GUNZIP_MORE)
        state = lzw_end(z);
    assert(state != GUNZIP_DAMAGED || *lzw_why(z));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct memory_account account = { .most = 16 << 20 };
    struct memory m = { .account = &account, .exhausted = no_memory };
    if (setjmp(full) == 0) {
        struct text whole = text_of(&m), pieces = text_of(&m);
        undo(&m, data + 1, size - 1, size, &whole);
        undo(&m, data + 1, size - 1, data[0] ? data[0] : 1, &pieces);
        size_t n = whole.len < pieces.len ? whole.len : pieces.len;
        assert(whole.len == pieces.len || whole.len >= MOST || pieces.len >= MOST || n <= whole.len);
        assert(n == 0 || !memcmp(whole.data, pieces.data, n));
    }
    memory_clear(&m);
    assert(account.used == 0);
    return 0;
}
