/*
 * The store gives trouble and is well again. Trouble is made in two ways: a small file system that
 * is filled (as root, in a mount namespace of our own), and a limit on the length of files.
 */
#include "main/ledger.h"

#include "base/own.h"
#include "base/time.h"

#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cmocka.h>

enum { T0 = 1700000000, WORKERS = 2, HELD_MOST = 3000, DELTA_BYTES = 200, RETRY_MOST_S = 4 };

struct fixture {
    char folder[200];
    bool mounted;
    struct store *store;
    struct ledger ledger;
    struct watch watch[WORKERS];
    uint64_t told[WORKERS], sequence[WORKERS], all; /* packets */
    int64_t now;                 /* seconds after T0 */
};

static void make_watches(struct fixture *f)
{
    /* What the test tells of is now. */
    f->ledger = (struct ledger){ .store = f->store,
                                 .clock = { T0, T0 + 100000 },
                                 .clock_before = { T0, T0 },
                                 .clock_due = UINT64_MAX,
                                 .cover = { .n = WORKERS, .fixed = 1 },
                                 .keep = { .minutes = 1, .flows = 1, .zone = "UTC" },
                                 .held_most = HELD_MOST };
    int64_t sensor;
    assert_int_equal(store_sensor_number(f->store, "here", &sensor), 0);
    assert_int_equal(store_commit(f->store), 0);
    for (size_t i = 0; i < WORKERS; i++) {
        watch_init(&f->watch[i], i, "test0");
        f->watch[i].intake = (struct intake){ .store = f->store, .sensor = sensor };
    }
}

static int set_up(void **state, bool mounted)
{
    struct fixture *f = calloc(1, sizeof *f);
    const char *tmp = getenv("TMPDIR");
    assert_non_null(f);
    *state = f;
    snprintf(f->folder, sizeof f->folder, "%.150s/teiten-ledger-XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(f->folder));
    if (mounted && mount("none", f->folder, "tmpfs", 0, "size=24m,mode=0700") == 0)
        f->mounted = true;
    else if (mounted)
        return 0;
    assert_int_equal(store_open(&f->store, f->folder, STORE_WRITE), 0);
    make_watches(f);
    return 0;
}

static int set_up_here(void **state)
{
    return set_up(state, false);
}

/* Mounts that nobody else sees. */
static bool have_mounts(void)
{
    static int can = -1;
    if (can < 0)
        can = geteuid() == 0 && unshare(CLONE_NEWNS) == 0 &&
              mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
    return can;
}

static int set_up_mounted(void **state)
{
    return set_up(state, have_mounts());
}

static void remove_in(const struct fixture *f, const char *name)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", f->folder, name);
    remove(path);
}

static int tear_down(void **state)
{
    static const char *const files[] = { "teiten.db", "teiten.db-wal", "teiten.db-shm", "filler" };
    struct fixture *f = *state;
    for (size_t i = 0; i < WORKERS; i++)
        watch_release(&f->watch[i]);
    store_close(f->store);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        remove_in(f, files[i]);
    if (f->mounted)
        umount(f->folder);
    int err = rmdir(f->folder);
    free(f);
    return err;
}

/* ---- what workers tell ---- */

static void hold_all(struct fixture *f, size_t i, struct channel *c)
{
    uint8_t type;
    struct rd record, r = rd_init(c->out.data, c->out.len);
    while (rd_left(&r)) {
        record = rd_sub(&r, rd_le32(&r));
        type = rd_u8(&record);
        assert_true(rd_ok(&record));
        assert_int_equal(delta_hold(&f->watch[i].delta, type, record), 0);
    }
    channel_release(c);
}

static void tell(struct fixture *f, size_t i, uint64_t packets)
{
    struct channel c;
    struct buf none;
    buf_init(&none, 1);
    channel_init(&c, -1);
    f->told[i] += packets;
    f->all += packets;
    struct record_coverage v = { T0, T0 + f->now, f->told[i], 0 };
    assert_int_equal(record_put_run(&c, T0 / 3600), 0);
    assert_int_equal(record_put_run_end(&c, 0, packets, &none, &none, &none), 0);
    assert_int_equal(record_put_coverage(&c, &v), 0);
    assert_int_equal(record_put_commit(&c, &(struct record_commit){ .sequence = ++f->sequence[i] }), 0);
    hold_all(f, i, &c);
}

static void tell_nonsense(struct fixture *f, size_t i)
{
    struct channel c;
    channel_init(&c, -1);
    assert_int_equal(record_put_run(&c, 1), 0);
    assert_int_equal(record_put_commit(&c, &(struct record_commit){ .sequence = ++f->sequence[i] }), 0);
    hold_all(f, i, &c);
}

/* A round of the supervisor's loop, in which every worker tells something. */
static void round_of(struct fixture *f)
{
    struct watch *bad;
    f->now++;
    for (size_t i = 0; i < WORKERS; i++) {
        tell(f, i, 10 * i + 1);
        ledger_shed(&f->ledger, f->watch, WORKERS);
    }
    assert_int_equal(ledger_store(&f->ledger, f->watch, WORKERS, &bad), 0);
    assert_null(bad);
}

/* ---- what came of it ---- */

static uint64_t packets_shown(struct fixture *f)
{
    struct store_facts facts;
    assert_int_equal(store_facts(f->store, &facts), 0);
    return facts.packets;
}

static void check_sums(struct fixture *f, uint64_t kept, uint64_t drops)
{
    struct sensor_facts *s;
    struct exposure e;
    size_t n;
    assert_int_equal(packets_shown(f), kept);
    assert_int_equal(store_sensors(f->store, &s, &n), 0);
    assert_int_equal(n, 1);
    assert_int_equal(s[0].coverage.packets, kept);
    assert_int_equal(s[0].coverage.drops, drops);
    free(s);
    assert_int_equal(f->ledger.cover.packets, kept);
    assert_int_equal(f->ledger.cover.drops, drops);
    assert_int_equal(store_exposure(f->store, T0, T0 + 100000, &e), 0);
    assert_true(e.address_seconds == (double)f->now);
}

/* ---- trouble ---- */

static off_t length_of(const struct fixture *f, const char *name)
{
    char path[300];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", f->folder, name);
    return stat(path, &st) == 0 ? st.st_size : 0;
}

/* No file may get longer than the longest is. */
static void stop_files(struct fixture *f, bool on)
{
    static struct rlimit was;
    off_t db = length_of(f, "teiten.db"), wal = length_of(f, "teiten.db-wal");
    signal(SIGXFSZ, SIG_IGN);
    if (on) {
        assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
        struct rlimit now = { (rlim_t)(db > wal ? db : wal), was.rlim_max };
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &now), 0);
    } else {
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
    }
}

/* Not a byte is left. */
static void fill_disk(struct fixture *f, bool on)
{
    char path[300], zero[4096] = { 0 };
    snprintf(path, sizeof path, "%s/filler", f->folder);
    if (!on) {
        assert_int_equal(unlink(path), 0);
        return;
    }
    auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    while (write(fd, zero, sizeof zero) > 0)
        ;
}

/* The next attempt is due by itself: once that is waited for, then the time is made to pass. */
static void pass_time(struct fixture *f)
{
    static bool waited;
    assert_true(f->ledger.retry > time_mono());
    assert_true(f->ledger.retry <= time_mono() + RETRY_MOST_S * UINT64_C(1000000000));
    while (!waited && time_mono() < f->ledger.retry)
        usleep(10000);
    waited = true;
    f->ledger.retry = time_mono();
}

static void check_stuck(struct fixture *f)
{
    assert_true(f->ledger.stuck);
    assert_true(f->ledger.retry > time_mono());
    assert_true(ledger_waiting(f->watch, WORKERS) <= HELD_MOST + 2 * WORKERS * DELTA_BYTES);
}

static void check_well(struct fixture *f)
{
    assert_false(f->ledger.stuck);
    assert_int_equal(f->ledger.retry, 0);
    assert_int_equal(f->ledger.shed, 0);
    assert_int_equal(ledger_waiting(f->watch, WORKERS), 0);
    check_sums(f, f->all - f->ledger.shed_all, f->ledger.shed_all);
}

/* Held, then shed, tried again in vain, and when the trouble is over all is as before. */
static void check_trouble(struct fixture *f, void (*trouble)(struct fixture *f, bool on))
{
    for (int i = 0; i < 10; i++)
        round_of(f);
    check_well(f);
    uint64_t before = f->ledger.shed_all;

    trouble(f, true);
    for (int i = 0; !f->ledger.stuck && i < 1000; i++) /* a page or two may have been free */
        round_of(f);
    check_stuck(f);
    assert_int_equal(f->ledger.shed, 0);
    uint64_t shown = packets_shown(f);
    for (int i = 0; i < 200; i++) {
        round_of(f);
        check_stuck(f);
    }
    assert_true(f->ledger.shed > 0);
    pass_time(f);
    round_of(f);
    check_stuck(f);
    assert_int_equal(packets_shown(f), shown);

    trouble(f, false);
    round_of(f); /* not yet */
    check_stuck(f);
    assert_int_equal(f->ledger.shed_all - before, f->ledger.shed);
    pass_time(f);
    round_of(f);
    check_well(f);
    assert_true(f->ledger.shed_all > before);
}

static void files_that_may_not_grow(void **state)
{
    check_trouble(*state, stop_files);
    check_trouble(*state, stop_files);
}

static void a_full_disk(void **state)
{
    struct fixture *f = *state;
    if (!f->mounted) {
        puts("skipped: needs root, to mount a small file system");
        skip();
    }
    check_trouble(f, fill_disk);
    check_trouble(f, fill_disk);
}

/* ---- other ends ---- */

/* The one's nonsense is dropped with all that it told; the others' deltas are kept. */
static void nonsense_is_the_workers_own(void **state)
{
    struct fixture *f = *state;
    struct watch *bad;
    f->now = 1;
    tell(f, 0, 5);
    tell_nonsense(f, 0);
    tell(f, 0, 6);
    tell(f, 1, 7);
    assert_int_equal(ledger_store(&f->ledger, f->watch, WORKERS, &bad), 0);
    assert_ptr_equal(bad, &f->watch[0]);
    assert_int_equal(delta_waiting(&f->watch[0].delta), 0);
    assert_int_equal(ledger_store(&f->ledger, f->watch, WORKERS, &bad), 0);
    assert_null(bad);
    check_sums(f, 12, 0);
    assert_false(f->ledger.stuck);
}

/* At the end nothing comes after: both must be done at once. */
static void the_last_word_is_kept(void **state)
{
    struct fixture *f = *state;
    f->now = 1;
    f->ledger.retry = UINT64_MAX;
    tell_nonsense(f, 0);
    tell(f, 1, 7);
    assert_int_equal(ledger_store_last(&f->ledger, f->watch, WORKERS), 0);
    assert_int_equal(ledger_waiting(f->watch, WORKERS), 0);
    check_sums(f, 7, 0);
}

static void a_last_word_that_is_lost_is_told(void **state)
{
    struct fixture *f = *state;
    round_of(f);
    stop_files(f, true);
    int err = 0;
    for (int i = 0; !err && i < 1000; i++) {
        f->now++;
        for (size_t w = 0; w < WORKERS; w++)
            tell(f, w, 1);
        err = ledger_store_last(&f->ledger, f->watch, WORKERS);
    }
    stop_files(f, false);
    assert_int_equal(err, -ENOSPC);
    assert_true(ledger_waiting(f->watch, WORKERS) > 0);
    assert_int_equal(ledger_store_last(&f->ledger, f->watch, WORKERS), 0);
    check_sums(f, f->all, 0);
}

/* A store that is well is never shed, whatever waits. */
static void a_store_that_is_well_loses_nothing(void **state)
{
    struct fixture *f = *state;
    struct watch *bad;
    f->now = 1;
    for (int i = 0; i < 500; i++)
        tell(f, (size_t)i % WORKERS, 1);
    assert_true(ledger_waiting(f->watch, WORKERS) > HELD_MOST);
    ledger_shed(&f->ledger, f->watch, WORKERS);
    while (ledger_behind(&f->ledger, f->watch, WORKERS))
        assert_int_equal(ledger_store(&f->ledger, f->watch, WORKERS, &bad), 0);
    check_sums(f, 500, 0);
    assert_int_equal(f->ledger.shed_all, 0);
}

int main(void)
{
#define TEST_(name) cmocka_unit_test_setup_teardown(name, set_up_here, tear_down)
    const struct CMUnitTest tests[] = {
        TEST_(files_that_may_not_grow),
        cmocka_unit_test_setup_teardown(a_full_disk, set_up_mounted, tear_down),
        TEST_(nonsense_is_the_workers_own),
        TEST_(the_last_word_is_kept),
        TEST_(a_last_word_that_is_lost_is_told),
        TEST_(a_store_that_is_well_loses_nothing),
    };
    return cmocka_run_group_tests_name("main/ledger", tests, NULL, NULL);
}
