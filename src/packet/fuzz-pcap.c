/*
 * pcap: the parser over exactly the bytes it may see (so that a step beyond shows), in windows
 * that grow as it asks; then the whole reader over the same file, compression and rare forms
 * included.
 */
#include "packet/pcap.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static volatile unsigned sink; /* so that reading is not left out */

/* Every byte of a frame is there. */
static void touch(const struct frame *frames, int n)
{
    unsigned sum = 0;
    for (int i = 0; i < n; i++) {
        assert(frames[i].caplen <= WALK_CAPLEN_MAX && frames[i].caplen <= frames[i].len);
        assert(frames[i].nsec < 1000000000);
        for (uint32_t k = 0; k < frames[i].caplen; k++)
            sum += frames[i].data[k];
    }
    sink = sum;
}

/* How many packets, or -1 where the file is not plain pcap; *ret_problem. */
static int walk_all(const uint8_t *data, size_t size, enum reader_problem *ret_problem)
{
    struct pcap c;
    if (size < PCAP_HEADER || !pcap_recognise(data) || pcap_begin(&c, data) != PCAP_PLAIN)
        return -1;
    struct frame frames[READER_BATCH];
    size_t at = PCAP_HEADER;
    size_t have = 0;
    int packets = 0;
    *ret_problem = READER_FINE;
    for (;;) {
        uint8_t *window = malloc(have + !have);
        assert(window);
        memcpy(window, data + at, have);
        struct walk w = { .p = window, .end = window + have };
        int n = pcap_walk(&c, &w, frames);
        touch(frames, n);
        packets += n;
        size_t moved = (size_t)(w.p - window);
        free(window);
        at += moved;
        have -= moved;
        *ret_problem = w.problem;
        if (w.problem)
            return packets;
        if (n == READER_BATCH)
            continue;
        assert(w.need > have);
        if (w.need > size - at) {
            *ret_problem = at < size ? READER_CUT : READER_FINE;
            return packets;
        }
        have = w.need;
    }
}

static int read_all(const uint8_t *data, size_t size, enum reader_problem *ret_problem)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0)
        abort();
    struct reader *r;
    if (reader_open(&r, fd))
        abort();
    struct frame frames[READER_BATCH];
    int n, packets = 0;
    while ((n = reader_next(r, frames)) > 0) {
        touch(frames, n);
        packets += n;
    }
    assert(n == 0);
    uint8_t digest[16];
    *ret_problem = reader_problem(r, NULL);
    if (reader_digest(r, digest))
        abort();
    reader_close(r);
    return packets;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum reader_problem walked, read;
    int packets = walk_all(data, size, &walked);
    int again = read_all(data, size, &read);
    if (packets >= 0 && (packets != again || walked != read))
        abort();
    return 0;
}
