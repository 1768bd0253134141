/*
 * The chain's copy: STATE/log/YYYY-MM-DD.chain, a line an event, so that the head can be carried away by
 * whatever carries logs. The database stays the truth.
 */
#include "base/own.h"
#include "base/text.h"
#include "base/time.h"
#include "store/evidence.h"
#include "store/inside.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_MOST = 80 << 10, NAME = 32, TAIL = 2 * LINE_MOST };

/* STATE/log; false where that is too long. */
static bool log_folder(const struct store *s, char *ret, size_t room)
{
    size_t n = strlen(s->path) - strlen("/teiten.db");
    if (n + sizeof "/log" > room)
        return false;
    memcpy(ret, s->path, n);
    memcpy(ret + n, "/log", sizeof "/log");
    return true;
}

static bool is_chain_name(const char *name)
{
    return strlen(name) == strlen("2026-01-01.chain") && strcmp(name + 10, ".chain") == 0;
}

static int is_chain_file(const struct dirent *d)
{
    return is_chain_name(d->d_name);
}

/* ---- writing ---- */

/* The event as its line, without a newline. */
static void put_line(struct buf *b, int64_t seq, int64_t at, const char *event, const char *text,
                     const uint8_t *link)
{
    char time[TIME_TEXT], hex[SHA256_HEX];
    buf_print(b, "seq=%lld at=%s event=", (long long)seq, time_text(at, time));
    buf_text(b, event);
    buf_print(b, " link=%s ", sha256_hex(link, hex));
    buf_text(b, text);
}

/* The newest file's name ("" where there is none). */
static int newest(const char *folder, char ret[static NAME])
{
    struct dirent **entry;
    int n = scandir(folder, &entry, is_chain_file, alphasort);
    ret[0] = '\0';
    if (n < 0)
        return -errno;
    for (int i = 0; i < n; i++) {
        text_copy(ret, NAME, entry[i]->d_name);
        free(entry[i]);
    }
    free(entry);
    return 0;
}

/* The number that the last whole line of a file begins with, and where that line ends: half a line was left
 * by a crash. */
static int last_line(int fd, int64_t *ret_seq, off_t *ret_end)
{
    struct stat st;
    *ret_seq = 0;
    *ret_end = 0;
    if (fstat(fd, &st) < 0)
        return -errno;
    off_t from = st.st_size > TAIL ? st.st_size - TAIL : 0;
    auto_free char *text = malloc(TAIL + 1);
    if (!text)
        return -ENOMEM;
    ssize_t n = pread(fd, text, TAIL, from);
    if (n < 0)
        return -errno;
    text[n] = '\0';
    char *end = memrchr(text, '\n', (size_t)n);
    if (!end)
        return 0;
    *ret_end = from + (end - text) + 1;
    char *begin = end > text ? memrchr(text, '\n', (size_t)(end - text)) : NULL;
    begin = begin ? begin + 1 : text;
    if (strncmp(begin, "seq=", 4) == 0)
        *ret_seq = strtoll(begin + 4, NULL, 10);
    return 0;
}

static int write_all(int fd, const void *data, size_t n)
{
    for (size_t at = 0; at < n;) {
        ssize_t done = write(fd, (const char *)data + at, n - at);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return -errno;
        at += (size_t)done;
    }
    return 0;
}

struct export {
    struct store *s;
    int folder; /* descriptor */
    int fd;     /* of the file that is open; -1 */
    char name[NAME];
    int64_t last; /* event that was written last */
    int64_t upto; /* and is to be */
};

static int close_file(struct export *x)
{
    int err = x->fd >= 0 && fsync(x->fd) < 0 ? -errno : 0;
    if (x->fd >= 0)
        close(x->fd);
    x->fd = -1;
    return err;
}

/* The file of a day; never an older one than that which is open, so that the newest has the last event. */
static int open_file(struct export *x, const char *name)
{
    if (x->fd >= 0 && strcmp(name, x->name) <= 0)
        return 0;
    TRY(close_file(x));
    x->fd = openat(x->folder, name, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (x->fd < 0)
        return -errno;
    text_copy(x->name, sizeof x->name, name);
    return store_hand_over(x->s, x->fd);
}

/* Where the copy ended; half a line is cut off. */
static int resume(struct export *x, const char *path)
{
    char name[NAME];
    off_t end;
    TRY(newest(path, name));
    if (!name[0])
        return 0;
    TRY(open_file(x, name));
    TRY(last_line(x->fd, &x->last, &end));
    return ftruncate(x->fd, end) < 0 ? -errno : 0;
}

static int write_event(struct export *x, struct stmt *q, struct buf *line)
{
    char day[TIME_TEXT], name[NAME];
    size_t n;
    int64_t at = db_int(q, 1);
    const void *link = db_blob(q, 4, &n);
    snprintf(name, sizeof name, "%.10s.chain", time_day_text(at, "UTC", day));
    TRY(n == SHA256_BYTES ? 0 : -EUCLEAN);
    TRY(is_chain_name(name) ? open_file(x, name) : -EUCLEAN);
    buf_reset(line);
    put_line(line, db_int(q, 0), at, db_text(q, 2), db_text(q, 3), link);
    buf_u8(line, '\n');
    TRY(buf_status(line));
    return write_all(x->fd, line->data, line->len);
}

static int write_events(struct export *x)
{
    struct buf line;
    buf_init(&line, 2 * LINE_MOST);
    struct stmt *q = db_stmt(x->s->db, "SELECT seq, at, event, text, link FROM event WHERE seq > ?"
                                       " AND seq <= ? ORDER BY seq");
    db_bind_int(q, 1, x->last);
    db_bind_int(q, 2, x->upto);
    int row, err = 0;
    while (!err && (row = db_step(x->s->db, q)) != 0)
        err = row < 0 ? row : write_event(x, q, &line);
    db_done(q);
    buf_release(&line);
    return err;
}

static int open_folder(const struct store *s, const char *path)
{
    if (mkdir(path, 0750) < 0 && errno != EEXIST)
        return -errno;
    int follow = geteuid() == 0 ? O_NOFOLLOW : 0;
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | follow);
    if (folder < 0)
        return -errno;
    int err = store_hand_over(s, folder);
    if (err)
        close(folder);
    return err ? err : folder;
}

static int export_to(struct store *s, const char *path, int64_t last)
{
    auto_fd int folder = open_folder(s, path);
    if (folder < 0)
        return folder;
    if (flock(folder, LOCK_EX | LOCK_NB) < 0)
        return 0; /* another is at it; what it lacks, the next will write */
    struct export x = { .s = s, .folder = folder, .fd = -1, .upto = last };
    int err = resume(&x, path);
    if (!err)
        err = write_events(&x);
    int closed = close_file(&x);
    return err ? err : closed;
}

int chain_export(struct store *s, int64_t last)
{
    char path[4200];
    int err = log_folder(s, path, sizeof path) ? export_to(s, path, last) : -ENAMETOOLONG;
    if (err) /* SQLite's words are of something else */
        snprintf(s->why, sizeof s->why, "the chain cannot be copied to the state folder's log/: %s", strerror(-err));
    return err;
}

/* ---- comparing ---- */

struct compare {
    struct store *s;
    void (*say)(void *context, const char *fault);
    void *context;
    const char *file;
    uint64_t faults, lines;
    struct buf line;
};

static void tell(struct compare *c, const char *line, const char *what)
{
    char fault[256];
    snprintf(fault, sizeof fault, "log/%s: event %.20s: %s", c->file, line, what);
    c->say(c->context, fault);
    c->faults++;
}

static int compare_line(struct compare *c, const char *line)
{
    int64_t seq = strncmp(line, "seq=", 4) == 0 ? strtoll(line + 4, NULL, 10) : 0;
    size_t n;
    struct stmt *q = db_stmt(c->s->db, "SELECT seq, at, event, text, link FROM event WHERE seq=?");
    db_bind_int(q, 1, seq);
    int row = db_step(c->s->db, q);
    if (row == 1) {
        const void *link = db_blob(q, 4, &n);
        static const uint8_t none[SHA256_BYTES];
        buf_reset(&c->line);
        put_line(&c->line, seq, db_int(q, 1), db_text(q, 2), db_text(q, 3), n == SHA256_BYTES ? link : none);
        buf_u8(&c->line, 0);
        if (!buf_ok(&c->line) || strcmp((const char *)c->line.data, line) != 0)
            tell(c, line, "differs from the chain");
    } else if (row == 0) {
        tell(c, line, "is not in the chain");
    }
    db_done(q);
    c->lines++;
    return row < 0 ? row : 0;
}

static int compare_file(struct compare *c, int folder)
{
    int fd = openat(folder, c->file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    auto_file FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
    if (!f)
        return 0; /* a copy that cannot be read is a copy that is not there */
    auto_free char *line = malloc(LINE_MOST);
    if (!line)
        return -ENOMEM;
    while (fgets(line, LINE_MOST, f)) {
        char *end = strchr(line, '\n');
        if (!end && feof(f))
            break; /* it is being written */
        if (end)
            *end = '\0';
        TRY(compare_line(c, line));
    }
    return 0;
}

int chain_compare(struct store *s, void (*say)(void *context, const char *fault), void *context,
                  uint64_t *ret_faults, uint64_t *ret_lines)
{
    char path[4200];
    struct dirent **entry = NULL;
    struct compare c = { .s = s, .say = say, .context = context };
    *ret_faults = *ret_lines = 0;
    auto_fd int folder = log_folder(s, path, sizeof path) ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    int n = folder < 0 ? 0 : scandir(path, &entry, is_chain_file, alphasort);
    buf_init(&c.line, 2 * LINE_MOST);
    int err = 0;
    for (int i = 0; i < n; i++) {
        c.file = entry[i]->d_name;
        if (!err)
            err = compare_file(&c, folder);
        free(entry[i]);
    }
    free(entry);
    buf_release(&c.line);
    *ret_faults = c.faults;
    *ret_lines = c.lines;
    return err;
}
