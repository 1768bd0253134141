#pragma once
/*
 * What a file is, by its first bytes: sets WORD_FORMAT, and of a script its interpreter.
 */
#include "event/sample.h"

void magic_tell(const void *data, size_t n, struct sample_report *r);
