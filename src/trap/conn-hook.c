#include "trap/conn-inside.h"
#include "trap/persona-inside.h"

#include "base/sha256.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void output(void *context, int stream, const void *data, size_t n)
{
    struct conn *c = context;
    c->stream = (uint8_t)stream;
    if (c->service->shell_said)
        c->service->shell_said(c, data, n);
    else
        conn_say(c, data, n);
}

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

static const char *outcome_text(enum fetch_answer a)
{
    return a == FETCH_FOUND ? "recorded" : a == FETCH_REFUSED ? "refused" : "unresolved";
}

static void record_download(struct conn *c, const struct shell_fetch *what, enum fetch_answer answer)
{
    struct session_event e;
    c->downloads++;
    record_flush(c);
    session_begin(&e, SESSION_DOWNLOAD, c->id, c->now);
    session_set_text(&e, FIELD_APPLET, what->applet);
    session_set_text(&e, FIELD_URL, what->url);
    session_set_text(&e, FIELD_HOST, what->host);
    session_set(&e, FIELD_PORT, what->port);
    session_set_text(&e, FIELD_METHOD, what->method ? what->method : "GET");
    session_set_text(&e, FIELD_SAVE, what->save ? what->save : "");
    session_set_text(&e, FIELD_OUTCOME, outcome_text(answer));
    record_event(c, &e);
}

/* Nothing is fetched. Of a file it is said that it came; another device does not answer, nor does this one itself. What is
 * asked by UDP (ping, nslookup) is only whether there is such a host. */
static void fetch(void *context, const struct shell_fetch *what, struct shell_fetched *ret)
{
    struct conn *c = context;
    bool file = what->scheme != FETCH_TCP && what->scheme != FETCH_UDP;
    char *address = c->identity->resolved;
    bool known = resolve(what->host, address), own = known && (!strncmp(address, "127.", 4) || !strcmp(address, "::1"));
    size_t n = file && known && !own ? make_stub(c, what->path ? what->path : "") : 0;
    *ret = (struct shell_fetched){ .answer = n ? FETCH_FOUND : known ? FETCH_REFUSED : FETCH_UNRESOLVED,
                                   .content = c->stub, .n = n, .address = known ? address : "" };
    if (what->scheme != FETCH_UDP)
        record_download(c, what, ret->answer);
}

/* ---- What is run ---- */

static void set_words(struct session_event *e, struct buf *words, char *const *argv)
{
    for (; argv && *argv; argv++)
        buf_put(words, *argv, strlen(*argv) + 1);
    if (buf_ok(words) && words->len)
        session_set_bytes(e, FIELD_WORDS, words->data, words->len - 1);
}

static void set_content(struct session_event *e, const struct shell_ran *what, uint8_t hash[static SHA256_BYTES])
{
    struct sha256 h;
    sha256_begin(&h);
    sha256_add(&h, what->content, what->n);
    sha256_end(&h, hash);
    session_set_bytes(e, FIELD_SHA256, hash, SHA256_BYTES);
    session_set(e, FIELD_SIZE, what->n);
}

/* A file that the visitor made is told with its bytes. */
static void ran(void *context, const struct shell_ran *what)
{
    enum { WORDS_MOST = 8 << 10 };
    struct conn *c = context;
    struct session_event e;
    struct buf words;
    uint8_t hash[SHA256_BYTES];
    record_flush(c);
    buf_init(&words, WORDS_MOST);
    if (what->made) {
        session_begin(&e, SESSION_FILE, c->id, c->now);
        session_set_text(&e, FIELD_PATH, what->path);
        set_content(&e, what, hash);
        if (what->n <= CONTENT_MOST - c->content) {
            session_set_bytes(&e, FIELD_CONTENT, what->content, what->n);
            c->content += (uint32_t)what->n;
        }
        record_event(c, &e);
    }
    session_begin(&e, SESSION_RUN, c->id, c->now);
    session_set_text(&e, FIELD_PATH, what->path);
    set_words(&e, &words, what->argv);
    set_content(&e, what, hash);
    session_set(&e, FIELD_MADE, what->made);
    session_set(&e, FIELD_FOREIGN, what->foreign);
    record_event(c, &e);
    buf_release(&words);
}

/* ---- Commands ---- */

static void command(void *context, const char *text, size_t n)
{
    struct conn *c = context;
    record_command(c, text, n, c->now);
}

static void status(void *context, int value)
{
    struct conn *c = context;
    struct session_event e;
    session_begin(&e, SESSION_STATUS, c->id, c->now);
    session_set(&e, FIELD_STATUS, (uint64_t)(uint8_t)value);
    record_event(c, &e);
}

static void unknown(void *context, const char *name, const char *answer)
{
    record_unknown(context, name, strlen(name), answer, strlen(answer));
}

const struct shell_hook conn_hook = { .output = output, .fetch = fetch, .ran = ran,
                                      .command = command, .status = status, .unknown = unknown };
