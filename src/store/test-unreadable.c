/*
 * Evidence where not all of a store can be read, or was left by a call that was killed.
 */
#include "base/array.h"
#include "store/test-vouched.h"

#include <errno.h>
#include <sys/syscall.h>

/* A page of the database that the disk does not give: its place; 0: none. */
static off_t bad_sector;
static int bad_errno; /* EIO lasts, in SQLite's view */
enum { PAGE = 16384 };

/* SQLite is a shared library: its calls end here. (The name in C is pread64's, where files are large.) */
ssize_t pread(int fd, void *data, size_t n, off_t at)
{
    if (bad_sector && at == bad_sector && n == PAGE) {
        errno = bad_errno;
        return -1;
    }
    return syscall(SYS_pread64, fd, data, n, at);
}

/* Where the first leaf of a table lies. */
static off_t leaf_of(const char *sql)
{
    struct store *s = open_store(STORE_READ);
    off_t at = (off_t)(number_in(s, sql) - 1) * PAGE;
    store_close(s);
    assert_true(at > 0);
    return at;
}
#define LEAF_OF(table)                                                                             \
    leaf_of("SELECT pageno FROM dbstat WHERE name='" table "' AND path LIKE '/0%' AND pagetype='leaf'" \
            " ORDER BY path LIMIT 1")

static void spoil(off_t at)
{
    static const uint8_t junk[PAGE] = { 0xff };
    int fd = open(path_of("teiten.db"), O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, junk, sizeof junk, at), sizeof junk);
    close(fd);
}

/* Rows of the vouch stream that cannot be read are a fault, and keep no hour from being sealed and merged. */
static void test_unreadable_vouches(void **state)
{
    (void)state;
    static const int cause[] = { 0 /* junk */, EIO, EREMOTEIO };
    for (size_t how = 0; how < sizeof cause / sizeof cause[0]; how++) {
        struct told t;
        int64_t sensor, period = 0;
        struct store *s = open_store(STORE_WRITE);
        assert_int_equal(store_seal(s, DAY + 60), 0); /* the clock from here on */
        assert_int_equal(store_sensor_number(s, "here", &sensor), 0);
        put_deltas(s, HOUR, 300, &period);
        assert_int_equal(store_seal(s, DAY + 3600 + 60), 0);
        put_deltas(s, HOUR + 1, 3, &period);
        store_close(s);
        off_t at = LEAF_OF("vouch");
        bad_errno = cause[how];
        if (bad_errno)
            bad_sector = at;
        else
            spoil(at);
        s = open_store(STORE_WRITE);
        assert_int_equal(store_seal(s, DAY + 7200 + 60), 0);
        assert_int_equal(number_in(s, "SELECT count(*) FROM segment"), 2);
        keep_up(s, DAY + 3 * 3600);
        assert_int_equal(number_in(s, "SELECT count(*) FROM damaged"), 0);
        assert_int_equal(number_in(s, "SELECT count(*) FROM run WHERE state=1 AND kept"), 2);
        assert_int_equal(count_altered(s), 0); /* nothing is known of them */
        put_deltas(s, HOUR + 3, 3, &period);
        assert_int_equal(store_seal(s, DAY + 5 * 3600), 0);
        assert_true(verify(s, &t).faults > 0);
        store_close(s);
        bad_sector = 0;
        empty(folder);
        empty(path_of("log"));
    }
}

/* Calls of upkeep that failed with -EIO, until there is nothing to do. */
static unsigned count_failures(struct store *s, bool passes)
{
    const struct keep keep = { .minutes = 8 * 86400, .flows = 90 * 86400, .zone = "UTC" };
    unsigned n = 0;
    int more;
    for (unsigned i = 0; (more = store_upkeep(s, &keep, DAY + 4 * 3600)) != 0; i++) {
        assert_true(i < 500);
        assert_true(more == 1 || more == -EIO);
        n += more < 0;
        bad_sector = passes && n ? 0 : bad_sector;
    }
    return n;
}

/* A bad sector: where it may pass, tried again; then the hour is set aside and the rest goes on. */
static void test_bad_sector(void **state)
{
    (void)state;
    static const struct {
        int cause;
        bool passes;
        unsigned failures;
    } row[] = { { EREMOTEIO, true, 1 }, { EREMOTEIO, false, 3 }, { EIO, false, 0 } };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        bool passes = row[i].passes;
        struct told t;
        struct prefix who;
        int64_t sensor, period = 0;
        uint64_t n;
        struct store *s = open_store(STORE_WRITE);
        assert_int_equal(store_sensor_number(s, "here", &sensor), 0);
        put_deltas(s, HOUR, 100, &period);
        put_deltas(s, HOUR + 1, 300, &period);
        put_file(s, HOUR + 2, 1);
        put_file(s, HOUR + 2, 2);
        store_close(s);
        bad_sector = LEAF_OF("log");
        bad_errno = row[i].cause;
        s = open_store(STORE_WRITE);
        unsigned failures = count_failures(s, passes);
        int64_t damaged = number_in(s, "SELECT count(*) FROM damaged");
        assert_int_equal(number_in(s, "SELECT count(*) FROM run WHERE hour=480002 AND state=1 AND kept"), 1);
        assert_int_equal(damaged, passes ? 0 : 2); /* two hours have some of their flows there */
        assert_int_equal(failures, passes ? 1 : row[i].failures * 2);
        assert_int_equal(prefix_parse("198.18.0.0/16", &who), 0);
        assert_int_equal(store_forget(s, &who, &n), passes ? 0 : -EUCLEAN); /* and the rest was done */
        unsigned faults = (unsigned)verify(s, &t).faults;
        if (row[i].cause == EIO)
            assert_true(faults > 50); /* each run that lies there */
        else
            assert_int_equal(faults, passes ? 0 : 2); /* one, and that SQLite ended the check there */
        assert_true(passes || strncmp(t.first, "run ", 4) == 0);
        store_close(s);
        bad_sector = 0;
        empty(folder);
        empty(path_of("log"));
    }
}

/* Sets that a derivation left which never wrote its day. */
static void test_stale_sets(void **state)
{
    (void)state;
    int64_t sensor;
    char sql[100];
    struct store *s = open_store(STORE_WRITE);
    assert_int_equal(store_sensor_number(s, "here", &sensor), 0);
    put_file(s, HOUR, 1);
    snprintf(sql, sizeof sql, "INSERT INTO day_sources VALUES(%lld, 5, x'00')", (long long)DAY);
    assert_int_equal(db_exec(s->db, sql), 0);
    keep_up(s, DAY + 86400 * 2);
    assert_int_equal(number_in(s, "SELECT count(*) FROM day"), 1);
    assert_true(number_in(s, "SELECT count(*) FROM day_sources") > 0);
    assert_int_equal(number_in(s, "SELECT count(*) FROM day_sources WHERE scope=5"), 0);
    assert_sound(s);
    store_close(s);
}

/* Segments that are needed for long do not hide older ones that are not. */
static void test_many_segments(void **state)
{
    (void)state;
    int64_t sensor, period = 0;
    struct store *s = open_store(STORE_WRITE);
    assert_int_equal(store_seal(s, DAY), 0);
    assert_int_equal(store_sensor_number(s, "here", &sensor), 0);
    for (uint32_t h = 0; h < 20; h++) {
        assert_int_equal(store_seal(s, DAY + h * INT64_C(3600)), 0);
        put_deltas(s, HOUR + h, 2, &period);
    }
    assert_int_equal(db_exec(s->db, "INSERT INTO damaged SELECT DISTINCT hour FROM run WHERE hour > 480002"), 0);
    keep_up(s, DAY + 20 * 3600 + 60);
    for (uint32_t h = 21; h < 25; h++) {
        put_deltas(s, HOUR + h, 1, &period);
        assert_int_equal(store_seal(s, DAY + (h + 1) * INT64_C(3600)), 0);
    }
    assert_int_equal(number_in(s, "SELECT count(*) FROM segment WHERE pruned=0 AND last < 7"), 0);
    store_close(s);
}

/* ---- whatever is damaged ---- */

/* Random bytes anywhere in the file: faults or an error, and no crash. */
static void test_random_damage(void **state)
{
    (void)state;
    struct store *s = open_store(STORE_WRITE);
    build(s);
    store_close(s);
    copy(path_of("teiten.db"), path_of("kept"));
    unsigned told = 0;
    for (unsigned round = 0; round < 150; round++) {
        int fd = open(path_of("teiten.db"), O_RDWR | O_CLOEXEC);
        struct stat st;
        assert_true(fd >= 0 && fstat(fd, &st) == 0);
        for (unsigned i = 0; i < 1 + round; i++) {
            uint8_t byte = (uint8_t)pick(256);
            off_t at = 100 + (off_t)pick((uint32_t)st.st_size - 100);
            assert_int_equal(pwrite(fd, &byte, 1, at), 1);
        }
        close(fd);
        if (store_open(&s, folder, STORE_READ) == 0) {
            struct told t = { .faults = 0 };
            struct verified v;
            told += store_verify(s, tell, &t, &v) != 0 || v.faults > 0;
            store_close(s);
        } else {
            told++;
        }
        copy(path_of("kept"), path_of("teiten.db"));
    }
    assert_true(told > 50);
    s = open_store(STORE_READ);
    assert_sound(s);
    store_close(s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_unreadable_vouches), TEST(test_bad_sector), TEST(test_stale_sets),
        TEST(test_many_segments), TEST(test_random_damage),
    };
    return cmocka_run_group_tests_name("store/unreadable", tests, NULL, NULL);
}
