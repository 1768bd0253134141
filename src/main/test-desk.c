/*
 * A desk and its tray, and who makes dials. The programs are this test itself, which sees by a variable of the environment
 * that it is the child, and what it is to do.
 */
#include "main/desk.h"

#include "base/own.h"
#include "base/pass.h"
#include "main/dial-orders.h"
#include "main/dialler.h"
#include "main/fds.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define CHILD "TEITEN_TEST_PROGRAM"

/* ---- the children ---- */

/* What lies on the tray decides: its first byte is told as the whole's entropy. */
static int answer(struct channel *c, const uint8_t *tray, const struct triage_ask *ask)
{
    struct sample_report r;
    sample_report_init(&r);
    r.size = ask->size;
    r.entropy = ask->size ? tray[0] : 0;
    uint64_t number = ask->number;
    if (ask->size && tray[0] == '!')
        abort();
    if (ask->size && tray[0] == '?')
        number++;
    if (ask->size && tray[ask->size - 1] == '.')
        r.took = 1;
    TRY(record_put_triaged(c, number, &r));
    TRY(channel_flush(c));
    sample_report_release(&r);
    return 0;
}

static int child_triage(void)
{
    struct channel c;
    uint8_t type;
    struct rd r;
    /* It can read what lies there, and nothing else with it. */
    if (mmap(NULL, SAMPLE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, FD_TRAY, 0) != MAP_FAILED || ftruncate(FD_TRAY, 1) == 0)
        return 1;
    const uint8_t *tray = mmap(NULL, SAMPLE_BYTES, PROT_READ, MAP_SHARED, FD_TRAY, 0);
    if (tray == MAP_FAILED)
        return 1;
    channel_init(&c, FD_CHANNEL);
    struct record_ready ready = { .confined = 5 };
    if (record_put_ready(&c, &ready) || channel_flush(&c))
        return 1;
    while (channel_wait(&c, &type, &r) == 0) {
        struct triage_ask ask;
        if (type != RECORD_TRIAGE || record_get_triage(r, &ask) || answer(&c, tray, &ask))
            return 1;
    }
    channel_release(&c);
    return 0;
}

/* Sends what it is told back by the other one, as a socket of its own would come. */
static int child_dial(void)
{
    char text[16];
    if (dial_wait_for_order())
        return 0; /* who waits for orders ends here */
    ssize_t n = read(FD_CHANNEL, text, sizeof text);
    int pipes[2];
    if (n <= 0 || pipe(pipes) < 0 || write(pipes[1], text, (size_t)n) != n)
        return 1;
    return pass_send(FD_HAND, 0, pipes[0]) ? 1 : 0;
}

/* ---- the parent ---- */

static struct program open_self(const char *how)
{
    struct program p = { .name = "test-desk", .fd = open("/proc/self/exe", O_PATH | O_CLOEXEC) };
    setenv(CHILD, how, 1);
    assert_true(p.fd >= 0);
    return p;
}

struct scene {
    struct program program;
    struct desk_tools tools;
    struct tray tray;
    struct desk desk;
    const char *why;
};

static void begin(struct scene *s)
{
    *s = (struct scene){ .program = open_self("triage") };
    s->tools = (struct desk_tools){ &s->program, -1, -1 };
    assert_int_equal(tray_make(&s->tray), 0);
    desk_init(&s->desk, &s->tools, &s->tray);
    assert_int_equal(desk_start(&s->desk), 0);
}

static void end(struct scene *s)
{
    desk_end(&s->desk);
    tray_release(&s->tray);
    program_close(&s->program);
}

static enum desk_said hear(struct scene *s, struct sample_report *ret)
{
    enum desk_said said = DESK_NOTHING;
    for (int i = 0; i < 100 && said == DESK_NOTHING && s->desk.running; i++) {
        struct pollfd p = desk_listen(&s->desk);
        assert_true(poll(&p, 1, 10000) >= 0);
        said = desk_hear(&s->desk, p.revents, ret, &s->why);
        if (desk_is_free(&s->desk))
            break;
    }
    return said;
}

static void give(struct scene *s, uint64_t number, const void *data, size_t n)
{
    auto_fd int fd = memfd_create("sample", MFD_CLOEXEC);
    assert_true(fd >= 0 && write(fd, data, n) == (ssize_t)n);
    assert_true(desk_is_free(&s->desk));
    assert_int_equal(desk_give(&s->desk, number, fd), 0);
    assert_false(desk_is_free(&s->desk));
}

static void tells_of_one_after_the_other(void **state)
{
    (void)state;
    struct scene s;
    struct sample_report r;
    begin(&s);
    assert_int_equal(hear(&s, &r), DESK_NOTHING);
    assert_int_equal(s.desk.confined, 5);
    for (uint64_t i = 1; i < 20; i++) {
        char text[32];
        snprintf(text, sizeof text, "%c and more.", (char)('a' + i));
        give(&s, i, text, strlen(text));
        assert_int_equal(hear(&s, &r), DESK_TOLD);
        assert_int_equal(s.desk.number, i);
        assert_int_equal(r.entropy, 'a' + i);
        assert_int_equal(r.size, strlen(text));
        assert_int_equal(r.took, 1);
        sample_report_release(&r);
    }
    assert_int_equal(s.desk.done, 19);
    end(&s);
}

/* Nothing of the one before lies behind the next one's end, as far as that one goes. */
static void takes_the_largest_and_no_larger(void **state)
{
    (void)state;
    struct scene s;
    struct sample_report r;
    begin(&s);
    (void)hear(&s, &r);
    auto_fd int fd = memfd_create("sample", MFD_CLOEXEC);
    assert_int_equal(ftruncate(fd, SAMPLE_BYTES), 0);
    assert_int_equal(pwrite(fd, "z", 1, 0), 1);
    assert_int_equal(desk_give(&s.desk, 1, fd), 0);
    assert_int_equal(hear(&s, &r), DESK_TOLD);
    assert_int_equal(r.size, SAMPLE_BYTES);
    sample_report_release(&r);
    assert_int_equal(ftruncate(fd, SAMPLE_BYTES + 1), 0);
    assert_int_equal(desk_give(&s.desk, 2, fd), -EFBIG);
    assert_true(desk_is_free(&s.desk));
    give(&s, 3, "", 0);
    assert_int_equal(hear(&s, &r), DESK_TOLD);
    assert_int_equal(r.size, 0);
    sample_report_release(&r);
    end(&s);
}

static void goes_on_after_one_that_kills(void **state)
{
    (void)state;
    static const char *const killers[] = { "! it dies of", "? it takes for another" };
    struct scene s;
    struct sample_report r;
    begin(&s);
    for (size_t i = 0; i < 2; i++) {
        (void)hear(&s, &r);
        give(&s, 7 + i, killers[i], strlen(killers[i]));
        assert_int_equal(hear(&s, &r), DESK_FAILED);
        assert_int_equal(s.desk.number, 7 + i);
        assert_non_null(s.why);
        assert_false(s.desk.running);
        s.desk.restart.due = 0;
        assert_int_equal(desk_start(&s.desk), 0);
        assert_true(s.desk.running);
    }
    (void)hear(&s, &r);
    give(&s, 9, "well", 4);
    assert_int_equal(hear(&s, &r), DESK_TOLD);
    sample_report_release(&r);
    assert_int_equal(s.desk.failed, 2);
    assert_int_equal(s.desk.restarts, 2);
    end(&s);
}

static void makes_one_dial_after_the_other(void **state)
{
    (void)state;
    struct program program = open_self("dial");
    struct dialler d;
    dialler_init(&d);
    assert_int_equal(dialler_start(&d, &program), 0);
    for (int i = 0; i < 5; i++) {
        int channel, hand, status, fd = -1, err;
        char text[16] = "", said[16];
        int n = snprintf(said, sizeof said, "word %d", i);
        assert_int_equal(dialler_ask(&d, &channel, &hand), 0);
        assert_int_equal(write(channel, said, (size_t)n), n);
        struct pollfd p = { .fd = hand, .events = POLLIN };
        assert_int_equal(poll(&p, 1, 10000), 1);
        err = pass_receive(hand, &status, &fd);
        assert_int_equal(err, 0);
        assert_int_equal(read(fd, text, sizeof text), n);
        assert_string_equal(text, said);
        close(fd);
        close(channel);
        close(hand);
    }
    dialler_end(&d);
    int channel, hand;
    assert_int_equal(dialler_ask(&d, &channel, &hand), -EPIPE);
    program_close(&program);
}

int main(void)
{
    const char *how = getenv(CHILD);
    if (how)
        return strcmp(how, "dial") == 0 ? child_dial() : child_triage();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_of_one_after_the_other),
        cmocka_unit_test(takes_the_largest_and_no_larger),
        cmocka_unit_test(goes_on_after_one_that_kills),
        cmocka_unit_test(makes_one_dial_after_the_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
