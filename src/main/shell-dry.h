#pragma once
/*
 * teiten-shell --dry: what a script on standard input would ask of the network, and run (shell/dry.h).
 */
#include <stdbool.h>

/* Before the program is held in: what the writer of JSON asks of the system is asked. */
void shell_dry_begin(void);
/* Reads the script, writes what is found. The exit code: 1 is trouble, which was said; that the bounds ended
 * the walk is, too. */
int shell_dry(bool json);
