#include "shell/memory.h"

#include <assert.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Aligned as malloc's own, so that what follows it is. */
struct memory_block {
    _Alignas(max_align_t) struct memory_block *older;
    struct memory_block *newer;
};

enum { USUAL = 256 }; /* bytes that what is printed mostly fits into: then it is printed once */

static void __attribute__((noreturn)) exhausted(struct memory *m)
{
    m->exhausted(m);
    abort();
}

size_t memory_cost_of(size_t n)
{
    enum { CLASS = 16, LEAST = 32 };
    if (n > SIZE_MAX - LEAST)
        return SIZE_MAX;
    size_t cost = (n + sizeof(size_t) + CLASS - 1) / CLASS * CLASS;
    return cost < LEAST ? LEAST : cost;
}

size_t memory_cost(void *block)
{
    return memory_cost_of(malloc_usable_size(block));
}

static struct memory_block *block_of(void *p)
{
    return (struct memory_block *)p - 1;
}

/* n bytes, and what stands before them, in the place of a block that costs `had`. */
static bool fits(const struct memory *m, size_t n, size_t had)
{
    size_t most = m->account->most, whole;
    if (__builtin_add_overflow(n, sizeof(struct memory_block), &whole))
        return false;
    whole = memory_cost_of(whole);
    size_t more = whole > had ? whole - had : 0;
    return more <= most && m->account->used <= most - more;
}

/* The blocks beside it (the newest is the owner's) point to where it is now. */
static void link_in(struct memory *m, struct memory_block *b)
{
    if (b->older)
        b->older->newer = b;
    if (b->newer)
        b->newer->older = b;
    else
        m->blocks = b;
}

/* malloc() has small blocks at hand in its cache of freed ones, where calloc() does not look. */
static void *zeroed(size_t n)
{
    enum { SMALL = 1024 };
    if (n > SMALL)
        return calloc(1, n);
    void *p = malloc(n);
    __asm__("" : "+r"(p)); /* or the compiler makes a calloc() of the two */
    return p ? memset(p, 0, n) : NULL;
}

void *memory_take(struct memory *m, size_t n)
{
    if (!fits(m, n, 0))
        exhausted(m);
    struct memory_block *b = zeroed(sizeof *b + (n ? n : 1));
    if (!b)
        exhausted(m);
    m->account->used += memory_cost(b);
    b->older = m->blocks;
    link_in(m, b);
    return b + 1;
}

void *memory_more(struct memory *m, void *p, size_t n)
{
    if (!p)
        return memory_take(m, n);
    struct memory_block *b = block_of(p);
    size_t had = memory_cost(b);
    if (!fits(m, n, had))
        exhausted(m);
    b = realloc(b, sizeof *b + (n ? n : 1));
    if (!b)
        exhausted(m);
    m->account->used += memory_cost(b) - had;
    link_in(m, b);
    return b + 1;
}

void *memory_array(struct memory *m, void *p, size_t n, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes))
        exhausted(m);
    return memory_more(m, p, bytes);
}

void memory_give(struct memory *m, void *p)
{
    if (!p)
        return;
    struct memory_block *b = block_of(p);
    if (b->older)
        b->older->newer = b->newer;
    if (b->newer)
        b->newer->older = b->older;
    else
        m->blocks = b->older;
    m->account->used -= memory_cost(b);
    free(b);
}

void memory_clear(struct memory *m)
{
    while (m->blocks)
        memory_give(m, m->blocks + 1);
}

void memory_back(struct memory *m, void *p)
{
    while (m->blocks != block_of(p))
        memory_give(m, m->blocks + 1);
    memory_give(m, p);
}

char *memory_bytes(struct memory *m, const void *data, size_t n)
{
    if (n == SIZE_MAX)
        exhausted(m);
    char *copy = memory_take(m, n + 1);
    if (n)
        memcpy(copy, data, n);
    return copy;
}

char *memory_text(struct memory *m, const char *s)
{
    return memory_bytes(m, s, strlen(s));
}

char *memory_vprint(struct memory *m, const char *format, va_list args)
{
    char usual[USUAL];
    va_list again;
    assert(format);
    va_copy(again, args);
    int n = vsnprintf(usual, sizeof usual, format, again);
    va_end(again);
    if (n < 0)
        exhausted(m);
    if (n < USUAL)
        return memory_bytes(m, usual, (size_t)n);
    char *s = memory_take(m, (size_t)n + 1);
    vsnprintf(s, (size_t)n + 1, format, args);
    return s;
}

char *memory_print(struct memory *m, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *s = memory_vprint(m, format, args);
    va_end(args);
    return s;
}

enum { TEXT_LEAST = 32 };

static void text_reserve(struct text *t, size_t n)
{
    if (n < t->room - t->len)
        return;
    size_t want;
    if (__builtin_add_overflow(t->len, n, &want) || want > SIZE_MAX / 2)
        exhausted(t->memory);
    size_t room = t->room ? t->room * 2 : TEXT_LEAST;
    if (room < want + 1)
        room = want + 1;
    t->data = memory_more(t->memory, t->data, room);
    t->room = room;
}

void text_add(struct text *t, const void *data, size_t n)
{
    text_reserve(t, n);
    if (n)
        memcpy(t->data + t->len, data, n);
    t->len += n;
    t->data[t->len] = '\0';
}

void text_say(struct text *t, const char *s)
{
    text_add(t, s, strlen(s));
}

void text_char_add(struct text *t, char c)
{
    text_add(t, &c, 1);
}

void text_print(struct text *t, const char *format, ...)
{
    char usual[USUAL];
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(usual, sizeof usual, format, args);
    if (n < 0)
        exhausted(t->memory);
    text_reserve(t, (size_t)n);
    if (n < USUAL)
        memcpy(t->data + t->len, usual, (size_t)n + 1);
    else
        vsnprintf(t->data + t->len, (size_t)n + 1, format, again);
    t->len += (size_t)n;
    va_end(again);
    va_end(args);
}

void text_release(struct text *t)
{
    memory_give(t->memory, t->data);
    *t = text_of(t->memory);
}
