#pragma once
/* Names of signals, as kill -l has them. */
#include <stdbool.h>
#include <stddef.h>

struct proc;

/* By name, with or without SIG, in either case, or by number; -1: there is none. */
int kill_signal(const char *name);
const char *kill_signal_name(int number); /* "TERM"; NULL: has none */
/* What follows kill's -l: all of them, or those named. The status. */
int kill_signal_list(struct proc *p, char **names);
/* What kill and killall have before their operands ("-9", "-KILL", "-s KILL"): the signal, and
 * *argv goes on. -1: -l was asked for and is done, with *ret_status. Ends the process where it is
 * no signal. */
int kill_signal_option(struct proc *p, char ***argv, int *ret_status);
