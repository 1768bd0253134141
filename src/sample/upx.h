#pragma once
/*
 * UPX (https://upx.github.io, its headers as its documentation of the stub loader lays them out): told by its magic, or where
 * that was overwritten, as bots do so that "upx -d" refuses, by the shape of its headers.
 */
#include "sample/elf.h"

/* `after`: where the segment table ends, behind which the loader's headers lie. Sets WORD_PACKER, and adds a finding. 0 or -ENOMEM. */
int must_check upx_tell(const void *data, size_t n, bool big, uint64_t after, struct sample_report *r);
