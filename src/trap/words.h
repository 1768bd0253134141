#pragma once
/*
 * What a device says, as its files have it: words with \r \n \t \\ \xNN (no NUL), and %h where the
 * host's name stands, %% for a percent sign.
 */
#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Puts the bytes that the escapes stand for in their place, in the text itself; false where one is none. */
bool words_unescape(char *text);
/* Says it; the column where that leaves the cursor of a terminal that was at the first. */
unsigned words_say(struct buf *out, const char *text, const char *hostname);
/* The same where %c is a line that was typed. */
void words_answer(struct buf *out, const char *text, const char *hostname, const char *line, size_t n);
