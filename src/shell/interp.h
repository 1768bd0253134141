#pragma once
/*
 * A process as a shell: frames that are stepped, one transition a step, so that it can be left at any
 * moment and costs no stack.
 *
 * A frame does one thing (reads commands from a source, runs a node, a simple command, a function's
 * call...), pushes frames for what it needs, and finds their outcome in `status` when it is on top again. `break`, `return`,
 * `exit` and errors set `skip`, which takes frames off until one that knows what to do about it.
 */
#include "shell/inside.h"

enum { LIMITS = 15 };

enum frame_type {
    FRAME_SOURCE,     /* commands of a text or a descriptor */
    FRAME_NODE,       /* a node that is no simple command */
    FRAME_COMMAND,    /* a simple command */
    FRAME_CALL,       /* a function's call */
    FRAME_REDIRECTED, /* a compound command with redirections */
    FRAME_CAPTURE,    /* $(...) */
};

struct frame {
    uint8_t type, state;
    bool tested; /* its status is looked at: set -e does not end the shell */
    bool last;   /* nothing comes after it in this process: a program takes the shell's place */
    int status;
    const struct node *node;
    void *data;
};

enum skip {
    SKIP_NOT,
    SKIP_BREAK,
    SKIP_CONTINUE,
    SKIP_RETURN,
    SKIP_EXIT,
    SKIP_ABORT, /* an error: a script ends with it, a person gets a new prompt */
};

enum shell_flags { /* set -x and so on, in the order that `set -o` lists them */
    FLAG_ERREXIT = 1 << 0,
    FLAG_NOGLOB = 1 << 1,
    FLAG_IGNOREEOF = 1 << 2,
    FLAG_MONITOR = 1 << 3,
    FLAG_NOEXEC = 1 << 4,
    FLAG_XTRACE = 1 << 5,
    FLAG_VERBOSE = 1 << 6,
    FLAG_NOCLOBBER = 1 << 7,
    FLAG_ALLEXPORT = 1 << 8,
    FLAG_NOTIFY = 1 << 9,
    FLAG_NOUNSET = 1 << 10,
    FLAG_ERRTRACE = 1 << 11,
    FLAG_VI = 1 << 12,
    FLAG_PIPEFAIL = 1 << 13,
    FLAG_INTERACTIVE = 1 << 14,
    FLAG_COMMAND = 1 << 15, /* -c */
    FLAG_STDIN = 1 << 16,
};

/* $1 and on; counted, never changed. */
struct arguments {
    uint32_t refs;
    size_t n;
    char *words[];
};

/* Functions and aliases: counted tables, copied before they are changed while others use them. */
struct definition {
    struct definition *next;
    char *name;
    const struct node *body; /* of a function, in `arena` */
    struct arena *arena;
    char *value; /* of an alias */
};

struct definitions {
    uint32_t refs, n;
    struct definition *first;
};

struct traps {
    char *actions[32]; /* [0]: EXIT. NULL: default; "": ignored. Of the process's memory */
};

/* A process of a job: a stage of its pipeline. */
struct member {
    uint32_t pid;
    int status; /* once ended */
    bool ended;
    uint8_t signal;
    uint32_t text; /* where its own begins in the job's */
};

struct job {
    struct job *next;
    uint32_t number;
    int status; /* once all have ended; so signal, the last's */
    bool ended, told;
    bool has_stopped; /* nobody was told yet */
    uint8_t signal;
    char *text;
    uint32_t n;
    struct member members[]; /* n, at least one */
};

struct local; /* a variable to be put back when a function ends */

struct interp {
    struct frame *frames;
    uint16_t n_frames, room; /* FRAMES_MOST bounds them */
    int status;      /* $? */
    int substituted; /* of the last $(...) of this command: its own where it has no words */
    uint8_t skip;
    bool exiting;    /* the EXIT trap runs */
    uint8_t job_warning; /* commands until it will be said again that jobs are stopped */
    bool subshell;
    bool trapped;    /* a trap's action runs: no other begins */
    uint8_t n_ends;  /* of `ends` */
    uint32_t skips;  /* loops to be left yet */
    uint32_t flags;
    uint16_t loops;  /* that this function or shell is in */
    uint16_t calls;  /* functions that it is in */
    uint32_t line;
    uint32_t option_at; /* getopts: inside a word */
    uint32_t background; /* $! */
    uint32_t shell_pid; /* $$ */
    int exit_status;
    uint32_t shifted;
    const char *name; /* $0 */
    const char *command; /* the builtin that runs, or the script: part of messages */
    struct arguments *arguments;
    struct definitions *functions, *aliases;
    struct traps *traps;
    struct local *locals;
    struct job *jobs; /* the newest first */
    int16_t ends[8]; /* descriptors of <(...) and >(...), closed when their command is over */
    int64_t *limits; /* of ulimit, LIMITS of them; NULL: none was set */
    char *place;    /* where cd went, as it was walked; NULL: nowhere yet */
    char *scratch;  /* what a parameter's text was made in */
};

/* ---- Frames (frame.c) ---- */
struct frame *frame_top(struct interp *in);
/* NULL: too deep, and said so. The pointer holds until the next push. */
struct frame *frame_push(struct proc *p, enum frame_type type, const struct node *node);
void frame_pop(struct proc *p);
/* Pushes what runs a node; nothing where it is NULL (status 0). */
void run_node(struct proc *p, const struct node *node, bool tested, bool last);
/* A child that is this shell's copy, without frames; NULL: "can't fork", said. */
struct proc *interp_fork(struct proc *p);
struct proc *interp_fork_more(struct proc *p); /* for another stage of the same pipeline */

/* ---- What each type of frame does: one step; false: it waits ---- */
bool source_step(struct proc *p, struct frame *f);
bool node_step(struct proc *p, struct frame *f);
bool command_step(struct proc *p, struct frame *f);
bool call_step(struct proc *p, struct frame *f);
struct arena *call_arena(const struct frame *f);
bool redirected_step(struct proc *p, struct frame *f);
bool capture_step(struct proc *p, struct frame *f);
void source_leave(struct proc *p, struct frame *f);
void node_leave(struct proc *p, struct frame *f);
void command_leave(struct proc *p, struct frame *f);
void call_leave(struct proc *p, struct frame *f);
void redirected_leave(struct proc *p, struct frame *f);
void capture_leave(struct proc *p, struct frame *f);

/* ---- Sources (source.c) ---- */
/* Commands of a text; it is copied. name: of a script or dot file, for messages, or NULL. */
bool source_text(struct proc *p, const char *text, size_t n, uint32_t line, const char *name);
/* Of a dot file: `outer` are the arguments to be put back (with what was shifted), NULL: they stay. */
bool source_dot(struct proc *p, const char *text, size_t n, const char *name, struct arguments *outer, uint32_t shifted);
bool source_input(struct proc *p, int fd);
/* The same of a dot file that is a pipe. */
bool source_stream(struct proc *p, struct file *stream, const char *name);
/* A subshell's work: a node of an arena, which is held as long as it runs. */
bool source_tree(struct proc *p, const struct node *node, struct arena *arena);
bool source_is_typed(struct proc *p); /* a person types, or a pipe does: lines are not counted for him */
bool source_returns(const struct frame *f); /* a dot file: return ends it */
bool source_is_base(const struct frame *f);
void source_forget_line(struct proc *p, struct frame *f); /* after an error at the prompt */

/* ---- Expansion (parameters.c, capture.c) ---- */
struct expansion *expansion_of(struct proc *p, const struct word *words, enum expand_how how);
enum expansion_state { EXPANSION_DONE, EXPANSION_BUSY, EXPANSION_FAILED };
/* Runs it on; BUSY: frames were pushed or steps are used up, come again. FAILED was said, and skip is set. */
enum expansion_state expansion_run(struct proc *p, struct expansion *x);
const char *parameter_get(struct proc *p, const char *name, size_t n);
bool parameter_set(struct proc *p, const char *name, size_t n, const char *value);
int must_check parameter_arith(struct proc *p, const char *s, int64_t *ret); /* 0; 1, and said why */
const char *flags_text(struct proc *p);

/* Shows the prompt that a variable (PS1, PS2) holds (prompt.c). */
char *prompt_text(struct proc *p, const char *variable); /* expanded; of the process's memory, NULL: unset */
struct text prompt_shown(struct proc *p, const char *variable); /* as it stands on the screen */
void prompt_show(struct proc *p, const char *variable);

/* ---- Redirections (redirect.c) ---- */
struct saved_fd;
struct redirecting {
    const struct redirect *next;
    struct expansion *x;
    struct saved_fd *saved; /* NULL-ended list, newest first */
    bool keeps;             /* of exec: nothing is put back */
};
enum redirect_state { REDIRECT_DONE, REDIRECT_BUSY, REDIRECT_FAILED };
enum redirect_state redirect_run(struct proc *p, struct redirecting *r);
void redirect_restore(struct proc *p, struct redirecting *r);
/* Closes what was kept for a restoring that will not be: a pipe must not stay open for it. */
void redirect_forget(struct proc *p, struct redirecting *r);

/* ---- Definitions (define.c) ---- */
struct arguments *arguments_make(struct shell *sh, char *const *words, size_t n);
void arguments_drop(struct shell *sh, struct arguments *a);
const struct definition *definition_find(struct proc *p, const struct definitions *d, const char *name, size_t n);
void function_define(struct proc *p, const char *name, const struct node *body, struct arena *arena);
void alias_define(struct proc *p, const char *name, size_t n, const char *value);
bool definition_remove(struct proc *p, struct definitions **d, const char *name); /* false: there is none */
void definitions_drop(struct shell *sh, struct definitions *d);
/* The arena that holds the nodes which are running. */
struct arena *arena_running(struct proc *p);

/* ---- Variables (variables.c) ---- */
bool variable_set(struct proc *p, const char *name, size_t n, const char *value, unsigned flags); /* false: read-only, said */
/* Remembers a variable in *kept, to be put back by locals_restore(). false: read-only, said. */
bool variable_keep(struct proc *p, struct local **kept, const char *name, size_t n);
void locals_restore(struct proc *p, struct local *kept);
/* Before $HOSTNAME is looked at: what a session's first shell shares with all others is the machine's. */
void variables_hostname(struct proc *p);
void variables_of_shell(struct proc *p); /* those that every shell sets at its start */

/* ---- Jobs and traps (job.c, trap.c) ---- */
struct job *job_add(struct proc *p, const uint32_t *pids, uint32_t n, const struct node *node);
struct job *job_named(struct proc *p, const char *name); /* %1, %+, the last's pid; NULL */
/* The i-th of its processes, NULL where it has ended. */
struct proc *job_process(struct proc *p, const struct job *job, uint32_t i);
bool job_is_stopped(struct proc *p, const struct job *job);
void jobs_update(struct proc *p);   /* takes in what ended */
enum jobs_how { JOBS_CHANGED, JOBS_ALL, JOBS_PIDS };
void jobs_tell(struct proc *p, enum jobs_how how); /* on standard output; changes on standard error */
void jobs_forget(struct proc *p);
/* A person who leaves is told once that jobs are stopped: true, and stays. */
bool jobs_keep(struct proc *p);
void job_tell(struct proc *p, struct job *job, bool with_pid);
void job_remove(struct proc *p, struct job *job);
/* What a shell that a person types at does about signals that have no action. */
void trap_defaults(struct proc *p, uint32_t signals);
/* The same of its children: nothing. */
void trap_forget_defaults(struct proc *p);
bool trap_run(struct proc *p);    /* true: an action was pushed */
bool trap_push(struct proc *p, const char *action);
int signal_number(const char *name); /* "INT", "SIGINT", "2", "EXIT"; -1 */
const char *signal_name(int signal);
/* What a status says of a signal: prints "Killed" and so on as the shell does. */
void tell_signal(struct proc *p, int signal);

/* ---- Messages ---- */
/* "sh: cd: line 0: text" */
void shell_error(struct proc *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same of a command that is not there, which the world is told of. */
void shell_not_found(struct proc *p, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The same, and the command is given up: a script ends with `status`. */
void shell_fail(struct proc *p, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* ---- Builtins (builtin.c) ---- */
enum builtin_next {
    BUILTIN_DONE,   /* in->status is set */
    BUILTIN_PUSHED, /* frames were pushed; their status is its own */
    BUILTIN_WAITS,  /* p->waits is set; called again */
    BUILTIN_AGAIN,  /* the command runs anew (command X) */
    BUILTIN_GONE,   /* the process is another program, or skips */
};

struct command;
struct program;

struct builtin {
    const char *name;
    enum builtin_next (*run)(struct proc *p, struct command *c, int argc, char **argv);
    bool special;  /* POSIX 2.14: errors end the shell, assignments stay */
    bool assigns;  /* its words may be assignments: not split (export, local, readonly) */
    bool raw_name; /* messages have no name of the builtin in them (an applet: echo, test) */
};

const struct builtin *builtin_find(const char *name);
const char *builtin_name(size_t i); /* the i-th; NULL past the last */

/* ---- A simple command (command.c) ---- */
struct command {
    const struct node *node;
    struct expansion *x;
    char **argv;
    size_t argc;
    struct redirecting redirecting;
    const struct assignment *assignment;
    char **values; /* NAME=VALUE of what is assigned for a program or builtin alone */
    size_t n_values;
    struct local *locals; /* to be put back */
    const struct builtin *builtin;
    const char *outer; /* what messages named before the builtin did */
    bool named;
    uint8_t n_ends; /* of the interp when it began */
    void *state;      /* of a builtin that is called again; of the process's memory */
    uint32_t child;
    bool no_function; /* command X */
    bool default_path;
};
/* Whether a command that begins with these words declares variables; -1: the next word decides. */
int command_declares(struct proc *p, char *const *words, size_t n);
/* The command on top runs again without its first words (command X). */
void command_again(struct proc *p, struct command *c, size_t skip);
/* p becomes the program, or says why not and is over. */
void command_exec(struct proc *p, const struct program *program, char **argv);
bool is_keyword(const char *name);
/* As set -x shows a word. */
void trace_quoted(struct text *to, const char *s);
/* The FLAG_ of `set -x` and `set -o xtrace`; 0: there is none. */
uint32_t option_flag(char letter);
uint32_t option_flag_named(const char *name);
/* As `set -o` and `set +o` list them, each on. */
void option_list_all(struct proc *p, bool on);
/* In single quotes, as set, export and trap list values. */
void single_quoted(struct text *to, const char *s);
/* What a name is: its path or itself, or in words; 0, or 127: not found (said where `words`). */
int type_tell(struct proc *p, const char *name, bool words);
bool hash_finds(struct proc *p, const char *name);
