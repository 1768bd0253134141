#include "shell/interp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct local {
    struct local *next;
    struct var_saved *saved;
};

enum { VARS_A_STEP = 64 };

bool variable_set(struct proc *p, const char *name, size_t n, const char *value, unsigned flags)
{
    if (p->interp->flags & FLAG_ALLEXPORT)
        flags |= VAR_EXPORT;
    if (n == 6 && !memcmp(name, "OPTIND", 6))
        p->interp->option_at = 0; /* getopts begins anew */
    if (n == 6 && value && !memcmp(name, "RANDOM", 6))
        p->shell->random = strtoul(value, NULL, 10); /* the same begins the same */
    proc_charge(p, vars_count(p->vars) / VARS_A_STEP);
    if (!vars_set(&p->vars, &p->shell->memory, name, n, value, flags))
        return true;
    shell_fail(p, 2, "%.*s: is read only", (int)n, name);
    return false;
}

bool variable_keep(struct proc *p, struct local **kept, const char *name, size_t n)
{
    const struct var *var = vars_find(p->vars, name, n);
    if (var && (var->flags & VAR_READONLY)) {
        shell_fail(p, 2, "%.*s: is read only", (int)n, name);
        return false;
    }
    struct local *l = memory_take(&p->memory, sizeof *l);
    l->saved = vars_save(p->vars, &p->shell->memory, name, n);
    l->next = *kept;
    *kept = l;
    return true;
}

void locals_restore(struct proc *p, struct local *kept)
{
    while (kept) {
        struct local *next = kept->next;
        if (!p->ended)
            vars_restore(&p->vars, &p->shell->memory, kept->saved);
        memory_give(&p->shell->memory, kept->saved);
        memory_give(&p->memory, kept);
        kept = next;
    }
}

/* ---- At the start ---- */

struct beginning {
    struct vars *vars;
    struct memory *memory;
};

static void set(struct beginning *b, const char *name, const char *value, unsigned flags)
{
    (void)!vars_set(&b->vars, b->memory, name, strlen(name), value, flags);
}

static void set_number(struct beginning *b, const char *name, int64_t n, unsigned flags)
{
    char digits[24];
    (void)snprintf(digits, sizeof digits, "%lld", (long long)n);
    set(b, name, digits, flags);
}

static void take_environment(struct beginning *b, const char *const *environment)
{
    for (; environment && *environment; environment++) {
        const char *is = strchr(*environment, '=');
        size_t n = is ? (size_t)(is - *environment) : 0;
        if (n && var_name_ok(*environment, n))
            (void)!vars_set(&b->vars, b->memory, *environment, n, is + 1, VAR_EXPORT);
    }
}

static int64_t level(const struct vars *v)
{
    const char *s = vars_get(v, "SHLVL");
    int64_t n = 0;
    for (; s && *s >= '0' && *s <= '9' && n < 1000; s++)
        n = n * 10 + (*s - '0');
    return n;
}

struct vars *variables_begin(struct memory *m, const struct machine *machine, const struct variables_from *from)
{
    struct beginning b = { vars_make(m), m };
    set(&b, "IFS", "", 0);
    set(&b, "PATH", "/sbin:/usr/sbin:/bin:/usr/bin", VAR_EXPORT);
    set(&b, "PS1", machine->prompt, 0);
    set(&b, "PS2", "> ", 0);
    set(&b, "PS4", "+ ", 0);
    set(&b, "OPTIND", "", 0);
    set(&b, "LINENO", "", 0);
    set(&b, "FUNCNAME", "", 0);
    (void)!vars_set(&b.vars, m, "RANDOM", 6, NULL, 0);
    take_environment(&b, from->environment);
    set(&b, "IFS", " \t\n", 0); /* neither is taken from whoever started it */
    set(&b, "OPTIND", "1", 0);
    if (!vars_get(b.vars, "HOSTNAME"))
        set(&b, "HOSTNAME", from->hostname, 0);
    set_number(&b, "PPID", from->ppid, 0);
    set(&b, "PWD", from->cwd, VAR_EXPORT);
    set_number(&b, "SHLVL", level(b.vars) + 1, VAR_EXPORT);
    return b.vars;
}

void variables_hostname(struct proc *p)
{
    const char *name = p->shell->identity ? p->shell->identity->hostname : NULL, *nodename = proc_machine(p)->nodename;
    const char *now = name && strcmp(name, nodename) != 0 ? vars_get(p->vars, "HOSTNAME") : NULL;
    if (now && strcmp(now, nodename) == 0)
        (void)!vars_set(&p->vars, &p->shell->memory, "HOSTNAME", 8, name, 0);
}

/* Of what its parent hands on, a shell takes the environment; the rest it sets anew. The first shell of a
 * session finds the device's table, made for just this. */
void variables_of_shell(struct proc *p)
{
    if (p->vars == p->shell->device->vars && p->pid == p->shell->first_pid)
        return;
    char **environment = vars_environment(p->vars, &p->memory);
    char *cwd = proc_getcwd(p);
    struct variables_from from = { (const char *const *)environment, proc_hostname(p), cwd ? cwd : "/", p->ppid };
    struct vars *fresh = variables_begin(&p->shell->memory, proc_machine(p), &from);
    vars_drop(p->vars);
    p->vars = fresh;
    memory_give(&p->memory, cwd);
}
