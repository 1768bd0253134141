/* Telnet: negotiation, the way in, a vendor's command line, the shell. */
#include "trap/conn-inside.h"

#include <stdlib.h>
#include <string.h>

enum talk_stage { STAGE_OPENING, STAGE_LOGIN, STAGE_VENDOR, STAGE_SHELL };

struct vendor_stage {
    struct vendor_at at;
    struct line line;
    char text[VENDOR_LINE];
};

struct telnet_talk {
    uint8_t stage;
    uint8_t told_spoken; /* of the negotiation */
    uint16_t columns_told;
    struct telnet telnet;
    struct login *login;         /* while it lasts */
    struct vendor_stage *vendor; /* once it has begun */
};

static struct telnet_talk *talk_of(const struct conn *c)
{
    return c->talk;
}

/* ---- Saying ---- */

static void put(struct conn *c, const void *data, size_t n)
{
    telnet_output(&talk_of(c)->telnet, data, n, &c->out);
}

/* What log-in and vendor's command line say: gathered in a buffer of its own, since Telnet escapes it. */
static void say_all(struct conn *c, struct buf *said)
{
    if (said->len)
        conn_say(c, said->data, said->len);
    buf_release(said);
}

/* What the client's Telnet says of itself, where there is news of it. */
static void tell_client(struct conn *c, int64_t now)
{
    struct telnet_talk *x = talk_of(c);
    const struct telnet *t = &x->telnet;
    struct session_event e;
    if (x->told_spoken == t->n_spoken && x->columns_told == t->columns)
        return;
    x->told_spoken = t->n_spoken;
    x->columns_told = t->columns;
    session_begin(&e, SESSION_CLIENT, c->id, now);
    session_set_bytes(&e, FIELD_NEGOTIATION, t->spoken, t->n_spoken);
    if (t->terminal[0])
        session_set_text(&e, FIELD_TERMINAL, t->terminal);
    if (t->columns)
        session_set(&e, FIELD_COLUMNS, t->columns);
    if (t->rows)
        session_set(&e, FIELD_ROWS, t->rows);
    record_event(c, &e);
}

/* ---- Stages ---- */

static void begin_shell(struct conn *c)
{
    talk_of(c)->stage = STAGE_SHELL;
    conn_begin_shell(c, NULL);
}

static void begin_vendor(struct conn *c)
{
    struct buf said;
    struct vendor_stage *v = calloc(1, sizeof *v);
    if (!v) {
        conn_end(c, "memory");
        return;
    }
    buf_init(&said, OUT_MOST);
    talk_of(c)->vendor = v;
    talk_of(c)->stage = STAGE_VENDOR;
    vendor_begin(&v->at, c->here.persona->cli, c->here.hostname, &said);
    line_begin(&v->line, v->text, sizeof v->text, v->at.column, true);
    say_all(c, &said);
}

static void let_in(struct conn *c)
{
    free(talk_of(c)->login);
    talk_of(c)->login = NULL;
    if (c->here.persona->cli)
        begin_vendor(c);
    else
        begin_shell(c);
}

static void begin_login(struct conn *c)
{
    struct telnet_talk *x = talk_of(c);
    struct buf said;
    x->login = malloc(sizeof *x->login);
    if (!x->login) {
        conn_end(c, "memory");
        return;
    }
    buf_init(&said, OUT_MOST);
    x->stage = STAGE_LOGIN;
    login_begin(x->login, &c->here.persona->login, c->here.hostname, c->now, &said);
    say_all(c, &said);
}

/* ---- The way in ---- */

/* What the log-in's state asks of its owner; how many of the bytes behind what it took that has cost. */
static size_t answer_login(struct conn *c, const uint8_t *rest, size_t n, struct buf *said)
{
    struct login *l = talk_of(c)->login;
    size_t taken = 0;
    if (l->state == LOGIN_NAME)
        taken = login_named(l, pairs_asks(c->here.persona, l->user, l->n_user), rest, n, said);
    if (l->state == LOGIN_JUDGE)
        login_judged(l, conn_judge(c, l->user, l->n_user, l->password, l->n_password), c->now, said);
    return taken;
}

static void after_login(struct conn *c, struct buf *said)
{
    enum login_state state = talk_of(c)->login->state;
    say_all(c, said);
    if (state == LOGIN_IN)
        let_in(c);
    else if (state == LOGIN_OUT)
        conn_end(c, c->now >= talk_of(c)->login->ends ? "timeout" : "refused");
}

static size_t feed_login(struct conn *c, const uint8_t *data, size_t n)
{
    struct buf said;
    buf_init(&said, OUT_MOST);
    size_t taken = login_input(talk_of(c)->login, data, n, &said);
    taken += answer_login(c, data + taken, n - taken, &said);
    after_login(c, &said);
    return taken;
}

static void wake_login(struct conn *c)
{
    struct buf said;
    if (c->now < talk_of(c)->login->wakes && c->now < talk_of(c)->login->ends)
        return;
    buf_init(&said, OUT_MOST);
    login_wake(talk_of(c)->login, c->now, &said);
    (void)answer_login(c, NULL, 0, &said);
    after_login(c, &said);
}

/* ---- A vendor's command line ---- */

/* What a command line answers, without the prompt behind it. */
static size_t first_line(const struct buf *said)
{
    const uint8_t *end = said->len ? memchr(said->data, '\n', said->len) : NULL;
    size_t n = end ? (size_t)(end - said->data) : said->len;
    return n && said->data[n - 1] == '\r' ? n - 1 : n;
}

static void vendor_entered(struct conn *c)
{
    struct vendor_stage *v = talk_of(c)->vendor;
    struct buf said;
    bool unknown = false;
    size_t n = line_kept(&v->line);
    if (n)
        record_command(c, v->text, n, c->now);
    buf_init(&said, OUT_MOST);
    enum vendor_next next = vendor_line(&v->at, v->text, n, &said, &unknown);
    if (unknown)
        record_unknown(c, v->text, n, said.data, first_line(&said));
    line_begin(&v->line, v->text, sizeof v->text, v->at.column, !v->at.asked);
    say_all(c, &said);
    if (next == VENDOR_SHELL)
        begin_shell(c);
    else if (next == VENDOR_LEAVES)
        conn_end(c, "left");
}

static size_t feed_vendor(struct conn *c, const uint8_t *data, size_t n)
{
    struct buf said;
    enum line_event event = LINE_MORE;
    size_t i = 0;
    buf_init(&said, OUT_MOST);
    while (i < n && event == LINE_MORE)
        event = line_byte(&talk_of(c)->vendor->line, data[i++], &said);
    say_all(c, &said);
    if (event == LINE_END)
        conn_end(c, "left");
    else if (event != LINE_MORE)
        vendor_entered(c);
    return i;
}

static void shell_ended(struct conn *c, int status)
{
    struct vendor_stage *v = talk_of(c)->vendor;
    struct buf said;
    (void)status;
    if (!v) {
        conn_end(c, "left");
        return;
    }
    buf_init(&said, OUT_MOST);
    talk_of(c)->stage = STAGE_VENDOR;
    vendor_back(&v->at, &said);
    line_begin(&v->line, v->text, sizeof v->text, v->at.column, true);
    say_all(c, &said);
}

/* ---- What was typed ---- */

static size_t feed_shell(struct conn *c, const uint8_t *data, size_t n)
{
    enum { PIECE = 512 };
    n = n < PIECE ? n : PIECE;
    if (shell_input(c->shell, data, n))
        return 0;
    c->shell_state = SHELL_RUNNING;
    return n;
}

static size_t take(struct conn *c, const uint8_t *data, size_t n)
{
    switch (talk_of(c)->stage) {
    case STAGE_LOGIN:
        return feed_login(c, data, n);
    case STAGE_VENDOR:
        return feed_vendor(c, data, n);
    case STAGE_SHELL:
        return feed_shell(c, data, n);
    default:
        return 0;
    }
}

static void input(struct conn *c, const uint8_t *data, size_t n)
{
    struct telnet *t = &talk_of(c)->telnet;
    size_t said = c->out.len;
    telnet_input(t, data, n, &c->typed, &c->out);
    c->bytes_out += c->out.len - said;
    if (c->columns == t->columns && c->rows == t->rows)
        return;
    c->columns = t->columns;
    c->rows = t->rows;
    if (c->shell)
        shell_resize(c->shell, c->columns, c->rows);
}

/* ---- Turns ---- */

static bool run(struct conn *c, int64_t steps)
{
    struct telnet_talk *x = talk_of(c);
    if (x->stage == STAGE_OPENING && x->telnet.ready)
        begin_login(c);
    if (x->login && !c->over)
        wake_login(c);
    bool fed = conn_feed(c);
    if (x->stage == STAGE_SHELL)
        conn_run_shell(c, steps);
    bool waits = x->stage != STAGE_SHELL || c->shell_state == SHELL_INPUT;
    if (conn_is_deserted(c) && waits)
        conn_end(c, "closed");
    return fed || (x->stage == STAGE_SHELL && conn_shell_runs(c));
}

static int64_t wakes(const struct conn *c)
{
    const struct login *l = talk_of(c)->login;
    return l ? l->wakes : INT64_MAX;
}

/* ---- Beginning and end ---- */

static void open(struct conn *c)
{
    struct telnet *t = &talk_of(c)->telnet;
    telnet_open(t, c->here.persona->dialect, &c->out);
    t->hostname = c->here.hostname;
    c->bytes_out = c->out.len;
}

static void release(struct conn *c)
{
    free(talk_of(c)->login);
    free(talk_of(c)->vendor);
}

static size_t memory(const struct conn *c)
{
    const struct telnet_talk *x = talk_of(c);
    return (x->login ? sizeof *x->login : 0) + (x->vendor ? sizeof *x->vendor : 0);
}

const struct conn_service conn_telnet = { .name = "telnet",
                                          .talk = sizeof(struct telnet_talk),
                                          .open = open,
                                          .input = input,
                                          .take = take,
                                          .run = run,
                                          .put = put,
                                          .shell_ended = shell_ended,
                                          .tell_client = tell_client,
                                          .wakes = wakes,
                                          .release = release,
                                          .memory = memory };
