#pragma once
/*
 * A sample as the field hands them on: in a ZIP file, encrypted with the password "infected", so that no scanner on the way
 * takes it away and nobody opens it by mistake.
 */
#include "base/err.h"

#include <stdint.h>

#define SAMPLE_PASSWORD "infected"

/* Writes the file PATH anew, with the content of `fd` (borrowed) under `name`. 0; -EEXIST; -errno. */
int must_check sample_zip(const char *path, const char *name, int fd, uint64_t size);
