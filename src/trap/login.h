#pragma once
/*
 * The way in: prompts, tries, words for a wrong pair, delays, time-outs and lock-out, as the device's daemon
 * has them (struct login_style: data of a persona; what BusyBox 1.35 does was tried). Who is let in is asked of the
 * owner: the policy, what is remembered of an address, is not known here.
 *
 * Bytes go through a terminal in its usual mode (shell/line.h), with echo for the name and without for the password. Time is
 * the owner's: microseconds. A login may be moved in memory.
 */
#include "base/buf.h"
#include "base/err.h"
#include "shell/line.h"

#include <stdbool.h>
#include <stdint.h>

/* Texts are words (trap/words.h); "" where nothing is said, never NULL. */
struct login_style {
    const char *banner;      /* before the first prompt. BusyBox telnetd: "\r\r\n", then /etc/issue.net with "\r\n\r" for \n */
    const char *user_prompt; /* "%h login: "; "" : no name is asked (password only) */
    const char *password_prompt;
    const char *failed;      /* "Login incorrect\r\n" */
    const char *welcome;     /* after the right pair */
    const char *locked;      /* said before it hangs up after the last try; BusyBox: nothing more */
    uint32_t tries;          /* wrong pairs until it hangs up; 0: never. BusyBox: 3 */
    int64_t fail_delay;      /* microseconds before `failed` is said (BusyBox: 3 s) */
    int64_t lock;            /* after the last try, the source is refused for so long (0: not): the owner does it */
    int64_t timeout;         /* for all of it, tries and all (BusyBox login: 60 s); 0: none */
    const char *timed_out;   /* BusyBox, through its terminal: "\r\r\nLogin timed out after 60 seconds\r\r\n" */
    uint32_t name_most;      /* as BusyBox reads a name: up to a blank or control character; a line longer than this
                                (61), less the blanks before it, or with a NUL ends it without a word. 0: the whole line */
    bool asks_password_always; /* else the owner is asked first: LOGIN_NAME */
    bool echoes_password;
    bool user_only_once;     /* vendor daemons: a wrong password asks for the password again */
    bool flushes;            /* what was typed before the password is asked for, and in the delay, is echoed and lost: so
                                BusyBox; else it is the answer to what is asked next */
};

enum { LOGIN_WORD = 128 }; /* bytes of a name or password that are kept */

enum login_state {
    LOGIN_USER,
    LOGIN_NAME, /* the name is whole: the owner calls login_named() */
    LOGIN_PASSWORD,
    LOGIN_JUDGE, /* the pair is whole: the owner calls login_judged() */
    LOGIN_DELAY,
    LOGIN_IN,
    LOGIN_OUT, /* the connection is to be closed once out is sent */
};

struct login {
    const struct login_style *style;
    const char *hostname;    /* borrowed */
    uint8_t state;
    uint8_t tries;           /* wrong pairs so far; stays at 255 */
    uint8_t blanks;          /* empty names that were typed, and no answer to them was said yet */
    bool ahead;              /* a line was typed whole in the delay */
    bool cut;                /* the name or the password was longer than is kept */
    uint16_t n_user, n_password; /* bytes that are kept */
    char user[LOGIN_WORD], password[LOGIN_WORD]; /* no NUL behind them; theirs until login_judged() */
    struct line line;
    int64_t wakes;           /* when login_wake() has something to do; INT64_MAX: never */
    int64_t ends;            /* its time-out */
};

void login_begin(struct login *l, const struct login_style *style, const char *hostname, int64_t now, struct buf *out);
/* Takes bytes up to the end of a pair, or to where it waits for the owner; how many were taken. The owner offers the rest
 * again once it has answered, or after login_wake(). */
size_t login_input(struct login *l, const uint8_t *data, size_t n, struct buf *out);
/* After LOGIN_NAME: whether a password is asked for. If not, the pair has none and is to be judged. rest: what came at once
 * with the name and was not taken, which is lost where `flushes` and it asks; how many were. out is login_input()'s. */
size_t login_named(struct login *l, bool asks, const uint8_t *rest, size_t n, struct buf *out);
/* State becomes LOGIN_IN (welcome was said), LOGIN_DELAY, or what login_wake() makes of it where there is no delay. */
void login_judged(struct login *l, bool accepted, int64_t now, struct buf *out);
/* Time has passed. */
void login_wake(struct login *l, int64_t now, struct buf *out);
