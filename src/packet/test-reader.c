#include "packet/reader.h"

#include "base/zstd.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- captures, made by hand ---- */

enum order { LITTLE, BIG };

enum { MARKS_MAX = 16 };

/* A file in the making. `marks` are the offsets behind each packet, by which cuts are judged. */
struct file {
    uint8_t *d;
    size_t n, room;
    enum order order;
    size_t start;           /* of the block in the making */
    size_t ends[MARKS_MAX]; /* offsets where the file may end... */
    int packets[MARKS_MAX]; /* ... and how many packets stand before each */
    size_t marks;
};

static void put_bytes(struct file *f, const void *d, size_t n)
{
    if (f->n + n > f->room) {
        f->room = 2 * (f->n + n);
        f->d = realloc(f->d, f->room);
        assert_non_null(f->d);
    }
    if (n)
        memcpy(f->d + f->n, d, n);
    f->n += n;
}
static void put(struct file *f, uint64_t v, int width)
{
    uint8_t b[8];
    for (int i = 0; i < width; i++)
        b[i] = (uint8_t)(v >> (8 * (f->order == LITTLE ? i : width - 1 - i)));
    put_bytes(f, b, (size_t)width);
}
static void put_fill(struct file *f, size_t n, unsigned seed)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t b = (uint8_t)(seed * 31 + i * 7 + (i >> 8));
        put_bytes(f, &b, 1);
    }
}
static bool is_fill(const uint8_t *d, size_t n, unsigned seed)
{
    for (size_t i = 0; i < n; i++)
        if (d[i] != (uint8_t)(seed * 31 + i * 7 + (i >> 8)))
            return false;
    return true;
}
static void mark(struct file *f, int packets)
{
    assert_true(f->marks < MARKS_MAX);
    f->ends[f->marks] = f->n;
    f->packets[f->marks++] = packets;
}
static void release(struct file *f)
{
    free(f->d);
    *f = (struct file){ 0 };
}

static void pcap_header(struct file *f, uint32_t magic, unsigned major, unsigned minor,
                        uint32_t link)
{
    put(f, magic, 4);
    put(f, major, 2);
    put(f, minor, 2);
    put(f, 0, 4);
    put(f, 0, 4);
    put(f, 262144, 4);
    put(f, link, 4);
}
static void pcap_record(struct file *f, uint32_t sec, uint32_t fraction, uint32_t caplen,
                        uint32_t len)
{
    put(f, sec, 4);
    put(f, fraction, 4);
    put(f, caplen, 4);
    put(f, len, 4);
}

static void block_begin(struct file *f, uint32_t type)
{
    f->start = f->n;
    put(f, type, 4);
    put(f, 0, 4);
}
/* Ends the block with a length that is `lie` too large in front, and `lie_behind` behind. */
static void block_end_lying(struct file *f, uint32_t lie, uint32_t lie_behind)
{
    while ((f->n - f->start) % 4)
        put(f, 0, 1);
    uint32_t length = (uint32_t)(f->n - f->start) + 4;
    put(f, length + lie_behind, 4);
    size_t end = f->n;
    f->n = f->start + 4;
    put(f, length + lie, 4);
    f->n = end;
}
static void block_end(struct file *f)
{
    block_end_lying(f, 0, 0);
}
static void section(struct file *f, enum order order)
{
    f->order = order;
    block_begin(f, 0x0a0d0d0a);
    put(f, 0x1a2b3c4d, 4);
    put(f, 1, 2);
    put(f, 0, 2);
    put(f, UINT64_MAX, 8);
    block_end(f);
}
static void interface(struct file *f, unsigned link, uint32_t snaplen)
{
    block_begin(f, 1);
    put(f, link, 2);
    put(f, 0, 2);
    put(f, snaplen, 4);
    block_end(f);
}
static void interface_timed(struct file *f, unsigned link, unsigned resolution, int64_t offset)
{
    block_begin(f, 1);
    put(f, link, 2);
    put(f, 0, 2);
    put(f, 0, 4);
    put(f, 2, 2); /* if_name, to be stepped over */
    put(f, 5, 2);
    put_bytes(f, "veth0\0\0", 8);
    put(f, 9, 2);
    put(f, 1, 2);
    put(f, resolution, 1);
    put_bytes(f, "\0\0", 3);
    put(f, 14, 2);
    put(f, 8, 2);
    put(f, (uint64_t)offset, 8);
    put(f, 0, 4);
    block_end(f);
}
static void enhanced_head(struct file *f, uint32_t id, uint64_t time, uint32_t caplen, uint32_t len)
{
    block_begin(f, 6);
    put(f, id, 4);
    put(f, time >> 32, 4);
    put(f, time & 0xffffffff, 4);
    put(f, caplen, 4);
    put(f, len, 4);
}
static void enhanced(struct file *f, uint32_t id, uint64_t time, uint32_t caplen, unsigned seed)
{
    enhanced_head(f, id, time, caplen, caplen);
    put_fill(f, caplen, seed);
    block_end(f);
}

/* gzip with stored blocks only (RFC 1951, section 3.2.4), one member. */
static uint32_t crc32_of(const uint8_t *d, size_t n)
{
    uint32_t c = ~0u;
    for (size_t i = 0; i < n; i++) {
        c ^= d[i];
        for (int k = 0; k < 8; k++)
            c = c & 1 ? c >> 1 ^ 0xedb88320 : c >> 1;
    }
    return ~c;
}
static void gzip_member(struct file *f, const uint8_t *d, size_t n)
{
    static const uint8_t HEAD[10] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255 };
    put_bytes(f, HEAD, sizeof HEAD);
    size_t at = 0;
    do {
        size_t part = n - at < 65535 ? n - at : 65535;
        put(f, at + part == n, 1);
        put(f, part, 2);
        put(f, ~part & 0xffff, 2);
        put_bytes(f, d + at, part);
        at += part;
    } while (at < n);
    put(f, crc32_of(d, n), 4);
    put(f, n, 4);
}
/* zstd with one raw block (RFC 8878, section 3.1.1), up to 128 KiB a frame. */
static void zstd_frame_raw(struct file *f, const uint8_t *d, size_t n)
{
    assert_true(n <= 128 * 1024);
    put(f, 0xfd2fb528, 4);
    put(f, 0xa0, 1); /* one segment, four bytes of content size */
    put(f, n, 4);
    put(f, n << 3 | 1, 3);
    put_bytes(f, d, n);
}
static void zstd_skippable(struct file *f, size_t n)
{
    put(f, 0x184d2a53, 4);
    put(f, n, 4);
    put_fill(f, n, 1);
}

/* ---- reading ---- */

static int fd_of(const uint8_t *d, size_t n)
{
    int fd = memfd_create("capture", MFD_CLOEXEC);
    assert_true(fd >= 0);
    size_t at = 0;
    while (at < n) {
        ssize_t k = write(fd, d + at, n - at);
        assert_true(k > 0);
        at += (size_t)k;
    }
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

struct result {
    int packets;
    enum reader_problem problem;
    uint64_t offset;
    int digest_error;
    uint8_t digest[16];
};

typedef void seen_fn(const struct frame *f, int number);

static struct result read_fd(int fd, seen_fn *seen)
{
    static struct frame frames[READER_BATCH];
    struct result got = { 0 };
    struct reader *r;
    assert_int_equal(reader_open(&r, fd), 0);
    int n;
    while ((n = reader_next(r, frames)) > 0) {
        assert_true(n <= READER_BATCH);
        for (int i = 0; i < n; i++, got.packets++)
            if (seen)
                seen(&frames[i], got.packets);
    }
    assert_int_equal(n, 0);
    assert_int_equal(reader_next(r, frames), 0);
    got.problem = reader_problem(r, &got.offset);
    got.digest_error = reader_digest(r, got.digest);
    reader_close(r);
    return got;
}
static struct result read_bytes(const uint8_t *d, size_t n, seen_fn *seen)
{
    return read_fd(fd_of(d, n), seen);
}

static struct frame one; /* the last frame seen; its data are gone */
static void remember(const struct frame *f, int number)
{
    (void)number;
    one = *f;
}

/* ---- pcap ---- */

static void test_pcap_forms(void **state)
{
    (void)state;
    static const struct {
        enum order order;
        uint32_t magic, link;
        unsigned major, minor;
        uint32_t sec, fraction;
        int64_t want_sec;
        uint32_t want_nsec, want_link;
    } ROWS[] = {
        { LITTLE, 0xa1b2c3d4, 1, 2, 4, 1600000000, 123456, 1600000000, 123456000, 1 },
        { BIG, 0xa1b2c3d4, 1, 2, 4, 1600000000, 999999, 1600000000, 999999000, 1 },
        { LITTLE, 0xa1b23c4d, 101, 2, 4, 1600000000, 123456789, 1600000000, 123456789, 101 },
        { BIG, 0xa1b23c4d, 276, 2, 4, 1600000000, 999999999, 1600000000, 999999999, 276 },
        /* seconds are unsigned: 2038 is no end */
        { LITTLE, 0xa1b2c3d4, 1, 2, 4, 0xffffffff, 0, 4294967295, 0, 1 },
        /* fractions that are none */
        { LITTLE, 0xa1b2c3d4, 1, 2, 4, 10, 1000000, 11, 0, 1 },
        { LITTLE, 0xa1b2c3d4, 1, 2, 4, 0xffffffff, 0xffffffff, 4294971589, 967295000, 1 },
        { BIG, 0xa1b23c4d, 1, 2, 4, 0xffffffff, 0xffffffff, 4294967299, 294967295, 1 },
        /* frame check sequence and reserved bits above the link type */
        { LITTLE, 0xa1b2c3d4, 0x24000001, 2, 4, 1, 2, 1, 2000, 1 },
        { BIG, 0xa1b2c3d4, 0xfbff0071, 2, 4, 1, 2, 1, 2000, 113 },
        /* forms that libpcap reads for us */
        { LITTLE, 0xa1b2c3d4, 1, 2, 3, 1600000000, 123456, 1600000000, 123456000, 1 },
        { BIG, 0xa1b23c4d, 101, 2, 3, 1600000000, 123456789, 1600000000, 123456789, 101 },
        { LITTLE, 0xa1b2cd34, 1, 2, 4, 0xfffffff0, 123456, 4294967280, 123456000, 1 },
        { BIG, 0xa1b2cd34, 1, 2, 4, 1600000000, 5000000, 1600000005, 0, 1 },
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct file f = { .order = ROWS[i].order };
        pcap_header(&f, ROWS[i].magic, ROWS[i].major, ROWS[i].minor, ROWS[i].link);
        pcap_record(&f, ROWS[i].sec, ROWS[i].fraction, 60, 1500);
        if (ROWS[i].magic == 0xa1b2cd34)
            put(&f, 0, 8);
        put_fill(&f, 60, 3);
        struct result got = read_bytes(f.d, f.n, remember);
        print_message("form %zu\n", i);
        assert_int_equal(got.packets, 1);
        assert_int_equal(got.problem, READER_FINE);
        assert_int_equal(one.sec, ROWS[i].want_sec);
        assert_int_equal(one.nsec, ROWS[i].want_nsec);
        assert_int_equal(one.link, ROWS[i].want_link);
        assert_int_equal(one.caplen, 60);
        assert_int_equal(one.len, 1500);
        release(&f);
    }
}

/* A frame's number is in its seconds, its length a function of the number, its bytes of both. */
static uint32_t length_of(int number)
{
    return number % 5000 == 4999 ? 262144 : (uint32_t)(number * 37 % 90);
}
static void check_numbered(const struct frame *f, int number)
{
    assert_int_equal(f->sec, number);
    assert_int_equal(f->caplen, length_of(number));
    assert_int_equal(f->len, length_of(number) + 1);
    assert_true(is_fill(f->data, f->caplen, (unsigned)number));
}
enum { NUMBERED = 20000 };
static void numbered_pcap(struct file *f, uint32_t magic)
{
    pcap_header(f, magic, 2, 4, 1);
    for (int i = 0; i < NUMBERED; i++) {
        pcap_record(f, (uint32_t)i, 0, length_of(i), length_of(i) + 1);
        if (magic == 0xa1b2cd34)
            put(f, 0, 8);
        put_fill(f, length_of(i), (unsigned)i);
    }
}
static void numbered_pcapng(struct file *f)
{
    section(f, f->order);
    interface_timed(f, 1, 0, 0);
    for (int i = 0; i < NUMBERED; i++) {
        enhanced_head(f, 0, (uint64_t)i, length_of(i), length_of(i) + 1);
        put_fill(f, length_of(i), (unsigned)i);
        block_end(f);
    }
}

/* Records that cross the buffer's end, batches that are checked when they are whole. */
static void test_long_files(void **state)
{
    (void)state;
    for (int i = 0; i < 6; i++) {
        struct file f = { .order = i % 2 ? BIG : LITTLE };
        if (i < 2)
            numbered_pcap(&f, 0xa1b2c3d4);
        else if (i < 4)
            numbered_pcapng(&f);
        else
            numbered_pcap(&f, 0xa1b2cd34);
        struct result got = read_bytes(f.d, f.n, check_numbered);
        assert_int_equal(got.packets, NUMBERED);
        assert_int_equal(got.problem, READER_FINE);
        assert_int_equal(got.offset, f.n);
        release(&f);
    }
}

/* ---- pcapng ---- */

static void test_pcapng_times(void **state)
{
    (void)state;
    static const struct {
        unsigned resolution;
        uint64_t time;
        int64_t offset;
        int64_t sec;
        uint32_t nsec;
    } ROWS[] = {
        { 6, 1600000000123456, 0, 1600000000, 123456000 },
        { 9, 1600000000123456789, 0, 1600000000, 123456789 },
        { 0, 1600000000, -1600000000, 0, 0 },
        { 3, 1600000000999, 1, 1600000001, 999000000 },
        { 7, 18446744073709551615u, 0, 1844674407370, 955161500 },
        { 9, 18446744073709551615u, 0, 18446744073, 709551615 },
        { 10, 18446744073709551615u, 0, 1844674407, 370955161 },
        { 12, 18446744073709551615u, 0, 18446744, 73709551 },
        { 18, 18446744073709551615u, 0, 18, 446744073 },
        { 19, 18446744073709551615u, 0, 1, 844674407 },
        { 20, 18446744073709551615u, 0, 0, 184467440 },
        { 28, 18446744073709551615u, 0, 0, 1 },
        { 29, 18446744073709551615u, 0, 0, 0 },
        { 127, 18446744073709551615u, 0, 0, 0 },
        { 0x80, 1600000000, 5, 1600000005, 0 },
        { 0x80 | 1, 3, 0, 1, 500000000 },
        { 0x80 | 10, 1600000000ull << 10 | 1023, 0, 1600000000, 999023437 },
        { 0x80 | 32, 1600000000ull << 32 | 0xffffffff, 0, 1600000000, 999999999 },
        { 0x80 | 33, 18446744073709551615u, 0, 2147483647, 999999999 },
        { 0x80 | 34, 12345678901234567890u, 0, 718613091, 229610604 },
        { 0x80 | 63, 9223372036854775809u, 0, 1, 0 },
        { 0x80 | 63, 18446744073709551615u, 0, 1, 999999999 },
        { 0x80 | 64, 9223372036854775808u, 0, 0, 500000000 },
        { 0x80 | 70, 18446744073709551615u, 0, 0, 15624999 },
        { 0x80 | 93, 18446744073709551615u, 0, 0, 1 },
        { 0x80 | 94, 18446744073709551615u, 0, 0, 0 },
        { 0x80 | 127, 18446744073709551615u, 0, 0, 0 },
        { 6, 1500000, INT64_MIN, INT64_MIN + 1, 500000000 },
        { 6, 1500000, INT64_MAX - 1, INT64_MAX, 500000000 },
        { 0, 18446744073709551615u, INT64_MIN, INT64_MAX, 0 },
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct file f = { 0 };
        section(&f, i % 2 ? BIG : LITTLE);
        interface_timed(&f, 1, ROWS[i].resolution, ROWS[i].offset);
        enhanced(&f, 0, ROWS[i].time, 9, 1);
        struct result got = read_bytes(f.d, f.n, remember);
        print_message("time %zu\n", i);
        assert_int_equal(got.packets, 1);
        assert_int_equal(got.problem, READER_FINE);
        assert_true(one.sec == ROWS[i].sec);
        assert_int_equal(one.nsec, ROWS[i].nsec);
        release(&f);
    }
}

/* Everything that a pcapng file may hold, once. */
static void mixed_pcapng(struct file *f)
{
    section(f, LITTLE);
    mark(f, 0);
    interface(f, 1, 20);
    mark(f, 0);
    interface_timed(f, 101, 9, 100);
    mark(f, 0);
    enhanced(f, 1, 1600000000000000001, 41, 0);
    mark(f, 1);
    block_begin(f, 0x40000bad); /* a block of somebody's own */
    put_fill(f, 17, 9);
    block_end(f);
    mark(f, 1);
    block_begin(f, 3); /* simple: cut to the first interface's 20 bytes */
    put(f, 99, 4);
    put_fill(f, 20, 1);
    block_end(f);
    mark(f, 2);
    block_begin(f, 2); /* obsolete: 16 bits of interface, 16 of drops */
    put(f, 1, 2);
    put(f, 7, 2);
    put(f, 1, 4);
    put(f, 0, 4);
    put(f, 8, 4);
    put(f, 1000, 4);
    put_fill(f, 8, 2);
    block_end(f);
    mark(f, 3);
    section(f, BIG); /* interfaces begin anew */
    mark(f, 3);
    interface(f, 113, 0);
    mark(f, 3);
    enhanced(f, 0, 3000001, 5, 3);
    mark(f, 4);
    section(f, BIG);
    mark(f, 4);
    section(f, LITTLE);
    mark(f, 4);
    interface(f, 276, 0);
    mark(f, 4);
    enhanced(f, 0, 4000001, 0, 4);
    mark(f, 5);
}
static void check_mixed(const struct frame *f, int number)
{
    static const struct frame WANT[] = {
        { .caplen = 41, .len = 41, .sec = 1600000100, .nsec = 1, .link = 101 },
        { .caplen = 20, .len = 99, .link = 1 },
        { .caplen = 8, .len = 1000, .sec = 104, .nsec = 294967296, .link = 101 },
        { .caplen = 5, .len = 5, .sec = 3, .nsec = 1000, .link = 113 },
        { .caplen = 0, .len = 0, .sec = 4, .nsec = 1000, .link = 276 },
    };
    assert_true(number < 5);
    assert_int_equal(f->caplen, WANT[number].caplen);
    assert_int_equal(f->len, WANT[number].len);
    assert_int_equal(f->sec, WANT[number].sec);
    assert_int_equal(f->nsec, WANT[number].nsec);
    assert_int_equal(f->link, WANT[number].link);
    assert_true(is_fill(f->data, f->caplen, (unsigned)number));
}

static void small_pcap(struct file *f, uint32_t magic)
{
    pcap_header(f, magic, 2, 4, 1);
    mark(f, 0);
    for (int i = 0; i < 3; i++) {
        pcap_record(f, (uint32_t)i, 0, length_of(i), length_of(i) + 1);
        if (magic == 0xa1b2cd34)
            put(f, 0, 8);
        put_fill(f, length_of(i), (unsigned)i);
        mark(f, i + 1);
    }
}

/* Cut at every byte: whole packets come out; the cut is told unless it falls between records. */
static void check_cuts(const struct file *f, seen_fn *seen)
{
    for (size_t n = 0; n <= f->n; n++) {
        int packets = 0;
        size_t last = 0;
        for (size_t i = 0; i < f->marks && f->ends[i] <= n; i++) {
            packets = f->packets[i];
            last = f->ends[i];
        }
        enum reader_problem problem = n < 4       ? READER_NOT_A_CAPTURE
                                      : n == last ? READER_FINE
                                                  : READER_CUT;
        struct result got = read_bytes(f->d, n, seen);
        if (got.packets != packets || got.problem != problem || got.offset != last)
            fail_msg("cut at %zu: %d packets, problem %d at %llu", n, got.packets, (int)got.problem,
                     (unsigned long long)got.offset);
        assert_int_equal(got.digest_error, 0);
    }
}
static void test_cuts(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct file f = { .order = i % 2 ? BIG : LITTLE };
        small_pcap(&f, i < 2 ? 0xa1b2c3d4 : 0xa1b2cd34);
        check_cuts(&f, check_numbered);
        release(&f);
    }
    struct file f = { 0 };
    mixed_pcapng(&f);
    check_cuts(&f, check_mixed);
    release(&f);
}

/* ---- what can be wrong ---- */

static void bad_nothing(struct file *f)
{
    (void)f;
}
static void bad_text(struct file *f)
{
    put_bytes(f, "192.0.2.1 said hello\n", 21);
}
static void bad_magic(struct file *f)
{
    put(f, 0x0a0d0d0a, 4);
    put(f, 28, 4);
    put(f, 0x1a2b3c4e, 4);
    put_fill(f, 100, 1);
}
static void bad_version(struct file *f)
{
    pcap_header(f, 0xa1b2c3d4, 3, 0, 1);
    pcap_record(f, 1, 2, 4, 4);
    put_fill(f, 4, 0);
}
static void good_pcap(struct file *f)
{
    small_pcap(f, 0xa1b2c3d4);
}
static void bad_caplen(struct file *f)
{
    good_pcap(f);
    pcap_record(f, 1, 2, 262145, 262145);
    put_fill(f, 262145, 0);
    pcap_record(f, 1, 2, 4, 4);
    put_fill(f, 4, 0);
}
static void bad_caplen_huge(struct file *f)
{
    good_pcap(f);
    pcap_record(f, 1, 2, 0xffffffff, 60);
    put_fill(f, 60, 0);
}
static void bad_caplen_rare(struct file *f)
{
    small_pcap(f, 0xa1b2cd34);
    pcap_record(f, 1, 2, 0x7fffffff, 60);
    put_fill(f, 600, 0);
}
static void good_pcapng(struct file *f)
{
    section(f, f->order);
    interface(f, 1, 0);
    enhanced(f, 0, 1, 7, 0);
}
static void bad_trailing(struct file *f)
{
    good_pcapng(f);
    enhanced_head(f, 0, 1, 4, 4);
    put_fill(f, 4, 0);
    block_end_lying(f, 0, 4);
    enhanced(f, 0, 1, 7, 0);
}
static void bad_leading(struct file *f)
{
    good_pcapng(f);
    enhanced_head(f, 0, 1, 4, 4);
    put_fill(f, 4, 0);
    block_end_lying(f, 4, 0);
    enhanced(f, 0, 1, 7, 0);
}
static void bad_odd(struct file *f)
{
    good_pcapng(f);
    enhanced_head(f, 0, 1, 4, 4);
    put_fill(f, 4, 0);
    block_end_lying(f, 2, 2);
}
static void bad_tiny(struct file *f)
{
    good_pcapng(f);
    put(f, 77, 4);
    put(f, 8, 4);
    put(f, 8, 4);
}
static void bad_zero(struct file *f)
{
    good_pcapng(f);
    put(f, 0, 8);
    put(f, 0, 8);
}
static void bad_large(struct file *f)
{
    good_pcapng(f);
    put(f, 77, 4);
    put(f, 16 * 1024 * 1024 + 4, 4);
    put_fill(f, 100, 0);
}
static void good_large(struct file *f)
{
    good_pcapng(f);
    block_begin(f, 77);
    size_t n = 16 * 1024 * 1024 - 12;
    uint8_t *zeros = calloc(1, n);
    assert_non_null(zeros);
    put_bytes(f, zeros, n);
    free(zeros);
    block_end(f);
    enhanced(f, 0, 1, 7, 0);
}
static void bad_data(struct file *f)
{
    good_pcapng(f);
    enhanced_head(f, 0, 1, 9, 9);
    put_fill(f, 8, 0);
    block_end(f);
}
static void bad_data_huge(struct file *f)
{
    good_pcapng(f);
    enhanced_head(f, 0, 1, 0xfffffff0, 9);
    put_fill(f, 8, 0);
    block_end(f);
}
static void bad_data_over(struct file *f)
{
    good_pcapng(f);
    enhanced_head(f, 0, 1, 262145, 262145);
    put_fill(f, 262145, 0);
    block_end(f);
}
static void bad_packet_short(struct file *f)
{
    good_pcapng(f);
    block_begin(f, 6);
    put_fill(f, 16, 0);
    block_end(f);
}
static void bad_interface_short(struct file *f)
{
    good_pcapng(f);
    block_begin(f, 1);
    put(f, 1, 4);
    block_end(f);
}
static void bad_section_short(struct file *f)
{
    good_pcapng(f);
    block_begin(f, 0x0a0d0d0a);
    put(f, 0x1a2b3c4d, 4);
    put(f, 1, 4);
    block_end(f);
}
static void bad_simple_long(struct file *f)
{
    good_pcapng(f);
    block_begin(f, 3);
    put(f, 9, 4);
    put_fill(f, 8, 0);
    block_end(f);
}
static void bad_interface_id(struct file *f)
{
    good_pcapng(f);
    enhanced(f, 1, 1, 7, 0);
}
static void bad_interface_gone(struct file *f)
{
    good_pcapng(f);
    section(f, f->order == LITTLE ? BIG : LITTLE);
    enhanced(f, 0, 1, 7, 0);
}
static void bad_simple_alone(struct file *f)
{
    section(f, f->order);
    block_begin(f, 3);
    put(f, 4, 4);
    put_fill(f, 4, 0);
    block_end(f);
}
static void bad_section_version(struct file *f)
{
    good_pcapng(f);
    block_begin(f, 0x0a0d0d0a);
    put(f, 0x1a2b3c4d, 4);
    put(f, 2, 2);
    put(f, 0, 2);
    put(f, UINT64_MAX, 8);
    block_end(f);
}
static void bad_section_order(struct file *f)
{
    good_pcapng(f);
    put(f, 0x0a0d0d0a, 4);
    put(f, 28, 4);
    put(f, 0x11223344, 4);
}
static void bad_option(struct file *f, unsigned code, unsigned length)
{
    good_pcapng(f);
    block_begin(f, 1);
    put(f, 1, 4);
    put(f, 0, 4);
    put(f, code, 2);
    put(f, length, 2);
    put_fill(f, 8, 0);
    block_end(f);
}
static void bad_option_long(struct file *f)
{
    bad_option(f, 2, 9);
}
static void bad_resolution(struct file *f)
{
    bad_option(f, 9, 2);
}
static void bad_offset(struct file *f)
{
    bad_option(f, 14, 7);
}
static void bad_time(struct file *f)
{
    good_pcapng(f);
    interface_timed(f, 1, 0, 1);
    enhanced(f, 1, INT64_MAX, 4, 0);
}
static void bad_interfaces(struct file *f)
{
    section(f, f->order);
    for (int i = 0; i < 65536; i++)
        interface(f, 1, 0);
    enhanced(f, 65535, 1, 7, 0);
    interface(f, 1, 0);
}

static const struct bad {
    const char *name;
    void (*make)(struct file *f);
    int packets;
    enum reader_problem problem;
    int64_t offset; /* negative: from the end */
} BAD[] = {
    { "nothing", bad_nothing, 0, READER_NOT_A_CAPTURE, 0 },
    { "text", bad_text, 0, READER_NOT_A_CAPTURE, 0 },
    { "byte-order magic", bad_magic, 0, READER_NOT_A_CAPTURE, 0 },
    { "pcap version", bad_version, 0, READER_FORMAT, 0 },
    { "over 256 KiB", bad_caplen, 3, READER_LENGTH, -262145 - 16 - 20 },
    { "four gigabytes", bad_caplen_huge, 3, READER_LENGTH, -76 },
    { "two gigabytes, rare", bad_caplen_rare, 3, READER_LENGTH, -616 },
    { "good", good_pcapng, 1, READER_FINE, -0x7fffffff },
    { "trailing length", bad_trailing, 1, READER_LENGTH, -36 - 40 },
    { "leading length", bad_leading, 1, READER_LENGTH, -36 - 40 },
    { "length not of four", bad_odd, 1, READER_LENGTH, -36 },
    { "length 8", bad_tiny, 1, READER_LENGTH, -12 },
    { "length 0", bad_zero, 1, READER_LENGTH, -16 },
    { "length over 16 MiB", bad_large, 1, READER_LENGTH, -108 },
    { "length of 16 MiB", good_large, 2, READER_FINE, -0x7fffffff },
    { "data beyond the block", bad_data, 1, READER_LENGTH, -40 },
    { "data of four gigabytes", bad_data_huge, 1, READER_LENGTH, -40 },
    { "data over 256 KiB", bad_data_over, 1, READER_LENGTH, -262148 - 32 },
    { "packet block of 28 bytes", bad_packet_short, 1, READER_LENGTH, -28 },
    { "interface block of 16 bytes", bad_interface_short, 1, READER_LENGTH, -16 },
    { "section block of 20 bytes", bad_section_short, 1, READER_LENGTH, -20 },
    { "simple packet beyond the block", bad_simple_long, 1, READER_LENGTH, -24 },
    { "no such interface", bad_interface_id, 1, READER_FORMAT, -40 },
    { "interface of another section", bad_interface_gone, 1, READER_FORMAT, -40 },
    { "simple packet without interface", bad_simple_alone, 0, READER_FORMAT, -20 },
    { "section of version 2", bad_section_version, 1, READER_FORMAT, -28 },
    { "second section's byte order", bad_section_order, 1, READER_FORMAT, -12 },
    { "option beyond the block", bad_option_long, 1, READER_FORMAT, -32 },
    { "if_tsresol of two bytes", bad_resolution, 1, READER_FORMAT, -32 },
    { "if_tsoffset of seven bytes", bad_offset, 1, READER_FORMAT, -32 },
    { "time out of range", bad_time, 1, READER_FORMAT, -36 },
    { "65537 interfaces", bad_interfaces, 1, READER_FORMAT, -20 },
};

static void test_bad(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD * 2; i++) {
        const struct bad *b = &BAD[i / 2];
        struct file f = { .order = i % 2 ? BIG : LITTLE };
        b->make(&f);
        uint64_t offset = b->offset >= 0             ? (uint64_t)b->offset
                          : b->offset == -0x7fffffff ? f.n
                                                     : f.n - (uint64_t)-b->offset;
        struct result got = read_bytes(f.d, f.n, NULL);
        if (got.packets != b->packets || got.problem != b->problem || got.offset != offset)
            fail_msg("%s: %d packets, problem %d at %llu of %zu", b->name, got.packets,
                     (int)got.problem, (unsigned long long)got.offset, f.n);
        assert_true(strlen(reader_problem_text(got.problem)) > 5);
        /* The digest is of all bytes, those after the problem too: a last byte changes it. */
        struct result whole = read_bytes(f.d, f.n, NULL);
        assert_memory_equal(whole.digest, got.digest, 16);
        if (f.n > 0) {
            f.d[f.n - 1] ^= 1;
            struct result other = read_bytes(f.d, f.n, NULL);
            assert_memory_not_equal(other.digest, got.digest, 16);
        }
        release(&f);
    }
}

/* ---- compressed ---- */

static void zstd_of(struct file *f, const uint8_t *d, size_t n)
{
    struct zstd_packer *z;
    struct buf b;
    buf_init(&b, 1 << 26);
    assert_int_equal(zstd_packer_make(&z), 0);
    assert_int_equal(zstd_pack(z, &b, d, n, 3), 0);
    put_bytes(f, b.data, b.len);
    buf_release(&b);
    zstd_packer_free(z);
}
enum how { GZIP_ONE, GZIP_THREE, GZIP_PADDED, ZSTD_ONE, ZSTD_TWO, ZSTD_SKIP_FIRST, HOWS };
static void compress(struct file *f, enum how how, const uint8_t *d, size_t n)
{
    size_t a = n / 3, b = n / 2;
    switch (how) {
    case GZIP_ONE:
        gzip_member(f, d, n);
        break;
    case GZIP_PADDED:
    case GZIP_THREE:
        gzip_member(f, d, a);
        gzip_member(f, d, 0);
        gzip_member(f, d + a, n - a);
        if (how == GZIP_PADDED)
            for (int i = 0; i < 1000; i++)
                put(f, 0, 1);
        break;
    case ZSTD_ONE:
        zstd_of(f, d, n);
        break;
    case ZSTD_SKIP_FIRST:
        zstd_skippable(f, 11);
        zstd_of(f, d, n);
        break;
    case ZSTD_TWO:
        zstd_of(f, d, b);
        zstd_skippable(f, 5000);
        for (size_t at = b; at < n; at += 100000)
            zstd_frame_raw(f, d + at, n - at < 100000 ? n - at : 100000);
        break;
    case HOWS:
        break;
    }
}

static void test_compressed(void **state)
{
    (void)state;
    struct file plain = { 0 };
    numbered_pcap(&plain, 0xa1b2c3d4);
    struct result want = read_bytes(plain.d, plain.n, NULL);
    for (enum how how = 0; how < HOWS; how++) {
        struct file f = { 0 };
        compress(&f, how, plain.d, plain.n);
        struct result got = read_bytes(f.d, f.n, check_numbered);
        assert_int_equal(got.packets, NUMBERED);
        assert_int_equal(got.problem, READER_FINE);
        assert_int_equal(got.offset, plain.n);
        assert_memory_equal(got.digest, want.digest, 16);
        release(&f);
    }
    release(&plain);
}

/* Cut at every byte: never more than was there, never silence, never a wrong packet. */
static void test_compressed_cuts(void **state)
{
    (void)state;
    struct file plain = { 0 };
    small_pcap(&plain, 0xa1b2c3d4);
    for (enum how how = 0; how < HOWS; how++) {
        struct file f = { 0 };
        compress(&f, how, plain.d, plain.n);
        size_t solid = how == GZIP_PADDED ? f.n - 1000 : f.n;
        for (size_t n = 4; n < solid; n++) {
            struct result got = read_bytes(f.d, n, check_numbered);
            assert_true(got.packets <= 3);
            /* Between members and frames a cut shows only in what they hold. */
            assert_int_not_equal(got.problem, READER_FINE);
        }
        release(&f);
    }
    release(&plain);
}

static void test_compressed_damage(void **state)
{
    (void)state;
    static const struct {
        enum how how;
        int64_t at; /* the byte to alter; negative: from the end */
        const char *append;
        int packets;
    } ROWS[] = {
        { GZIP_ONE, -8, "", 3 },          /* CRC32 */
        { GZIP_ONE, -4, "", 3 },          /* ISIZE */
        { GZIP_ONE, 3, "", 0 },           /* reserved flags */
        { GZIP_ONE, 10, "", 0 },          /* block type */
        { GZIP_ONE, 0x7fffffff, "x", 3 }, /* something behind it */
        { GZIP_PADDED, 0x7fffffff, "x", 3 },
        { GZIP_PADDED, 0x7fffffff, "\x1f\x8b", 3 },
        { ZSTD_ONE, 5, "", 0 },
        { ZSTD_ONE, 0x7fffffff, "xxxxx", 3 },
        { ZSTD_TWO, 0x7fffffff, "\x28\xb5\x2f", 3 },
    };
    struct file plain = { 0 };
    small_pcap(&plain, 0xa1b2c3d4);
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct file f = { 0 };
        compress(&f, ROWS[i].how, plain.d, plain.n);
        if (ROWS[i].at < 0)
            f.d[f.n - (size_t)-ROWS[i].at] ^= 0xff;
        else if ((size_t)ROWS[i].at < f.n)
            f.d[ROWS[i].at] ^= 0xff;
        put_bytes(&f, ROWS[i].append, strlen(ROWS[i].append));
        struct result got = read_bytes(f.d, f.n, check_numbered);
        print_message("damage %zu\n", i);
        assert_int_equal(got.problem, READER_COMPRESSION);
        assert_int_equal(got.packets, ROWS[i].packets);
        release(&f);
    }
    release(&plain);
}

/* ---- pipes ---- */

struct feed {
    int fd;
    const uint8_t *d;
    size_t n, piece;
    useconds_t pause;
};
static void *feed_run(void *arg)
{
    struct feed *w = arg;
    unsigned seed = 1;
    for (size_t at = 0; at < w->n;) {
        seed = seed * 1103515245 + 12345;
        size_t n = 1 + (seed >> 8) % w->piece;
        n = n < w->n - at ? n : w->n - at;
        ssize_t k = write(w->fd, w->d + at, n);
        if (k < 0)
            break;
        at += (size_t)k;
        if (w->pause)
            usleep(w->pause);
    }
    close(w->fd);
    return NULL;
}
static struct result read_pipe(const struct file *f, size_t piece, useconds_t pause, seen_fn *seen)
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    if (pause == 0) /* a descriptor that would rather not wait is waited for all the same */
        assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    struct feed w = { .fd = ends[1], .d = f->d, .n = f->n, .piece = piece, .pause = pause };
    pthread_t t;
    sigset_t alarm, old;
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    pthread_sigmask(SIG_BLOCK, &alarm, &old);
    assert_int_equal(pthread_create(&t, NULL, feed_run, &w), 0);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    struct result got = read_fd(ends[0], seen);
    pthread_join(t, NULL);
    return got;
}

static void test_pipes(void **state)
{
    (void)state;
    struct file f = { 0 };
    mixed_pcapng(&f);
    assert_int_equal(read_pipe(&f, 1, 0, check_mixed).packets, 5);
    release(&f);
    struct file plain = { 0 };
    numbered_pcap(&plain, 0xa1b2c3d4);
    struct result want = read_bytes(plain.d, plain.n, NULL);
    for (enum how how = 0; how <= HOWS; how++) {
        if (how < HOWS)
            compress(&f, how, plain.d, plain.n);
        else
            put_bytes(&f, plain.d, plain.n);
        struct result got = read_pipe(&f, 30000, 0, check_numbered);
        assert_int_equal(got.packets, NUMBERED);
        assert_int_equal(got.problem, READER_FINE);
        assert_memory_equal(got.digest, want.digest, 16);
        release(&f);
    }
    release(&plain);
}

static volatile sig_atomic_t alarms;
static void on_alarm(int sig)
{
    (void)sig;
    alarms++;
}
static void test_signals(void **state)
{
    (void)state;
    struct sigaction act = { .sa_handler = on_alarm }, old;
    sigaction(SIGALRM, &act, &old); /* no SA_RESTART: read() gives EINTR */
    struct itimerval often = { { 0, 500 }, { 0, 500 } }, never = { { 0, 0 }, { 0, 0 } };
    setitimer(ITIMER_REAL, &often, NULL);
    struct file f = { 0 };
    small_pcap(&f, 0xa1b2c3d4);
    struct result got = read_pipe(&f, 16, 2000, check_numbered);
    setitimer(ITIMER_REAL, &never, NULL);
    sigaction(SIGALRM, &old, NULL);
    assert_int_equal(got.packets, 3);
    assert_int_equal(got.problem, READER_FINE);
    assert_true(alarms > 0);
    release(&f);
}

/* What has come through a pipe is handed out before more is waited for. */
static void test_pipe_is_prompt(void **state)
{
    (void)state;
    static struct frame frames[READER_BATCH];
    struct file f = { 0 };
    small_pcap(&f, 0xa1b2c3d4);
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(write(ends[1], f.d, f.n), (ssize_t)f.n);
    struct reader *r;
    assert_int_equal(reader_open(&r, ends[0]), 0);
    assert_int_equal(reader_next(r, frames), 3);
    close(ends[1]);
    assert_int_equal(reader_next(r, frames), 0);
    reader_close(r);
    release(&f);
}

/* ---- the rest ---- */

static void test_trouble(void **state)
{
    (void)state;
    struct reader *r;
    assert_int_equal(reader_open(&r, -1), -EBADF);
    static struct frame frames[READER_BATCH];
    uint8_t digest[16];
    assert_int_equal(reader_open(&r, open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)), 0);
    assert_int_equal(reader_next(r, frames), 0);
    assert_int_equal(reader_problem(r, NULL), READER_IO);
    assert_int_equal(reader_errno(r), EISDIR);
    assert_int_equal(reader_digest(r, digest), -EISDIR);
    reader_close(r);
    reader_close(NULL);
    assert_string_equal(reader_problem_text((enum reader_problem)99), "unknown problem");
}

/* Known answers of XXH3-128, so that a digest means the same in years. */
static void test_digest(void **state)
{
    (void)state;
    static const uint8_t EMPTY[16] = { 0x99, 0xaa, 0x06, 0xd3, 0x01, 0x47, 0x98, 0xd8,
                                       0x60, 0x01, 0xc3, 0x24, 0x46, 0x8d, 0x49, 0x7f };
    static const uint8_t SMALL[16] = { 0xda, 0x4e, 0x9b, 0xfc, 0x4c, 0x1c, 0x2d, 0x5d,
                                       0x82, 0x33, 0x53, 0x24, 0x3e, 0x62, 0xeb, 0x4d };
    struct result got = read_bytes(NULL, 0, NULL);
    assert_int_equal(got.digest_error, 0);
    assert_memory_equal(got.digest, EMPTY, 16);
    struct file f = { 0 };
    small_pcap(&f, 0xa1b2c3d4);
    got = read_bytes(f.d, f.n, NULL);
    assert_memory_equal(got.digest, SMALL, 16);
    release(&f);
}

static void test_positions(void **state)
{
    (void)state;
    static struct frame frames[READER_BATCH];
    struct file plain = { 0 }, f = { 0 };
    small_pcap(&plain, 0xa1b2c3d4);
    gzip_member(&f, plain.d, plain.n);
    struct reader *r;
    assert_int_equal(reader_open(&r, fd_of(f.d, f.n)), 0);
    assert_int_equal(reader_position(r), 0);
    assert_int_equal(reader_offset(r), 0);
    assert_int_equal(reader_next(r, frames), 3);
    assert_int_equal(reader_offset(r), plain.n);
    assert_int_equal(reader_next(r, frames), 0);
    assert_int_equal(reader_position(r), f.n);
    reader_close(r);
    release(&f);
    release(&plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pcap_forms),
        cmocka_unit_test(test_long_files),
        cmocka_unit_test(test_pcapng_times),
        cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_compressed),
        cmocka_unit_test(test_compressed_cuts),
        cmocka_unit_test(test_compressed_damage),
        cmocka_unit_test(test_pipes),
        cmocka_unit_test(test_signals),
        cmocka_unit_test(test_pipe_is_prompt),
        cmocka_unit_test(test_trouble),
        cmocka_unit_test(test_digest),
        cmocka_unit_test(test_positions),
    };
    return cmocka_run_group_tests_name("packet/reader", tests, NULL, NULL);
}
