#pragma once
/*
 * Triage: all that a sample tells without being run, in one report. Nothing in it makes a file, a socket or a process.
 */
#include "event/sample.h"

struct triage;

/* rules: descriptors of folders of YARA rules, borrowed, -1: none. 0 or -errno. */
int must_check triage_make(struct triage **ret, const int *rules, size_t n);
void triage_free(struct triage *t); /* NULL is fine */
/* Into a report that was made by sample_report_init(). 0; -ENOMEM, and what there is of it may be kept. */
int must_check triage_run(struct triage *t, const void *data, size_t n, struct sample_report *r);
