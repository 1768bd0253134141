#pragma once
/*
 * What the commands about sessions have in common.
 */
#include "cli/commands.h"
#include "event/session-json.h"

/* Rows of a table of options, which sessions_filter() reads. */
/* clang-format off */
#define SESSION_FILTER_OPTIONS                                                                      \
    { "source", OPTION_TEXT, "PREFIX", "Only sources in this prefix" },                             \
    { "user", OPTION_TEXT, "NAME", "Only where this user name was tried, with --password together" }, \
    { "password", OPTION_TEXT, "WORD", "Only where this password was tried" },                      \
    { "command", OPTION_TEXT, "TEXT", "Only where a line that was typed has this text in it" },     \
    { "persona", OPTION_TEXT, "ID", "Only with this persona" },                                     \
    { "port", OPTION_INT, "PORT", "Only to this port" },                                            \
    { "from", OPTION_TIME, "TIME", "Only those that began then or later" },                         \
    { "to", OPTION_TIME, "TIME", "Only those that began before" }
/* clang-format on */
/* `limit` is what holds without --limit; `within` is where the prefix lies, and outlives *ret. 0; or an exit code, and
 * said why. */
int must_check sessions_filter(const struct cli *cli, size_t limit, struct session_filter *ret, struct prefix *within);

/* A stranger's bytes as a text for rows: as they are where they are one, else escaped. */
void session_text(struct buf *b, const void *data, size_t n);
/* " name=value" of each field of an event, for people: nothing of a stranger's acts on a terminal. */
void session_fields(struct buf *b, const struct session_event *e);
/* Words of a session's facts, likewise; "-" for none. */
void session_words(struct buf *b, const char *words);
/* The session that the command's first word names. Opens the store. 0; or an exit code, and said why. */
int must_check sessions_open(const struct cli *cli, struct store **ret, struct session_facts *ret_facts);
/* Says what a question gave; the exit code. */
int sessions_failed(const struct cli *cli, struct store *s, int err);

/* The lists of `teiten top` that are about sessions. False where the word is none. */
bool top_sessions_find(const char *word, enum session_topic *ret);
int top_sessions(struct cli *cli, enum session_topic topic);
