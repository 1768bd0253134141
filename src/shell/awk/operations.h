#pragma once
/*
 * What the instructions do. awk_waiting(), awk_moving() and awk_plain() are asked for those that
 * the loop does not do itself.
 */
#include "shell/awk/run.h"

struct awk_value awk_load_variable(struct awk *a, uint32_t variable);
struct awk_value awk_load_element(struct awk *a, uint32_t array, struct awk_value *key);
void awk_set_element(struct awk *a, uint32_t array);
double awk_arithmetic(struct awk *a, enum awk_op op, double l, double r);
void awk_concatenate(struct awk *a, size_t n, const struct awk_str *between);
void awk_match_text(struct awk *a, bool not );
void awk_match_line(struct awk *a, uint32_t regex);
bool awk_walk_on(struct awk *a); /* false: no more keys */

/* Those that may have to be done again. */
enum awk_wait awk_waiting(struct awk *a, const struct awk_code *k);
/* Those that go on somewhere else than at the next one; false: it is none. */
bool awk_moving(struct awk *a, const struct awk_code *k);
/* The others. */
void awk_plain(struct awk *a, const struct awk_code *k);
