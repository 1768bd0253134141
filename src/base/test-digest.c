#include "base/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Of "abc": RFC 1321, A.5; FIPS 180-4 and FIPS 202, the examples. */
static const struct {
    enum digest_kind kind;
    const char *hash;
} known[] = {
    { DIGEST_MD5, "900150983cd24fb0d6963f7d28e17f72" },
    { DIGEST_SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d" },
    { DIGEST_SHA256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { DIGEST_SHA512, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                     "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
    { DIGEST_SHA3_224, "e642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad73b46fdf" },
    { DIGEST_SHA3_256, "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532" },
    { DIGEST_SHA3_384, "ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b2"
                       "98d88cea927ac7f539f1edf228376d25" },
    { DIGEST_SHA3_512, "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e"
                       "10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0" },
};

static void known_hashes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct digest d;
        uint8_t hash[DIGEST_MOST];
        char hex[2 * DIGEST_MOST + 1] = "";
        digest_begin(&d, known[i].kind);
        digest_add(&d, "a", 1);
        digest_add(&d, "", 0);
        digest_add(&d, "bc", 2);
        size_t n = digest_end(&d, hash);
        for (size_t j = 0; j < n; j++)
            snprintf(hex + 2 * j, 3, "%02x", hash[j]);
        assert_string_equal(hex, known[i].hash);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(known_hashes) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
