#pragma once
/*
 * What compress made (POSIX.1-2017 names it, its form is that of every compress since 1985), read piece by piece as
 * gunzip.h does it; the states are those. Nothing in it says where it ends or whether it is whole.
 */
#include "shell/gunzip.h"

struct lzw;

struct lzw *lzw_make(struct memory *m);
enum gunzip_state lzw_run(struct lzw *z, const uint8_t **data, size_t *n, const uint8_t **ret, size_t *ret_n);
enum gunzip_state lzw_end(struct lzw *z);
const char *lzw_why(const struct lzw *z); /* "corrupted data" */
