#include "packet/reader.h"

#include "packet/pcap.h"
#include "packet/pcapng.h"
#include "packet/rare.h"
#include "packet/stream.h"
#include "packet/walk.h"

#include <stdlib.h>

enum {
    ALIGN = 4096, /* what read() fills best */
    ROOM_LEAST = 2 * ALIGN + WALK_CAPLEN_MAX + STREAM_PIECE,
};

enum format {
    FORMAT_UNKNOWN,
    FORMAT_PCAP,
    FORMAT_PCAPNG,
    FORMAT_RARE,
};

struct reader {
    struct stream *stream;
    enum format format;
    struct pcap pcap;
    struct pcapng pcapng;
    struct rare *rare;
    bool over; /* nothing more will be handed out */
    uint64_t problem_at;
    struct walk walk; /* over the bytes in `bytes` not parsed yet; its problem is the reader's */
    uint8_t *bytes;
    size_t room;
};

int reader_open(struct reader **ret, int fd)
{
    struct stream *s = NULL;
    int e = stream_open(&s, fd);
    if (e)
        return e;
    struct reader *r = calloc(1, sizeof *r);
    uint8_t *bytes = r ? aligned_alloc(ALIGN, ROOM_LEAST) : NULL;
    if (!bytes) {
        free(r);
        stream_close(s);
        return -ENOMEM;
    }
    r->stream = s;
    r->bytes = bytes;
    r->room = ROOM_LEAST;
    r->walk.p = r->walk.end = bytes;
    *ret = r;
    return 0;
}

void reader_close(struct reader *r)
{
    if (!r)
        return;
    rare_close(r->rare);
    pcapng_release(&r->pcapng);
    stream_close(r->stream);
    free(r->bytes);
    free(r);
}

/* What the stream says goes before what the parser thinks of the bytes that are missing. */
static enum reader_problem problem_of_stream(const struct reader *r, enum reader_problem otherwise)
{
    switch (stream_verdict(r->stream)) {
    case STREAM_COMPRESSION:
        return READER_COMPRESSION;
    case STREAM_IO:
        return READER_IO;
    case STREAM_FINE:
        break;
    }
    return otherwise;
}

static void stop(struct reader *r, enum reader_problem problem)
{
    r->over = true;
    r->walk.problem = problem;
    r->problem_at = reader_offset(r);
}

static size_t round_up(size_t n)
{
    return (n + ALIGN - 1) / ALIGN * ALIGN;
}

/*
 * Puts the bytes left where the next read() is aligned, in front of room for what is needed and a
 * piece. Frames handed out before are void by now.
 */
static int make_room(struct reader *r)
{
    size_t left = walk_left(&r->walk);
    size_t room = round_up(left > r->walk.need ? left : r->walk.need) + ALIGN + STREAM_PIECE;
    uint8_t *to = r->bytes;
    if (room > r->room) {
        to = aligned_alloc(ALIGN, room);
        if (!to)
            return -ENOMEM;
        r->room = room;
    }
    uint8_t *start = to + (round_up(left) - left);
    memmove(start, r->walk.p, left);
    if (to != r->bytes)
        free(r->bytes);
    r->bytes = to;
    r->walk.p = start;
    r->walk.end = start + left;
    return 0;
}

static size_t room_behind(const struct reader *r)
{
    return (size_t)(r->bytes + r->room - r->walk.end);
}

/* At least one byte more, or the reader is over. 0 or -errno. */
static int refill(struct reader *r)
{
    /* A little is moved every time, so that the same bytes of cache are used over and over; a
     * record that comes through a pipe in many pieces is not. */
    if (walk_left(&r->walk) < ALIGN || room_behind(r) < STREAM_PIECE)
        TRY(make_room(r));
    size_t got;
    TRY(stream_read(r->stream, r->bytes + (r->walk.end - r->bytes), STREAM_PIECE, &got));
    r->walk.end += got;
    if (got == 0)
        stop(r, problem_of_stream(r, walk_left(&r->walk) > 0 ? READER_CUT : READER_FINE));
    return 0;
}

/* Refills until n bytes are there; 1 where the reader is over before that. */
static int want(struct reader *r, size_t n)
{
    r->walk.need = n;
    while (walk_left(&r->walk) < n && !r->over)
        TRY(refill(r));
    return r->over;
}

static int begin_rare(struct reader *r)
{
    /* libpcap reads the stream itself; what was read beyond the header goes back through it. */
    int e = rare_open(&r->rare, &r->pcap, r->stream, r->walk.p, walk_left(&r->walk));
    if (e > 0)
        stop(r, problem_of_stream(r, (enum reader_problem)e));
    else if (!e)
        r->format = FORMAT_RARE;
    return e < 0 ? e : 0;
}

static int begin_pcap(struct reader *r)
{
    int e = want(r, PCAP_HEADER);
    if (e)
        return e < 0 ? e : 0;
    if (pcap_begin(&r->pcap, r->walk.p) == PCAP_RARE)
        return begin_rare(r);
    r->format = FORMAT_PCAP;
    r->walk.p += PCAP_HEADER;
    return 0;
}

static int begin_pcapng(struct reader *r)
{
    int e = want(r, 12);
    if (e)
        return e < 0 ? e : 0;
    if (pcapng_recognise(r->walk.p))
        r->format = FORMAT_PCAPNG;
    else
        stop(r, READER_NOT_A_CAPTURE);
    return 0;
}

/* Sets the format, or ends the reader. 0 or -errno. */
static int begin(struct reader *r)
{
    static const uint8_t SECTION[4] = { 0x0a, 0x0d, 0x0d, 0x0a };
    int e = want(r, sizeof SECTION);
    TRY(e);
    if (e) {
        stop(r, problem_of_stream(r, READER_NOT_A_CAPTURE));
        return 0;
    }
    if (pcap_recognise(r->walk.p))
        return begin_pcap(r);
    if (!memcmp(r->walk.p, SECTION, sizeof SECTION))
        return begin_pcapng(r);
    stop(r, READER_NOT_A_CAPTURE);
    return 0;
}

static int next_rare(struct reader *r, struct frame *frames)
{
    int n = rare_next(r->rare, frames);
    if (n == 0)
        stop(r, problem_of_stream(r, rare_problem(r->rare)));
    return n;
}

static int walk_on(struct reader *r, struct frame *frames)
{
    int n = r->format == FORMAT_PCAP ? pcap_walk(&r->pcap, &r->walk, frames)
                                     : pcapng_walk(&r->pcapng, &r->walk, frames);
    if (r->walk.problem)
        stop(r, r->walk.problem);
    return n;
}

int reader_next(struct reader *r, struct frame frames[static READER_BATCH])
{
    if (r->format == FORMAT_UNKNOWN && !r->over)
        TRY(begin(r));
    if (r->over)
        return 0;
    if (r->format == FORMAT_RARE)
        return next_rare(r, frames);
    int n = walk_on(r, frames);
    while (n == 0 && !r->over) {
        TRY(refill(r));
        if (!r->over)
            n = walk_on(r, frames);
    }
    return n;
}

enum reader_problem reader_problem(const struct reader *r, uint64_t *ret_offset)
{
    if (ret_offset)
        *ret_offset = r->problem_at;
    return r->walk.problem;
}

int reader_errno(const struct reader *r)
{
    return stream_errno(r->stream);
}

const char *reader_problem_text(enum reader_problem problem)
{
    static const char *const TEXTS[] = {
        [READER_FINE] = "no problem",
        [READER_NOT_A_CAPTURE] = "neither pcap nor pcapng",
        [READER_CUT] = "ends in the middle of a packet",
        [READER_LENGTH] = "a length that cannot be",
        [READER_FORMAT] = "a block or header that makes no sense",
        [READER_COMPRESSION] = "the compressed data are damaged or cut short",
        [READER_IO] = "reading failed",
    };
    size_t i = (size_t)problem;
    return i < sizeof TEXTS / sizeof *TEXTS ? TEXTS[i] : "unknown problem";
}

uint64_t reader_position(const struct reader *r)
{
    return stream_position(r->stream);
}

uint64_t reader_offset(const struct reader *r)
{
    return r->rare ? rare_offset(r->rare) : stream_total(r->stream) - walk_left(&r->walk);
}

int reader_digest(struct reader *r, uint8_t ret[static 16])
{
    r->over = true;
    size_t got;
    do {
        TRY(stream_read(r->stream, r->bytes, r->room, &got));
    } while (got > 0);
    if (stream_verdict(r->stream) == STREAM_IO)
        return -stream_errno(r->stream);
    stream_digest(r->stream, ret);
    return 0;
}
