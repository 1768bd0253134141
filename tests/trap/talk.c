/*
 * The trap's Telnet and log-in without a socket, for tests/trap/telnetd.py: reads lines of a time in
 * milliseconds and what a visitor sends then (hexadecimal digits), and prints what it is told.
 *
 * usage: trap-talk DIALECT          the bytes of the terminal, a colon, the answers
 *        trap-talk DIALECT BANNER   behind it a login as BusyBox's; root's password is "secret"
 */
#include "trap/login.h"
#include "trap/telnet.h"
#include "trap/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SENT_MOST = 4096 };

struct talk {
    struct telnet t;
    struct login l;
    bool logs_in;
    struct buf data, said, out;
};

static struct login_style style = {
    .user_prompt = "%h login: ", .password_prompt = "Password: ", .failed = "Login incorrect\r\n",
    .welcome = "\r\nWelcome\r\n", .locked = "", .tries = 3, .fail_delay = 3000000, .timeout = 60000000,
    .timed_out = "\r\r\nLogin timed out after 60 seconds\r\r\n", .name_most = 61, .asks_password_always = true,
    .flushes = true,
};

static size_t unhex(const char *s, uint8_t *to)
{
    size_t n = 0;
    unsigned byte;
    for (; n < SENT_MOST && sscanf(s + 2 * n, "%2x", &byte) == 1; n++)
        to[n] = (uint8_t)byte;
    return n;
}

static void print_hex(const struct buf *b)
{
    for (size_t i = 0; i < b->len; i++)
        printf("%02x", b->data[i]);
}

static bool is(const char *bytes, size_t n, const char *word)
{
    return n == strlen(word) && memcmp(bytes, word, n) == 0;
}

static void type(struct talk *k, int64_t now)
{
    struct login *l = &k->l;
    size_t done = 0, taken = 1;
    while (taken && done < k->data.len) {
        taken = login_input(l, k->data.data + done, k->data.len - done, &k->said);
        done += taken;
        if (l->state == LOGIN_JUDGE)
            login_judged(l, is(l->user, l->n_user, "root") && is(l->password, l->n_password, "secret"), now, &k->said);
    }
}

static void step(struct talk *k, int64_t now, const uint8_t *sent, size_t n)
{
    buf_reset(&k->data);
    telnet_input(&k->t, sent, n, &k->data, &k->out);
    if (!k->logs_in) {
        print_hex(&k->data);
        putchar(':');
    } else {
        login_wake(&k->l, now, &k->said);
        type(k, now);
        telnet_output(&k->t, k->said.data, k->said.len, &k->out);
    }
    print_hex(&k->out);
    puts(k->logs_in && k->l.state == LOGIN_OUT ? "." : "");
    fflush(stdout);
    buf_reset(&k->said);
    buf_reset(&k->out);
}

int main(int argc, char **argv)
{
    static char line[2 * SENT_MOST + 64], banner[256];
    static uint8_t sent[SENT_MOST];
    static struct talk k;
    const struct telnet_dialect *d = argc > 1 ? telnet_dialect_find(argv[1]) : NULL;
    if (!d)
        return 2;
    buf_init(&k.data, 1 << 20);
    buf_init(&k.said, 1 << 20);
    buf_init(&k.out, 1 << 20);
    k.logs_in = argc > 2;
    telnet_open(&k.t, d, &k.out);
    snprintf(banner, sizeof banner, "%s", k.logs_in ? argv[2] : "");
    style.banner = words_unescape(banner) ? banner : "";
    if (k.logs_in)
        login_begin(&k.l, &style, "dvr", 0, &k.said);
    while (fgets(line, sizeof line, stdin)) {
        char *digits;
        int64_t now = strtoll(line, &digits, 10) * 1000;
        step(&k, now, sent, unhex(digits + 1, sent));
    }
    buf_release(&k.data);
    buf_release(&k.said);
    buf_release(&k.out);
    return 0;
}
