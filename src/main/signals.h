#pragma once
/*
 * Asking a long-running command to stop: SIGINT and SIGTERM set a flag, and wake poll().
 */
#include <signal.h>
#include <stdbool.h>

extern volatile bool signals_stop;
void signals_catch(void);
