/* The table's calls to a filter of the kernel's; the only file that knows libseccomp. */
#include "base/confine-parts.h"

#include <seccomp.h>

#define LOW_32 UINT64_C(0xffffffff)

enum { INT_BITS = 31 };

static struct scmp_arg_cmp compare(const struct confine_test *t, uint64_t bit)
{
    switch (t->compare) {
    case IS:
        return SCMP_CMP64(t->argument, SCMP_CMP_MASKED_EQ, LOW_32, t->value);
    case WITHOUT:
        return SCMP_CMP64(t->argument, SCMP_CMP_MASKED_EQ, t->value, 0);
    case ABOVE:
        return SCMP_CMP64(t->argument, SCMP_CMP_MASKED_EQ, bit, bit);
    default:
        return SCMP_CMP64(t->argument, SCMP_CMP_EQ, 0);
    }
}

static int add_rule(scmp_filter_ctx ctx, const struct confine_call *c, int number, uint64_t bit)
{
    struct scmp_arg_cmp tests[CONFINE_TESTS];
    unsigned n = 0;
    for (unsigned i = 0; i < CONFINE_TESTS; i++)
        if (c->test[i].compare != ANY)
            tests[n++] = compare(&c->test[i], bit);
    uint32_t action = c->error ? SCMP_ACT_ERRNO((uint32_t)c->error) : SCMP_ACT_ALLOW;
    int err = seccomp_rule_add_array(ctx, action, number, n, tests);
    /* A list that is wider says so already. */
    return err == -EEXIST ? 0 : err;
}

static const struct confine_test *find_above(const struct confine_call *c)
{
    for (unsigned i = 0; i < CONFINE_TESTS; i++)
        if (c->test[i].compare == ABOVE)
            return &c->test[i];
    return NULL;
}

/* "Above 2^n - 1" is: one of the bits from n on is set. A comparison of all 64 bits could be fooled by bits
 * that the kernel does not look at. */
static int add_call(scmp_filter_ctx ctx, const struct confine_call *c)
{
    int number = seccomp_syscall_resolve_name(c->name);
    if (number == __NR_SCMP_ERROR)
        return -EINVAL;
    const struct confine_test *above = find_above(c);
    if (!above)
        return add_rule(ctx, c, number, 0);
    for (unsigned i = 0; i < INT_BITS; i++)
        if (UINT64_C(1) << i > above->value)
            TRY(add_rule(ctx, c, number, UINT64_C(1) << i));
    return 0;
}

static int add_lists(scmp_filter_ctx ctx, const struct confine_rules *rules)
{
    for (const struct confine_call *const *list = rules->calls; *list; list++)
        for (const struct confine_call *c = *list; c->name; c++)
            TRY(add_call(ctx, c));
    return 0;
}

int confine_filter(const struct confine_rules *rules)
{
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!ctx)
        return -ENOMEM;
    int err = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (!err)
        err = add_lists(ctx, rules);
    if (!err)
        err = seccomp_load(ctx);
    seccomp_release(ctx);
    return err > 0 ? -EIO : err;
}
