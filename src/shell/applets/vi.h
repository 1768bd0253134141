#pragma once
/*
 * vi: what its files share. It is an editor for simple changes, not all of vi.
 */
#include "shell/applets/screen.h"
#include "shell/applets/vi-text.h"

enum { VI_ROWS = SCREEN_ROWS - 1, VI_COMMAND_MOST = 128 };

enum vi_mode { VI_COMMAND, VI_INSERT, VI_REPLACE, VI_COLON };

struct vi {
    struct proc *p;
    struct vi_text text;
    struct text yanked;
    bool yanked_lines;
    char **files; /* those to come */
    const char *file;
    bool read_only;
    enum vi_mode mode;
    char pending;                /* d y c g r Z > <: what its second key says */
    unsigned count;              /* typed before a command; 0: none */
    int escape;                  /* keys of an ESC [ x that have come */
    char colon[VI_COMMAND_MOST]; /* being typed, from : or / on */
    size_t n_colon;
    char found[VI_COMMAND_MOST]; /* what was looked for */
    struct text before;          /* the last change: what u brings back */
    size_t before_dot;
    size_t top;                           /* what the screen begins with */
    char screen[VI_ROWS][SCREEN_COLUMNS]; /* as it is shown */
    char status[160], shown[160];         /* what a command said; what stands in the last row */
    bool alert;                           /* status is said in reverse */
    bool touched;                         /* keys were taken since it was shown */
    bool over;
};

/* vi-screen.c */
void vi_begin(struct vi *v);
void vi_refresh(struct vi *v);
void vi_end(struct vi *v);
void vi_say(struct vi *v, bool alert, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* vi-colon.c */
void vi_open(struct vi *v, const char *file);
bool vi_write(struct vi *v, const char *file);    /* NULL: its own */
void vi_colon(struct vi *v, const char *command); /* without the : */

/* vi.c */
void vi_search(struct vi *v, const char *what);
