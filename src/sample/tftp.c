#include "sample/tftp.h"

#include "base/rd.h"
#include "base/text.h"

enum { DATA = 3, ERROR = 5 };

void tftp_begin(struct tftp *t)
{
    *t = (struct tftp){ 0 };
}

static enum tftp_said take_data(struct tftp *t, struct rd r, const uint8_t **ret_data, size_t *ret_n)
{
    uint16_t block = rd_be16(&r);
    if (!rd_ok(&r) || rd_left(&r) > TFTP_BLOCK)
        return TFTP_NOTHING;
    if (block == t->block && !t->ended)
        return TFTP_AGAIN;
    if (block != (uint16_t)(t->block + 1) || t->ended)
        return TFTP_NOTHING;
    t->block = block;
    *ret_data = r.p;
    *ret_n = rd_left(&r);
    t->ended = *ret_n < TFTP_BLOCK; /* section 2: a short block is the last */
    return t->ended ? TFTP_ENDED : TFTP_DATA;
}

static enum tftp_said take_error(struct tftp *t, struct rd r)
{
    char text[sizeof t->why] = "";
    t->error = rd_be16(&r);
    size_t n = rd_left(&r) < sizeof text - 1 ? rd_left(&r) : sizeof text - 1;
    rd_copy(&r, text, n);
    text_copy(t->why, sizeof t->why, text);
    return TFTP_ERROR;
}

enum tftp_said tftp_take(struct tftp *t, const void *datagram, size_t n, const uint8_t **ret_data, size_t *ret_n)
{
    struct rd r = rd_init(datagram, n);
    uint16_t what = rd_be16(&r);
    *ret_data = NULL;
    *ret_n = 0;
    if (!rd_ok(&r))
        return TFTP_NOTHING;
    if (what == DATA)
        return take_data(t, r, ret_data, ret_n);
    return what == ERROR ? take_error(t, r) : TFTP_NOTHING;
}

void tftp_ack(const struct tftp *t, uint8_t ret[static TFTP_ACK])
{
    ret[0] = 0;
    ret[1] = 4;
    ret[2] = (uint8_t)(t->block >> 8);
    ret[3] = (uint8_t)t->block;
}
