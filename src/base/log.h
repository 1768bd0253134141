#pragma once
/*
 * The log: one line an event to standard error, key=value, and in one write(), so that lines of
 * several processes do not mix. Under journald (JOURNAL_STREAM is set) a line begins with its
 * priority, elsewhere with the time and the level. Only main, cli and worker tops log; rooms return
 * codes.
 *
 *     log_info("ingest-done", LOG_TEXT("file", name), LOG_INT("packets", n));
 *     2026-11-24T05:59:40Z info ingest-done file="a b.pcap" packets=12
 */
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

struct log_field {
    const char *key; /* ours: a plain word */
    enum { LOG_FIELD_TEXT, LOG_FIELD_INT, LOG_FIELD_TIME, LOG_FIELD_ERRNO } type;
    const char *text; /* escaped on the way out; NULL is written as - */
    int64_t number;
};

#define LOG_TEXT(k, v) ((struct log_field){ .key = (k), .type = LOG_FIELD_TEXT, .text = (v) })
#define LOG_INT(k, v)                                                                              \
    ((struct log_field){ .key = (k), .type = LOG_FIELD_INT, .number = (int64_t)(v) })
#define LOG_TIME(k, v) ((struct log_field){ .key = (k), .type = LOG_FIELD_TIME, .number = (v) })
/* e is -errno or errno; the key is "why". */
#define LOG_ERRNO(e) ((struct log_field){ .key = "why", .type = LOG_FIELD_ERRNO, .number = (e) })

/* n fields, borrowed for the call. `event` is ours: a plain-word name such as "worker-died". */
void log_write(enum log_level level, const char *event, const struct log_field *fields, size_t n);

#define LOG_FIELDS_(...)                                                                           \
    (const struct log_field[]){ __VA_ARGS__ },                                                     \
        sizeof((const struct log_field[]){ __VA_ARGS__ }) / sizeof(struct log_field)
#define log_error(event, ...) log_write(LOG_LEVEL_ERROR, event, LOG_FIELDS_(__VA_ARGS__))
#define log_warning(event, ...) log_write(LOG_LEVEL_WARNING, event, LOG_FIELDS_(__VA_ARGS__))
#define log_info(event, ...) log_write(LOG_LEVEL_INFO, event, LOG_FIELDS_(__VA_ARGS__))
#define log_debug(event, ...) log_write(LOG_LEVEL_DEBUG, event, LOG_FIELDS_(__VA_ARGS__))

/* What is more talkative than this is left out; info at first. */
void log_limit(enum log_level most);

/*
 * The error line of a command: "teiten: what: why; what to do" to standard error, all three
 * escaped. why and remedy may be NULL.
 */
void say_error(const char *what, const char *why, const char *remedy);
/* The same for a line that is no error but must be seen. */
void say_warning(const char *what, const char *why, const char *remedy);
/* Text of errno or -errno. */
const char *errno_text(int e);
