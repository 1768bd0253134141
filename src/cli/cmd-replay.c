#include "cli/sessions.h"

#include "base/text.h"
#include "base/time.h"
#include "main/signals.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* clang-format off */
const struct option_def replay_options[] = {
    { "speed", OPTION_INT, "N", "N times as fast as it was; 0: without pauses (so where no terminal is)" },
    { 0 },
};

const char replay_details[] =
    "Shows on the terminal what the device said in a session, as fast as it was said then; pauses are cut to five\n"
    "seconds. Only line feeds, carriage returns, tabs and backspaces act; all other control characters, and what\n"
    "could deceive the eye, come out as \\xHH or \\u{HHHH}. The visitor's lines are there as the device echoed them.\n"
    "--json and --csv give every piece of both directions: at (microseconds since the session began), direction\n"
    "(visitor, device) and data.";

static const struct column columns[] = {
    { "at", COLUMN_INT, NULL, 0, false },
    { "direction", COLUMN_TEXT, NULL, 0, false },
    { "data", COLUMN_TEXT, NULL, 0, false },
};
/* clang-format on */

enum { PAUSE_MOST_US = 5000000, PIECE_TEXT = 1 << 16 };

struct replay {
    uint64_t speed; /* 0: no pauses */
    uint64_t at;
    struct out *out;
};

static void wait_us(uint64_t us)
{
    const struct timespec t = { .tv_sec = (time_t)(us / 1000000), .tv_nsec = (long)(us % 1000000) * 1000 };
    if (us)
        nanosleep(&t, NULL);
}

static bool may_act(uint8_t c)
{
    return c == '\n' || c == '\r' || c == '\t' || c == '\b';
}

/* Harmless characters as they are, the others escaped. */
static void show(const uint8_t *data, size_t n)
{
    struct buf b;
    buf_init(&b, PIECE_TEXT);
    for (size_t at = 0; at < n;) {
        size_t len = 0;
        while (at + len < n && !may_act(data[at + len]))
            len++;
        text_escape(&b, (const char *)data + at, len, TEXT_PLAIN);
        at += len;
        if (at < n)
            buf_u8(&b, data[at++]);
    }
    if (buf_ok(&b))
        fwrite(b.data, 1, b.len, stdout);
    fflush(stdout);
    buf_release(&b);
}

static int show_piece(void *context, const struct session_piece *p)
{
    struct replay *r = context;
    if (p->direction == 0)
        return 0;
    uint64_t pause = p->at > r->at ? p->at - r->at : 0;
    r->at = p->at;
    if (r->speed)
        wait_us((pause < PAUSE_MOST_US ? pause : PAUSE_MOST_US) / r->speed);
    show(p->data, p->n);
    return signals_stop ? -EINTR : 0;
}

static int put_piece(void *context, const struct session_piece *p)
{
    struct replay *r = context;
    struct buf b;
    buf_init(&b, PIECE_TEXT);
    session_text(&b, p->data, p->n);
    buf_u8(&b, 0);
    out_count(r->out, p->at);
    out_text(r->out, p->direction ? "device" : "visitor");
    out_text(r->out, buf_ok(&b) ? (const char *)b.data : "");
    int err = buf_status(&b);
    buf_release(&b);
    return err;
}

static int show_rows(struct cli *cli, struct store *s, uint64_t id)
{
    struct out o;
    struct replay r = { .out = &o };
    cli_rows(cli, &o, columns, sizeof columns / sizeof columns[0]);
    int err = store_session_spoken(s, id, put_piece, &r);
    int code = cli_rows_end(&o);
    return err ? sessions_failed(cli, s, err) : code;
}

static int replay(struct cli *cli, struct store *s, const struct session_facts *f)
{
    char text[THOUSANDS_TEXT];
    struct replay r = { .speed = (uint64_t)cli_int(cli, "speed", isatty(STDOUT_FILENO) ? 1 : 0) };
    signals_catch();
    int err = store_session_spoken(s, f->id, show_piece, &r);
    puts("");
    if (f->unspoken)
        printf("[%s bytes that came after this are not kept]\n", thousands((int64_t)f->unspoken, text));
    return err == -EINTR ? CLI_TROUBLE : err ? sessions_failed(cli, s, err) : CLI_DONE;
}

int cmd_replay(struct cli *cli)
{
    struct store *s;
    struct session_facts f;
    int code = sessions_open(cli, &s, &f);
    if (code)
        return code;
    code = cli->format == OUT_TABLE ? replay(cli, s, &f) : show_rows(cli, s, f.id);
    store_close(s);
    return code;
}
