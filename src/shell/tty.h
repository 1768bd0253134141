#pragma once
/*
 * The terminal of a session that has one of its own (shell_options.tty): Linux's line discipline for
 * what is typed (shell/line.h) and shown (termios(3): OPOST ONLCR), and the mode that its programs put it in.
 *
 * What was typed waits in the shell's input until somebody reads it. Bytes are echoed when they come, as
 * the mode is then; what waits when the mode changes becomes readable as it is (n_tty.c of Linux does it so,
 * and it shows: what is typed ahead of a command stands on the screen twice).
 */
#include "shell/inside.h"
#include "shell/line.h"

enum { KEYS_MOST = 12 }; /* bytes of a key's sequence */

/* The line that is being edited, which edit.c keeps. An idle session is mostly this: no larger than it must be. */
struct edit {
    struct text line;
    const char *variable; /* of the prompt */
    char **history;       /* and behind its n_history lines the unfinished new one, while an old one is shown, or NULL */
    uint16_t cursor;
    uint16_t x, y;        /* where the cursor is on the screen, from the prompt's line on */
    uint16_t indent;      /* columns of the prompt */
    uint8_t n_history, at; /* at: the line that is shown; n_history: a new one */
    uint8_t n_keys;
    bool tabbed : 1;      /* the last key was a tab */
    bool asked : 1;       /* the terminal, where its cursor is */
    char keys[KEYS_MOST]; /* of a sequence that has begun */
};

struct tty {
    uint8_t mode;
    bool sized; /* somebody has said so; else columns and rows are the usual ones */
    uint16_t columns, rows;
    uint32_t owner; /* pid of who changed the mode: it is put back when that process ends */
    uint32_t pushed; /* bytes of the shell's input before this one came in another mode */
    struct line line; /* the one that is being typed: the last bytes of the shell's input */
    struct edit edit;
};

void tty_make(struct shell *sh);
/* What a program says, as the screen is sent it: an end of line is CR LF. */
void tty_show(struct shell *sh, int stream, const char *data, size_t n);
/* Bytes that were typed. */
void tty_arrive(struct shell *sh, const char *data, size_t n);
bool tty_readable(const struct shell *sh);
/* As read(2): a line, or all of what is there in raw mode; 0: ^D; -EAGAIN. */
int64_t must_check tty_read(struct shell *sh, char *to, size_t n);
/* A process has ended: the mode was its own. */
void tty_left(struct shell *sh, uint32_t pid);
