#pragma once
/*
 * What a long-running command is asked from outside; each sets a flag, and wakes poll(). SIGINT and SIGTERM:
 * to stop. SIGHUP, where it is caught: to read the configuration anew.
 */
#include <signal.h>
#include <stdbool.h>

extern volatile bool signals_stop, signals_reload;
void signals_catch(void);
void signals_catch_reload(void);
