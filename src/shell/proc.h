#pragma once
/*
 * What an applet sees of the world: its process. Named after the system calls and the habits of
 * BusyBox: what goes wrong is said once, as "NAME: what: why", and may end the process.
 *
 * Nothing here blocks and nothing needs freeing: memory and descriptors are the process's and go with
 * it. Functions marked noreturn unwind to the scheduler (or, of an applet that runs as a builtin, to the shell);
 * so an applet holds nothing that is not the process's.
 *
 * Paths are relative to the process's folder; calls on them return 0 (or a descriptor or count) or
 * -errno.
 */
#include "base/err.h"
#include "shell/hook.h"
#include "shell/machine.h"
#include "shell/memory.h"
#include "shell/vfs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct proc;
struct shell;

/* ---- Itself ---- */
struct memory *proc_memory(struct proc *p); /* taken from it, freed at the end of the process */
void *proc_state(struct proc *p);           /* the applet's state, zeroed at its start */
const char *proc_name(const struct proc *p); /* what messages begin with: the applet's name, "sh" of a builtin */
void proc_rename(struct proc *p, const char *name); /* egrep says "grep" */
uint32_t proc_pid(const struct proc *p);
uint32_t proc_ppid(const struct proc *p);
uint32_t proc_uid(const struct proc *p);
uint32_t proc_gid(const struct proc *p);
/* su: for what it becomes. From then on it has its user's groups of /etc/group, too; before only its own. */
void proc_set_ids(struct proc *p, uint32_t uid, uint32_t gid);
bool proc_has_groups(const struct proc *p);
struct vfs_who proc_who(const struct proc *p);
const struct machine *proc_machine(const struct proc *p);
struct vfs *proc_vfs(struct proc *p);
vfs_ino proc_cwd(const struct proc *p);
int must_check proc_chdir(struct proc *p, const char *path);
uint32_t proc_umask(const struct proc *p);
void proc_set_umask(struct proc *p, uint32_t mask);
int64_t proc_now(const struct proc *p);    /* microseconds since 1970 */
int must_check proc_set_now(struct proc *p, int64_t when); /* of this session; -EPERM */
int64_t proc_uptime(const struct proc *p); /* seconds since the device started */
uint64_t proc_random(struct proc *p);
/* The environment that it was started with. */
const char *proc_getenv(const struct proc *p, const char *name); /* or NULL */
char **proc_environ(const struct proc *p);                       /* NULL-ended, in order */
void proc_setenv(struct proc *p, const char *name, const char *value); /* NULL unsets; for exec and spawn */
/* Costs n steps of the turn: for loops whose length a stranger chooses. Every byte read and written is
 * charged already. */
void proc_charge(struct proc *p, uint64_t n);

/* ---- Ending ---- */
void proc_exit(struct proc *p, int status) __attribute__((noreturn)); /* what was put out is still flushed */
/* "NAME: text\n" on standard error; standard output is flushed before. */
void proc_error(struct proc *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "NAME: text: No such file or directory\n"; e is an errno, of either sign */
void proc_perror(struct proc *p, int e, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The same, and the end with the status that proc_fails_with() set (1 where it did not). */
void proc_die(struct proc *p, const char *format, ...) __attribute__((noreturn, format(printf, 2, 3)));
void proc_die_errno(struct proc *p, int e, const char *format, ...) __attribute__((noreturn, format(printf, 3, 4)));
void proc_fails_with(struct proc *p, int status);
/* The banner and the applet's usage on standard error, and the end as proc_die(). */
void proc_usage(struct proc *p) __attribute__((noreturn));
/* glibc's words, which those of a device are, of either sign; no locale is asked. Inline, as out_text(): other rooms have functions
 * of these names. */
static inline const char *errno_text(int e)
{
    const char *s = strerrordesc_np(e < 0 ? -e : e);
    return s ? s : "Unknown error";
}

/* ---- Standard output and error, as stdio has them ---- */
/* Buffered: to a terminal by line, else by 4096 bytes; flushed before a message and at the end. */
void out_put(struct proc *p, const void *data, size_t n);
static inline void out_text(struct proc *p, const char *s)
{
    out_put(p, s, strlen(s));
}
void out_char(struct proc *p, char c);
void out_print(struct proc *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
void out_flush(struct proc *p);
int out_failed(const struct proc *p); /* why something of it could not be written, an errno; 0 */
void out_drop(struct proc *p); /* flushes, and holds no memory for it */
/* So much waits that a step should end with NEXT_AGAIN before it puts out more. */
bool out_full(const struct proc *p);
void err_put(struct proc *p, const void *data, size_t n); /* at once */
void err_print(struct proc *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- Descriptors ---- */
/* flags are O_* of fcntl.h. */
int must_check proc_open(struct proc *p, const char *path, int flags, uint32_t mode);
int proc_close(struct proc *p, int fd);
/* Of standard input, which some applets close at their end: 0, or 1 where it was not open, and says so. */
int must_check proc_close_input(struct proc *p);
/* Bytes, 0 at the end, -EAGAIN: nothing is there yet (end the step with NEXT_INPUT and proc_waits_on(p, fd)),
 * -EISDIR and so on. At most 64 KiB a call; a terminal gives at most a line. */
int64_t must_check proc_read(struct proc *p, int fd, void *to, size_t n);
/* All of it or -errno; what a full pipe does not take waits in the process, which is not run before it is
 * taken. A pipe that nobody reads ends the process (SIGPIPE). */
int64_t proc_write(struct proc *p, int fd, const void *data, size_t n);
int64_t must_check proc_seek(struct proc *p, int fd, int64_t at, int whence); /* -ESPIPE */
int must_check proc_dup(struct proc *p, int fd, int to); /* dup2 */
int must_check proc_truncate(struct proc *p, int fd, uint64_t size);
int must_check proc_fstat(struct proc *p, int fd, struct vfs_stat *ret);
bool proc_isatty(struct proc *p, int fd);
void proc_waits_on(struct proc *p, int fd);
/* The world is told of a command that the device does not have, and what it says then (a line, without its end). */
void proc_tell_unknown(struct proc *p, const char *name, const char *answer);
/* The same, and says it, of a name that is none of BusyBox's applets. */
void proc_no_applet(struct proc *p, const char *name);
/* The mode of the session's terminal; it is put back when the process ends. */
enum tty_mode {
    TTY_COOKED, /* lines, with echo */
    TTY_QUIET,  /* lines, without */
    TTY_RAW,    /* every byte as it comes, no echo, no signals */
};
void proc_terminal(struct proc *p, enum tty_mode mode);
/* The size of the terminal that fd is (TIOCGWINSZ); false: it is none, or nobody knows its size. */
bool proc_window(struct proc *p, int fd, unsigned *ret_columns, unsigned *ret_rows);
/* A whole file into the process's memory (a NUL after it), at most `most` bytes: of any kind but pipes and terminals. */
int must_check proc_read_file(struct proc *p, const char *path, size_t most, char **ret, size_t *ret_n);

/* ---- Paths ---- */
int must_check proc_stat(struct proc *p, const char *path, struct vfs_stat *ret);
int must_check proc_lstat(struct proc *p, const char *path, struct vfs_stat *ret);
int must_check proc_access(struct proc *p, const char *path, unsigned rwx);
int must_check proc_mkdir(struct proc *p, const char *path, uint32_t mode); /* the umask is taken off here and below */
int must_check proc_mknod(struct proc *p, const char *path, uint32_t mode, uint32_t major, uint32_t minor);
int must_check proc_symlink(struct proc *p, const char *target, const char *path);
int must_check proc_link(struct proc *p, const char *from, const char *to); /* does not follow `from` */
int must_check proc_readlink(struct proc *p, const char *path, char **ret);
int must_check proc_unlink(struct proc *p, const char *path);
int must_check proc_rmdir(struct proc *p, const char *path);
int must_check proc_rename_file(struct proc *p, const char *from, const char *to);
int must_check proc_chmod(struct proc *p, const char *path, uint32_t mode);
int must_check proc_chown(struct proc *p, const char *path, uint32_t uid, uint32_t gid, bool follow);
int must_check proc_utime(struct proc *p, const char *path, int64_t atime, int64_t mtime); /* seconds */
/* The names in a directory, in its own order, without . and ..; NULL-ended, of the process's memory. */
int must_check proc_list(struct proc *p, const char *path, char ***ret, size_t *ret_n);
char *proc_getcwd(struct proc *p);
char *proc_realpath(struct proc *p, const char *path); /* NULL: does not exist */
/* DIR/NAME without a doubled slash. */
char *proc_join(struct proc *p, const char *dir, const char *name);

/* ---- Names of users: from the tree's /etc/passwd and /etc/group ---- */
const char *proc_user(struct proc *p, uint32_t uid);  /* NULL: unknown */
char *proc_user_with_home(struct proc *p, uint32_t uid, char **ret_home); /* both the caller's; NULL: unknown */
const char *proc_group(struct proc *p, uint32_t gid);
int must_check proc_user_id(struct proc *p, const char *name, uint32_t *ret_uid, uint32_t *ret_gid); /* -ENOENT */
int must_check proc_group_id(struct proc *p, const char *name, uint32_t *ret);
const char *proc_user_home(struct proc *p, const char *name); /* NULL: unknown */

/* ---- Other processes ---- */
/* Becomes another program (env, nice, nohup, busybox X): searched in PATH where it has no slash, or an applet. Returns only
 * -ENOENT and other failures. */
int must_check proc_exec(struct proc *p, char *const *argv);
/* The same where only an applet will do ("busybox X"); -ENOENT: there is none of the name. */
int must_check proc_exec_applet(struct proc *p, char *const *argv);
/* The shell that p becomes next is a login's: its name begins with a dash. */
void proc_exec_login(struct proc *p);
/* Starts a child: fd_in and fd_out are descriptors of p's for its 0 and 1 (-1: as p's own). Its pid, or
 * -errno: -ENOENT not found, -EACCES, -ENOEXEC, -EAGAIN too many. */
int must_check proc_spawn(struct proc *p, char *const *argv, int fd_in, int fd_out);
/* sh -c command. */
int must_check proc_spawn_shell(struct proc *p, const char *command, int fd_in, int fd_out);
/* Ends of a new pipe. */
int must_check proc_pipe(struct proc *p, int fds[static 2]);
/* The status of a child that ended (128+n by a signal), and it is gone; -EAGAIN: it runs (end the step
 * with NEXT_CHILD); -ECHILD. pid 0: any child, *ret_pid says which. */
int must_check proc_wait(struct proc *p, uint32_t pid, uint32_t *ret_pid, int *ret_signal);
/* 0, -ESRCH, -EPERM. Signal 0 asks. Processes of the device die for this session alone. */
int must_check proc_kill(struct proc *p, int32_t pid, int signal);
void proc_ignore(struct proc *p, int signal, bool ignores); /* 1 to 31; children started then ignore it, too */
void proc_wake_at(struct proc *p, int64_t when); /* for NEXT_SLEEP, microseconds */

struct proc_info {
    uint32_t pid, ppid, uid;
    uint32_t vsz, rss; /* kB */
    const char *state; /* "S", "SW", "R" */
    const char *comm, *command; /* command in [brackets] of a kernel thread */
    uint64_t cpu; /* hundredths of a second */
};
/* The i-th process, ascending by pid, of the device's and the session's; false: no more. Borrowed until the next call. */
bool proc_info(struct proc *p, size_t i, struct proc_info *ret);

/* ---- The network, of which there is none: see hook.h ---- */
/* false: not known yet; end the step with NEXT_FETCH and ask again with the same. */
bool proc_fetch(struct proc *p, struct shell_fetch *what, struct shell_fetched *ret);

/* ---- The device of this session: what reboot, hostname, sysctl, mount change ---- */
const char *proc_hostname(struct proc *p);
void proc_set_hostname(struct proc *p, const char *name);
/* The i-th interface and route, NULL past the last; borrowed until they are changed. See network.h. */
const struct machine_interface *proc_interface(struct proc *p, size_t i);
const struct machine_route *proc_route(struct proc *p, size_t i);
const struct machine_socket *proc_socket(struct proc *p, size_t i); /* likewise */
bool proc_interface_is_further(struct proc *p, size_t i); /* an address more, of one before it */
/* For this session: x is copied to the place of the i-th, or behind the last; NULL takes the i-th away. -ENOBUFS */
int must_check proc_set_interface(struct proc *p, size_t i, const struct machine_interface *x);
int must_check proc_add_route(struct proc *p, const struct machine_route *r);
void proc_drop_route(struct proc *p, size_t i);
/* The session ends as a device that goes down does. */
void proc_power_off(struct proc *p);
