#pragma once
/*
 * Turns of the processes of a session.
 */
#include "shell/inside.h"

/* Runs the process whose turn it is, until its quantum or the session's steps are used up; false: nobody
 * is ready. */
bool turn_take(struct shell *sh);
/* What the session waits for, nobody being ready. */
enum shell_state turn_state(const struct shell *sh);
/* When the first sleeper wakes; INT64_MAX: nobody sleeps. */
int64_t turn_wakes(const struct shell *sh);
