#include "trap/conn-inside.h"

#include <stdlib.h>
#include <string.h>

enum { PAUSE = 100000 }; /* microseconds: what comes later is a piece of its own */

void record_event(struct conn *c, const struct session_event *e)
{
    bool bounded = e->type != SESSION_SPOKEN && e->type != SESSION_CLOSE; /* what is said has a bound of its own */
    if (bounded && c->events >= EVENTS_MOST)
        return;
    c->events += bounded;
    c->world->event(c->world->context, e);
}

void record_open(struct conn *c)
{
    struct session_event e;
    session_begin(&e, SESSION_OPEN, c->id, c->began);
    session_set_address(&e, FIELD_SOURCE, &c->source);
    session_set(&e, FIELD_SOURCE_PORT, c->source_port);
    session_set_address(&e, FIELD_DESTINATION, &c->destination);
    session_set(&e, FIELD_DESTINATION_PORT, c->destination_port);
    session_set_text(&e, FIELD_SERVICE, c->service->name);
    session_set_text(&e, FIELD_PERSONA, c->here.persona->id);
    session_set_text(&e, FIELD_HOSTNAME, c->here.hostname);
    record_event(c, &e);
}

static void tell_client(struct conn *c, int64_t now)
{
    if (c->service->tell_client)
        c->service->tell_client(c, now);
}

void record_login(struct conn *c, const struct pair_try *t, bool accepted, bool remembered)
{
    struct session_event e;
    record_flush(c);
    tell_client(c, t->now);
    session_begin(&e, SESSION_LOGIN, c->id, t->now);
    session_set_bytes(&e, FIELD_USER, t->user, t->n_user);
    session_set_bytes(&e, FIELD_PASSWORD, t->password, t->n_password);
    session_set(&e, FIELD_ACCEPTED, accepted);
    session_set(&e, FIELD_TRY, c->tries);
    session_set(&e, FIELD_REMEMBERED, remembered);
    record_event(c, &e);
}

void record_command(struct conn *c, const char *text, size_t n, int64_t now)
{
    struct session_event e;
    c->commands++;
    record_flush(c);
    session_begin(&e, SESSION_COMMAND, c->id, now);
    session_set_bytes(&e, FIELD_COMMAND, text, n);
    record_event(c, &e);
}

void record_unknown(struct conn *c, const char *name, size_t n, const void *answer, size_t n_answer)
{
    struct session_event e;
    session_begin(&e, SESSION_UNKNOWN, c->id, c->now);
    session_set_bytes(&e, FIELD_COMMAND, name, n);
    session_set_text(&e, FIELD_PERSONA, c->here.persona->id);
    session_set_bytes(&e, FIELD_ANSWER, answer, n_answer);
    record_event(c, &e);
}

void record_close(struct conn *c, int64_t now)
{
    struct session_event e;
    record_flush(c);
    tell_client(c, now);
    session_begin(&e, SESSION_CLOSE, c->id, now);
    session_set_text(&e, FIELD_REASON, c->reason);
    session_set(&e, FIELD_DURATION, now > c->began ? (uint64_t)(now - c->began) : 0);
    session_set(&e, FIELD_BYTES_IN, c->bytes_in);
    session_set(&e, FIELD_BYTES_OUT, c->bytes_out);
    session_set(&e, FIELD_COMMANDS, c->commands);
    session_set(&e, FIELD_DOWNLOADS, c->downloads);
    record_event(c, &e);
}

/* ---- The transcript ---- */

void record_flush(struct conn *c)
{
    struct spoken *s = c->spoken;
    struct session_event e;
    if (!s)
        return;
    session_begin(&e, SESSION_SPOKEN, c->id, s->at);
    session_set(&e, FIELD_DIRECTION, s->direction);
    session_set(&e, FIELD_AT, s->at > c->began ? (uint64_t)(s->at - c->began) : 0);
    session_set_bytes(&e, FIELD_DATA, s->data, s->n);
    record_event(c, &e);
    free(s);
    c->spoken = NULL;
}

/* Where there is no memory for it, this piece is missing. */
void record_spoken(struct conn *c, unsigned direction, const void *data, size_t n, int64_t now)
{
    const uint8_t *from = data;
    while (n) {
        struct spoken *s = c->spoken;
        if (s && (s->direction != direction || now - s->at > PAUSE || s->n == SPOKEN_PIECE)) {
            record_flush(c);
            s = NULL;
        }
        if (!s) {
            s = c->spoken = malloc(sizeof *s);
            if (!s)
                return;
            s->direction = (uint8_t)direction;
            s->at = now;
            s->n = 0;
        }
        size_t room = (size_t)SPOKEN_PIECE - s->n, part = room < n ? room : n;
        memcpy(s->data + s->n, from, part);
        s->n = (uint16_t)(s->n + part);
        from += part;
        n -= part;
    }
}
