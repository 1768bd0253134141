/*
 * teiten-triage: reads samples, and tells what it saw. A private program that the supervisor starts, with its descriptors
 * already open:
 *
 *   3 the record channel, 4 the memory that samples lie in (main/tray.h), 5 and 6 folders of YARA rules, as far as there are
 *
 * It compiles the rules, which are the operator's, confines itself (base/confine.h), and only then looks at the first sample.
 */
#include "base/confine.h"
#include "base/log.h"
#include "event/record-sample.h"
#include "main/fds.h"
#include "main/hook.h"
#include "sample/triage.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

/* Bytes of address space: the sample, its report, what is worked out of it, the rules and the libraries. */
#define MEMORY_MOST ((size_t)1 << 30)

struct reader {
    struct channel channel;
    const uint8_t *tray;
    struct triage *triage;
};

static int open_or_none(int fd)
{
    return fcntl(fd, F_GETFD) < 0 ? -1 : fd;
}

static int set_up(struct reader *r)
{
    struct record_ready ready;
    const int rules[] = { open_or_none(FD_RULES), open_or_none(FD_OWN_RULES) };
    channel_init(&r->channel, FD_CHANNEL);
    r->tray = mmap(NULL, SAMPLE_BYTES, PROT_READ, MAP_SHARED, FD_TRAY, 0);
    if (r->tray == MAP_FAILED)
        return -errno;
    close(FD_TRAY);
    TRY(triage_make(&r->triage, rules, sizeof rules / sizeof *rules));
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i] >= 0)
            close(rules[i]);
    TRY(confine_enter(CONFINE_TRIAGE, NULL, 0, MEMORY_MOST, &ready.confined));
    TRY(record_put_ready(&r->channel, &ready));
    return channel_flush(&r->channel);
}

/* Where there was no memory for all of it, what there is is told. */
static int read_one(struct reader *r, const struct triage_ask *ask)
{
    struct sample_report report;
    sample_report_init(&report);
    int err = triage_run(r->triage, r->tray, (size_t)ask->size, &report);
    if (err == -ENOMEM)
        err = sample_add_finding(&report, "triage-memory", 0, "there was no memory for all of it");
    if (!err)
        err = record_put_triaged(&r->channel, ask->number, &report);
    sample_report_release(&report);
    return err ? err : channel_flush(&r->channel);
}

static int work(struct reader *r)
{
    for (;;) {
        uint8_t type;
        struct rd record;
        struct triage_ask ask;
        TRY(channel_wait(&r->channel, &type, &record));
        if (type != RECORD_TRIAGE || record_get_triage(record, &ask))
            return -EPROTO;
        TRY(read_one(r, &ask));
    }
}

int main(void)
{
    signal(SIGTERM, SIG_IGN);
    struct reader r = { 0 };
    int err = set_up(&r);
    if (!err) {
        CONFINE_HOOK();
        err = work(&r);
    }
    if (err && err != -EPIPE)
        log_error("triage-failed", LOG_ERRNO(err));
    triage_free(r.triage);
    channel_release(&r.channel);
    return err && err != -EPIPE ? 1 : 0;
}
