#pragma once
/* What the text of one configuration item means. Inside of conf; others use conf.h. */
#include "base/conf.h"

/*
 * Reads text as the item's value into *ret, an empty value. 0; 1 with value, why, allowed and
 * remedy of *problem filled; -ENOMEM. conf_value_release() in every case.
 */
int must_check conf_value_parse(enum conf_id id, const char *text, struct conf_value *ret,
                                struct conf_problem *problem);
void conf_value_release(enum conf_id id, struct conf_value *v);
bool conf_is_list(enum conf_type type);
