#pragma once
/*
 * The terminal of a session that has one of its own (shell_options.tty): what Linux's line discipline does
 * to what is typed and shown (termios(3): ICANON ECHO ECHOE ECHOK ECHOKE ECHOCTL ICRNL ISIG IEXTEN OPOST
 * ONLCR), and the mode that its programs put it in.
 *
 * What was typed waits in the shell's input until somebody reads it. Bytes are echoed when they come, as
 * the mode is then; what waits when the mode changes becomes readable as it is (n_tty.c of Linux does it so,
 * and it shows: what is typed ahead of a command stands on the screen twice).
 */
#include "shell/inside.h"

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
    bool literal;   /* ^V came: the next byte is only a byte */
    bool spaces;    /* a tab is shown as spaces (tab3: telnetd's terminals) */
    uint8_t column; /* where the cursor is, modulo 8 */
    uint16_t columns, rows;
    bool sized; /* somebody has said so; else they are the usual ones */
    uint32_t owner; /* pid of who changed the mode: it is put back when that process ends */
    /* Places in the shell's input: bytes before `pushed` came in another mode; the line that is being typed begins at `line`. */
    uint32_t pushed, line;
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
