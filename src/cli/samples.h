#pragma once
/*
 * What the commands about samples have in common.
 */
#include "cli/commands.h"
#include "event/session-json.h"

/* Says what a question gave; the exit code. */
int samples_failed(const struct cli *cli, struct store *s, int err);
/* `teiten sample add FILE...`: an exit code. */
int samples_add(struct cli *cli);
