#pragma once
/*
 * What a command's name stands for on the device, and becoming that.
 */
#include "shell/inside.h"

enum program_type {
    PROGRAM_NONE,     /* not found */
    PROGRAM_DENIED,   /* found, not executable: -EACCES */
    PROGRAM_FOLDER,
    PROGRAM_APPLET,
    PROGRAM_BUSYBOX,  /* the binary under a name that is none of its applets */
    PROGRAM_SCRIPT,   /* text, perhaps with #! */
    PROGRAM_BINARY,   /* of this CPU: its run is told, and nothing happens */
    PROGRAM_FOREIGN,  /* of another CPU, or no program */
};

struct program {
    enum program_type type;
    const struct applet *applet;
    char *path; /* where it was found; NULL of an applet found by its name */
    vfs_ino ino;
    char *line; /* a script's first, if it has #! */
    const char *interpreter, *interpreter_argument; /* in it, or NULL */
    int error; /* -errno of PROGRAM_NONE with a slash in its name */
};

/* Looks a command up for p: in PATH of `path` (NULL: the environment's), or as the path that it is. What it finds is of
 * p's memory, and given back by program_release() or with the process. */
void program_find(struct proc *p, const char *name, const char *path, struct program *ret);
void program_release(struct proc *p, struct program *program);
/* 0, or why it cannot be run: -ENOENT, -EACCES... */
int must_check program_error(const struct program *program);
/* A copy of a list of words, of m. */
char **program_words(struct memory *m, char *const *argv, int *ret_n);
/* p becomes the program. 0, or what kept it from that (PROGRAM_NONE is -ENOENT...). */
int must_check program_run(struct proc *p, const struct program *program, char *const *argv);

/* The applet of this name on the device; NULL: it has none. */
const struct applet *program_applet(const struct shell *sh, const char *name);
/* The same; where there is none, what says so. */
const struct applet *program_applet_or_busybox(const struct shell *sh, const char *name);
/* The applet that stands for a program of the visitor's: it does nothing. */
int program_quiet(struct proc *p, int argc, char **argv);
