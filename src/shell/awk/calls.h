#pragma once
/*
 * Where a running program goes on: functions, blocks, and the end.
 */
#include "shell/awk/run.h"

void awk_call(struct awk *a, const struct awk_code *k);
void awk_leave(struct awk *a);                               /* return */
void awk_leave_program(struct awk *a, bool valued);          /* exit */
const struct awk_blocks *awk_blocks_of(const struct awk *a); /* of the phase */
void awk_next_block(struct awk *a, const struct awk_blocks *blocks);
/* What is left of the phase (of a line: its other rules) is not done. */
void awk_skip_rest(struct awk *a);
