#include "main/ingest.h"

#include "base/hash.h"
#include "base/log.h"
#include "base/time.h"
#include "cli/bar.h"
#include "main/signals.h"
#include "main/worker.h"
#include "packet/reader.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    WORKERS_MAX = 64,
    POLL_MS = 20,    /* no transaction waits for a reader for longer */
    LEAVE_MS = 5000, /* for a worker that has said all, and gives its memory back */
};

/* A file in a worker's hands. */
struct job {
    struct ingest_file *file;
    struct worker worker;
    struct intake intake;
    bool running;
};

struct run {
    struct ingest *in;
    struct program sense;
    struct job job[WORKERS_MAX];
    size_t next; /* file to start */
    uint64_t total, done, packets; /* bytes as they lie, packets; of ended files */
    struct bar bar;
};

static uint64_t size_of(const char *name)
{
    struct stat st;
    return strcmp(name, "-") != 0 && stat(name, &st) == 0 && S_ISREG(st.st_mode)
               ? (uint64_t)st.st_size
               : 0;
}

static int open_input(const char *name)
{
    int fd = strcmp(name, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                                    : open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return -errno;
    struct stat st;
    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        close(fd);
        return -EISDIR;
    }
    return fd;
}

static int start_worker(struct run *r, struct job *j, int input)
{
    const struct sensor *sensor = r->in->sensor;
    int fd[] = { input, sensor->signatures };
    TRY(worker_start(&j->worker, &r->sense, fd, 2));
    int err = record_put_setup(&j->worker.channel, &sensor->setup);
    if (!err)
        err = channel_flush(&j->worker.channel);
    if (err)
        worker_kill(&j->worker);
    return err;
}

/* Begins a file. Trouble with the file alone is noted in it; the store's trouble is returned. */
static int start_job(struct run *r, struct job *j, struct ingest_file *file)
{
    *j = (struct job){ .file = file };
    int input = open_input(file->name);
    if (input < 0) {
        file->error = input;
        return 0;
    }
    const struct setup *setup = &r->in->sensor->setup;
    j->intake = (struct intake){ .store = r->in->store,
                                 .sensor = r->in->sensor->number,
                                 .addresses = prefix_list_size(&setup->own),
                                 .dark = setup->dark };
    int err = store_ingest_begin(r->in->store, j->intake.sensor, file->name, &j->intake.ingest);
    if (!err) {
        file->error = start_worker(r, j, input);
        j->running = !file->error;
        if (file->error)
            err = store_ingest_drop(r->in->store, j->intake.ingest);
    }
    close(input);
    return err;
}

static int drop_job(struct run *r, struct job *j)
{
    worker_kill(&j->worker);
    intake_release(&j->intake);
    j->running = false;
    return store_ingest_drop(r->in->store, j->intake.ingest);
}

static void note_outcome(struct job *j)
{
    struct ingest_file *f = j->file;
    const struct intake *in = &j->intake;
    f->packets = in->packets;
    f->flows = in->flows;
    f->warnings = in->warnings;
    f->confined = in->ready.confined;
    memcpy(f->warning, in->warning, sizeof f->warning);
    for (size_t i = 0; i < in->pending_n; i++) {
        f->first = i == 0 || in->pending[i].start < f->first ? in->pending[i].start : f->first;
        f->last = in->pending[i].end > f->last ? in->pending[i].end : f->last;
    }
}

/* Something else than a capture: it is not kept, so that its name stands nowhere. */
static bool is_no_capture(const struct ingest_file *f)
{
    return f->warnings && f->packets == 0 && f->warning[0].code == WARNING_READER + READER_NOT_A_CAPTURE;
}

/* What a filter leaves of a file is another content than the file. */
static void mix_filter(uint8_t digest[static 16], const char *filter)
{
    uint64_t hash = filter[0] ? hash64(filter, strlen(filter), 0) : 0;
    for (unsigned i = 0; i < 8; i++)
        digest[i] ^= (uint8_t)(hash >> (8 * i));
}

/* The worker has nothing more to say: shows the file, or drops it where it was not whole. */
static int end_job(struct run *r, struct job *j)
{
    bool clean = worker_end(&j->worker, LEAVE_MS) == 0;
    r->done += size_of(j->file->name);
    r->packets += j->intake.packets;
    if (!clean || !j->intake.ended) {
        j->file->died = true;
        return drop_job(r, j);
    }
    note_outcome(j);
    if (is_no_capture(j->file)) {
        snprintf(j->file->refused, sizeof j->file->refused, "%s",
                 reader_problem_text(READER_NOT_A_CAPTURE));
        j->file->warnings = 0;
        return drop_job(r, j);
    }
    TRY(intake_finish(&j->intake));
    mix_filter(j->intake.end.digest, r->in->sensor->setup.filter);
    int shown = store_ingest_flip(r->in->store, j->intake.ingest, j->intake.end.digest, r->in->again);
    j->file->duplicate = shown == STORE_DUPLICATE;
    if (shown == STORE_REFUSED)
        snprintf(j->file->refused, sizeof j->file->refused, "%s", store_why(r->in->store));
    intake_release(&j->intake);
    j->running = false;
    return shown < 0 ? shown : 0;
}

/* Everything that lies ready on a job's channel. */
static int serve_job(struct run *r, struct job *j)
{
    int filled = channel_fill(&j->worker.channel);
    if (filled == 0)
        return end_job(r, j);
    TRY(filled);
    uint8_t type;
    struct rd record;
    int got;
    while ((got = channel_next(&j->worker.channel, &type, &record)) == 1) {
        int err = intake_record(&j->intake, type, record);
        if (err == -EPROTO)
            got = err;
        if (err)
            break;
        got = err;
    }
    if (got == -EPROTO) {
        j->file->died = true;
        return drop_job(r, j);
    }
    return got;
}

static void show_progress(struct run *r)
{
    uint64_t done = r->done, packets = r->packets;
    for (size_t i = 0; i < r->in->workers; i++)
        if (r->job[i].running) {
            done += r->job[i].intake.progress.position;
            packets += r->job[i].intake.progress.packets;
        }
    bar_update(&r->bar, done, packets);
}

/* Starts files while there are workers to spare; how many are running. */
static int start_jobs(struct run *r, size_t *ret_running)
{
    *ret_running = 0;
    for (size_t i = 0; i < r->in->workers; i++) {
        while (!r->job[i].running && r->next < r->in->n)
            TRY(start_job(r, &r->job[i], &r->in->file[r->next++]));
        *ret_running += r->job[i].running;
    }
    return 0;
}

static int wait_jobs(struct run *r)
{
    struct pollfd p[WORKERS_MAX];
    size_t of[WORKERS_MAX], n = 0;
    for (size_t i = 0; i < r->in->workers; i++)
        if (r->job[i].running) {
            p[n] = (struct pollfd){ .fd = r->job[i].worker.channel.fd, .events = POLLIN };
            of[n++] = i;
        }
    if (poll(p, n, POLL_MS) < 0 && errno != EINTR)
        return -errno;
    for (size_t i = 0; i < n; i++)
        if (p[i].revents)
            TRY(serve_job(r, &r->job[of[i]]));
    return 0;
}

static int run_jobs(struct run *r)
{
    size_t running;
    for (;;) {
        TRY(start_jobs(r, &running));
        if (!running)
            return store_commit(r->in->store);
        TRY(wait_jobs(r));
        TRY(store_commit_due(r->in->store));
        show_progress(r);
        if (signals_stop)
            return -EINTR;
    }
}

int ingest_run(struct ingest *in)
{
    struct run *r = calloc(1, sizeof *r);
    if (!r)
        return -ENOMEM;
    r->in = in;
    in->workers = in->workers > WORKERS_MAX ? WORKERS_MAX : in->workers;
    bool known = true;
    for (size_t i = 0; i < in->n; i++) {
        r->total += size_of(in->file[i].name);
        known &= size_of(in->file[i].name) > 0;
    }
    if (in->bar)
        bar_begin(&r->bar, "ingest", known ? r->total : 0, "packets");
    int err = program_open(&r->sense, "teiten-sense");
    if (!err)
        err = run_jobs(r);
    program_close(&r->sense);
    bar_clear(&r->bar);
    for (size_t i = 0; i < in->workers; i++)
        if (r->job[i].running) {
            if (err != -EINTR)
                store_rollback(in->store);
            int dropped = drop_job(r, &r->job[i]);
            err = err ? err : dropped;
        }
    free(r);
    return err;
}

const char *ingest_warning_text(const struct record_warning *w, char *text, size_t n)
{
    unsigned long long offset = w->offset;
    switch (w->code) {
    case WARNING_JUMP_BACK:
        snprintf(text, n, "time jumps back by %lld s at offset %llu", (long long)w->amount, offset);
        break;
    case WARNING_JUMP_FORWARD:
        snprintf(text, n, "time jumps forward by %lld s at offset %llu", (long long)w->amount, offset);
        break;
    case WARNING_LINK:
        snprintf(text, n, "link type %llu is not decoded", offset);
        break;
    default:
        snprintf(text, n, "%s at offset %llu",
                 reader_problem_text((enum reader_problem)(w->code - WARNING_READER)), offset);
    }
    return text;
}
