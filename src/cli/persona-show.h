#pragma once
/*
 * A persona as persona.ini and machine.ini have it: sections of `name = value`, or JSON (one object, whose
 * sections are objects), or CSV (`section.name,value`).
 */
#include "cli/cli.h"
#include "trap/persona.h"

/* On standard output; an exit code, and said why. */
int must_check persona_show(const struct cli *cli, const struct persona *p);
/* "ash", or whose command line its visitors meet first. */
const char *persona_shell(const struct persona *p);
