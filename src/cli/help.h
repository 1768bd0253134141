#pragma once
/* The help that the tables make. */
#include "cli/cli.h"

#include <stdio.h>

/* Of the command named on the line, or of teiten as a whole. */
void help_print(const struct cli *cli, FILE *f);

/* What every command takes. */
extern const struct option_def cli_common_options[];
