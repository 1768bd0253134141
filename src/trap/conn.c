#include "trap/conn-inside.h"

#include <stdlib.h>
#include <string.h>

/* ---- Saying ---- */

void conn_say(struct conn *c, const void *data, size_t n)
{
    size_t before = c->out.len;
    record_spoken(c, 1, data, n, c->now);
    telnet_output(&c->telnet, data, n, &c->out);
    c->bytes_out += c->out.len - before;
}

/* What log-in and vendor's command line say: gathered in a buffer of its own, since Telnet escapes it. */
static void say_all(struct conn *c, struct buf *said)
{
    if (said->len)
        conn_say(c, said->data, said->len);
    buf_release(said);
}

static void end(struct conn *c, const char *reason)
{
    if (c->stage == STAGE_OVER)
        return;
    c->stage = STAGE_OVER;
    c->reason = reason;
}

/* ---- Stages ---- */

/* What is this address's own. */
static struct identity *identify(const struct conn *c)
{
    struct identity *i = malloc(sizeof *i);
    if (!i)
        return NULL;
    i->shell = (struct shell_identity){ .hostname = c->here.hostname,
                                        .has_mac = true,
                                        .booted = c->here.booted,
                                        .pid_first = c->here.pid_first,
                                        .address = addr_text(&c->destination, i->address),
                                        .peer = addr_text(&c->source, i->peer),
                                        .port = c->destination_port,
                                        .peer_port = c->source_port,
                                        .secret = c->here.secret };
    memcpy(i->shell.mac, c->here.mac, sizeof i->shell.mac);
    return i;
}

static void begin_shell(struct conn *c)
{
    const struct persona *p = c->here.persona;
    if (!c->identity && !(c->identity = identify(c))) {
        end(c, "memory");
        return;
    }
    struct shell_options o = { .device = p->device,
                               .limits = c->limits,
                               .hook = &conn_hook,
                               .context = c,
                               .name = p->shell_name,
                               .terminal = true,
                               .tty = true,
                               .spaces = true,
                               .columns = c->telnet.columns,
                               .rows = c->telnet.rows,
                               .now = c->now,
                               .seed = c->seed,
                               .identity = &c->identity->shell };
    c->stage = STAGE_SHELL;
    c->shell_state = SHELL_RUNNING;
    if (shell_make(&c->shell, &o))
        end(c, "memory");
}

static void begin_vendor(struct conn *c)
{
    struct buf said;
    struct vendor_stage *v = calloc(1, sizeof *v);
    if (!v) {
        end(c, "memory");
        return;
    }
    buf_init(&said, OUT_MOST);
    c->vendor = v;
    c->stage = STAGE_VENDOR;
    vendor_begin(&v->at, c->here.persona->cli, c->here.hostname, &said);
    line_begin(&v->line, v->text, sizeof v->text, v->at.column, true);
    say_all(c, &said);
}

static void let_in(struct conn *c)
{
    free(c->login);
    c->login = NULL;
    if (c->here.persona->cli)
        begin_vendor(c);
    else
        begin_shell(c);
}

static void begin_login(struct conn *c)
{
    struct buf said;
    c->login = malloc(sizeof *c->login);
    if (!c->login) {
        end(c, "memory");
        return;
    }
    buf_init(&said, OUT_MOST);
    c->stage = STAGE_LOGIN;
    login_begin(c->login, &c->here.persona->login, c->here.hostname, c->now, &said);
    say_all(c, &said);
}

/* ---- The way in ---- */

static void judge(struct conn *c, struct buf *said)
{
    struct login *l = c->login;
    struct pair_try t = { .persona = c->here.persona, .source = &c->source, .destination = &c->destination,
                          .user = l->user, .password = l->password, .n_user = l->n_user,
                          .n_password = l->n_password, .now = c->now };
    struct pair_verdict v = pairs_judge(c->world->pairs, &t);
    c->tries++;
    record_login(c, &t, v.accepted, v.remembered);
    if (v.fact && c->world->decided)
        c->world->decided(c->world->context, &c->destination, v.fact, v.accepted, v.until);
    login_judged(l, v.accepted, c->now, said);
}

/* What the log-in's state asks of its owner; how many of the bytes behind what it took that has cost. */
static size_t answer_login(struct conn *c, const uint8_t *rest, size_t n, struct buf *said)
{
    struct login *l = c->login;
    size_t taken = 0;
    if (l->state == LOGIN_NAME)
        taken = login_named(l, pairs_asks(c->here.persona, l->user, l->n_user), rest, n, said);
    if (l->state == LOGIN_JUDGE)
        judge(c, said);
    return taken;
}

static void after_login(struct conn *c, struct buf *said)
{
    enum login_state state = c->login->state;
    say_all(c, said);
    if (state == LOGIN_IN)
        let_in(c);
    else if (state == LOGIN_OUT)
        end(c, c->now >= c->login->ends ? "timeout" : "refused");
}

static size_t feed_login(struct conn *c, const uint8_t *data, size_t n)
{
    struct buf said;
    buf_init(&said, OUT_MOST);
    size_t taken = login_input(c->login, data, n, &said);
    taken += answer_login(c, data + taken, n - taken, &said);
    after_login(c, &said);
    return taken;
}

static void wake_login(struct conn *c)
{
    struct buf said;
    if (c->now < c->login->wakes && c->now < c->login->ends)
        return;
    buf_init(&said, OUT_MOST);
    login_wake(c->login, c->now, &said);
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
    struct vendor_stage *v = c->vendor;
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
        end(c, "left");
}

static size_t feed_vendor(struct conn *c, const uint8_t *data, size_t n)
{
    struct buf said;
    enum line_event event = LINE_MORE;
    size_t i = 0;
    buf_init(&said, OUT_MOST);
    while (i < n && event == LINE_MORE)
        event = line_byte(&c->vendor->line, data[i++], &said);
    say_all(c, &said);
    if (event == LINE_END)
        end(c, "left");
    else if (event != LINE_MORE)
        vendor_entered(c);
    return i;
}

static void shell_ended(struct conn *c)
{
    struct buf said;
    shell_left(c->shell, &c->limits.steps, &c->limits.output);
    shell_free(c->shell);
    c->shell = NULL;
    if (!c->limits.steps || !c->limits.output) {
        end(c, "limit");
        return;
    }
    if (!c->vendor) {
        end(c, "left");
        return;
    }
    buf_init(&said, OUT_MOST);
    c->stage = STAGE_VENDOR;
    vendor_back(&c->vendor->at, &said);
    line_begin(&c->vendor->line, c->vendor->text, sizeof c->vendor->text, c->vendor->at.column, true);
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

/* What the stage takes of the typed bytes; whether it took any. */
static bool feed(struct conn *c)
{
    size_t n = c->typed.len - c->typed_at, taken = 0;
    if (!n)
        return false;
    const uint8_t *data = c->typed.data + c->typed_at;
    if (c->stage == STAGE_LOGIN)
        taken = feed_login(c, data, n);
    else if (c->stage == STAGE_VENDOR)
        taken = feed_vendor(c, data, n);
    else if (c->stage == STAGE_SHELL)
        taken = feed_shell(c, data, n);
    c->typed_at += taken;
    if (c->typed_at == c->typed.len) {
        buf_release(&c->typed);
        c->typed_at = 0;
    }
    return taken;
}

/* ---- Turns ---- */

static void limits(struct conn *c)
{
    const struct persona *p = c->here.persona;
    if (c->visitor_ended && !c->gone)
        c->gone = c->now;
    if (p->budget && c->now - c->began >= p->budget)
        end(c, "budget");
    else if (c->visitor_ended && c->now - c->gone >= GONE_MOST)
        end(c, "closed");
    else if (p->idle && c->now - c->last >= p->idle)
        end(c, "timeout");
    else if (!buf_ok(&c->out))
        end(c, "limit");
}

static size_t waiting(const struct conn *c)
{
    return c->out.len - c->out_at;
}

/* In parts, so that output without end stops soon after there is enough: a visitor who does not read holds what is left. */
static void run_shell(struct conn *c, int64_t steps)
{
    enum { PART = 50 };
    bool woken = c->shell_state == SHELL_ASLEEP && c->now >= shell_wakes(c->shell);
    if (c->shell_state != SHELL_RUNNING && !woken)
        return;
    do {
        c->shell_state = shell_run(c->shell, steps < PART ? steps : PART, c->now);
        steps -= PART;
    } while (steps > 0 && c->shell_state == SHELL_RUNNING && waiting(c) < OUT_ENOUGH);
    if (c->shell_state == SHELL_ENDED)
        shell_ended(c);
}

enum conn_state conn_run(struct conn *c, int64_t steps, int64_t now)
{
    c->now = now > c->now ? now : c->now;
    limits(c);
    if (c->stage == STAGE_OPENING && c->telnet.ready)
        begin_login(c);
    if (c->stage == STAGE_LOGIN)
        wake_login(c);
    bool fed = waiting(c) < OUT_ENOUGH && feed(c);
    if (c->stage == STAGE_SHELL && waiting(c) < OUT_ENOUGH)
        run_shell(c, steps);
    bool unheard = c->visitor_ended && c->typed.len == c->typed_at;
    if (unheard && c->stage == STAGE_SHELL && c->shell_state == SHELL_INPUT)
        end(c, "closed");
    else if (unheard && c->stage != STAGE_SHELL)
        end(c, "closed");
    limits(c);
    if (c->stage == STAGE_OVER)
        return CONN_ENDED;
    bool runs = c->stage == STAGE_SHELL && c->shell_state == SHELL_RUNNING;
    c->held = waiting(c) >= OUT_ENOUGH;
    return (fed || runs) && !c->held ? CONN_RUNNING : CONN_WAITS;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t conn_wakes(const struct conn *c)
{
    const struct persona *p = c->here.persona;
    int64_t when = INT64_MAX;
    if (c->held && waiting(c) < OUT_ENOUGH)
        return c->now;
    if (p->budget)
        when = earlier(when, c->began + p->budget);
    if (p->idle)
        when = earlier(when, c->last + p->idle);
    if (c->visitor_ended)
        when = earlier(when, (c->gone ? c->gone : c->now) + GONE_MOST);
    if (c->login)
        when = earlier(when, c->login->wakes);
    if (c->shell && c->shell_state == SHELL_ASLEEP && waiting(c) < OUT_ENOUGH) /* else what is sent wakes it */
        when = earlier(when, shell_wakes(c->shell));
    return when;
}

/* ---- Input and output ---- */

bool conn_reads(const struct conn *c)
{
    return c->stage != STAGE_OVER && c->typed.len - c->typed_at < TYPED_MOST / 2;
}

/* What was taken makes room for what comes. */
static void compact(struct conn *c)
{
    if (!c->typed_at)
        return;
    c->typed.len -= c->typed_at;
    memmove(c->typed.data, c->typed.data + c->typed_at, c->typed.len);
    c->typed_at = 0;
}

void conn_input(struct conn *c, const void *data, size_t n, int64_t now)
{
    if (!conn_reads(c))
        return;
    compact(c);
    size_t before = c->typed.len, said = c->out.len;
    uint16_t columns = c->telnet.columns, rows = c->telnet.rows;
    c->now = now > c->now ? now : c->now;
    c->last = c->now;
    c->bytes_in += n;
    telnet_input(&c->telnet, data, n, &c->typed, &c->out);
    c->bytes_out += c->out.len - said;
    if (c->typed.len > before)
        record_spoken(c, 0, c->typed.data + before, c->typed.len - before, c->now);
    if (!buf_ok(&c->typed))
        end(c, "limit");
    if (c->shell && (c->telnet.columns != columns || c->telnet.rows != rows))
        shell_resize(c->shell, c->telnet.columns, c->telnet.rows);
}

void conn_input_end(struct conn *c)
{
    c->visitor_ended = true;
}

const uint8_t *conn_output(const struct conn *c, size_t *ret_n)
{
    *ret_n = waiting(c);
    return *ret_n ? c->out.data + c->out_at : NULL;
}

void conn_sent(struct conn *c, size_t n)
{
    c->out_at += n;
    if (c->out_at < c->out.len)
        return;
    buf_release(&c->out);
    c->out_at = 0;
}

/* ---- Beginning and end ---- */

int conn_make(struct conn **ret, const struct conn_options *o)
{
    struct conn *c = calloc(1, sizeof *c);
    if (!c)
        return -ENOMEM;
    c->world = o->world;
    c->id = o->id;
    c->seed = o->seed;
    c->limits = o->world->limits;
    c->limits.steps = c->limits.steps ? c->limits.steps : STEPS_MOST;
    c->here = o->here;
    c->source = o->source;
    c->destination = o->destination;
    c->source_port = o->source_port;
    c->destination_port = o->destination_port;
    c->began = c->last = c->now = o->now;
    c->reason = "closed";
    buf_init(&c->typed, TYPED_MOST);
    buf_init(&c->out, OUT_MOST);
    telnet_open(&c->telnet, c->here.persona->dialect, &c->out);
    c->telnet.hostname = c->here.hostname;
    c->bytes_out = c->out.len;
    record_open(c);
    *ret = c;
    return 0;
}

void conn_free(struct conn *c, const char *reason, int64_t now)
{
    if (!c)
        return;
    c->now = now > c->now ? now : c->now;
    end(c, reason);
    record_close(c, c->now);
    shell_free(c->shell);
    free(c->login);
    free(c->vendor);
    free(c->stub);
    free(c->spoken);
    free(c->identity);
    buf_release(&c->typed);
    buf_release(&c->out);
    free(c);
}

size_t conn_memory(const struct conn *c)
{
    return sizeof *c + (c->shell ? shell_memory(c->shell) : 0) + (c->login ? sizeof *c->login : 0) +
           (c->vendor ? sizeof *c->vendor : 0) + (c->stub ? STUB_MOST : 0) + (c->spoken ? sizeof *c->spoken : 0) +
           (c->identity ? sizeof *c->identity : 0) +
           c->typed.room + c->out.room;
}
