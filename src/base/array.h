#pragma once
/*
 * Growing arrays: a pointer, and the number of items that it has room for, which doubles.
 */
#include "base/err.h"

#include <stddef.h>
#include <stdlib.h>

enum { ARRAY_LEAST = 64 }; /* items */

/* Room for n items: array is the address of the pointer. 0 or -ENOMEM, with the array as before. */
static inline int must_check array_grow(void *array, size_t *room, size_t n, size_t size)
{
    if (n <= *room)
        return 0;
    size_t want = *room ? *room : ARRAY_LEAST;
    while (want < n)
        want *= 2;
    void *p = realloc(*(void **)array, want * size);
    if (!p)
        return -ENOMEM;
    *(void **)array = p;
    *room = want;
    return 0;
}

/* The same of an array's variable and its room's. */
#define ARRAY_ROOM(array, room, n) array_grow(&(array), &(room), (n), sizeof *(array))
