#pragma once
/*
 * What an ELF file tells without being run (System V ABI, "Object Files"; the processors' supplements). Nothing in it is
 * believed: headers that lie, overlap or lead nowhere are named as findings, and what can be told is told all the same.
 */
#include "event/sample.h"

/* Adds words, parts and findings to a report whose WORD_FORMAT is "elf". 0 or -ENOMEM. */
int must_check elf_tell(const void *data, size_t n, struct sample_report *r);

/* The names of symbols that it wants from others, each borrowed for the call: take() gives 0 to go on. 8,192 symbols are
 * looked at, and names below 512 bytes given. 0, or what take() gave. */
int must_check elf_imports(const void *data, size_t n, int (*take)(void *context, const char *name, size_t length), void *context);
