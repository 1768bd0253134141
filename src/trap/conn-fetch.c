#include "trap/conn-inside.h"
#include "trap/persona-inside.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- Names ---- */

/* Whether it may be the name of a host: labels with dots between them, under no domain that nobody has (RFC 6761, RFC 6762). */
static bool is_name(const char *s)
{
    static const char *const nobodys[] = { "invalid", "test", "example", "local", "localhost", "lan" };
    enum { NAME_MOST = 253 };
    size_t n = strlen(s), label = 0;
    const char *last = strrchr(s, '.');
    if (!last || n > NAME_MOST || !isalpha((unsigned char)last[1]))
        return false;
    for (const char *at = s; *at; at++) {
        bool dot = *at == '.';
        if (dot ? !label : !isalnum((unsigned char)*at) && *at != '-' && *at != '_')
            return false;
        label = dot ? 0 : label + 1;
    }
    for (size_t i = 0; i < sizeof nobodys / sizeof nobodys[0]; i++)
        if (!strcasecmp(last + 1, nobodys[i]))
            return false;
    return true;
}

/* Nobody is asked: a name has one address, on each device the same, and it is nobody's (RFC 5737). */
static void invent(const char *name, char ret[static ADDR_TEXT])
{
    uint32_t sum = 2166136261;
    for (; *name; name++)
        sum = (sum ^ (uint32_t)tolower((unsigned char)*name)) * 16777619;
    snprintf(ret, ADDR_TEXT, "198.51.100.%u", 1 + (sum >> 8) % 254);
}

/* The address of a host as it was typed, in any way that inet_aton(3) knows; false: there is none. */
static bool resolve(const char *host, char ret[static ADDR_TEXT])
{
    struct in_addr four;
    struct in6_addr six;
    if (inet_aton(host, &four))
        return inet_ntop(AF_INET, &four, ret, ADDR_TEXT);
    if (inet_pton(AF_INET6, host, &six) == 1)
        return inet_ntop(AF_INET6, &six, ret, ADDR_TEXT);
    if (!strcasecmp(host, "localhost")) {
        memcpy(ret, "127.0.0.1", sizeof "127.0.0.1");
        return true;
    }
    if (!is_name(host))
        return false;
    invent(host, ret);
    return true;
}

/* ---- Downloads ---- */

static bool ends_in(const char *s, const char *with)
{
    size_t n = strlen(s), n_with = strlen(with);
    return n >= n_with && !strcmp(s + n - n_with, with);
}

/* The header of a program of the device's CPU, and nothing behind it. */
static size_t make_program(const struct persona *p, uint8_t *to)
{
    enum { CLASS_32 = 1, CLASS_64, LITTLE = 1, BIG, VERSION = 1, EXECUTABLE = 2, HEADER_32 = 52, HEADER_64 = 64 };
    const struct persona_cpu *cpu = persona_cpu_find(p->cpu);
    bool wide = cpu && cpu->wide, big = !strcmp(p->order, "big");
    uint16_t machine = cpu ? cpu->machine : 0;
    memset(to, 0, STUB_MOST);
    memcpy(to, "\177ELF", 4);
    to[4] = wide ? CLASS_64 : CLASS_32;
    to[5] = big ? BIG : LITTLE;
    to[6] = VERSION;
    to[big ? 17 : 16] = EXECUTABLE;
    to[big ? 18 : 19] = (uint8_t)(machine >> 8);
    to[big ? 19 : 18] = (uint8_t)machine;
    to[big ? 23 : 20] = VERSION;
    to[wide ? (big ? 53 : 52) : (big ? 41 : 40)] = wide ? HEADER_64 : HEADER_32;
    return STUB_MOST;
}

/* Something that lets the visitor's script go on: an empty script, or the head of a program of the device's CPU. It is
 * nobody's program, and is never kept as one. */
static size_t make_stub(struct conn *c, const char *path)
{
    static const char script[] = "#!/bin/sh\n";
    if (!c->stub && !(c->stub = malloc(STUB_MOST)))
        return 0;
    if (ends_in(path, ".sh")) {
        memcpy(c->stub, script, sizeof script - 1);
        return sizeof script - 1;
    }
    return make_program(c->here.persona, c->stub);
}

/* ---- What is told of it ---- */

_Static_assert(TRAP_ANSWERS == FETCH_UNRESOLVED + 1, "what a supervisor may say is what an applet can be told");

static const char *outcome_text(enum fetch_answer a)
{
    static const char *const words[] = {
        [FETCH_PENDING] = "left",           [FETCH_FOUND] = "fetched",    [FETCH_MISSING] = "missing",
        [FETCH_FORBIDDEN] = "forbidden",    [FETCH_REFUSED] = "refused",  [FETCH_TIMEOUT] = "timeout",
        [FETCH_UNREACHABLE] = "unreachable", [FETCH_UNRESOLVED] = "unresolved",
    };
    return words[a];
}

/* `what` as far as it is still known. */
static void begin_download(struct conn *c, struct session_event *e, const struct shell_fetch *what)
{
    c->downloads++;
    record_flush(c);
    session_begin(e, SESSION_DOWNLOAD, c->id, c->now);
    session_set_text(e, FIELD_APPLET, what->applet);
    session_set_text(e, FIELD_URL, what->url);
    session_set_text(e, FIELD_HOST, what->host);
    session_set(e, FIELD_PORT, what->port);
    session_set_text(e, FIELD_METHOD, what->method ? what->method : "GET");
    session_set_text(e, FIELD_SAVE, what->save ? what->save : "");
}

static void record_download(struct conn *c, const struct shell_fetch *what, const char *outcome)
{
    struct session_event e;
    begin_download(c, &e, what);
    session_set_text(&e, FIELD_OUTCOME, outcome);
    record_event(c, &e);
}

static void record_fetched(struct conn *c, const struct shell_fetch *what, const struct fetch_wait *w)
{
    struct session_event e;
    begin_download(c, &e, what);
    session_set_text(&e, FIELD_OUTCOME, outcome_text(w->told.answer));
    if (w->told.answer == FETCH_FOUND) {
        session_set_bytes(&e, FIELD_SHA256, w->told.sha256, sizeof w->told.sha256);
        session_set(&e, FIELD_SIZE, w->told.size);
    }
    record_event(c, &e);
}

/* ---- What others fetch for us ---- */

enum {
    WAITS_MOST = 4, /* of a session at once */
    WAIT_US = 75 * 1000 * 1000, /* somebody says what came of it before */
};

static bool is_same(const struct fetch_wait *w, const struct shell_fetch *what)
{
    return !strcmp(w->url, what->url) && w->scheme == (uint8_t)what->scheme;
}

static struct fetch_wait **find_wait(struct conn *c, const struct shell_fetch *what)
{
    struct fetch_wait **at = &c->waits;
    while (*at && !is_same(*at, what))
        at = &(*at)->next;
    return at;
}

static void free_wait(struct fetch_wait *w)
{
    buf_release(&w->content);
    free(w->url);
    free(w);
}

/* Whoever leaves before it came: that he wanted it is told all the same. */
void conn_free_waits(struct conn *c)
{
    while (c->waits) {
        struct fetch_wait *w = c->waits;
        const struct shell_fetch what = { .applet = w->applet, .url = w->url, .host = w->host, .port = w->port };
        record_fetched(c, &what, w);
        c->waits = w->next;
        free_wait(w);
    }
    buf_release(&c->fetched);
}

static struct fetch_wait *make_wait(const struct conn *c, const struct shell_fetch *what)
{
    struct fetch_wait *w = calloc(1, sizeof *w);
    if (!w || !(w->url = strdup(what->url))) {
        free(w);
        return NULL;
    }
    w->scheme = (uint8_t)what->scheme;
    w->port = what->port;
    w->until = c->now + WAIT_US;
    text_copy(w->applet, sizeof w->applet, what->applet);
    text_copy(w->host, sizeof w->host, what->host);
    buf_init(&w->content, TRAP_CONTENT);
    return w;
}

/* Asks for it. false: nobody can. */
static bool ask(struct conn *c, const struct shell_fetch *what)
{
    size_t n = 0;
    for (const struct fetch_wait *w = c->waits; w; w = w->next)
        n++;
    struct fetch_wait *w = n < WAITS_MOST ? make_wait(c, what) : NULL;
    if (!w)
        return false;
    w->ticket = c->world->ask(c->world->context, c->id, what);
    if (!w->ticket) {
        free_wait(w);
        return false;
    }
    w->next = c->waits;
    c->waits = w;
    return true;
}

/* What came is the applet's until it asks for something else. */
static void take_told(struct conn *c, struct fetch_wait **at, const struct shell_fetch *what, struct shell_fetched *ret)
{
    struct fetch_wait *w = *at;
    if (!w->whole) /* nobody said anything in time */
        w->told.answer = FETCH_TIMEOUT;
    record_fetched(c, what, w);
    buf_release(&c->fetched);
    c->fetched = w->content;
    text_copy(c->identity->resolved, ADDR_TEXT, w->told.address);
    *ret = (struct shell_fetched){ .answer = w->told.answer, .content = c->fetched.data, .n = c->fetched.len,
                                   .address = c->identity->resolved };
    *at = w->next;
    buf_init(&w->content, 0); /* it is the connection's now */
    free_wait(w);
}

/* Only what is asked for is; what would be sent (an upload, a form) never leaves. */
static bool may_be_asked(const struct conn *c, const struct shell_fetch *what)
{
    bool file = what->scheme == FETCH_HTTP || what->scheme == FETCH_HTTPS || what->scheme == FETCH_FTP || what->scheme == FETCH_TFTP;
    return c->world->ask && file && !what->n_sent && (!what->method || !strcmp(what->method, "GET"));
}

static void fetch_live(struct conn *c, const struct shell_fetch *what, struct shell_fetched *ret)
{
    struct fetch_wait **at = find_wait(c, what);
    if (*at && ((*at)->whole || c->now >= (*at)->until)) {
        take_told(c, at, what, ret);
    } else if (*at || ask(c, what)) {
        *ret = (struct shell_fetched){ .answer = FETCH_PENDING };
    } else {
        *ret = (struct shell_fetched){ .answer = FETCH_TIMEOUT, .address = "" };
        record_download(c, what, outcome_text(ret->answer));
    }
}

static struct fetch_wait *find_ticket(const struct conn *c, uint64_t ticket)
{
    struct fetch_wait *w = c->waits;
    while (w && w->ticket != ticket)
        w = w->next;
    return w && !w->whole ? w : NULL;
}

static void make_whole(struct conn *c, struct fetch_wait *w)
{
    w->whole = true;
    if (c->shell)
        shell_wake(c->shell);
    c->shell_state = SHELL_RUNNING;
}

void conn_told(struct conn *c, const struct trap_told *t)
{
    struct fetch_wait *w = find_ticket(c, t->ticket);
    if (!w)
        return;
    w->told = *t;
    w->expected = t->size < TRAP_CONTENT ? (size_t)t->size : TRAP_CONTENT;
    if (t->answer != FETCH_FOUND || t->size == 0)
        make_whole(c, w);
}

void conn_told_bytes(struct conn *c, uint64_t ticket, const void *data, size_t n)
{
    struct fetch_wait *w = find_ticket(c, ticket);
    if (!w || w->told.answer != FETCH_FOUND)
        return;
    buf_put(&w->content, data, n);
    if (!buf_ok(&w->content) || w->content.len >= w->expected)
        make_whole(c, w);
}

bool conn_awaits(const struct conn *c)
{
    for (const struct fetch_wait *w = c->waits; w; w = w->next)
        if (!w->whole)
            return true;
    return false;
}

int64_t conn_waits_until(const struct conn *c)
{
    int64_t until = INT64_MAX;
    for (const struct fetch_wait *w = c->waits; w; w = w->next)
        if (!w->whole && w->until < until)
            until = w->until;
    return until;
}

size_t conn_waits_memory(const struct conn *c)
{
    size_t n = c->fetched.room;
    for (const struct fetch_wait *w = c->waits; w; w = w->next)
        n += sizeof *w + strlen(w->url) + w->content.room;
    return n;
}

/* ---- The hook ---- */

/* Of a file it is said that it came; another device does not answer, nor does this one itself. What is asked by UDP (ping,
 * nslookup) is only whether there is such a host. */
static void fetch_nothing(struct conn *c, const struct shell_fetch *what, struct shell_fetched *ret)
{
    char *address = c->identity->resolved;
    bool file = what->scheme != FETCH_TCP && what->scheme != FETCH_UDP;
    bool known = resolve(what->host, address), own = known && (!strncmp(address, "127.", 4) || !strcmp(address, "::1"));
    size_t n = file && known && !own ? make_stub(c, what->path ? what->path : "") : 0;
    *ret = (struct shell_fetched){ .answer = n ? FETCH_FOUND : known ? FETCH_REFUSED : FETCH_UNRESOLVED,
                                   .content = c->stub, .n = n, .address = known ? address : "" };
    if (what->scheme != FETCH_UDP)
        record_download(c, what, n ? "recorded" : outcome_text(ret->answer));
}

/* A device that reaches nothing. */
static void fetch_off(struct conn *c, const struct shell_fetch *what, struct shell_fetched *ret)
{
    *ret = (struct shell_fetched){ .answer = FETCH_TIMEOUT, .address = resolve(what->host, c->identity->resolved) ? c->identity->resolved : "" };
    if (what->scheme != FETCH_UDP)
        record_download(c, what, "off");
}

void conn_fetch(void *context, const struct shell_fetch *what, struct shell_fetched *ret)
{
    struct conn *c = context;
    if (c->world->unreachable)
        fetch_off(c, what, ret);
    else if (may_be_asked(c, what))
        fetch_live(c, what, ret);
    else
        fetch_nothing(c, what, ret);
}
