#pragma once
/*
 * The inside of an arena, for tree.c and for the lexer, which writes its texts straight into it.
 *
 * A text that is being written is open: it begins at `at` and nothing else is taken before
 * arena_close() or arena_forget().
 */
#include "shell/tree.h"

#include <string.h>

struct arena_chunk {
    struct arena_chunk *older;
};

struct arena {
    struct memory *memory;
    size_t references;
    struct arena_chunk *chunks; /* beyond the first, which the arena itself stands in */
    char *at, *end;             /* what is left of the newest; zeroes */
    size_t next;                /* how large the next one is */
    char *open;                 /* end of the open text, or NULL */
};

/* Moves the open text to where n more bytes and a NUL have room. */
void arena_room(struct arena *a, size_t n);

static inline void arena_open(struct arena *a)
{
    a->open = a->at;
}
static inline size_t arena_length(const struct arena *a)
{
    return (size_t)(a->open - a->at);
}
static inline void arena_add(struct arena *a, const char *s, size_t n)
{
    if (n >= (size_t)(a->end - a->open))
        arena_room(a, n);
    memcpy(a->open, s, n);
    a->open += n;
}
static inline void arena_put(struct arena *a, char c)
{
    arena_add(a, &c, 1);
}
/* The open text, with a NUL after it. */
static inline char *arena_close(struct arena *a)
{
    char *text = a->at;
    if (a->open == a->end)
        arena_room(a, 1), text = a->at;
    a->at = a->open + 1;
    a->open = NULL;
    return text;
}
static inline void arena_forget(struct arena *a)
{
    memset(a->at, 0, arena_length(a));
    a->open = NULL;
}
