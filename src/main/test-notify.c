#include "main/notify.h"

#include "base/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#define NS_A_MS UINT64_C(1000000)

/* A manager that listens at a path, or at an abstract name ("@..."). */
struct manager {
    int fd;
    char path[100];
};

static void listen_at(struct manager *m, bool abstract)
{
    static unsigned number;
    const char *tmp = getenv("TMPDIR");
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    if (abstract)
        snprintf(m->path, sizeof m->path, "@teiten-test-notify-%d-%u", (int)getpid(), number++);
    else
        snprintf(m->path, sizeof m->path, "%.60s/notify-%d-%u", tmp ? tmp : "/tmp", (int)getpid(),
                 number++);
    size_t n = strlen(m->path);
    memcpy(at.sun_path, m->path, n);
    if (abstract)
        at.sun_path[0] = '\0';
    m->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_true(m->fd >= 0);
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
    assert_int_equal(bind(m->fd, (struct sockaddr *)&at, length), 0);
    setenv("NOTIFY_SOCKET", m->path, 1);
}

static void stop(struct manager *m)
{
    close(m->fd);
    if (m->path[0] == '/')
        assert_int_equal(unlink(m->path), 0);
}

/* What it was told, "" where nothing. */
static const char *heard(const struct manager *m)
{
    static char text[512];
    ssize_t n = recv(m->fd, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

static void check_environment_is_clear(void)
{
    assert_null(getenv("NOTIFY_SOCKET"));
    assert_null(getenv("WATCHDOG_USEC"));
    assert_null(getenv("WATCHDOG_PID"));
}

static int clear(void **state)
{
    (void)state;
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    return 0;
}

static void check_reloading(const char *text, uint64_t before, uint64_t after)
{
    unsigned long long usec;
    int n = -1;
    assert_int_equal(sscanf(text, "RELOADING=1\nMONOTONIC_USEC=%llu%n", &usec, &n), 1);
    assert_int_equal(n, (int)strlen(text));
    assert_true(usec >= before / 1000 && usec <= after / 1000);
}

static void a_manager_is_told(void **state)
{
    (void)state;
    for (int abstract = 0; abstract < 2; abstract++) {
        struct manager m;
        struct notify n;
        listen_at(&m, abstract);
        notify_open(&n);
        check_environment_is_clear();
        assert_string_equal(heard(&m), "");
        notify_ready(&n);
        assert_string_equal(heard(&m), "READY=1\nSTATUS=counting");
        notify_send(&n, "STOPPING=1");
        assert_string_equal(heard(&m), "STOPPING=1");
        uint64_t before = time_mono();
        notify_reloading(&n);
        check_reloading(heard(&m), before, time_mono());
        notify_alive(&n); /* nobody asked for signs of life */
        assert_string_equal(heard(&m), "");
        notify_close(&n);
        notify_close(&n);
        notify_ready(&n);
        assert_string_equal(heard(&m), "");
        stop(&m);
    }
}

static void signs_of_life_come_in_time(void **state)
{
    struct manager m;
    struct notify n;
    char pid[20];
    (void)state;
    listen_at(&m, false);
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    setenv("WATCHDOG_USEC", "300000", 1);
    setenv("WATCHDOG_PID", pid, 1);
    notify_open(&n);
    check_environment_is_clear();
    assert_int_equal(n.interval, 100 * NS_A_MS); /* a third */
    notify_alive(&n);
    assert_string_equal(heard(&m), "WATCHDOG=1");
    assert_true(n.due > time_mono() && n.due <= time_mono() + n.interval);
    uint64_t due = n.due;
    while (time_mono() + 20 * NS_A_MS < due)
        usleep(5000);
    if (time_mono() < due)
        notify_alive(&n);
    if (time_mono() < due) /* else this machine is too slow to tell */
        assert_string_equal(heard(&m), "");
    while (time_mono() < due)
        usleep(1000);
    notify_alive(&n);
    assert_string_equal(heard(&m), "WATCHDOG=1");
    assert_true(n.due >= due + n.interval);
    notify_close(&n);
    stop(&m);
}

static void no_sign_of_life_is_owed(void **state)
{
    static const struct {
        const char *usec, *pid;
    } table[] = {
        { "0", NULL }, { "", NULL }, { "soon", NULL }, { "300000", "1" }, { NULL, NULL }
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct manager m;
        struct notify n;
        listen_at(&m, false);
        if (table[i].usec)
            setenv("WATCHDOG_USEC", table[i].usec, 1);
        if (table[i].pid)
            setenv("WATCHDOG_PID", table[i].pid, 1);
        notify_open(&n);
        check_environment_is_clear();
        notify_alive(&n);
        assert_string_equal(heard(&m), "");
        notify_ready(&n);
        assert_string_equal(heard(&m), "READY=1\nSTATUS=counting");
        notify_close(&n);
        stop(&m);
    }
}

static void nobody_listens(void **state)
{
    static const char *const table[] = {
        NULL, "", "/", "@", "/nonexistent/notify", "@teiten-test-nobody"
    };
    char longer[200];
    (void)state;
    memset(longer, 'x', sizeof longer);
    longer[0] = '/';
    longer[sizeof longer - 1] = '\0';
    for (size_t i = 0; i <= sizeof table / sizeof *table; i++) {
        struct notify n;
        const char *path = i < sizeof table / sizeof *table ? table[i] : longer;
        if (path)
            setenv("NOTIFY_SOCKET", path, 1);
        setenv("WATCHDOG_USEC", "3", 1);
        notify_open(&n);
        check_environment_is_clear();
        assert_int_equal(n.fd, -1);
        notify_ready(&n); /* all of it does nothing */
        notify_reloading(&n);
        notify_alive(&n);
        notify_close(&n);
    }
}

/* A manager that reads nothing, or is gone, does not hold us up. */
static void a_deaf_manager_does_no_harm(void **state)
{
    struct manager m;
    struct notify n;
    (void)state;
    listen_at(&m, false);
    notify_open(&n);
    for (int i = 0; i < 5000; i++)
        notify_ready(&n);
    assert_string_equal(heard(&m), "READY=1\nSTATUS=counting");
    stop(&m);
    notify_ready(&n);
    notify_close(&n);
}

int main(void)
{
#define TEST_(name) cmocka_unit_test_setup_teardown(name, clear, clear)
    const struct CMUnitTest tests[] = {
        TEST_(a_manager_is_told),           TEST_(signs_of_life_come_in_time),
        TEST_(no_sign_of_life_is_owed),     TEST_(nobody_listens),
        TEST_(a_deaf_manager_does_no_harm),
    };
    return cmocka_run_group_tests_name("main/notify", tests, NULL, NULL);
}
