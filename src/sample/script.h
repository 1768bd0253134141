#pragma once
/* What a loader script would fetch, by the shell's dry mode (shell/dry.h): each a URL, reason "script". */
#include "event/sample.h"

/* 0 or -ENOMEM. */
int must_check script_read(const void *data, size_t n, struct sample_report *r);
