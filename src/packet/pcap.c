#include "packet/pcap.h"

#include "base/rd.h"

enum {
    RECORD = 16,
    AHEAD = 64, /* bytes past the next record's start: its packet's headers */
};

enum {
    VERSION_MAJOR = 2,
    VERSION_MINOR = 4,
};

/* Magic numbers as the machine that wrote the file saw them. */
static const struct magic {
    uint32_t value;
    enum pcap_form form;
    bool nano;
} MAGICS[] = {
    { 0xa1b2c3d4, PCAP_PLAIN, false },
    { 0xa1b23c4d, PCAP_PLAIN, true },
    { 0xa1b2cd34, PCAP_RARE, false }, /* Linux 2.x with a patched libpcap: longer records */
};

static const struct magic *magic_of(const uint8_t *p, bool swapped)
{
    uint32_t value = walk_u32(p, swapped);
    for (size_t i = 0; i < sizeof MAGICS / sizeof *MAGICS; i++)
        if (MAGICS[i].value == value)
            return &MAGICS[i];
    return NULL;
}

bool pcap_recognise(const uint8_t magic[static 4])
{
    return magic_of(magic, false) || magic_of(magic, true);
}

enum pcap_form pcap_begin(struct pcap *ret, const uint8_t header[static PCAP_HEADER])
{
    bool swapped = !magic_of(header, false);
    const struct magic *magic = magic_of(header, swapped);
    if (!magic)
        return PCAP_NOT;
    /* Draft, section 4: the low 16 bits are the link type; the rest tells of frame check sequences,
     * which the IP length keeps out of the way. */
    *ret = (struct pcap){
        .swapped = swapped,
        .nano = magic->nano,
        .link = walk_u32(header + 20, swapped) & 0xffff,
    };
    bool current = walk_u16(header + 4, swapped) == VERSION_MAJOR &&
                   walk_u16(header + 6, swapped) == VERSION_MINOR;
    return current ? magic->form : PCAP_RARE;
}

/*
 * The hot path of the house: measured, so bounds are tested by hand, and byte order and unit are
 * constants in each of the four functions that are made of it.
 */
static inline __attribute__((always_inline)) int
walk(uint32_t link, struct walk *w, struct frame *frames, const bool swapped, const bool nano)
{
    const uint32_t unit = nano ? 1000000000 : 1000000;
    const uint8_t *p = w->p;
    const uint8_t *const end = w->end;
    int n = 0;
    while (n < READER_BATCH) {
        size_t left = (size_t)(end - p);
        if (__builtin_expect(left < RECORD, 0)) {
            w->need = RECORD;
            break;
        }
        uint32_t sec = walk_u32(p, swapped), fraction = walk_u32(p + 4, swapped);
        uint32_t caplen = walk_u32(p + 8, swapped), len = walk_u32(p + 12, swapped);
        if (__builtin_expect(caplen > WALK_CAPLEN_MAX, 0)) {
            w->problem = READER_LENGTH;
            break;
        }
        if (__builtin_expect(caplen > left - RECORD, 0)) {
            w->need = RECORD + (size_t)caplen;
            break;
        }
        int64_t whole = sec;
        if (__builtin_expect(fraction >= unit, 0)) {
            whole += fraction / unit;
            fraction %= unit;
        }
        frames[n++] = (struct frame){
            .data = p + RECORD,
            .caplen = caplen,
            .len = len > caplen ? len : caplen, /* what was captured was on the wire */
            .sec = whole,
            .nsec = nano ? fraction : fraction * 1000,
            .link = link,
        };
        p += RECORD + (size_t)caplen;
        /* The walk touches little of each record; whoever reads the frames will want the rest. */
        __builtin_prefetch(p + AHEAD);
    }
    w->p = p;
    return n;
}

int pcap_walk(const struct pcap *c, struct walk *w, struct frame frames[static READER_BATCH])
{
    if (c->swapped)
        return c->nano ? walk(c->link, w, frames, true, true)
                       : walk(c->link, w, frames, true, false);
    return c->nano ? walk(c->link, w, frames, false, true) : walk(c->link, w, frames, false, false);
}
