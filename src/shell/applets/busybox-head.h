#pragma once
#include "shell/applet.h"

/* What busybox says before the names that it has, as its version does (shell/since.h). */
void busybox_head(struct proc *p);
