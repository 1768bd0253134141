#include "shell/arith.h"

#include <assert.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

/* Texts that end in NUL: an expression, then the values of a, b, c... */

static jmp_buf out;
static struct memory_account account = { .most = 4 << 20 };

static void __attribute__((noreturn)) exhausted(struct memory *m)
{
    (void)m;
    longjmp(out, 1);
}

static struct memory memory = { .account = &account, .exhausted = exhausted };

static const char *get(void *context, const char *name, size_t n)
{
    struct vars **v = context;
    const struct var *x = vars_find(*v, name, n);
    return x ? x->text + x->n_name + 1 : NULL;
}

static bool set(void *context, const char *name, size_t n, const char *value)
{
    assert(strlen(value) && strlen(value) < 24);
    return n != 1 || *name != 'r' ? vars_set(context, &memory, name, n, value, 0) == 0 : false;
}

static void evaluate(const char *text, size_t n)
{
    struct vars *v = vars_make(&memory);
    char name = 'a';
    for (size_t at = strlen(text) + 1; at < n && name <= 'z'; at += strlen(text + at) + 1, name++)
        assert(vars_set(&v, &memory, &name, 1, text + at, 0) == 0);
    const struct arith_scope scope = { &v, get, set };
    const char *why = "";
    uint64_t work = 0;
    int64_t value;
    int e = arith_value(text, &memory, &scope, &value, &why, &work);
    assert(e ? !why || *why : !why);
    assert(work <= n + 4 * (uint64_t)ARITH_WORK);
    vars_drop(v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!setjmp(out)) {
        char *text = memory_bytes(&memory, data, size);
        evaluate(text, size);
        memory_give(&memory, text);
        assert(!memory.blocks);
    }
    memory_clear(&memory);
    return 0;
}
