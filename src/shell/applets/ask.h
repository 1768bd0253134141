#pragma once
/* A question on standard error, answered on standard input: rm -i, cp -i, mv -i. Part of a step's
 * state. */
#include "shell/applet.h"

struct ask {
    char read[512];
    size_t n, at;
    bool any, yes; /* of the line being read */
};

enum ask_answer { ASK_NO, ASK_YES, ASK_WAIT /* end the step with NEXT_INPUT, then ask again */ };

/* The line that is the answer to what was asked: yes where its first letter is a y. */
enum ask_answer ask_read(struct proc *p, struct ask *a);
