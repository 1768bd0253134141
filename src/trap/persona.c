#include "trap/persona-inside.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PERSONAS_MOST = 256 };

static int load_ini(struct persona_hold *h, const char *folder, const char *id)
{
    struct hold *hold = &h->hold;
    char *data;
    size_t n;
    if (setjmp(hold->full))
        return -ENOMEM;
    h->persona.id = memory_text(&hold->memory, id);
    int e = hold_file(hold, memory_print(&hold->memory, "%s/persona.ini", folder), &data, &n);
    if (e)
        return hold_wrong(hold, "persona.ini", 0, "%s", strerror(-e));
    return persona_read_ini(h, data, n);
}

static int load_cli(struct persona_hold *h, const char *folder, char *why)
{
    struct vendor_cli *cli = NULL;
    if (!h->has_cli)
        return 0;
    int e = vendor_load(&cli, folder, &h->persona.cli_style, why);
    h->persona.cli = cli;
    return e;
}

/* Its web servers, and all of their ports. */
static int load_http(struct persona *p, const char *folder, char *why)
{
    enum { MOST = sizeof p->http_ports / sizeof *p->http_ports };
    struct http_site *s = NULL;
    int e = http_site_load(&s, folder, why);
    p->http = s;
    for (size_t i = 0; s && i < s->n; i++)
        for (size_t k = 0; k < s->servers[i].n_ports && p->n_http_ports < MOST; k++)
            p->http_ports[p->n_http_ports++] = s->servers[i].ports[k];
    return e;
}

static int load_all(struct persona_hold *h, const char *folder, const char *id, char *why)
{
    int e = load_ini(h, folder, id);
    e = e ? e : load_cli(h, folder, why);
    e = e ? e : load_http(&h->persona, folder, why);
    e = e ? e : machine_load(&h->persona.machine, folder, why);
    return e ? e : shell_device_make(&h->persona.device, h->persona.machine);
}

int persona_load(struct persona **ret, const char *folder, const char *id, char ret_why[static 200])
{
    struct persona_hold *h = calloc(1, sizeof *h);
    if (!h)
        return -ENOMEM;
    hold_init(&h->hold, (char(*)[HOLD_WHY])(void *)ret_why);
    h->persona.memory = h;
    int e = load_all(h, folder, id, ret_why);
    h->hold.why = NULL;
    if (e)
        persona_free(&h->persona);
    else
        *ret = &h->persona;
    return e;
}

void persona_free(struct persona *p)
{
    if (!p)
        return;
    struct persona_hold *h = p->memory;
    shell_device_free(p->device);
    machine_free(p->machine);
    vendor_free((struct vendor_cli *)p->cli);
    http_site_free((struct http_site *)p->http);
    hold_release(&h->hold);
    free(h);
}

/* ---- All of them ---- */

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void persona_names_release(struct persona_names *names)
{
    for (size_t i = 0; i < names->n; i++)
        free(names->list[i]);
    free(names->list);
    *names = (struct persona_names){ 0 };
}

static bool is_persona(const char *folder, const char *name)
{
    char path[4096];
    struct stat st;
    int n = snprintf(path, sizeof path, "%s/%s/persona.ini", folder, name);
    return name[0] != '.' && n > 0 && (size_t)n < sizeof path && stat(path, &st) == 0;
}

int persona_names_read(struct persona_names *ret, const char *folder)
{
    char **names = calloc(PERSONAS_MOST, sizeof *names);
    DIR *d = names ? opendir(folder) : NULL;
    int e = names ? d ? 0 : -errno : -ENOMEM;
    const struct dirent *entry;
    size_t n = 0;
    while (!e && (entry = readdir(d))) {
        if (n == PERSONAS_MOST || !is_persona(folder, entry->d_name))
            continue;
        names[n] = strdup(entry->d_name);
        e = names[n] ? 0 : -ENOMEM;
        n += !e;
    }
    if (d)
        closedir(d);
    if (n)
        qsort(names, n, sizeof *names, by_name);
    *ret = (struct persona_names){ names, n };
    return e;
}

static int load_one(struct personas *all, const char *folder, const char *id, char *why)
{
    char path[4096], inner[HOLD_WHY] = "";
    snprintf(path, sizeof path, "%s/%s", folder, id);
    int e = persona_load(&all->list[all->n], path, id, inner);
    all->n += !e;
    if (e > 0)
        snprintf(why, HOLD_WHY, "%.60s/%.130s", id, inner);
    return e;
}

int personas_load(struct personas *ret, const char *folder, char ret_why[static 200])
{
    struct persona_names names;
    *ret = (struct personas){ 0 };
    int e = persona_names_read(&names, folder);
    if (!e && !names.n) {
        snprintf(ret_why, HOLD_WHY, "%.150s: no persona.ini in any folder of it", folder);
        e = 1;
    }
    ret->list = e ? NULL : calloc(names.n, sizeof *ret->list);
    e = e || ret->list ? e : -ENOMEM;
    for (size_t i = 0; i < names.n && !e; i++)
        e = load_one(ret, folder, names.list[i], ret_why);
    persona_names_release(&names);
    if (e)
        personas_release(ret);
    return e;
}

void personas_release(struct personas *p)
{
    for (size_t i = 0; i < p->n; i++)
        persona_free(p->list[i]);
    free(p->list);
    *p = (struct personas){ 0 };
}

const struct persona *personas_find(const struct personas *p, const char *id)
{
    for (size_t i = 0; i < p->n; i++) {
        if (strcmp(p->list[i]->id, id) == 0)
            return p->list[i];
    }
    return NULL;
}
