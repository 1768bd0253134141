/* The first byte says which of a device's files the rest is. */
#include "shell/machine-inside.h"

#include <assert.h>
#include <string.h>

static int read_as(struct machine_hold *h, unsigned which, const uint8_t *data, size_t size)
{
    const struct machine_table *t = machine_table_at(which);
    return t ? machine_read_table(h, t, data, size) : machine_read_ini(h, data, size);
}

/* Read or refused, with a reason; what was read is whole. */
static void check(const struct machine_hold *h, int e, const char *why)
{
    const struct machine *m = &h->machine;
    assert(e == 0 || (e == 1 && why[0]));
    for (size_t i = 0; e == 0 && i < m->n_processes; i++)
        assert(m->processes[i].comm[0] && m->processes[i].command[0] &&
               (!i || m->processes[i].pid > m->processes[i - 1].pid));
    for (size_t i = 1; i < m->n_applets; i++)
        assert(strcmp(m->applets[i - 1], m->applets[i]) < 0);
    for (size_t i = 0; e == 0 && m->environment && m->environment[i]; i++)
        assert(strchr(m->environment[i], '='));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char why[1][MACHINE_WHY] = { "" };
    struct machine_hold *h = size ? machine_hold_make(why) : NULL;
    if (!h)
        return 0;
    if (!setjmp(h->full))
        check(h, read_as(h, data[0] & 7, data + 1, size - 1), *why);
    machine_hold_free(h);
    return 0;
}
