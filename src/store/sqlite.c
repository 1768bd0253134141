#include "store/db.h"

#include "base/array.h"
#include "base/time.h"
#include "store/sqlite-clean.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STATEMENTS = 256, BUSY_MS = 20000, LOG_BUSY_MS = 100, PROGRESS_STEPS = 20000 };

struct stmt {
    sqlite3_stmt *handle;
    const char *sql;
};

struct db {
    sqlite3 *handle;
    int status;
    bool partial;
    uint64_t deadline;
    const volatile bool *cancel;
    size_t n;
    struct stmt stmt[STATEMENTS];
    char why[256];
};

/* What the system said where SQLite only tells of trouble with a file. */
static int system_status(int otherwise)
{
    switch (clean_errno()) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return -ENOSPC;
    case EROFS:
        return -EROFS;
    case EACCES:
    case EPERM:
        return -EACCES;
    case EMFILE:
    case ENFILE:
        return -EMFILE;
    default:
        return otherwise;
    }
}

/* SQLite's code as ours; keeps its words. */
static int status_of(struct db *d, int code)
{
    snprintf(d->why, sizeof d->why, "%s", d->handle ? sqlite3_errmsg(d->handle) : "out of memory");
    switch (code & 0xff) {
    case SQLITE_NOMEM:
        return -ENOMEM;
    case SQLITE_FULL:
        return -ENOSPC;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return -EBUSY;
    case SQLITE_READONLY:
        return -EROFS;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return -EUCLEAN;
    case SQLITE_INTERRUPT:
        return -ETIMEDOUT;
    case SQLITE_CANTOPEN:
        return system_status(-ENOENT);
    case SQLITE_IOERR:
        return code == SQLITE_IOERR_CORRUPTFS || code == SQLITE_IOERR_SHORT_READ ? -EUCLEAN
               : code == SQLITE_IOERR_NOMEM                                       ? -ENOMEM
                                                                                  : system_status(-EIO);
    default:
        return -EIO;
    }
}

static int should_stop(void *context)
{
    const struct db *d = context;
    return (d->cancel && *d->cancel) || (d->deadline && time_mono() > d->deadline);
}

void db_limit(struct db *d, uint64_t deadline, const volatile bool *cancel)
{
    d->deadline = deadline;
    d->cancel = cancel;
    bool limited = deadline || cancel;
    sqlite3_progress_handler(d->handle, limited ? PROGRESS_STEPS : 0, limited ? should_stop : NULL, d);
}

/* page_size and auto_vacuum only take effect on a new file. */
static const char write_setup[] = "PRAGMA page_size=16384;"
                                  "PRAGMA auto_vacuum=INCREMENTAL;"
                                  "PRAGMA journal_mode=WAL;"
                                  "PRAGMA temp_store=MEMORY;" /* a confined writer opens no file elsewhere */
                                  "PRAGMA synchronous=NORMAL;"
                                  "PRAGMA journal_size_limit=67108864;"
                                  "PRAGMA cache_size=-32768;"
                                  "PRAGMA secure_delete=ON;"
                                  "PRAGMA foreign_keys=OFF;";

/* The path as a URI that leaves everything as it lies; the caller frees it with sqlite3_free(). */
static char *immutable_uri(const char *path)
{
    sqlite3_str *s = sqlite3_str_new(NULL);
    sqlite3_str_appendall(s, "file:");
    for (; *path; path++)
        if (strchr("%?#", *path))
            sqlite3_str_appendf(s, "%%%02X", *path);
        else
            sqlite3_str_appendchar(s, 1, *path);
    sqlite3_str_appendall(s, "?immutable=1");
    return sqlite3_str_finish(s);
}

/* Whether a write-ahead log with something in it lies beside the file. */
static bool has_log(const char *path)
{
    char name[4200];
    struct stat st;
    snprintf(name, sizeof name, "%s-wal", path);
    return stat(name, &st) == 0 && st.st_size > 0;
}

/* Whether the log's index, which readers make where there is none, found no room. */
static bool lacks_index(sqlite3 *handle)
{
    switch (sqlite3_extended_errcode(handle)) {
    case SQLITE_IOERR_SHMOPEN:
    case SQLITE_IOERR_SHMSIZE:
    case SQLITE_IOERR_SHMMAP:
        return true;
    default:
        return false;
    }
}

/* No two threads share a connection, so that it needs no lock of its own. */
enum { ALONE = SQLITE_OPEN_NOMUTEX };

/* Nobody asks how much memory SQLite holds: it does not count, which takes a lock each time. */
static void prepare(void)
{
    static bool prepared;
    if (!prepared)
        (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    prepared = true;
}

/* A store on a read-only or full disk has no room for the WAL's index: it is then opened as it lies. */
static int open_for_reading(struct db *d, const char *path)
{
    int code = sqlite3_open_v2(path, &d->handle, SQLITE_OPEN_READONLY | ALONE, clean_vfs());
    /* After a crash another one may be recovering the write-ahead log; that is soon over. */
    sqlite3_busy_timeout(d->handle, BUSY_MS);
    if (code == SQLITE_OK)
        code = sqlite3_exec(d->handle, "SELECT count(*) FROM sqlite_master", NULL, NULL, NULL);
    if (code == SQLITE_OK)
        return SQLITE_OK;
    if ((code & 0xff) != SQLITE_CANTOPEN && (code & 0xff) != SQLITE_READONLY && !lacks_index(d->handle))
        return code;
    sqlite3_close(d->handle);
    d->handle = NULL;
    d->partial = has_log(path);
    char *uri = immutable_uri(path);
    if (!uri)
        return SQLITE_NOMEM;
    code = sqlite3_open_v2(uri, &d->handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | ALONE, NULL);
    sqlite3_free(uri);
    return code;
}

/* "Cannot open" of a file that is there: what keeps us from it. */
static int why_not_open(const char *path, int err)
{
    if (err != -ENOENT || access(path, F_OK) != 0)
        return err;
    return access(path, R_OK | W_OK) != 0 ? -errno : -EIO;
}

int db_open(struct db **ret, const char *path, enum db_mode mode)
{
    prepare();
    struct db *d = calloc(1, sizeof *d);
    if (!d)
        return -ENOMEM;
    int code = mode == DB_WRITE
                   ? sqlite3_open_v2(path, &d->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | ALONE,
                                     clean_vfs())
                   : open_for_reading(d, path);
    if (code == SQLITE_OK) {
        sqlite3_extended_result_codes(d->handle, 1);
        sqlite3_busy_timeout(d->handle, BUSY_MS);
        if (mode == DB_WRITE)
            code = sqlite3_exec(d->handle, write_setup, NULL, NULL, NULL);
    }
    if (code != SQLITE_OK) {
        int err = status_of(d, code);
        db_close(d);
        return why_not_open(path, err);
    }
    *ret = d;
    return 0;
}

void db_close(struct db *d)
{
    if (!d)
        return;
    for (size_t i = 0; i < d->n; i++)
        sqlite3_finalize(d->stmt[i].handle);
    sqlite3_close(d->handle);
    free(d);
}

const char *db_why(const struct db *d)
{
    return d->why;
}

int db_status(const struct db *d)
{
    return d->status;
}

int db_exec(struct db *d, const char *sql)
{
    int code = sqlite3_exec(d->handle, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? 0 : status_of(d, code);
}

bool db_in_transaction(const struct db *d)
{
    return !sqlite3_get_autocommit(d->handle);
}

void db_rollback(struct db *d)
{
    if (!sqlite3_get_autocommit(d->handle))
        sqlite3_exec(d->handle, "ROLLBACK", NULL, NULL, NULL);
}

int db_empty_log(struct db *d)
{
    sqlite3_busy_timeout(d->handle, LOG_BUSY_MS);
    int code = sqlite3_wal_checkpoint_v2(d->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    sqlite3_busy_timeout(d->handle, BUSY_MS);
    return code == SQLITE_OK ? 0 : status_of(d, code);
}

bool db_is_partial(const struct db *d)
{
    return d->partial;
}

struct stmt *db_stmt(struct db *d, const char *sql)
{
    d->status = 0;
    struct stmt *s = NULL;
    for (size_t i = 0; i < d->n && !s; i++)
        if (d->stmt[i].sql == sql)
            s = &d->stmt[i];
    if (!s) {
        if (d->n == STATEMENTS) {
            d->status = -ENOMEM;
            return NULL;
        }
        s = &d->stmt[d->n];
        int code = sqlite3_prepare_v3(d->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &s->handle, NULL);
        if (code != SQLITE_OK) {
            d->status = status_of(d, code);
            return NULL;
        }
        s->sql = sql;
        d->n++;
    }
    sqlite3_reset(s->handle);
    sqlite3_clear_bindings(s->handle);
    return s;
}

void db_bind_int(struct stmt *s, int at, int64_t v)
{
    if (s)
        sqlite3_bind_int64(s->handle, at, v);
}

void db_bind_text(struct stmt *s, int at, const char *text)
{
    if (s)
        sqlite3_bind_text(s->handle, at, text, -1, SQLITE_TRANSIENT);
}

void db_bind_blob(struct stmt *s, int at, const void *data, size_t n)
{
    if (s)
        sqlite3_bind_blob64(s->handle, at, data ? data : "", n, SQLITE_STATIC);
}

int db_step(struct db *d, struct stmt *s)
{
    if (!s)
        return d->status;
    int code = sqlite3_step(s->handle);
    if (code == SQLITE_ROW)
        return 1;
    int err = code == SQLITE_DONE ? 0 : status_of(d, code);
    sqlite3_reset(s->handle);
    return err;
}

int db_run(struct db *d, struct stmt *s)
{
    int err = db_step(d, s);
    db_done(s);
    return err < 0 ? err : 0;
}

void db_done(struct stmt *s)
{
    if (s) {
        sqlite3_reset(s->handle);
        sqlite3_clear_bindings(s->handle);
    }
}

int64_t db_int(struct stmt *s, int column)
{
    return sqlite3_column_int64(s->handle, column);
}

bool db_is_null(struct stmt *s, int column)
{
    return sqlite3_column_type(s->handle, column) == SQLITE_NULL;
}

const char *db_text(struct stmt *s, int column)
{
    const unsigned char *text = sqlite3_column_text(s->handle, column);
    return text ? (const char *)text : "";
}

const void *db_blob(struct stmt *s, int column, size_t *ret_n)
{
    const void *data = sqlite3_column_blob(s->handle, column);
    *ret_n = (size_t)sqlite3_column_bytes(s->handle, column);
    return data ? data : "";
}

int64_t db_last_id(struct db *d)
{
    return sqlite3_last_insert_rowid(d->handle);
}

int64_t db_changes(struct db *d)
{
    return sqlite3_changes64(d->handle);
}

int db_number(struct db *d, struct stmt *s, int64_t *ret)
{
    int row = db_step(d, s);
    *ret = row == 1 ? db_int(s, 0) : 0;
    db_done(s);
    return row < 0 ? row : 0;
}

int db_numbers(struct db *d, struct stmt *s, int64_t **ret, size_t *ret_n)
{
    size_t room = 0;
    int row;
    *ret = NULL;
    *ret_n = 0;
    while ((row = db_step(d, s)) == 1) {
        if ((row = ARRAY_ROOM(*ret, room, *ret_n + 1)) < 0)
            break;
        (*ret)[(*ret_n)++] = db_int(s, 0);
    }
    db_done(s);
    return row;
}
