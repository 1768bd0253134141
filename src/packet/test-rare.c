#include "packet/rare.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* 192.0.2.1:40000 > 198.51.100.7:23, TCP SYN, behind an Ethernet header. */
static const uint8_t SYN[] = {
    2,    0,    0,    0,  0,   1,  2,   0, 0,  0, 0, 2, 8, 0, /* Ethernet */
    0x45, 0,    0,    40, 0,   1,  0,   0, 64, 6, 0, 0,       /* IPv4 */
    192,  0,    2,    1,  198, 51, 100, 7,                    /* addresses */
    0x9c, 0x40, 0,    23, 0,   0,  0,   1, 0,  0, 0, 0,       /* TCP */
    0x50, 2,    0x20, 0,  0,   0,  0,   0,
};
enum { ETHERNET = 14 };

static void test_filters(void **state)
{
    (void)state;
    static const struct {
        const char *expression;
        uint32_t link;
        bool matches;
    } ROWS[] = {
        { "", 1, true },
        { "tcp dst port 23", 1, true },
        { "tcp dst port 2323", 1, false },
        { "tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn", 1, true },
        { "src host 192.0.2.1 and dst net 198.51.100.0/24", 1, true },
        { "udp", 1, false },
        { "greater 1000", 1, true }, /* by the length on the wire */
        { "tcp dst port 23", 101, true },
        { "dst host 198.51.100.7", 101, true },
        { "dst host 198.51.100.8", 101, false },
        { "portrange 20-25", 1, true },
        { "tcp dst portrange 2000-4000", 1, false },
        { "ip proto 6 && not(udp||arp)", 1, true },
        { "ip6 host 2001:db8::1 or ip6 net 2001:db8:0:1::/64", 1, false },
        { "ether src host ff:ff:ff:ff:ff:ff", 1, false },
        { "net 192.0.2 or vlan 3", 1, true },
        { "tcp[2:2] == 0x17 and tcp[tcpflags:1] & tcp-syn != 0 and tcp[13:1]==2", 1, true },
        { "ip6 host ::1 or ip6 net 2001:db8::/32 or ether host 02:00:00:00:00:05", 1, false },
        { "len - 40 > 0 and not (ip[0]&0xf)-5 != 0", 1, true },
        { "tcp dst port 23", 228, true },
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        size_t skip = ROWS[i].link == 1 ? 0 : ETHERNET;
        struct frame frame = {
            .data = SYN + skip,
            .caplen = (uint32_t)(sizeof SYN - skip),
            .len = 1500,
            .link = ROWS[i].link,
        };
        struct filter *f = NULL;
        char why[200];
        assert_int_equal(filter_compile(&f, ROWS[i].expression, ROWS[i].link, why, sizeof why), 0);
        print_message("%s\n", ROWS[i].expression);
        assert_int_equal(filter_matches(f, &frame), ROWS[i].matches);
        frame.link = 113;
        assert_false(filter_matches(f, &frame));
        /* A filter sees no more than was captured. */
        frame.link = ROWS[i].link;
        frame.caplen = 0;
        assert_int_equal(filter_matches(f, &frame), i == 0 || i == 6);
        filter_free(f);
    }
    filter_free(NULL);
}

static void test_bad_filters(void **state)
{
    (void)state;
    static const char *const ROWS[] = { "tcp dst port", "port 70000", "len (", "tcp[", "host example.com",
                                        "port http", "ip proto \\tcp", "net loopback", "ether host gate",
                                        "tcp port 23 or 3com", "portrange 20-ssh", "host a-b", "host 1.example",
                                        "host 20-25", "host 1.2.3.4.5", "host 1.", "host abc:de", "host ab",
                                        "net 1-2", "portrange 1-2-3", "tcp[0:x]", "len-40 > 0", "host 02-00-00-00-00-01" };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct filter *f = NULL;
        char why[12];
        memset(why, 1, sizeof why);
        assert_int_equal(filter_compile(&f, ROWS[i], 1, why, sizeof why), FILTER_BAD);
        assert_null(f);
        assert_in_range(strnlen(why, sizeof why), 1, sizeof why - 1);
        assert_int_equal(filter_compile(&f, ROWS[i], 1, NULL, 0), FILTER_BAD);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_filters),
        cmocka_unit_test(test_bad_filters),
    };
    return cmocka_run_group_tests_name("packet/rare", tests, NULL, NULL);
}
