#include "shell/arena.h"

#include <stdalign.h>

/* The first chunk holds a usual command whole; a large one grows by doubling. */
enum { CHUNK_FIRST = 1000, CHUNK_MOST = 64 << 10 };

struct arena *arena_make(struct memory *m)
{
    struct arena *a = memory_take(m, CHUNK_FIRST);
    a->memory = m;
    a->references = 1;
    a->at = (char *)(a + 1);
    a->end = (char *)a + CHUNK_FIRST;
    a->next = 2 * CHUNK_FIRST;
    return a;
}

void arena_hold(struct arena *a)
{
    a->references++;
}

void arena_drop(struct arena *a)
{
    if (!a || --a->references)
        return;
    struct memory *m = a->memory;
    for (struct arena_chunk *c = a->chunks; c;) {
        struct arena_chunk *older = c->older;
        memory_give(m, c);
        c = older;
    }
    memory_give(m, a);
}

/* A new chunk with room for n bytes. What is left of the old one is lost. */
static void grow(struct arena *a, size_t n)
{
    size_t size = a->next;
    if (size < SIZE_MAX / 2 - n)
        size += n;
    struct arena_chunk *c = memory_take(a->memory, size);
    c->older = a->chunks;
    a->chunks = c;
    a->at = (char *)(c + 1);
    a->end = (char *)c + size;
    if (a->next < CHUNK_MOST)
        a->next *= 2;
}

void *arena_take(struct arena *a, size_t n)
{
    size_t pad = -(uintptr_t)a->at & (alignof(void *) - 1);
    size_t left = (size_t)(a->end - a->at);
    if (left < pad || left - pad < n) {
        grow(a, n);
        pad = 0;
    }
    char *p = a->at + pad;
    a->at = p + n;
    return p;
}

char *arena_text(struct arena *a, const char *s, size_t n)
{
    arena_open(a);
    arena_add(a, s, n);
    return arena_close(a);
}

void arena_room(struct arena *a, size_t n)
{
    const char *from = a->at;
    size_t len = arena_length(a);
    grow(a, n > SIZE_MAX / 4 - len ? SIZE_MAX / 4 : len + len / 2 + n);
    memcpy(a->at, from, len);
    a->open = a->at + len;
}
