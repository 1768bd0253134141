#pragma once
/*
 * What a session is made of; for the files of this room that run it (proc, file, turn, interp...), not
 * for applets.
 */
#include "shell/applet.h"
#include "shell/expand.h"
#include "shell/live.h"
#include "shell/network.h"
#include "shell/parse.h"
#include "shell/settings.h"
#include "shell/shell.h"
#include "shell/vars.h"

#include <setjmp.h>

enum {
    PIPE_ROOM = 4096,
    QUANTUM = 2000,         /* steps that a process runs before the next has its turn */
    PROCESSES_MOST = 64,
    DESCRIPTORS_MOST = 256, /* of one process */
    FRAMES_MOST = 20000,
    FUNCTIONS_DEEP = 1000,
    EXEC_DEEP = 4,          /* scripts that name scripts in their first line */
    INPUT_MOST = 256 << 10, /* typed and not read yet */
};

/* What all sessions of a machine share, made once. */
struct shell_device {
    const struct machine *machine;
    struct memory_account account;
    struct memory memory;
    struct vars *vars; /* as a shell finds them at its start */
    vfs_ino home;
    const void *busybox; /* the bytes of /bin/busybox; a copy of them is one, too */
    size_t n_busybox;
};

/* ---- Open files ---- */

enum file_type {
    FILE_NODE,    /* a regular file or a directory of the vfs */
    FILE_LIVE,    /* /proc: its text as of the opening */
    FILE_PIPE,    /* one end */
    FILE_CONSOLE, /* the visitor */
    FILE_NULL,
    FILE_ZERO,
    FILE_FULL,
    FILE_RANDOM,
};

struct pipe {
    uint32_t readers, writers;
    uint32_t from, n;
    char ring[PIPE_ROOM];
};

struct file {
    uint32_t refs;
    uint8_t type;
    uint8_t stream; /* of FILE_CONSOLE: 0, 1 or 2 */
    bool writes;    /* of FILE_PIPE: the writing end */
    int flags;      /* O_* */
    vfs_ino ino;    /* 0: none */
    uint64_t at;
    union {
        struct pipe *pipe; /* of FILE_PIPE */
        struct text *live; /* of FILE_LIVE; of the session's memory */
    };
};

struct descriptor {
    int16_t fd;
    bool closes; /* on exec; and those that a shell keeps for itself */
    struct file *file;
};

struct descriptors {
    struct descriptor *items; /* of the session's memory */
    uint16_t n, room;
};

/* ---- Processes ---- */

enum proc_waits {
    WAITS_NOT,
    WAITS_INPUT,
    WAITS_SLEEP,
    WAITS_PIPE, /* wait_file, which has no descriptor */
    WAITS_INPUT_OR_SLEEP, /* read -t */
    WAITS_CHILD,
    WAITS_CHILD_OR_SLEEP,
    WAITS_FETCH,
    WAITS_OUTPUT, /* what it wrote is still to be taken */
};

struct interp;

/* Bytes written to a descriptor that were not taken yet. */
struct pending {
    struct pending *next;
    struct file *file; /* a reference */
    size_t n, done;
    char data[];
};

struct proc {
    struct shell *shell;
    struct proc *next; /* by pid */
    uint32_t pid, ppid, uid, gid;
    uint8_t waits;
    bool grouped;    /* it became its user through su: with the groups of /etc/group */
    bool ended;      /* a zombie: its parent may still ask */
    bool reaped;     /* nobody will: it goes when its turn is over */
    bool stopped;
    bool done;       /* ends when its output was taken */
    bool begun;      /* its applet's start() was called */
    bool inside;     /* an applet runs as a builtin of this shell */
    bool fetched;    /* what it writes came over the network */
    bool background; /* ^C is not for it */
    bool signalled;  /* wakes what waits */
    bool child_news; /* one has ended or stopped since its last step */
    bool interrupted; /* while it read */
    bool login;      /* the shell that it becomes is a login's */
    bool woken;      /* the world knows more: a fetch may ask again */
    uint8_t signal;  /* that ended it */
    uint8_t deep;    /* scripts that name scripts */
    uint16_t words_before; /* argv - words_before: what it was started with, where it became another applet since */
    int16_t fails_with;
    int16_t out_error; /* errno of a failed flush that is still to be told of */
    int16_t out_lost;  /* and of any */
    int status;
    int wait_fd;
    int argc;
    int32_t quantum;
    uint32_t umask;
    vfs_ino cwd;
    uint32_t caught, ignored, trapped; /* signals, a bit each: to be acted on, refused, wanted */
    uint32_t held;                     /* that came while it was stopped */
    struct file *wait_file;
    int64_t wake_at, started;
    uint64_t work; /* steps in its life */
    struct memory memory;
    struct descriptors fds;
    struct vars *vars; /* of a shell its variables; of an applet those of them that are exported are its environment */
    struct pending *pending, **pending_end;
    struct text out;
    const struct applet *applet;
    void *state;
    const char *name;
    char **argv;
    struct interp *interp; /* of a shell */
    const char *exe;       /* path of what it runs */
};

/* ---- The session ---- */

struct killed {
    struct killed *next;
    uint32_t pid;
};

/* What few visitors change of their device. */
struct changes {
    struct killed *killed;    /* processes of the device that the session ended */
    char *hostname;           /* NULL: the device's */
    struct network *network;  /* NULL: shell_network() was not asked yet, or the device's */
    struct setting *settings; /* what it wrote to /proc/sys */
    vfs_ino *fetched;         /* n_fetched files whose content came over the network */
    uint32_t n_fetched;
};

struct shell {
    const struct shell_device *device;
    const struct shell_identity *identity; /* or NULL */
    const struct shell_hook *hook;
    void *context; /* the hook's */
    struct memory_account account;
    struct memory memory;
    struct vfs *vfs;
    struct proc *procs; /* ascending by pid */
    struct proc *turn;  /* whose turn it is */
    struct proc *running;
    jmp_buf *unwind;
    int64_t now, began;
    int64_t clock_shift; /* by how much the visitor set the clock off `now` */
    int64_t steps; /* left of this turn */
    uint64_t steps_left, output_left;
    uint64_t random;
    uint32_t next_pid, n_procs, procs_most;
    int status;
    uint32_t first_pid; /* the shell that the visitor talks to: the session ends with it */
    bool terminal, input_ended;
    bool over;    /* ended, or a limit of its life was reached */
    bool dying;   /* the message of exhaustion is being written */
    struct text input;
    uint32_t input_read; /* of it; INPUT_MOST bounds it */
    struct tty *tty; /* the session's own terminal; NULL: somebody else does what a terminal does */
    struct file console[3];
    struct changes *changes; /* NULL: none; see shell_changes() */
};

static inline const struct machine *shell_machine(const struct shell *sh)
{
    return sh->device->machine;
}
/* What the session takes for the time. */
static inline int64_t shell_clock(const struct shell *sh)
{
    return sh->now + sh->clock_shift;
}

/* identity.c */
const struct changes *shell_changes(const struct shell *sh); /* to be looked at */
struct changes *shell_own_changes(struct shell *sh);         /* to be added to */
const char *shell_hostname(const struct shell *sh);
void shell_set_hostname(struct shell *sh, char *name); /* name is of the session's memory, and its own now */
/* Hundredths of a second from the device's start to a moment of sh->now's clock. */
uint64_t shell_uptime(const struct shell *sh, int64_t when);
/* The network as this session has it; NULL: as its machine. */
struct network *shell_network(struct shell *sh);

/* shell.c: gives back all that it holds; only shell_free() may follow. */
void shell_clear(struct shell *sh);

/* file.c: counted files and the descriptors of a process. */
struct file *file_hold(struct file *f);
void file_drop(struct shell *sh, struct file *f);
struct file *descriptor_file(const struct proc *p, int fd); /* NULL: not open */
/* Puts f (a reference is taken) at fd, or at the lowest free one from `least` on where fd is -1. fd or -EMFILE. */
int must_check descriptor_set(struct proc *p, int fd, int least, struct file *f, bool closes);
void descriptors_copy(struct proc *to, const struct proc *from);
void descriptors_clear(struct proc *p, bool exec_only);
bool file_readable(struct shell *sh, const struct file *f);
/* Charges the session for bytes to the visitor; false: it is over, they are too many. */
bool console_pays(struct shell *sh, size_t n);
/* To the visitor, as a terminal shows it. */
void console_put(struct shell *sh, int stream, const void *data, size_t n);
/* Opens for p: 0 and a reference. */
int must_check file_open(struct proc *p, const char *path, int flags, uint32_t mode, struct file **ret);
int64_t must_check file_read(struct proc *p, struct file *f, void *to, size_t n);
/* Bytes taken now; -EAGAIN: a full pipe; -EPIPE. */
int64_t must_check file_write(struct proc *p, struct file *f, const void *data, size_t n);
/* What reads as a text: a here-document. */
struct file *file_of_text(struct proc *p, const char *s);
struct file *pipe_make(struct shell *sh, struct file **ret_write);

/* proc.c */
struct proc *proc_make(struct proc *parent); /* a child with its parent's all but a program; NULL: too many */
struct proc *proc_first(struct shell *sh, const char *name);
/* Whose child a visitor's shell is: the daemon's that let him in, or 1 where the device has none. */
uint32_t proc_daemon(const struct machine *m);
void proc_free(struct proc *p);
/* proc_info() with what it makes in m; NULL: without the command's words. */
bool proc_info_in(struct memory *m, const struct proc *p, size_t i, struct proc_info *ret);
/* The same of the one with this pid. */
bool proc_info_of(struct memory *m, const struct proc *p, uint32_t pid, struct proc_info *ret);
void procs_sweep(struct shell *sh); /* frees those that have ended and that nobody asks for */
struct proc *proc_by_pid(struct shell *sh, uint32_t pid);
/* The words that it was started with, as /proc shows them; a subshell has its shell's. NULL: its name alone. */
char **proc_started_with(const struct proc *p);
/* It is over; its parent may ask. */
void proc_end(struct proc *p, int status, int signal);
void proc_signal(struct proc *p, int signal);
bool proc_drain(struct proc *p); /* writes what is pending; false: not all was taken */
void proc_use_applet(struct proc *p, const struct applet *a, int argc, char **argv);
/* Flushes standard output; the status of an applet that ends with `status`, after what it says of a failure. */
int proc_written(struct proc *p, const struct applet *a, int status);
void proc_unwind(struct proc *p) __attribute__((noreturn));
void shell_exhausted(struct memory *m) __attribute__((noreturn));
bool shell_was_killed(const struct shell *sh, uint32_t pid);
void shell_mark_fetched(struct shell *sh, vfs_ino ino);
bool shell_is_fetched(const struct shell *sh, vfs_ino ino);

/* interp.c: a process as a shell. */
struct shell_start {
    const char *name;         /* $0 */
    char *const *arguments;   /* NULL-ended, or NULL */
    const char *command;      /* -c */
    const char *script;       /* path of a script; NULL: standard input */
    const char *text;         /* its text, of length n_text; borrowed for the call */
    size_t n_text;
    bool interactive;
    bool login; /* reads /etc/profile and $HOME/.profile first */
};
void interp_start(struct proc *p, const struct shell_start *start);
/* p becomes a shell that runs a script file; argv[1...] are its arguments. */
void interp_run_script(struct proc *p, const char *path, char *const *argv);
/* One step; false: it waits, or has ended. */
bool interp_step(struct proc *p);
void interp_free(struct proc *p);

/* The variables of a shell that begins; of m. */
struct variables_from {
    const char *const *environment; /* NULL-ended */
    const char *hostname, *cwd;
    uint32_t ppid;
};
struct vars *variables_begin(struct memory *m, const struct machine *machine, const struct variables_from *from);

/* procfs.c: what /proc of this session holds. */
extern const struct vfs_live shell_live; /* the context is the session */
