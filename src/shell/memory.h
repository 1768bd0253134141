#pragma once
/*
 * A session's memory: everything that a visitor makes us hold is charged to one account, and stands in
 * a list of its owner's, so that whoever dies leaves nothing behind.
 *
 * Allocation does not fail visibly: where the account is full (or the machine has no more), the owner's
 * `exhausted` is called, which does not return: it ends the process as a device would ("out of memory").
 * So callers need no checks, and what has an owner needs no freeing.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* One a session. Bytes, as malloc holds them: with its own word a block, in its classes. */
struct memory_account {
    size_t used, most;
};

/* What malloc holds for n bytes, and for a block; of a sanitizer's block, what it would cost without one. */
size_t memory_cost_of(size_t n);
size_t memory_cost(void *block);

struct memory_block;

/* An owner: a process, or what a session keeps. Zeroed but for account and exhausted. */
struct memory {
    struct memory_account *account;
    struct memory_block *blocks;
    void (*exhausted)(struct memory *m) __attribute__((noreturn));
};

/* Zeroed bytes of m's; n of 0 is one byte. */
void *memory_take(struct memory *m, size_t n);
/* The same bytes with room for n; what is added is not zeroed. p may be NULL. */
void *memory_more(struct memory *m, void *p, size_t n);
/* n items of `size` each; an overflow is exhaustion. */
void *memory_array(struct memory *m, void *p, size_t n, size_t size);
void memory_give(struct memory *m, void *p); /* NULL is fine */
/* Gives back everything of m's. */
void memory_clear(struct memory *m);
/* Gives back everything of m's that was taken after p was, and p. */
void memory_back(struct memory *m, void *p);

char *memory_text(struct memory *m, const char *s);                /* a copy */
char *memory_bytes(struct memory *m, const void *data, size_t n);  /* a copy, and a NUL after it */
char *memory_print(struct memory *m, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *memory_vprint(struct memory *m, const char *format, va_list args);

/* A growing text of m's; always NUL-terminated once something was added. */
struct text {
    struct memory *memory;
    char *data; /* NULL while empty */
    size_t len, room;
};

static inline struct text text_of(struct memory *m)
{
    return (struct text){ .memory = m };
}
void text_add(struct text *t, const void *data, size_t n);
void text_say(struct text *t, const char *s);
void text_char_add(struct text *t, char c);
void text_print(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_release(struct text *t);
