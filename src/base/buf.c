#include "base/buf.h"

#include <stdlib.h>

void buf_release(struct buf *b)
{
    free(b->data);
    *b = (struct buf){ .max = b->max };
}

bool buf_grow(struct buf *b, size_t n)
{
    if (b->bad || n > b->max - b->len) {
        b->bad = true;
        return false;
    }
    size_t room = b->room ? b->room : b->max < 64 ? b->max : 64;
    while (room - b->len < n)
        room = room > b->max / 2 ? b->max : room * 2;
    uint8_t *data = room < PTRDIFF_MAX ? realloc(b->data, room) : NULL;
    if (!data) {
        b->bad = true;
        return false;
    }
    b->data = data;
    b->room = room;
    return true;
}
