#include "sample/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* The first and the last address of every range, and what lies beside it. */
static const struct {
    const char *address, *name;
} known[] = {
    { "0.0.0.0", "this-network" },       { "0.255.255.255", "this-network" },  { "1.0.0.0", "global" },
    { "9.255.255.255", "global" },       { "10.0.0.0", "private" },            { "10.255.255.255", "private" },
    { "11.0.0.0", "global" },            { "100.63.255.255", "global" },       { "100.64.0.0", "shared" },
    { "100.127.255.255", "shared" },     { "100.128.0.0", "global" },          { "126.255.255.255", "global" },
    { "127.0.0.0", "loopback" },         { "127.255.255.255", "loopback" },    { "128.0.0.0", "global" },
    { "169.253.255.255", "global" },     { "169.254.0.0", "link-local" },      { "169.254.255.255", "link-local" },
    { "169.255.0.0", "global" },         { "172.15.255.255", "global" },       { "172.16.0.0", "private" },
    { "172.31.255.255", "private" },     { "172.32.0.0", "global" },           { "191.255.255.255", "global" },
    { "192.0.0.0", "protocol" },         { "192.0.0.255", "protocol" },        { "192.0.1.0", "global" },
    { "192.0.2.0", "documentation" },    { "192.0.2.255", "documentation" },   { "192.0.3.0", "global" },
    { "192.31.195.255", "global" },      { "192.31.196.0", "relay" },          { "192.31.196.255", "relay" },
    { "192.31.197.0", "global" },        { "192.52.192.255", "global" },       { "192.52.193.0", "relay" },
    { "192.52.193.255", "relay" },       { "192.52.194.0", "global" },         { "192.88.98.255", "global" },
    { "192.88.99.0", "relay" },          { "192.88.99.255", "relay" },         { "192.88.100.0", "global" },
    { "192.167.255.255", "global" },     { "192.168.0.0", "private" },         { "192.168.255.255", "private" },
    { "192.169.0.0", "global" },         { "192.175.47.255", "global" },       { "192.175.48.0", "relay" },
    { "192.175.48.255", "relay" },       { "192.175.49.0", "global" },         { "198.17.255.255", "global" },
    { "198.18.0.0", "benchmark" },       { "198.19.255.255", "benchmark" },    { "198.20.0.0", "global" },
    { "198.51.99.255", "global" },       { "198.51.100.0", "documentation" },  { "198.51.100.255", "documentation" },
    { "198.51.101.0", "global" },        { "203.0.112.255", "global" },        { "203.0.113.0", "documentation" },
    { "203.0.113.255", "documentation" }, { "203.0.114.0", "global" },         { "223.255.255.255", "global" },
    { "224.0.0.0", "multicast" },        { "239.255.255.255", "multicast" },   { "240.0.0.0", "reserved" },
    { "255.255.255.254", "reserved" },   { "255.255.255.255", "broadcast" },
    { "::", "unspecified" },             { "::1", "loopback" },                { "::2", "this-network" },
    { "100::", "discard" },              { "100::ffff:ffff:ffff:ffff", "discard" }, { "100:0:0:1::", "not-global" },
    { "1fff::1", "not-global" },         { "2000::1", "global" },              { "3ffe::1", "global" },
    { "3fff::1", "documentation" },      { "3fff:fff::1", "documentation" },   { "3fff:1000::1", "global" },
    { "4000::1", "not-global" },         { "5f00::1", "protocol" },            { "fbff::1", "not-global" },
    { "fc00::", "unique-local" },        { "fdff::1", "unique-local" },        { "fe00::1", "not-global" },
    { "fe80::", "link-local" },          { "febf::1", "link-local" },          { "fec0::1", "site-local" },
    { "feff::1", "site-local" },         { "ff00::", "multicast" },            { "ff02::1", "multicast" },
    { "2001:db8::", "documentation" },   { "2001:db8:ffff::", "documentation" }, { "2001:db9::", "global" },
    { "2001:1::1", "protocol" },         { "2001:1ff::1", "protocol" },        { "2001:200::1", "global" },
    { "2001:2::1", "benchmark" },        { "2001:3::1", "relay" },             { "2001:4:112::1", "relay" },
    { "2620:4f:7fff:ffff::1", "global" }, { "2620:4f:8000::", "relay" },       { "2620:4f:8000:ffff::1", "relay" },
    { "2620:4f:8001::", "global" },      { "2606:4700::1111", "global" },
    { "2000:ffff:ffff::1", "global" },   { "2001:1:ffff::1", "protocol" },     { "2001:2:0:ffff::1", "benchmark" },
    { "2001:2:1::", "protocol" },        { "2001:3:ffff::1", "relay" },        { "2001:4:111:ffff::1", "protocol" },
    { "2001:4:112:ffff::1", "relay" },   { "2001:4:113::", "protocol" },       { "2001:db7:ffff::1", "global" },
    { "5eff:ffff::1", "not-global" },    { "5f00:ffff::1", "protocol" },       { "5f01::", "not-global" },
    { "3ffe:ffff::1", "global" },        { "3fff:fff:ffff::1", "documentation" }, { "ff:ffff::1", "not-global" },
    { "fe7f:ffff::1", "not-global" },    { "ffff:ffff::1", "multicast" },
    /* What holds another address is judged by that one. */
    { "::ffff:127.0.0.1", "loopback" },  { "::ffff:10.1.2.3", "private" },     { "::ffff:8.8.8.8", "translated" },
    { "::ffff:0:127.0.0.1", "loopback" }, { "::ffff:0:8.8.8.8", "translated" },
    { "::127.0.0.1", "loopback" },       { "::192.168.0.1", "private" },       { "::8.8.8.8", "translated" },
    { "64:ff9b::8.8.8.8", "global" },    { "64:ff9b::10.0.0.1", "private" },   { "64:ff9b::169.254.169.254", "link-local" },
    { "64:ff9b:1::8.8.8.8", "translated" }, { "64:ff9b:1::10.0.0.1", "private" },
    { "2002:808:808::1", "global" },     { "2002:7f00:1::1", "loopback" },     { "2002:c0a8:1::1", "private" },
    { "2001:0:808:808:3:4:f7f7:f7f7", "global" }, /* Teredo, of 8.8.8.8 by 8.8.8.8 */
    { "2001:0:808:808:3:4:80ff:fffe", "loopback" }, /* of 127.0.0.1 */
    { "2001:0:808:808:3:4:3f57:fefe", "private" }, /* of 192.168.1.1 */
    { "2001:0:7f00:1:3:4:f7f7:f7f7", "loopback" }, /* by 127.0.0.1 */
    { "2001:0:a00:1:3:4:f7f7:f7f7", "private" }, /* by 10.0.0.1 */
    { "2001:0:c0a8:1:3:4:f7f7:f7f7", "private" }, { "2001:0:c008:808:3:4:80ff:fffe", "loopback" },
    /* Just beside what holds one, and with all of what is held. */
    { "::ffff:192.168.0.1", "private" }, { "::fffe:10.0.0.1", "not-global" },  { "::ffff:0:192.168.0.1", "private" },
    { "::ffff:1:10.0.0.1", "not-global" }, { "64:ff9b::1:10.0.0.1", "not-global" }, { "64:ff9b:1:8000::10.0.0.1", "private" },
    { "2003:a00:1::1", "global" },       { "::1:10.0.0.1", "not-global" },
    { "2606:4700::5efe:808:808", "global" }, { "2606:4700::5efe:7f00:1", "loopback" }, /* ISATAP */
    { "2606:4700::200:5efe:a00:1", "private" }, { "2606:4700::100:5efe:a00:1", "global" },
    { "2002:808:808::5efe:c0a8:1", "private" }, { "fe80::5efe:808:808", "link-local" },
};

static struct addr parse(const char *text)
{
    struct addr a;
    if (addr_parse(text, &a))
        fail_msg("%s", text);
    return a;
}

static void every_range(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct addr a = parse(known[i].address);
        const char *name = judge_name(judge_address(&a, NULL));
        if (strcmp(name, known[i].name) != 0)
            fail_msg("%s: %s, not %s", known[i].address, name, known[i].name);
    }
}

static void every_verdict_has_a_name(void **state)
{
    (void)state;
    for (enum judge j = 0; j < JUDGE_WAYS; j++)
        assert_true(*judge_name(j));
    struct addr none = { 0 };
    assert_int_not_equal(judge_address(&none, NULL), JUDGE_GLOBAL);
}

/* Also in the guise of another address. */
static void what_is_denied(void **state)
{
    (void)state;
    const char *bad;
    struct prefix_list deny = { 0 }, allowed = { 0 };
    assert_int_equal(prefix_list_parse("8.8.8.0/24 2606:4700::/32", &deny, &bad), 0);
    assert_int_equal(prefix_list_parse("127.0.0.0/8 8.8.8.0/24", &allowed, &bad), 0);
    static const char *const denied[] = { "8.8.8.8", "2606:4700::1111", "64:ff9b::8.8.8.8", "2002:808:808::1", "::ffff:8.8.8.8",
                                          "2001:0:808:808:3:4:f6f6:f6f6", "2001:0:909:909:3:4:f7f7:f7f7", "2a00::5efe:808:808" };
    for (size_t i = 0; i < sizeof denied / sizeof *denied; i++) {
        struct addr a = parse(denied[i]);
        assert_int_equal(judge_address(&a, &deny), JUDGE_DENIED);
        assert_int_equal(judge_address_but(&a, &deny, &allowed), JUDGE_DENIED);
    }
    struct addr other = parse("8.8.9.8"), own = parse("127.0.0.1"), in = parse("::ffff:127.0.0.1");
    assert_int_equal(judge_address(&other, &deny), JUDGE_GLOBAL);
    assert_int_equal(judge_address_but(&own, &deny, &allowed), JUDGE_GLOBAL);
    assert_int_equal(judge_address_but(&own, &deny, NULL), JUDGE_LOOPBACK);
    assert_int_equal(judge_address_but(&in, &deny, &allowed), JUDGE_LOOPBACK);
    prefix_list_release(&deny);
    prefix_list_release(&allowed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_range),
        cmocka_unit_test(every_verdict_has_a_name),
        cmocka_unit_test(what_is_denied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
