/* In a sibling of a program that is linked the same way: once confined, tries what TEITEN_PROBE names. */
#include "attempts.h"

#include <stdlib.h>
#include <unistd.h>

void confine_probe(void);

void confine_probe(void)
{
    const char *name = getenv("TEITEN_PROBE");
    _exit(name ? attempt(name) : ATTEMPT_UNKNOWN);
}
