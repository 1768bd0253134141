#include "shell/vars.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(a) (sizeof(a) / sizeof(a)[0])

static struct memory_account account = { .most = 64 << 20 };
static struct memory memory;

static void __attribute__((noreturn)) exhausted(struct memory *m)
{
    (void)m;
    abort();
}

static void set(struct vars **v, const char *name, const char *value)
{
    assert_int_equal(vars_set(v, &memory, name, strlen(name), value, 0), 0);
}

static void is(const struct vars *v, const char *name, const char *value)
{
    const char *has = vars_get(v, name);
    if (value)
        assert_string_equal(has, value);
    else
        assert_null(has);
}

struct listing {
    char text[512];
};

static void list(void *context, const struct var *x)
{
    struct listing *l = context;
    size_t n = strlen(l->text);
    snprintf(l->text + n, sizeof l->text - n, "%s%s", n ? " " : "", x->text);
}

static void lists(const struct vars *v, const char *wanted)
{
    struct listing l = { "" };
    vars_each(v, list, &l);
    assert_string_equal(l.text, wanted);
}

/* As `busybox env -i A=1... busybox sh -c env` lists them. */
static void in_the_order_of_ash(void **state)
{
    static const char *const names[] = { "P", "E",  "qkHUw", "A", "h",     "PATH", "SHLVL", "dih",
                                         "_", "cr", "fc",    "F", "rZoib", "PWD",  "Z" };
    struct vars *v = vars_make(&memory);
    (void)state;
    for (size_t i = 0; i < LENGTH(names); i++)
        set(&v, names[i], "");
    lists(v, "fc= rZoib= E= qkHUw= cr= SHLVL= Z= A= h= _= F= PATH= PWD= P= dih=");
    assert_int_equal(vars_unset(&v, &memory, "A", 1), 0);
    set(&v, "A", "2");
    lists(v, "fc= rZoib= E= qkHUw= cr= SHLVL= Z= h= A=2 _= F= PATH= PWD= P= dih=");
    vars_drop(v);
}

static void a_shared_table_stays_as_it_was(void **state)
{
    struct vars *v = vars_make(&memory);
    (void)state;
    set(&v, "A", "1");
    set(&v, "h", "2");
    struct vars *other = vars_share(v);
    assert_ptr_equal(other, v);
    set(&other, "h", "3");
    assert_ptr_not_equal(other, v);
    set(&other, "A", "0");
    set(&other, "b", "4");
    struct vars *third = vars_share(other);
    assert_int_equal(vars_unset(&third, &memory, "A", 1), 0);
    lists(v, "A=1 h=2");
    lists(third, "h=3 b=4");
    lists(other, "A=0 h=3 b=4");
    vars_drop(other);
    lists(v, "A=1 h=2");
    lists(third, "h=3 b=4");
    vars_drop(v);
    lists(third, "h=3 b=4");
    vars_drop(third);
    assert_int_equal(account.used, 0);
}

static void a_frozen_table_is_not_counted(void **state)
{
    struct memory_account device_account = { .most = 1 << 20 }, before;
    struct memory device = { .account = &device_account, .exhausted = exhausted };
    struct vars *v = vars_make(&device);
    (void)state;
    assert_int_equal(vars_set(&v, &device, "A", 1, "1", VAR_EXPORT), 0);
    assert_int_equal(vars_set(&v, &device, "h", 1, "2", VAR_EXPORT), 0);
    vars_freeze(v);
    before = device_account;
    struct vars *a = vars_share(v), *b = vars_share(v);
    set(&a, "h", "3");
    set(&b, "A", "4");
    lists(v, "A=1 h=2");
    lists(a, "A=1 h=3");
    lists(b, "A=4 h=2");
    vars_drop(a);
    vars_drop(b);
    vars_drop(v);
    assert_int_equal(account.used, 0);
    assert_int_equal(device_account.used, before.used);
    memory_clear(&device);
}

static void flags(void **state)
{
    struct vars *v = vars_make(&memory);
    (void)state;
    vars_flag(&v, &memory, "x", 1, VAR_EXPORT, 0);
    is(v, "x", NULL);
    lists(v, "x");
    set(&v, "x", "1");
    assert_int_equal(vars_find(v, "x", 1)->flags, VAR_EXPORT);
    assert_int_equal(vars_set(&v, &memory, "r", 1, "5", VAR_READONLY), 0);
    assert_int_equal(vars_set(&v, &memory, "r", 1, "6", 0), 1);
    assert_int_equal(vars_unset(&v, &memory, "r", 1), 1);
    vars_flag(&v, &memory, "r", 1, VAR_EXPORT, 0);
    is(v, "r", "5");
    assert_int_equal(vars_set(&v, &memory, "x", 1, NULL, 0), 0);
    is(v, "x", NULL);
    assert_int_equal(vars_unset(&v, &memory, "nosuch", 6), 0);
    set(&v, "y", "7");
    char **e = vars_environment(v, &memory);
    assert_string_equal(e[0], "r=5");
    assert_null(e[1]);
    memory_give(&memory, e);
    vars_drop(v);
}

static void values_of_the_table_itself(void **state)
{
    struct vars *v = vars_make(&memory);
    (void)state;
    set(&v, "x", "a longer value than it was");
    struct vars *other = vars_share(v);
    set(&v, "x", vars_get(v, "x") + 2);
    is(v, "x", "longer value than it was");
    set(&v, "x", vars_get(v, "x") + 7);
    is(v, "x", "value than it was");
    set(&v, "y", vars_get(v, "x"));
    is(v, "y", "value than it was");
    is(other, "x", "a longer value than it was");
    vars_drop(other);
    vars_drop(v);
}

static void saved_and_restored(void **state)
{
    struct vars *v = vars_make(&memory);
    (void)state;
    assert_int_equal(vars_set(&v, &memory, "A", 1, "1", VAR_EXPORT), 0);
    set(&v, "h", "2");
    vars_flag(&v, &memory, "u", 1, VAR_EXPORT, 0);
    struct var_saved *saved[] = { vars_save(v, &memory, "A", 1), vars_save(v, &memory, "n", 1),
                                  vars_save(v, &memory, "u", 1) };
    assert_int_equal(vars_set(&v, &memory, "A", 1, "9", VAR_READONLY), 0);
    set(&v, "n", "3");
    set(&v, "u", "4");
    for (size_t i = 0; i < LENGTH(saved); i++) {
        vars_restore(&v, &memory, saved[i]);
        memory_give(&memory, saved[i]);
    }
    lists(v, "u A=1 h=2");
    assert_int_equal(vars_find(v, "A", 1)->flags, VAR_EXPORT);
    assert_int_equal(vars_find(v, "u", 1)->flags, VAR_EXPORT | VAR_UNSET);
    vars_drop(v);
    assert_int_equal(account.used, 0);
}

static void names(void **state)
{
    (void)state;
    assert_true(var_name_ok("a", 1));
    assert_true(var_name_ok("_1aZ", 4));
    assert_false(var_name_ok("", 0));
    assert_false(var_name_ok("1a", 2));
    assert_false(var_name_ok("a-b", 3));
    assert_false(var_name_ok("\xc3\xa9", 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_the_order_of_ash),
        cmocka_unit_test(a_shared_table_stays_as_it_was),
        cmocka_unit_test(a_frozen_table_is_not_counted),
        cmocka_unit_test(flags),
        cmocka_unit_test(values_of_the_table_itself),
        cmocka_unit_test(saved_and_restored),
        cmocka_unit_test(names),
    };
    memory.account = &account;
    memory.exhausted = exhausted;
    return cmocka_run_group_tests_name("shell/vars", tests, NULL, NULL);
}
