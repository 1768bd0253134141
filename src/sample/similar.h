#pragma once
/*
 * What a program's source leaves in it, whatever CPU it was built for: its strings, and the names that it imports. What every
 * program has of the C library is left out. Of the rest the least hashes are the signature (event/sample.h).
 */
#include "event/sample.h"

/* Before the first: gathers the library's own texts. */
void similar_prepare(void);
/* Sets r->signature. */
void similar_sign(const void *data, size_t n, struct sample_report *r);
