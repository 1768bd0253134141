#include "shell/applet.h"

#include "shell/inside.h"

#include <stdlib.h>
#include <string.h>

#define APPLET(name, symbol) extern const struct applet applet_##symbol;
#include "shell/applets/list.h"
#undef APPLET

struct named {
    const char *name;
    const struct applet *applet;
};

/* In the order of strcmp(), which a unit test checks. */
static const struct named table[] = {
#define APPLET(name, symbol) { name, &applet_##symbol },
#include "shell/applets/list.h"
#undef APPLET
};

enum { APPLETS = sizeof table / sizeof *table };

static int by_name(const void *name, const void *item)
{
    return strcmp(name, ((const struct named *)item)->name);
}

const struct applet *applet_find(const char *name)
{
    const struct named *found = bsearch(name, table, APPLETS, sizeof *table, by_name);
    return found ? found->applet : NULL;
}

const struct applet *applet_at(size_t i)
{
    return i < (size_t)APPLETS ? table[i].applet : NULL;
}

static int inside(struct proc *p, const struct applet *a, int argc, char **argv)
{
    jmp_buf unwind, *outer = p->shell->unwind;
    p->shell->unwind = &unwind;
    int status = setjmp(unwind) ? p->status : a->once(p, argc, argv);
    p->shell->unwind = outer;
    return status;
}

/* What it took of the shell's memory goes when it is over. */
int applet_inside(struct proc *p, const struct applet *a, int argc, char **argv)
{
    void *mark = memory_take(&p->memory, 0); /* nobody else gives it back */
    bool was = p->inside;
    const struct applet *applet = p->applet;
    p->inside = true;
    p->applet = a;
    p->fails_with = 1;
    int status = inside(p, a, argc, argv);
    if (!p->ended)
        status = proc_written(p, a, status);
    p->inside = was;
    p->applet = applet;
    if (p->ended)
        proc_unwind(p);
    out_drop(p);
    memory_back(&p->memory, mark);
    return status;
}
