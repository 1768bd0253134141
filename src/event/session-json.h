#pragma once
/*
 * Events of sessions as JSON: one flat object each, `time type session` and then the fields that
 * the event has, by the names of the table (session.h). Times are RFC 3339 with microseconds,
 * sessions 16 hexadecimal digits, bytes that are no text hexadecimal, texts as base/json.h writes
 * them, words a list.
 *
 * A library of its own, so that workers, which make events, need no JSON.
 */
#include "base/json.h"
#include "event/session.h"

enum { SESSION_NAME = 17 };
/* A session by the name that people type: 16 hexadecimal digits. */
const char *session_name(uint64_t session, char ret[static SESSION_NAME]);
/* 0, or 1 where the text is no name of a session. */
int must_check session_name_parse(const char *text, uint64_t *ret);

/* Into the object that is open. */
void session_json(struct json *j, const struct session_event *e);
/* One field by another name, for formats of others; nothing where the event lacks it. */
void session_json_field(struct json *j, const char *key, const struct session_event *e,
                        enum session_field f);
/* A whole line with its newline, or nothing: 0, -ENOMEM. */
int must_check session_json_line(struct buf *b, const struct session_event *e);
