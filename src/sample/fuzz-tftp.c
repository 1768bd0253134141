/* Datagrams of a TFTP server, each with its length before it. Bytes come in order, a block at a time. */
#include "sample/tftp.h"

#include "base/rd.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rd r = rd_init(data, size);
    struct tftp t;
    tftp_begin(&t);
    while (rd_left(&r)) {
        const uint8_t *bytes;
        size_t n, length = rd_be16(&r) % 600;
        struct rd datagram = rd_sub(&r, length < rd_left(&r) ? length : rd_left(&r));
        uint16_t before = t.block;
        enum tftp_said said = tftp_take(&t, datagram.p, rd_left(&datagram), &bytes, &n);
        bool took = said == TFTP_DATA || said == TFTP_ENDED;
        assert(took == (t.block == (uint16_t)(before + 1)) && n <= TFTP_BLOCK && (said != TFTP_ENDED || n < TFTP_BLOCK));
        assert(!n || (bytes >= datagram.p && bytes + n <= datagram.p + rd_left(&datagram)));
    }
    return 0;
}
