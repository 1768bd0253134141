#pragma once
/*
 * Where a program has confined itself, and only there (nothing would hold what is tried), a test's sibling of it, which
 * is linked the same way, tries what must not work (tests/confine). In the programs themselves there is nothing.
 */
#ifdef CONFINE_PROBE
void confine_probe(void);
#define CONFINE_HOOK() confine_probe()
#else
#define CONFINE_HOOK() ((void)0)
#endif
