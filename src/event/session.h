#pragma once
/*
 * What is seen at the trap: events of sessions. One table of fields (session.c) gives the binary form, the
 * JSON, and the reference page; a field is added there and in enum session_field.
 *
 * An event's texts are bytes as they came from a stranger, borrowed; whoever shows them escapes them
 * (base/text.h). In the binary form an event is: type, session, time, then (field, value) pairs in ascending order of
 * fields, numbers as varints, bytes with their length before them.
 */
#include "base/addr.h"
#include "base/buf.h"
#include "base/rd.h"

enum session_type {
    SESSION_OPEN = 1, /* a connection was accepted, or a first datagram came */
    SESSION_CLIENT,   /* what its Telnet says of itself; may come again */
    SESSION_LOGIN,    /* a pair was tried */
    SESSION_COMMAND,  /* a line was typed, or a vendor's command */
    SESSION_STATUS,   /* the last command ended */
    SESSION_UNKNOWN,  /* a command that the device does not have */
    SESSION_DOWNLOAD, /* something was to be fetched */
    SESSION_FILE,     /* a file was made by writes, and run */
    SESSION_RUN,      /* a file was run */
    SESSION_SPOKEN,   /* a piece of the transcript */
    SESSION_CLOSE,
    SESSION_REQUEST,  /* of HTTP */
    SESSION_DATAGRAM, /* one came */
    SESSION_PROTOCOL, /* what the first bytes were */
    SESSION_TYPES, /* numbers are in stores: new ones come last, of fields too */
};

enum session_field {
    FIELD_SOURCE,           /* addresses: 4 or 16 bytes */
    FIELD_SOURCE_PORT,
    FIELD_DESTINATION,
    FIELD_DESTINATION_PORT,
    FIELD_SERVICE,          /* "telnet", "http"... */
    FIELD_PERSONA,
    FIELD_HOSTNAME,         /* that the device has here */
    FIELD_NEGOTIATION,      /* (command, option) pairs as they came */
    FIELD_TERMINAL,
    FIELD_COLUMNS,
    FIELD_ROWS,
    FIELD_USER,
    FIELD_PASSWORD,
    FIELD_ACCEPTED,         /* 0, 1 */
    FIELD_TRY,              /* of this session, from 1 */
    FIELD_REMEMBERED,       /* accepted because it was once before */
    FIELD_COMMAND,
    FIELD_STATUS,
    FIELD_APPLET,
    FIELD_URL,
    FIELD_HOST,
    FIELD_PORT,
    FIELD_METHOD,
    FIELD_SAVE,             /* the path that it was to be written to */
    FIELD_OUTCOME,          /* of a download: "recorded", "refused"... */
    FIELD_PATH,
    FIELD_WORDS,            /* what it was run with, NUL between */
    FIELD_SHA256,           /* 32 bytes */
    FIELD_SIZE,
    FIELD_CONTENT,          /* of a made file, as far as it is kept */
    FIELD_MADE,             /* by writes, not by a fetch */
    FIELD_FOREIGN,          /* for another CPU */
    FIELD_DIRECTION,        /* of a piece: 0 the visitor's, 1 the device's */
    FIELD_AT,               /* of a piece: microseconds since the session began */
    FIELD_DATA,
    FIELD_REASON,           /* "left", "timeout", "limit"... */
    FIELD_DURATION,         /* microseconds */
    FIELD_BYTES_IN,
    FIELD_BYTES_OUT,
    FIELD_COMMANDS,
    FIELD_DOWNLOADS,
    FIELD_ANSWER,           /* what the device says of a command that it does not have */
    FIELD_TARGET,           /* of a request (RFC 9112, section 3.2) */
    FIELD_AGENT,            /* what it says that its program is */
    FIELD_ENTRY,            /* the known way in that it names */
    FIELD_CLASS,            /* of a datagram: "probe", "command"... */
    FIELD_ANSWERED,         /* bytes of IP that it was answered with */
    FIELD_PROTOCOL,         /* "tls", "adb"... */
    SESSION_FIELDS,
};

enum session_kind {
    SESSION_NUMBER,
    SESSION_TEXT,
    SESSION_ADDRESS,
    SESSION_BYTES, /* no text: hexadecimal in JSON */
    SESSION_FLAG,
    SESSION_WORDS, /* texts, NUL between them: a list in JSON */
};

struct session_field_row {
    const char *name; /* as in JSON */
    uint8_t kind;
    uint32_t most;    /* bytes; longer ones are cut by session_set_bytes() and refused by session_get() */
    const char *help;
};
const struct session_field_row *session_field(enum session_field f);
const char *session_type_name(enum session_type t); /* "login" */

struct session_event {
    enum session_type type;
    uint64_t session; /* unique in an observatory */
    int64_t time;     /* microseconds since 1970 */
    uint64_t has;     /* a bit a field */
    union session_value {
        uint64_t number;
        struct {
            const uint8_t *data; /* borrowed */
            uint32_t n;
            bool cut; /* there was more; not in the binary form: `size` or the transcript tells */
        } bytes;
    } value[SESSION_FIELDS];
};

void session_begin(struct session_event *e, enum session_type type, uint64_t session, int64_t time);
void session_set(struct session_event *e, enum session_field f, uint64_t number);
void session_set_bytes(struct session_event *e, enum session_field f, const void *data, size_t n);
void session_set_text(struct session_event *e, enum session_field f, const char *s);
void session_set_address(struct session_event *e, enum session_field f, const struct addr *a); /* a outlives e */
static inline bool session_has(const struct session_event *e, enum session_field f)
{
    return e->has >> f & 1;
}
uint64_t session_number(const struct session_event *e, enum session_field f); /* 0 where it has none */
struct addr session_address(const struct session_event *e, enum session_field f); /* family 0 where it has none */

void session_put(struct buf *b, const struct session_event *e);
/* 0; 1 where it is none: an unknown type or field, fields out of order, too long, of a wrong size. Borrows from r. */
int must_check session_get(struct rd r, struct session_event *ret);
