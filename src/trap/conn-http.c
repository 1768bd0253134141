/*
 * HTTP: requests one by one, as they come. What of one is meant for a shell is given to the device's own, a command after the
 * other, whether or not this device has that way in: what they would do is seen. Only then it is answered, and the next is read.
 */
#include "trap/conn-inside.h"
#include "trap/http-answer.h"
#include "trap/http-commands.h"

#include <string.h>

enum { OUTPUT_MOST = 64 << 10 };

struct http_talk {
    struct http_request request;
    struct http_plan plan;      /* while commands run, and their answer waits for them */
    struct http_found found;
    size_t command_at, command; /* of those the next: its place, its number */
    struct buf output;          /* what they said */
    bool busy;
    bool judged, judged_right;  /* the pair of the last request: who sends it again does not try anew */
    unsigned served;
    size_t n_user;
    struct buf pair;            /* that pair: the user, the password */
};

static struct http_talk *talk_of(const struct conn *c)
{
    return c->talk;
}

static const struct http_server *server_of(const struct conn *c)
{
    return http_site_at(c->here.persona->http, c->destination_port);
}

/* ---- Who it is ---- */

static bool judge(void *context, struct http_text user, struct http_text password)
{
    struct conn *c = context;
    struct http_talk *x = talk_of(c);
    bool same = x->judged && x->n_user == user.n && x->pair.len == user.n + password.n &&
                (!user.n || !memcmp(x->pair.data, user.s, user.n)) &&
                (!password.n || !memcmp(x->pair.data + user.n, password.s, password.n));
    if (same)
        return x->judged_right;
    buf_reset(&x->pair);
    buf_put(&x->pair, user.s, user.n);
    buf_put(&x->pair, password.s, password.n);
    x->n_user = user.n;
    x->judged = buf_ok(&x->pair);
    x->judged_right = conn_judge(c, user.s, user.n, password.s, password.n);
    return x->judged_right;
}

static struct http_visit visit_of(struct conn *c)
{
    return (struct http_visit){ .server = server_of(c), .here = &c->here, .source = &c->source, .destination = &c->destination,
                                .now = c->now, .served = talk_of(c)->served, .context = c, .judge = judge };
}

/* ---- Answers ---- */

static void set_text(struct session_event *e, enum session_field f, struct http_text t)
{
    if (t.n)
        session_set_bytes(e, f, t.s, t.n);
}

static void record_request(struct conn *c)
{
    const struct http_talk *x = talk_of(c);
    const struct http_request *r = &x->request;
    struct session_event e;
    record_flush(c);
    session_begin(&e, SESSION_REQUEST, c->id, c->now);
    if (r->state == HTTP_WHOLE) {
        set_text(&e, FIELD_METHOD, http_text(r, r->method));
        set_text(&e, FIELD_TARGET, http_text(r, r->target));
        set_text(&e, FIELD_HOST, http_header(r, "Host"));
        set_text(&e, FIELD_AGENT, http_header(r, "User-Agent"));
        set_text(&e, FIELD_ENTRY, (struct http_text){ x->found.entry, strlen(x->found.entry) });
    }
    session_set(&e, FIELD_STATUS, x->plan.status);
    session_set(&e, FIELD_SIZE, r->size);
    record_event(c, &e);
}

/* The request is done with; the next may come. */
static void answer(struct conn *c)
{
    struct http_talk *x = talk_of(c);
    struct http_visit v = visit_of(c);
    struct buf said;
    buf_init(&said, OUT_MOST);
    http_say(&v, &x->request, &x->plan, (struct http_text){ x->output.len ? (char *)x->output.data : "", x->output.len }, &said);
    if (said.len)
        conn_say(c, said.data, said.len);
    buf_release(&said);
    buf_release(&x->output);
    http_found_release(&x->found);
    http_next(&x->request);
    x->served++;
    x->busy = false;
    if (!x->plan.keeps)
        conn_end(c, x->plan.status ? "answered" : "refused");
}

/* The next command, or the answer behind the last. */
static void go_on(struct conn *c)
{
    struct http_talk *x = talk_of(c);
    if (x->command == x->found.n) {
        answer(c);
        return;
    }
    const char *text = (const char *)x->found.commands.data + x->command_at;
    x->command++;
    x->command_at += strlen(text) + 1;
    conn_begin_shell(c, text); /* which tells of the command */
}

static void shell_said(struct conn *c, const void *data, size_t n)
{
    struct http_talk *x = talk_of(c);
    size_t room = OUTPUT_MOST - x->output.len;
    if (x->plan.runs)
        buf_put(&x->output, data, n < room ? n : room);
}

static void shell_ended(struct conn *c, int status)
{
    (void)status;
    go_on(c);
}

static void heed(struct conn *c)
{
    struct http_talk *x = talk_of(c);
    struct http_visit v = visit_of(c);
    x->found = (struct http_found){ .entry = "" };
    if (x->request.state == HTTP_WHOLE)
        http_find(&x->request, &x->found);
    http_plan(&v, &x->request, &x->plan);
    record_request(c);
    x->command = x->command_at = 0;
    x->busy = true;
    go_on(c);
}

/* ---- What was said ---- */

static size_t take(struct conn *c, const uint8_t *data, size_t n)
{
    struct http_request *r = &talk_of(c)->request;
    static const char go_ahead[] = "HTTP/1.1 100 Continue\r\n\r\n";
    if (talk_of(c)->busy)
        return 0;
    size_t taken = http_feed(r, data, n);
    if (r->expects && r->state == HTTP_READS) {
        r->expects = false;
        conn_say(c, go_ahead, sizeof go_ahead - 1);
    }
    if (r->state != HTTP_READS)
        heed(c);
    return taken;
}

/* ---- Turns ---- */

static int64_t wakes(const struct conn *c)
{
    return c->over || talk_of(c)->busy ? INT64_MAX : c->last + server_of(c)->idle;
}

static bool run(struct conn *c, int64_t steps)
{
    const struct http_talk *x = talk_of(c);
    bool fed = conn_feed(c);
    conn_run_shell(c, steps);
    if (!x->busy && conn_is_deserted(c))
        conn_end(c, "closed");
    else if (!x->busy && c->now >= wakes(c))
        conn_end(c, "timeout");
    return fed || conn_shell_runs(c);
}

/* ---- Beginning and end ---- */

static void open(struct conn *c)
{
    struct http_talk *x = talk_of(c);
    http_begin(&x->request);
    buf_init(&x->output, OUTPUT_MOST);
    buf_init(&x->pair, 2 * HTTP_HEAD_MOST);
    if (!c->here.persona->http)
        conn_end(c, "refused");
}

static void release(struct conn *c)
{
    struct http_talk *x = talk_of(c);
    http_release(&x->request);
    http_found_release(&x->found);
    buf_release(&x->output);
    buf_release(&x->pair);
}

static size_t memory(const struct conn *c)
{
    const struct http_talk *x = talk_of(c);
    return http_memory(&x->request) + x->found.commands.room + x->output.room + x->pair.room;
}

const struct conn_service conn_http = { .name = "http",
                                        .talk = sizeof(struct http_talk),
                                        .open = open,
                                        .take = take,
                                        .run = run,
                                        .shell_said = shell_said,
                                        .shell_ended = shell_ended,
                                        .wakes = wakes,
                                        .release = release,
                                        .memory = memory };
