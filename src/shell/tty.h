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

struct edit;

struct tty {
    uint8_t mode;
    bool literal;   /* ^V came: the next byte is only a byte */
    uint16_t columns, rows;
    uint32_t owner; /* pid of who changed the mode: it is put back when that process ends */
    /* Places in the shell's input: bytes before `pushed` came in another mode; the line that is being typed begins at `line`. */
    size_t pushed, line;
    struct edit *edit;
};

void tty_make(struct shell *sh);
/* Bytes that were typed. */
void tty_arrive(struct shell *sh, const char *data, size_t n);
bool tty_readable(const struct shell *sh);
/* As read(2): a line, or all of what is there in raw mode; 0: ^D; -EAGAIN. */
int64_t must_check tty_read(struct shell *sh, char *to, size_t n);
/* A process has ended: the mode was its own. */
void tty_left(struct shell *sh, uint32_t pid);
