/* Positional parameters, functions and aliases: what a subshell shares with its parent until it changes it. */
#include "shell/interp.h"

#include <string.h>

struct arguments *arguments_make(struct shell *sh, char *const *words, size_t n)
{
    size_t bytes = sizeof(struct arguments) + (n + 1) * sizeof(char *), text = 0;
    for (size_t i = 0; i < n; i++)
        text += strlen(words[i]) + 1;
    struct arguments *a = memory_take(&sh->memory, bytes + text);
    char *at = (char *)a + bytes;
    a->refs = 1;
    a->n = n;
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(words[i]) + 1;
        memcpy(at, words[i], len);
        a->words[i] = at;
        at += len;
    }
    return a;
}

void arguments_drop(struct shell *sh, struct arguments *a)
{
    if (a && !--a->refs)
        memory_give(&sh->memory, a);
}

enum { LOOKED_AT_A_STEP = 64, COPIED_A_STEP = 4 };

const struct definition *definition_find(struct proc *p, const struct definitions *d, const char *name, size_t n)
{
    proc_charge(p, d ? d->n / LOOKED_AT_A_STEP : 0);
    for (const struct definition *at = d ? d->first : NULL; at; at = at->next)
        if (!strncmp(at->name, name, n) && !at->name[n])
            return at;
    return NULL;
}

static void definition_free(struct shell *sh, struct definition *d)
{
    arena_drop(d->arena);
    memory_give(&sh->memory, d->name);
    memory_give(&sh->memory, d->value);
    memory_give(&sh->memory, d);
}

void definitions_drop(struct shell *sh, struct definitions *d)
{
    if (!d || --d->refs)
        return;
    while (d->first) {
        struct definition *next = d->first->next;
        definition_free(sh, d->first);
        d->first = next;
    }
    memory_give(&sh->memory, d);
}

static struct definition *copy(struct shell *sh, const struct definition *from)
{
    struct definition *d = memory_take(&sh->memory, sizeof *d);
    d->name = memory_text(&sh->memory, from->name);
    d->value = from->value ? memory_text(&sh->memory, from->value) : NULL;
    d->body = from->body;
    d->arena = from->arena;
    if (d->arena)
        arena_hold(d->arena);
    return d;
}

/* The table as this process's own. */
static struct definitions *own(struct proc *p, struct definitions **d)
{
    struct shell *sh = p->shell;
    struct definitions *old = *d;
    if (old && old->refs == 1)
        return old;
    struct definitions *mine = memory_take(&sh->memory, sizeof *mine);
    mine->refs = 1;
    mine->n = old ? old->n : 0;
    proc_charge(p, mine->n / COPIED_A_STEP);
    struct definition **end = &mine->first;
    for (const struct definition *at = old ? old->first : NULL; at; at = at->next) {
        *end = copy(sh, at);
        end = &(*end)->next;
    }
    *d = mine;
    definitions_drop(sh, old);
    return mine;
}

bool definition_remove(struct proc *p, struct definitions **d, const char *name)
{
    if (!definition_find(p, *d, name, strlen(name)))
        return false;
    struct definitions *mine = own(p, d);
    struct definition **at = &mine->first;
    mine->n--;
    while (strcmp((*at)->name, name))
        at = &(*at)->next;
    struct definition *gone = *at;
    *at = gone->next;
    definition_free(p->shell, gone);
    return true;
}

/* New ones come last: `alias` lists them so. */
static struct definition *add(struct proc *p, struct definitions **d, const char *name, size_t n)
{
    struct definitions *mine = own(p, d);
    struct definition **end = &mine->first;
    proc_charge(p, mine->n / LOOKED_AT_A_STEP);
    while (*end && (strncmp((*end)->name, name, n) || (*end)->name[n]))
        end = &(*end)->next;
    if (*end)
        return *end;
    struct definition *made = memory_take(&p->shell->memory, sizeof *made);
    made->name = memory_bytes(&p->shell->memory, name, n);
    mine->n++;
    return *end = made;
}

void function_define(struct proc *p, const char *name, const struct node *body, struct arena *arena)
{
    struct definition *d = add(p, &p->interp->functions, name, strlen(name));
    arena_hold(arena);
    arena_drop(d->arena);
    d->arena = arena;
    d->body = body;
}

void alias_define(struct proc *p, const char *name, size_t n, const char *value)
{
    struct definition *d = add(p, &p->interp->aliases, name, n);
    char *old = d->value;
    d->value = memory_text(&p->shell->memory, value);
    memory_give(&p->shell->memory, old);
}
