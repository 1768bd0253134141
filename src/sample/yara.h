#pragma once
/*
 * YARA rules over a sample. Rules are the operator's, and ours; they are compiled once. One that cannot be is told in the log and
 * left out with the rest of its file, the others work.
 */
#include "event/sample.h"

struct yara;

/* Of folders by their descriptors (borrowed; -1: none): *.yar and *.yara of each, not of those within them. 0 or -errno. */
int must_check yara_make(struct yara **ret, const int *folder, size_t n);
void yara_free(struct yara *y); /* NULL is fine */
size_t yara_rules(const struct yara *y); /* how many there are */
/* Adds the rules that match; WORD_FAMILY is the first one's meta "family". A scan that takes longer than `seconds` is a finding.
 * 0 or -ENOMEM. */
int must_check yara_scan(struct yara *y, const void *data, size_t n, int seconds, struct sample_report *r);
