#pragma once
/*
 * The text that vi works on: bytes in one piece, and places in it as offsets.
 */
#include "shell/memory.h"

#include <stdbool.h>
#include <stddef.h>

struct vi_text {
    struct text bytes;
    size_t dot; /* where the cursor is */
    bool modified;
};

size_t vi_line_start(const struct vi_text *t, size_t at);
size_t vi_line_end(const struct vi_text *t, size_t at); /* of its \n, or of the text */
size_t vi_line_next(const struct vi_text *t,
                    size_t at); /* the start of the next; the last one's end */
size_t vi_line_before(const struct vi_text *t, size_t at);
size_t vi_lines(const struct vi_text *t, size_t to); /* ends of line before `to` */
size_t vi_line_number(const struct vi_text *t,
                      size_t n); /* the start of the n-th, from 1 on, or of the last */
size_t vi_column(const struct vi_text *t, size_t at);
size_t vi_at_column(const struct vi_text *t, size_t line, size_t column);
size_t vi_word_next(const struct vi_text *t, size_t at);
size_t vi_word_before(const struct vi_text *t, size_t at);
size_t vi_word_end(const struct vi_text *t, size_t at);
void vi_insert(struct vi_text *t, size_t at, const char *s, size_t n);
void vi_delete(struct vi_text *t, size_t from, size_t to);
/* A text that is not empty ends with an end of line. */
void vi_finish(struct vi_text *t);
