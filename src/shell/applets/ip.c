#include "shell/applets/ip.h"

#include <stdlib.h>
#include <string.h>

bool ip_is_short_for(const char *word, const char *whole)
{
    return *word && strncmp(word, whole, strlen(word)) == 0;
}

const struct machine_interface *ip_device(struct proc *p, const char *name)
{
    const struct machine_interface *x = links_find(p, name, NULL);
    if (x)
        return x;
    proc_die(p, "can't find device '%s'", name);
}

const char *ip_value_of(char **words, const char *key)
{
    for (; *words; words++) {
        if (strcmp(*words, key) == 0)
            return words[1];
    }
    return NULL;
}

void ip_refuse(struct proc *p, int e)
{
    proc_die_errno(p, e, "RTNETLINK answers");
}

void ip_must_change(struct proc *p, const char *name, const char *call)
{
    proc_fails_with(p, call ? 1 : IP_FAILED);
    if (call && !links_find(p, name, NULL))
        proc_die_errno(p, ENODEV, "%s", call);
    if (!call)
        ip_device(p, name);
    proc_fails_with(p, IP_FAILED);
    if (proc_uid(p) != 0)
        ip_refuse(p, EPERM);
}

bool ip_read_prefix(struct proc *p, const char *word, const char **ret_address,
                    unsigned *ret_prefix)
{
    uint32_t v;
    const char *slash = strchr(word, '/');
    *ret_address = memory_bytes(proc_memory(p), word, strcspn(word, "/"));
    *ret_prefix = 32;
    if (strcmp(word, "default") == 0 || strcmp(word, "any") == 0 || strcmp(word, "all") == 0) {
        *ret_address = "0.0.0.0";
        *ret_prefix = 0;
        return true;
    }
    if (slash) {
        char *end;
        unsigned long n = slash[1] >= '0' && slash[1] <= '9' ? strtoul(slash + 1, &end, 10) : 33;
        if (n > 32 || *end)
            return false;
        *ret_prefix = (unsigned)n;
    }
    return network_address(*ret_address, &v);
}

bool ip_is_show(const char *word)
{
    return !word || ip_is_short_for(word, "show") || ip_is_short_for(word, "list") ||
           strcmp(word, "lst") == 0;
}

void ip_bad_word(struct proc *p, const char *word)
{
    proc_die(p, "invalid argument '%s' to 'ip'", word);
}

static int do_neighbour(const struct ip_view *v, char **words)
{
    char *data, *rest;
    size_t n;
    if (!ip_is_show(*words) && !ip_is_short_for(*words, "flush"))
        ip_bad_word(v->p, *words);
    if (!ip_is_show(*words) || proc_read_file(v->p, "/proc/net/arp", 1 << 16, &data, &n) != 0)
        return 0;
    for (char *line = strchr(data, '\n'), *next; line; line = next) {
        next = strchr(++line, '\n');
        if (next)
            *next = '\0';
        char *field[6];
        size_t i = 0;
        for (; i < 6; i++) {
            field[i] = strtok_r(i ? NULL : line, " ", &rest);
            if (!field[i])
                break;
        }
        if (i == 6 && strcmp(field[2], "0x0") != 0)
            out_print(v->p, "%s dev %s lladdr %s REACHABLE\n", field[0], field[5], field[3]);
    }
    return 0;
}

static int do_rule(const struct ip_view *v, char **words)
{
    if (!ip_is_show(*words) && !ip_is_short_for(*words, "add") &&
        !ip_is_short_for(*words, "delete"))
        ip_bad_word(v->p, *words);
    if (ip_is_show(*words))
        out_text(v->p, "0:\tfrom all lookup local \n32766:\tfrom all lookup main \n32767:\tfrom "
                       "all lookup default \n");
    return 0;
}

static int do_tunnel(const struct ip_view *v, char **words)
{
    (void)v, (void)words;
    return 0;
}

static const struct {
    const char *name;
    int (*run)(const struct ip_view *v, char **words);
} objects[] = {
    { "address", ip_address }, { "route", ip_route },         { "link", ip_link },
    { "tunnel", do_tunnel },   { "tunl", do_tunnel },         { "rule", do_rule },
    { "neigh", do_neighbour }, { "neighbour", do_neighbour },
};

static int run(const struct ip_view *v, char **words)
{
    for (size_t i = 0; *words && i < sizeof objects / sizeof objects[0]; i++) {
        if (ip_is_short_for(*words, objects[i].name))
            return objects[i].run(v, words + 1);
    }
    proc_usage(v->p);
}

static int ip_once(struct proc *p, int argc, char **argv)
{
    struct ip_view v = { .p = p };
    (void)argc;
    for (argv++; *argv && **argv == '-'; argv++) {
        const char *word = *argv + 1 + ((*argv)[1] == '-');
        if (strcmp(word, "4") == 0)
            v.four = true;
        else if (strcmp(word, "6") == 0)
            v.six = true;
        else if (ip_is_short_for(word, "oneline"))
            v.line = true;
        else if (ip_is_short_for(word, "family") && argv[1])
            v.six = strcmp(*++argv, "inet6") == 0;
        else if (strcmp(word, "0") != 0)
            proc_usage(p);
    }
    return run(&v, argv);
}

const struct applet applet_ip = { .name = "ip", .once = ip_once };
