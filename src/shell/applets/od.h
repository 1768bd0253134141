#pragma once
/* How od shows the bytes of a line: one field after the other, of one type. */
#include "shell/proc.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OD_SIZE_MOST = 16 };

struct od_spec {
    char kind;     /* one of a c d f o u x */
    uint32_t size; /* bytes of a field */
    bool text;     /* z: the characters stand behind it */
};

uint32_t od_width(const struct od_spec *s); /* columns of a field, with the blank before it */
void od_put_field(struct proc *p, const struct od_spec *s, const uint8_t *data);
