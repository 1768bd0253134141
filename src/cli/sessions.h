#pragma once
/*
 * What the commands about sessions have in common.
 */
#include "cli/commands.h"

#define US_A_S INT64_C(1000000)

/* A session's number as people see it: 16 hexadecimal digits. */
enum { SESSION_ID = 17 };
const char *session_id_text(uint64_t id, char ret[static SESSION_ID]);
/* A stranger's bytes as a text for JSON and rows: as they are where they are one, else escaped. */
void session_text(struct buf *b, const void *data, size_t n);
/* The session that the command's first word names. Opens the store. 0; or an exit code, and said why. */
int must_check sessions_open(const struct cli *cli, struct store **ret, struct session_facts *ret_facts);
/* Says what a question gave; the exit code. */
int sessions_failed(const struct cli *cli, struct store *s, int err);
/* "2026-11-24T05:59:40.123456Z" */
enum { MOMENT_TEXT = 48 };
const char *moment_text(int64_t us, char ret[static MOMENT_TEXT]);

/* The lists of `teiten top` that are about sessions. False where the word is none. */
bool top_sessions_find(const char *word, enum session_topic *ret);
int top_sessions(struct cli *cli, enum session_topic topic);
