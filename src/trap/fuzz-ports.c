/*
 * What the keeper is told of the ports that are open: what is taken is written back as it was, and
 * looked up within bounds. Of the 4,096 classes an input has sixteen, which are repeated.
 */
#include "trap/ports.h"

#include <assert.h>

static void look(const struct ports *p)
{
    static uint8_t own[PORTS_BITMAP], extra[PORTS_BITMAP];
    for (uint32_t i = 0; i < 64; i++) {
        struct addr a = addr_v4(i * 2654435761u);
        uint16_t port = (uint16_t)(i * 997);
        uint64_t h = ports_hash(p->key, &a);
        ports_bitmap_persona(p, p->persona_of_class[ports_class(h)], own);
        ports_bitmap_extra(p, ports_extra(h), extra);
        int service = ports_service(p, &a, port);
        bool open = (own[port / 8] | extra[port / 8]) >> port % 8 & 1;
        assert(service < TRAP_SERVICES && open == (service != PORTS_CLOSED));
        (void)ports_datagrams(p, &a, PORTS_NETIS);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { HEAD = 26, CLASSES = 16 };
    static struct ports p;
    struct buf in, out;
    if (size < HEAD + CLASSES || size > PORTS_RECORD - PORTS_CLASSES)
        return 0;
    buf_init(&in, PORTS_RECORD);
    buf_init(&out, PORTS_RECORD);
    buf_put(&in, data, HEAD);
    for (size_t i = 0; i < PORTS_CLASSES / CLASSES; i++)
        buf_put(&in, data + HEAD, CLASSES);
    buf_put(&in, data + HEAD + CLASSES, size - HEAD - CLASSES);
    struct rd r = rd_init(in.data, in.len);
    if (ports_get(&r, &p) == 0) {
        ports_put(&out, &p);
        assert(buf_ok(&out) && out.len == in.len - rd_left(&r) &&
               memcmp(out.data, in.data, out.len) == 0);
        look(&p);
    }
    buf_release(&in);
    buf_release(&out);
    return 0;
}
