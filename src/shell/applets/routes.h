#pragma once
/* The routing table as route and netstat -r show it. */
#include "shell/proc.h"

/* more: with MSS, window and irtt in the place of metric and use. */
void routes_show(struct proc *p, bool numeric, bool more);
