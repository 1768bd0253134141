#include "packet/rare.h"

#include "base/rd.h"
#include "packet/filter-words.h"

#include <pcap.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    RECORD = 16,                  /* bytes of a record's header */
    RECORD_MODIFIED = 24,         /* the same with interface, protocol and packet type behind it */
    COPIES = 2 * WALK_CAPLEN_MAX, /* a batch ends early where its frames would take more */
};

static const uint32_t MAGIC_MODIFIED = 0xa1b2cd34;

struct rare {
    struct stream *stream;
    struct rd head; /* bytes taken from the stream before libpcap came */
    pcap_t *pcap;
    uint32_t link;
    uint32_t record; /* bytes of a record's header */
    uint32_t unit;   /* parts of a second in the file's times */
    bool end, stream_end;
    enum reader_problem problem;
    uint64_t offset;
    int error; /* -errno of the stream: ours, not the file's */
    uint8_t *copies;
    /* A frame that libpcap gave when the batch had no more room; it is libpcap's until the next. */
    const struct pcap_pkthdr *kept;
    const uint8_t *kept_data;
};

/* stdio's view of the stream: the head again, then what follows. */
static ssize_t cookie_read(void *cookie, char *to, size_t n)
{
    struct rare *r = cookie;
    size_t got = rd_left(&r->head);
    if (got > 0) {
        got = got < n ? got : n;
        rd_copy(&r->head, to, got);
        return (ssize_t)got;
    }
    if (r->stream_end)
        return 0;
    int e = stream_read(r->stream, (uint8_t *)to, n, &got);
    if (e) {
        r->error = e;
        return -1;
    }
    r->stream_end = got == 0;
    return (ssize_t)got;
}

static int pcap_start(struct rare *r)
{
    FILE *f = fopencookie(r, "r", (cookie_io_functions_t){ .read = cookie_read });
    if (!f)
        return -ENOMEM;
    /* The file's own, so that libpcap hands on its numbers as they are. */
    u_int precision = r->unit == 1000000 ? PCAP_TSTAMP_PRECISION_MICRO : PCAP_TSTAMP_PRECISION_NANO;
    char why[PCAP_ERRBUF_SIZE];
    r->pcap = pcap_fopen_offline_with_tstamp_precision(f, precision, why);
    if (r->pcap)
        return 0; /* which closes f with itself */
    fclose(f);
    return r->error ? r->error : READER_FORMAT;
}

int rare_open(struct rare **ret, const struct pcap *file, struct stream *s, const uint8_t *head,
              size_t n)
{
    struct rare *r = calloc(1, sizeof *r);
    if (!r)
        return -ENOMEM;
    r->copies = malloc(COPIES);
    bool modified = walk_u32(head, file->swapped) == MAGIC_MODIFIED;
    r->stream = s;
    r->link = file->link;
    r->record = modified ? RECORD_MODIFIED : RECORD;
    r->offset = PCAP_HEADER;
    r->unit = file->nano ? 1000000000 : 1000000;
    r->head = rd_init(head, n);
    int e = r->copies ? pcap_start(r) : -ENOMEM;
    if (e) {
        rare_close(r);
        return e;
    }
    *ret = r;
    return 0;
}

void rare_close(struct rare *r)
{
    if (!r)
        return;
    if (r->pcap)
        pcap_close(r->pcap);
    free(r->copies);
    free(r);
}

/* libpcap has one code for all its errors; only its words tell a cut file from a lying length. */
static enum reader_problem problem_of(const struct rare *r)
{
    return strstr(pcap_geterr(r->pcap), "truncated") ? READER_CUT : READER_LENGTH;
}

/* The next frame into r->kept; false at the end, whatever it is. */
static bool fetch(struct rare *r)
{
    if (r->kept)
        return true;
    if (r->end)
        return false;
    struct pcap_pkthdr *header;
    int code = pcap_next_ex(r->pcap, &header, &r->kept_data);
    if (code == 1 && header->caplen <= WALK_CAPLEN_MAX) {
        r->kept = header;
        return true;
    }
    r->end = true;
    if (code == 1)
        r->problem = READER_LENGTH;
    else if (code != PCAP_ERROR_BREAK)
        r->problem = problem_of(r);
    return false;
}

int rare_next(struct rare *r, struct frame frames[static READER_BATCH])
{
    int n = 0;
    size_t used = 0;
    while (n < READER_BATCH && fetch(r)) {
        uint32_t caplen = r->kept->caplen;
        if (caplen > COPIES - used)
            break;
        uint8_t *copy = r->copies + used;
        memcpy(copy, r->kept_data, caplen);
        used += caplen;
        uint32_t len = r->kept->len;
        /* Both numbers are unsigned in the file, whatever libpcap holds them in. */
        uint32_t fraction = (uint32_t)r->kept->ts.tv_usec;
        frames[n++] = (struct frame){
            .data = copy,
            .caplen = caplen,
            .len = len > caplen ? len : caplen,
            .sec = (int64_t)(uint32_t)r->kept->ts.tv_sec + fraction / r->unit,
            .nsec = fraction % r->unit * (1000000000 / r->unit),
            .link = r->link,
        };
        r->offset += r->record + caplen;
        r->kept = NULL;
    }
    return n == 0 && r->error ? r->error : n;
}

enum reader_problem rare_problem(const struct rare *r)
{
    return r->problem;
}

uint64_t rare_offset(const struct rare *r)
{
    return r->offset;
}

struct filter {
    uint32_t link;
    struct bpf_program program;
};

/* libpcap numbers link types otherwise than files do, and keeps the table to itself; reading an
 * empty file is how to ask it. */
static pcap_t *pcap_of_link(uint32_t link)
{
    struct {
        uint32_t magic;
        uint16_t major, minor;
        uint32_t zone, accuracy, snaplen, link;
    } header = { 0xa1b2c3d4, 2, 4, 0, 0, WALK_CAPLEN_MAX, link };
    FILE *f = fmemopen(&header, sizeof header, "r");
    if (!f)
        return NULL;
    char why[PCAP_ERRBUF_SIZE];
    pcap_t *p = pcap_fopen_offline(f, why);
    if (!p)
        fclose(f);
    return p;
}

int filter_compile(struct filter **ret, const char *expression, uint32_t link, char *ret_why,
                   size_t n)
{
    const char *word;
    size_t word_n;
    if (!filter_words_known(expression, &word, &word_n)) {
        if (n)
            snprintf(ret_why, n, "'%.*s' is no number, and names are not looked up", (int)word_n, word);
        return FILTER_BAD;
    }
    struct filter *f = calloc(1, sizeof *f);
    pcap_t *p = f ? pcap_of_link(link) : NULL;
    if (!p) {
        free(f);
        return -ENOMEM;
    }
    f->link = link;
    int e = pcap_compile(p, &f->program, expression, 1, PCAP_NETMASK_UNKNOWN);
    if (e && n)
        snprintf(ret_why, n, "%s", pcap_geterr(p));
    pcap_close(p);
    if (e) {
        free(f);
        return FILTER_BAD;
    }
    *ret = f;
    return 0;
}

void filter_free(struct filter *f)
{
    if (!f)
        return;
    pcap_freecode(&f->program);
    free(f);
}

bool filter_matches(const struct filter *f, const struct frame *frame)
{
    if (frame->link != f->link)
        return false;
    struct pcap_pkthdr header = { .caplen = frame->caplen, .len = frame->len };
    return pcap_offline_filter(&f->program, &header, frame->data) != 0;
}
