#include "main/sample-add.h"

#include "base/own.h"
#include "base/time.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int sample_failed_report(const uint8_t sha256[static 32], uint64_t size, const char *why, struct sample_report *ret)
{
    sample_report_init(ret);
    sample_report_of(ret, sha256, size);
    ret->took = 1;
    return sample_add_finding(ret, "triage-failed", 0, "the program that read it ended: %s", why);
}

void sample_report_of(struct sample_report *r, const uint8_t sha256[static 32], uint64_t size)
{
    memcpy(r->sha256, sha256, sizeof r->sha256);
    r->size = size;
}

/* ---- into the vault ---- */

static int copy(struct vault_file *f, int fd)
{
    uint8_t piece[64 << 10];
    for (;;) {
        ssize_t got = read(fd, piece, sizeof piece);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            return 0;
        if (f->size + (uint64_t)got > SAMPLE_BYTES)
            return -EFBIG;
        TRY(vault_add(f, piece, (size_t)got));
    }
}

static int keep(struct sample_add *a, const char *path, struct sample_added *ret)
{
    struct stat st;
    struct vault_file f;
    auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode))
        return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
    TRY(vault_begin(&f, a->vault));
    int err = copy(&f, fd);
    if (err) {
        vault_drop(&f);
        return err;
    }
    ret->size = f.size;
    return vault_keep(&f, ret->sha256);
}

/* ---- through triage ---- */

/* Waits for the desk: to be free, or for what it says. */
static enum desk_said wait_for(struct desk *d, struct sample_report *report, const char **why)
{
    for (;;) {
        struct pollfd p = desk_listen(d);
        if (poll(&p, 1, DESK_WAIT_MS) < 0 && errno != EINTR)
            p.revents = 0;
        enum desk_said said = desk_hear(d, p.revents, report, why);
        if (said != DESK_NOTHING || desk_is_free(d) || !d->running)
            return said;
    }
}

static int have_desk(struct desk *d)
{
    struct sample_report unused;
    const char *why;
    d->restart.due = 0;
    TRY(desk_start(d));
    if (!desk_is_free(d))
        (void)wait_for(d, &unused, &why);
    return desk_is_free(d) ? 0 : -EPIPE;
}

static int triage(struct sample_add *a, struct sample_added *added, struct sample_report *ret)
{
    auto_fd int fd = vault_read(a->vault, added->sha256);
    TRY(fd);
    TRY(have_desk(a->desk));
    TRY(desk_give(a->desk, 1, fd));
    if (wait_for(a->desk, ret, &added->failed) != DESK_TOLD)
        return sample_failed_report(added->sha256, added->size, added->failed, ret);
    added->failed = NULL;
    sample_report_of(ret, added->sha256, added->size);
    return 0;
}

int sample_add(struct sample_add *a, const char *path, struct sample_added *ret)
{
    struct sample_report report;
    struct sample_facts facts;
    char hex[SHA256_HEX];
    *ret = (struct sample_added){ 0 };
    TRY(keep(a, path, ret));
    ret->known = store_sample(a->store, sha256_hex(ret->sha256, hex), &facts) == 0;
    TRY(triage(a, ret, &report));
    const struct sample_origin origin = { .how = HOW_ADDED, .url = "", .server = "", .time = a->now };
    int err = store_sample_found(a->store, ret->sha256, ret->size, &origin);
    if (!err)
        err = store_sample_told(a->store, &report);
    sample_report_release(&report);
    if (!err)
        return store_commit(a->store);
    store_rollback(a->store);
    return err;
}
