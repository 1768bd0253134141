#include "store/sqlite-clean.h"

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <string.h>

enum { PAGE_MAX = 65536, FILE_HEADER = 100, INDEX_INTERIOR = 2, INDEX_LEAF = 10, TABLE_LEAF = 13 };

static struct {
    pthread_once_t once;
    sqlite3_vfs vfs;
    sqlite3_io_methods page_methods, log_methods; /* of the database, and of its log and journal */
    const sqlite3_vfs *plain;
    const sqlite3_io_methods *plain_pages, *plain_logs; /* which differ in their locks alone */
} clean = { .once = PTHREAD_ONCE_INIT };

static size_t be16(const uint8_t *p)
{
    return (size_t)p[0] << 8 | p[1];
}

/*
 * Pages that hold rows, by their first byte. Pages of other uses begin with a page number of four bytes, whose
 * first is less than the kind in files of this size; or, on places that are known, with the number
 * of a use, 1 to 5 (SQLite's file format, "Pointer map pages").
 */
static bool holds_rows(const uint8_t *header, size_t n, uint64_t number)
{
    uint64_t kind = header[0], maps = n / 5 + 1;
    if (number >= kind << 24)
        return false;
    if (kind == INDEX_INTERIOR) /* a map lies one later where the file's lock byte is in its way */
        return number > 3 && (number - 2) % maps > 1;
    return kind == INDEX_LEAF || kind == TABLE_LEAF;
}

void clean_page(uint8_t *page, size_t n, uint64_t number)
{
    size_t at = number == 1 ? FILE_HEADER : 0;
    const uint8_t *header = page + at;
    if (!holds_rows(header, n, number))
        return;
    size_t freed = be16(header + 1), cells = be16(header + 3), content = be16(header + 5);
    size_t first = at + (header[0] == INDEX_INTERIOR ? 12 : 8), middle = first + 2 * cells;
    content = content ? content : PAGE_MAX;
    if (middle > content || content > n || (freed && freed < content))
        return;
    for (size_t i = 0; i < cells; i++)
        if (be16(page + first + 2 * i) < content)
            return;
    memset(page + middle, 0, content - middle);
}

/* ---- files ---- */

static _Thread_local int refusal;

int clean_errno(void)
{
    int was = refusal;
    refusal = 0;
    return was;
}

static int note(int code)
{
    if (code != SQLITE_OK)
        refusal = errno;
    return code;
}

static const sqlite3_io_methods *plain_of(const sqlite3_file *f)
{
    return f->pMethods == &clean.page_methods ? clean.plain_pages : clean.plain_logs;
}

static int log_write(sqlite3_file *f, const void *data, int n, sqlite3_int64 at)
{
    return note(clean.plain_logs->xWrite(f, data, n, at));
}

static int page_write(sqlite3_file *f, const void *data, int n, sqlite3_int64 at)
{
    static _Thread_local uint8_t page[PAGE_MAX];
    if (n >= 512 && n <= PAGE_MAX && at % n == 0) {
        memcpy(page, data, (size_t)n);
        clean_page(page, (size_t)n, (uint64_t)(at / n) + 1);
        data = page;
    }
    return note(clean.plain_pages->xWrite(f, data, n, at));
}

static int any_truncate(sqlite3_file *f, sqlite3_int64 n)
{
    return note(plain_of(f)->xTruncate(f, n));
}

static int any_sync(sqlite3_file *f, int flags)
{
    return note(plain_of(f)->xSync(f, flags));
}

static int any_shm_map(sqlite3_file *f, int region, int n, int extend, void volatile **ret)
{
    return note(plain_of(f)->xShmMap(f, region, n, extend, ret));
}

/* All files of one use in a process have the same methods. */
static void take_methods(const sqlite3_io_methods *m, const sqlite3_io_methods **plain,
                         sqlite3_io_methods *ours, int (*write)(sqlite3_file *, const void *, int, sqlite3_int64))
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    if (!*plain) {
        *ours = *m;
        ours->xWrite = write;
        ours->xTruncate = any_truncate;
        ours->xSync = any_sync;
        ours->xShmMap = m->iVersion >= 2 ? any_shm_map : NULL;
        *plain = m;
    }
    pthread_mutex_unlock(&lock);
}

static int clean_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *f, int flags, int *out)
{
    int code = note(clean.plain->xOpen(vfs, name, f, flags, out));
    if (code != SQLITE_OK || !f->pMethods)
        return code;
    if (flags & SQLITE_OPEN_MAIN_DB) {
        take_methods(f->pMethods, &clean.plain_pages, &clean.page_methods, page_write);
        if (f->pMethods == clean.plain_pages)
            f->pMethods = &clean.page_methods;
    } else if (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) {
        take_methods(f->pMethods, &clean.plain_logs, &clean.log_methods, log_write);
        if (f->pMethods == clean.plain_logs)
            f->pMethods = &clean.log_methods;
    }
    return code;
}

static void make_vfs(void)
{
    clean.plain = sqlite3_vfs_find(NULL);
    if (!clean.plain)
        return;
    clean.vfs = *clean.plain;
    clean.vfs.zName = "teiten";
    clean.vfs.xOpen = clean_open;
    sqlite3_vfs_register(&clean.vfs, 0);
}

const char *clean_vfs(void)
{
    pthread_once(&clean.once, make_vfs);
    return clean.plain ? clean.vfs.zName : NULL;
}
