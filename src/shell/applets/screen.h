#pragma once
/*
 * What programs with a screen of their own share: its size, the keys that come, and what they do
 * where there is no terminal.
 */
#include "shell/applet.h"

enum { SCREEN_ROWS = 24, SCREEN_COLUMNS = 80 };

enum { KEY_WAIT = -2, KEY_END = -1 };

/* What COLUMNS and LINES say; else the size of the terminal that fd is, or 80 and 24. */
struct screen_size {
    unsigned columns, rows;
};
struct screen_size screen_size(struct proc *p, int fd);

/* The next key from fd; KEY_WAIT: none has come (the process waits on fd then), KEY_END. */
int screen_key(struct proc *p, int fd);

/* Files, or standard input where none is named, as cat puts them out. */
struct plain_pages {
    char **files; /* NULL-ended; what is still to be shown */
    int fd;
    bool open, begun;
    int status;
};
enum applet_next plain_pages_step(struct proc *p, struct plain_pages *s);
/* Opens the next file: its descriptor; -1: there is none. What cannot be opened is said by say().
 */
int plain_pages_next(struct proc *p, struct plain_pages *s,
                     void (*say)(struct proc *p, int e, const char *file));
