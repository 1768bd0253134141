/*
 * teiten-sense: packets to flows, from one file or one capture ring. A private program that the supervisor
 * starts, with its descriptors already open:
 *
 *   3 the record channel, 4 the capture file or ring, 5 the p0f signature file (or /dev/null)
 *
 * It opens nothing and connects to nothing, and is held to that (base/confine.h) before it reads a byte of
 * the last two; all it has to say goes over the channel (event/record.h).
 */
#include "main/sense.h"

#include "base/confine.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/own.h"
#include "base/time.h"
#include "base/zstd.h"
#include "event/record.h"
#include "main/fds.h"
#include "main/hook.h"
#include "packet/decode.h"
#include "packet/fold.h"
#include "packet/gauge.h"
#include "packet/kinds.h"
#include "packet/own.h"
#include "packet/p0f.h"
#include "packet/rare.h"

#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <sys/random.h>

enum {
    FLUSH_AT = 256 << 10,      /* bytes waiting before a file's records are written */
    PROGRESS_EVERY = 1 << 12,  /* batches */
    SIGNATURES_MAX = 4 << 20,
};

/* Bytes of address space: several times what was ever seen, and the greatest ring. */
#define MEMORY_MOST ((size_t)2 << 30)
#define RING_MOST ((size_t)2 << 30)

/* ---- runs to records ---- */

static int put_begin(void *context, uint32_t hour)
{
    struct sense *s = context;
    return record_put_run(&s->channel, hour);
}

/* A file's records go out as they fill, and wait for the supervisor; live ones wait for their delta. */
static int write_due(struct sense *s)
{
    if (s->setup.live || channel_waiting(&s->channel) < FLUSH_AT)
        return 0;
    return channel_flush(&s->channel);
}

static int put_chunk(void *context, const struct run_chunk *chunk)
{
    struct sense *s = context;
    TRY(record_put_chunk(&s->channel, chunk));
    s->loose += chunk->n;
    return write_due(s);
}

static int put_end(void *context, const struct fold_run *run)
{
    struct sense *s = context;
    buf_reset(&s->totals);
    buf_reset(&s->minutes);
    buf_reset(&s->census);
    TRY(totals_encode(run->summary.totals, s->zstd, &s->totals));
    TRY(minutes_encode(run->minutes, s->zstd, &s->minutes));
    TRY(census_encode(run->summary.census, s->zstd, &s->census));
    TRY(record_put_run_end(&s->channel, run->summary.flows, run->summary.packets, &s->totals,
                           &s->minutes, &s->census));
    return write_due(s);
}

/* ---- setting up ---- */

static int receive_setup(struct sense *s)
{
    uint8_t type;
    struct rd r;
    TRY(channel_wait(&s->channel, &type, &r));
    if (type != RECORD_SETUP)
        return -EPROTO;
    int err = record_get_setup(r, &s->setup);
    return err > 0 ? -EPROTO : err;
}

/* The whole signature file. Other workers have the same descriptor, and so the same position in it. */
static int read_signatures(struct buf *text)
{
    enum { PIECE = 64 << 10 };
    ssize_t n = 1;
    while (n > 0) {
        uint8_t *at = buf_add(text, PIECE);
        if (!at)
            return -ENOMEM;
        text->len -= PIECE;
        n = pread(FD_SIGNATURES, at, PIECE, (off_t)text->len);
        text->len += n > 0 ? (size_t)n : 0;
    }
    return n < 0 ? -errno : 0;
}

/* The labels' numbers were worked out by the supervisor from the same file; another count means that it
 * changed meanwhile, and labels are left off rather than mixed up. */
static int load_signatures(struct sense *s)
{
    if (s->setup.label_n == 0)
        return 0;
    struct buf text;
    buf_init(&text, SIGNATURES_MAX);
    unsigned line;
    int err = read_signatures(&text);
    err = err ? 0 : p0f_load(&s->p0f, (const char *)text.data, text.len, &line);
    buf_release(&text);
    if (err == 0 && s->p0f && p0f_labels(s->p0f) != s->setup.label_n) {
        p0f_free(s->p0f);
        s->p0f = NULL;
    }
    return err < 0 ? err : 0;
}

static int make_fold(struct sense *s)
{
    struct fold_sink sink = { put_begin, put_chunk, put_end, s };
    return fold_make(&s->fold, &sink, FOLD_PACKETS);
}

_Static_assert((int)CONFINE_CHANNEL == FD_CHANNEL && (int)CONFINE_INPUT == FD_INPUT &&
                   (int)CONFINE_SIGNATURES == FD_SIGNATURES,
               "they are named in the table of what it may");

static int confine(struct sense *s)
{
    struct record_ready ready;
    size_t memory = MEMORY_MOST + (s->setup.live ? RING_MOST : 0);
    TRY(confine_enter(CONFINE_SENSE, NULL, 0, memory, &ready.confined));
    TRY(record_put_ready(&s->channel, &ready));
    return channel_flush(&s->channel);
}

static int set_up(struct sense *s)
{
    kinds_init();
    channel_init(&s->channel, FD_CHANNEL);
    buf_init(&s->totals, RECORD_MAX);
    buf_init(&s->minutes, RECORD_MAX);
    buf_init(&s->census, RECORD_MAX);
    TRY(receive_setup(s));
    /* A live one ends when the supervisor says so, which the one of a file need not wait for. */
    if (!s->setup.live)
        signal(SIGTERM, SIG_DFL);
    TRY(confine(s));
    TRY(zstd_packer_make(&s->zstd));
    TRY(load_signatures(s));
    TRY(own_addresses_make(&s->own, &s->setup.own));
    if (s->own) {
        uint64_t seed;
        if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
            return -EIO;
        TRY(own_flows_make(&s->own_flows, seed));
    }
    s->nat = (struct nat){ s->setup.nat, s->setup.nat_n };
    s->decoder = (struct decoder){ .own = s->own,
                                   .own_flows = s->own_flows,
                                   .nat = s->nat.n ? &s->nat : NULL,
                                   .p0f = s->p0f,
                                   .label_number = s->setup.label,
                                   .udp_answering = s->setup.udp_answering,
                                   .udp_answering_n = s->setup.udp_answering_n };
    return make_fold(s);
}

/* ---- files ---- */

static int put_coverage(struct sense *s, const struct gauge *g, uint64_t drops)
{
    struct record_coverage v = { g->start, g->end, g->packets, drops };
    return g->end ? record_put_coverage(&s->channel, &v) : 0;
}

int sense_warn(struct sense *s, uint32_t code, uint64_t offset, int64_t amount, bool *once)
{
    if (*once)
        return 0;
    *once = true;
    struct record_warning v = { code, offset, amount };
    return record_put_warning(&s->channel, &v);
}

static int warn_jump(struct sense *s, int64_t jump, uint64_t offset)
{
    return jump < 0 ? sense_warn(s, WARNING_JUMP_BACK, offset, -jump, &s->warned_back)
                    : sense_warn(s, WARNING_JUMP_FORWARD, offset, jump, &s->warned_forward);
}

/* Where a frame's bytes begin, given where the last frame's end. */
static uint64_t offset_of(const struct reader *r, const struct frame *f, const struct frame *last)
{
    uint64_t back = (uint64_t)(last->data + last->caplen - f->data), end = reader_offset(r);
    return back <= end ? end - back : end;
}

int sense_take(struct sense *s, const struct frame *f)
{
    struct packet p;
    decode(&s->decoder, f, &p);
    return fold_add(s->fold, &p, f->sec);
}

/* A filter is compiled for a link type, when its first frame comes; where it makes no sense for one, it
 * selects none of its frames. */
static int passes_filter(struct sense *s, const struct frame *f, bool *ret)
{
    if (!s->filter || s->filter_link != f->link) {
        filter_free(s->filter);
        s->filter = NULL;
        s->filter_link = f->link;
        int err = filter_compile(&s->filter, s->setup.filter, f->link, NULL, 0);
        if (err < 0)
            return err;
    }
    *ret = s->filter && filter_matches(s->filter, f);
    return 0;
}

/* What the filter leaves of a batch, moved together. */
static int select_frames(struct sense *s, struct frame *frame, int n)
{
    int kept = 0;
    for (int i = 0; i < n; i++) {
        bool passes;
        TRY(passes_filter(s, &frame[i], &passes));
        if (passes)
            frame[kept++] = frame[i];
    }
    return kept;
}

static int take_batch(struct sense *s, const struct reader *r, const struct frame *frame, int n)
{
    for (int i = 0; i < n; i++) {
        int64_t jump;
        struct gauge done;
        if (gauge_add(&s->gauge, frame[i].sec, &done, &jump))
            TRY(put_coverage(s, &done, 0));
        if (jump)
            TRY(warn_jump(s, jump, offset_of(r, &frame[i], &frame[n - 1])));
        if (!decode_knows_link(frame[i].link))
            TRY(sense_warn(s, WARNING_LINK, frame[i].link, 0, &s->warned_link));
        TRY(sense_take(s, &frame[i]));
    }
    s->packets += (uint64_t)n;
    return 0;
}

static int put_progress(struct sense *s, const struct reader *r)
{
    struct record_progress v = { reader_position(r), s->packets };
    TRY(record_put_progress(&s->channel, &v));
    return channel_flush(&s->channel);
}

static int finish_file(struct sense *s, struct reader *r)
{
    uint64_t offset;
    enum reader_problem problem = reader_problem(r, &offset);
    if (problem) {
        struct record_warning v = { WARNING_READER + (uint32_t)problem, offset, reader_errno(r) };
        TRY(record_put_warning(&s->channel, &v));
    }
    TRY(fold_flush(s->fold));
    TRY(put_coverage(s, &s->gauge, 0));
    struct record_end end = { .packets = s->packets };
    end.destinations_exact = fold_destinations(s->fold, &end.destinations);
    TRY(reader_digest(r, end.digest));
    TRY(record_put_end(&s->channel, &end));
    return channel_flush(&s->channel);
}

static int sense_file(struct sense *s)
{
    struct reader *r;
    TRY(reader_open(&r, FD_INPUT));
    struct frame frame[READER_BATCH];
    int n, err = 0;
    for (uint64_t batch = 1; !err && (n = reader_next(r, frame)) != 0; batch++) {
        if (n > 0 && s->setup.filter[0])
            n = select_frames(s, frame, n);
        err = n < 0 ? n : take_batch(s, r, frame, n);
        if (!err && batch % PROGRESS_EVERY == 0)
            err = put_progress(s, r);
    }
    if (!err)
        err = finish_file(s, r);
    reader_close(r);
    return err;
}

static void tear_down(struct sense *s)
{
    channel_release(&s->channel);
    setup_release(&s->setup);
    own_addresses_free(s->own);
    own_flows_free(s->own_flows);
    p0f_free(s->p0f);
    filter_free(s->filter);
    fold_free(s->fold);
    zstd_packer_free(s->zstd);
    buf_release(&s->totals);
    buf_release(&s->minutes);
    buf_release(&s->census);
}

int main(void)
{
    /* An hour's arrays come and go: memory that was once had is kept, rather than faulted in anew. */
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    struct sense *s = calloc(1, sizeof *s);
    if (!s)
        return 1;
    int err = set_up(s);
    if (!err) {
        CONFINE_HOOK();
        err = s->setup.live ? sense_live(s) : sense_file(s);
    }
    if (err && err != -EPIPE)
        log_error("sense-failed", LOG_ERRNO(err));
    tear_down(s);
    free(s);
    return err ? 1 : 0;
}
