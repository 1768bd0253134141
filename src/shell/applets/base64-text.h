#pragma once
/* Base64 (RFC 4648, 4), piece by piece, as BusyBox reads and writes it; the bytes go to standard output. */
#include "shell/proc.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct base64_encoder {
    size_t width; /* characters of a line, 0: one line */
    size_t column;
    uint8_t rest[3];
    size_t n;
};

void base64_encode(struct base64_encoder *e, struct proc *p, const char *data, size_t n);
void base64_encode_end(struct base64_encoder *e, struct proc *p); /* with the last end of line, where there was anything */

/* What is not in the alphabet is passed over. */
enum { BASE64_BUFFER = 80 };
struct base64_decoder {
    char buffer[BASE64_BUFFER];
    size_t n;
    bool stops, stopped; /* at a word of ====, as uudecode does */
};

void base64_decode(struct base64_decoder *d, struct proc *p, const char *data, size_t n);
/* false: it was cut off. */
bool base64_decode_end(struct base64_decoder *d, struct proc *p);
