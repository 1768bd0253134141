#include "main/identity.h"

#include "base/own.h"

#include <fcntl.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

enum { UID = 54321, GID = 54322 }; /* nobody's */

struct fixture {
    char root[200], state[220];
};

static const char *path_of(const struct fixture *f, const char *name)
{
    static char path[300];
    snprintf(path, sizeof path, "%s/%s", f->root, name);
    return path;
}

static void make_file(const struct fixture *f, const char *name, uid_t uid)
{
    int fd = open(path_of(f, name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(fchown(fd, uid, uid), 0);
    close(fd);
}

static int set_up(void **state)
{
    static struct fixture f;
    const char *tmp = getenv("TMPDIR");
    *state = &f;
    snprintf(f.root, sizeof f.root, "%.150s/teiten-identity-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(f.root))
        return -1;
    snprintf(f.state, sizeof f.state, "%s/state", f.root);
    return mkdir(f.state, 0755);
}

static int tear_down(void **state)
{
    static const char *const names[] = {
        "state/teiten.db",
        "state/teiten.db-wal",
        "state/teiten.conf.d",
        "state/observe.lock",
        "state/notes",
        "state/.teiten",
        "state/teiten.db-link",
        "state/teiten.db-hard",
        "state/teiten.db-pipe",
        "state/teiten.db-sock",
        "state/log/0001",
        "state/log/other",
        "state/log/link",
        "state/log",
        "state/folder/teiten.db",
        "state/folder",
        "state",
        "secret",
        "elsewhere/0001",
        "elsewhere",
    };
    const struct fixture *f = *state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        remove(path_of(f, names[i]));
    return rmdir(f->root);
}

static void check_owner(const struct fixture *f, const char *name, uid_t uid, gid_t gid)
{
    struct stat st;
    assert_int_equal(lstat(path_of(f, name), &st), 0);
    if (st.st_uid != uid)
        print_error("%s\n", name);
    assert_int_equal(st.st_uid, uid);
    assert_int_equal(st.st_gid, gid);
}

static void need_root(void)
{
    if (geteuid() == 0)
        return;
    puts("skipped: needs root");
    skip();
}

static int find(struct identity *ret, const char *state, const char *user)
{
    auto_fd int folder = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return folder < 0 ? -errno : identity_find(ret, folder, user);
}

/* ---- who ---- */

static void an_ordinary_user_stays(void **state)
{
    const struct fixture *f = *state;
    struct identity who;
    auto_fd int folder = open(f->state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (geteuid() == 0 && seteuid(UID) < 0)
        skip();
    int err = identity_find(&who, folder, "root");
    uid_t uid = geteuid();
    if (getuid() == 0)
        assert_int_equal(seteuid(0), 0);
    assert_int_equal(err, 0);
    assert_int_equal(who.uid, uid);
    assert_false(who.changes);
}

static void the_folder_names_the_user(void **state)
{
    const struct fixture *f = *state;
    struct identity who;
    need_root();
    assert_int_equal(chown(f->state, UID, GID), 0);
    assert_int_equal(find(&who, f->state, "nobody"), 0);
    assert_true(who.changes);
    assert_int_equal(who.uid, UID);
    assert_int_equal(who.gid, GID); /* not in the table of users, so the folder's group */

    const struct passwd *nobody = getpwnam("nobody");
    assert_non_null(nobody);
    uid_t uid = nobody->pw_uid;
    gid_t gid = nobody->pw_gid;
    assert_int_equal(chown(f->state, uid, 0), 0);
    assert_int_equal(find(&who, f->state, "root"), 0);
    assert_true(who.changes);
    assert_int_equal(who.uid, uid);
    assert_int_equal(who.gid, gid);
}

static void else_the_configuration_does(void **state)
{
    const struct fixture *f = *state;
    struct identity who;
    need_root();
    assert_int_equal(find(&who, f->state, "nobody"), 0);
    assert_true(who.changes);
    assert_int_equal(who.uid, getpwnam("nobody")->pw_uid);
    assert_int_equal(who.gid, getpwnam("nobody")->pw_gid);

    static const char *const none[] = { "teiten-test-nobody-has-this", "root", "" };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_int_equal(find(&who, f->state, none[i]), 0);
        assert_false(who.changes);
        assert_int_equal(who.uid, 0);
    }
    assert_int_equal(find(&who, path_of(f, "nothing"), "nobody"), -ENOENT);
}

/* ---- what is handed over ---- */

static int take(const struct fixture *f)
{
    static const struct identity somebody = { UID, GID, true };
    auto_fd int folder = open(f->state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return folder < 0 ? -errno : identity_take(&somebody, folder);
}

static void only_ours_is_handed_over(void **state)
{
    const struct fixture *f = *state;
    need_root();
    make_file(f, "state/teiten.db", 0);
    make_file(f, "state/teiten.db-wal", 0);
    make_file(f, "state/observe.lock", 0);
    make_file(f, "state/notes", 0);
    make_file(f, "state/.teiten", 0);
    assert_int_equal(mkdir(path_of(f, "state/log"), 0700), 0);
    make_file(f, "state/log/0001", 0);
    make_file(f, "state/log/other", 7);
    assert_int_equal(mkdir(path_of(f, "state/folder"), 0700), 0);
    make_file(f, "state/folder/teiten.db", 0);
    assert_int_equal(take(f), 0);
    check_owner(f, "state", UID, GID);
    check_owner(f, "state/teiten.db", UID, GID);
    check_owner(f, "state/teiten.db-wal", UID, GID);
    check_owner(f, "state/observe.lock", UID, GID);
    check_owner(f, "state/log", UID, GID);
    check_owner(f, "state/log/0001", UID, GID);
    check_owner(f, "state/log/other", 7, 7);
    check_owner(f, "state/notes", 0, 0);
    check_owner(f, "state/.teiten", 0, 0);
    check_owner(f, "state/folder", 0, 0);
    check_owner(f, "state/folder/teiten.db", 0, 0);
    assert_int_equal(take(f), 0); /* again, when all is his */
    check_owner(f, "state/teiten.db", UID, GID);
}

/* He may have moved there what is root's, to get it. */
static void of_another_nothing(void **state)
{
    const struct fixture *f = *state;
    need_root();
    assert_int_equal(chown(f->state, UID, 7), 0);
    make_file(f, "state/teiten.db", 7);
    make_file(f, "state/teiten.db-wal", 0);
    assert_int_equal(mkdir(path_of(f, "state/log"), 0700), 0);
    make_file(f, "state/log/0001", 0);
    assert_int_equal(take(f), 0);
    check_owner(f, "state", UID, 7);
    check_owner(f, "state/teiten.db", 7, 7);
    check_owner(f, "state/teiten.db-wal", 0, 0);
    check_owner(f, "state/log", 0, 0);
    check_owner(f, "state/log/0001", 0, 0);
}

/* Nor of one that others may write to. */
static void of_an_open_folder_nothing(void **state)
{
    static const mode_t modes[] = { 0775, 0757, 01777 };
    const struct fixture *f = *state;
    need_root();
    make_file(f, "state/teiten.db", 0);
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        assert_int_equal(chmod(f->state, modes[i]), 0);
        assert_int_equal(take(f), 0);
        check_owner(f, "state", 0, 0);
        check_owner(f, "state/teiten.db", 0, 0);
    }
}

static void of_an_open_log_nothing(void **state)
{
    const struct fixture *f = *state;
    need_root();
    assert_int_equal(mkdir(path_of(f, "state/log"), 0700), 0);
    make_file(f, "state/log/0001", 0);
    assert_int_equal(chown(path_of(f, "state/log"), 7, 0), 0);
    assert_int_equal(take(f), 0);
    check_owner(f, "state/log/0001", 0, 0);
    check_owner(f, "state", UID, GID);
}

/* The folder may be another's by now: what he put there leads nowhere. */
static void links_lead_nowhere(void **state)
{
    const struct fixture *f = *state;
    char secret[300];
    need_root();
    make_file(f, "secret", 0);
    snprintf(secret, sizeof secret, "%s", path_of(f, "secret"));
    assert_int_equal(symlink(secret, path_of(f, "state/teiten.db-link")), 0);
    assert_int_equal(link(secret, path_of(f, "state/teiten.db-hard")), 0);
    assert_int_equal(mkdir(path_of(f, "elsewhere"), 0700), 0);
    make_file(f, "elsewhere/0001", 0);
    snprintf(secret, sizeof secret, "%s", path_of(f, "elsewhere"));
    assert_int_equal(symlink(secret, path_of(f, "state/log")), 0);
    assert_int_equal(take(f), 0);
    check_owner(f, "secret", 0, 0);
    check_owner(f, "state/teiten.db-hard", 0, 0);
    check_owner(f, "state/teiten.db-link", 0, 0);
    check_owner(f, "elsewhere", 0, 0);
    check_owner(f, "elsewhere/0001", 0, 0);
    check_owner(f, "state", UID, GID);
}

static void links_in_the_log_neither(void **state)
{
    const struct fixture *f = *state;
    char secret[300];
    need_root();
    make_file(f, "secret", 0);
    snprintf(secret, sizeof secret, "%s", path_of(f, "secret"));
    assert_int_equal(mkdir(path_of(f, "state/log"), 0700), 0);
    make_file(f, "state/log/0001", 0);
    assert_int_equal(symlink(secret, path_of(f, "state/log/link")), 0);
    assert_int_equal(link(secret, path_of(f, "state/log/other")), 0);
    assert_int_equal(take(f), 0);
    check_owner(f, "secret", 0, 0);
    check_owner(f, "state/log/0001", UID, GID);
}

/* Pipes and sockets under our names are passed over, and do not hold us up. */
static void strange_files_are_left(void **state)
{
    const struct fixture *f = *state;
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    need_root();
    assert_int_equal(mkfifo(path_of(f, "state/teiten.db-pipe"), 0600), 0);
    make_file(f, "state/teiten.db", 0);
    assert_true(strlen(path_of(f, "state/teiten.db-sock")) < sizeof at.sun_path);
    memcpy(at.sun_path, path_of(f, "state/teiten.db-sock"),
           strlen(path_of(f, "state/teiten.db-sock")));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    close(fd);
    assert_int_equal(take(f), 0);
    check_owner(f, "state/teiten.db-pipe", 0, 0);
    check_owner(f, "state/teiten.db-sock", 0, 0);
    check_owner(f, "state/teiten.db", UID, GID);
    check_owner(f, "state", UID, GID);
}

int main(void)
{
#define TEST_(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST_(an_ordinary_user_stays),        TEST_(the_folder_names_the_user),
        TEST_(else_the_configuration_does),   TEST_(only_ours_is_handed_over),
        TEST_(of_another_nothing),            TEST_(of_an_open_folder_nothing),
        TEST_(of_an_open_log_nothing),        TEST_(links_lead_nowhere),
        TEST_(links_in_the_log_neither),      TEST_(strange_files_are_left),
    };
    return cmocka_run_group_tests_name("main/identity", tests, NULL, NULL);
}
