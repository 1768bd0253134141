#include "shell/applets/ip.h"

#include <stdlib.h>
#include <string.h>

static void show_link(const struct ip_view *v, size_t index, const struct machine_interface *x)
{
    static const char *const flags[] = { "LOOPBACK", "BROADCAST", "POINTOPOINT", "MULTICAST",
                                         "NOARP",    "PROMISC",   "UP" };
    bool first = true, up = links_has(x, "UP");
    out_print(v->p, "%zu: %s: <", index, x->name);
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (!links_has(x, flags[i]))
            continue;
        out_print(v->p, "%s%s", first ? "" : ",", flags[i]);
        first = false;
    }
    out_print(v->p, "%s> mtu %u qdisc %s ", links_has(x, "RUNNING") ? ",LOWER_UP" : "", x->mtu,
              !up                                     ? "noop"
              : x->queue && !links_has(x, "LOOPBACK") ? "pfifo_fast"
                                                      : "noqueue");
    if (x->queue)
        out_print(v->p, "qlen %u", x->queue);
    out_text(v->p, v->line ? "\\" : "\n");
}

static const char *lower_case(struct proc *p, const char *s)
{
    char *copy = memory_text(proc_memory(p), s);
    for (char *c = copy; *c; c++)
        *c = *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
    return copy;
}

static void show_hardware(const struct ip_view *v, const struct machine_interface *x)
{
    bool loop = links_has(x, "LOOPBACK");
    if (loop)
        out_text(v->p, "    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n");
    else if (*x->hardware)
        out_print(v->p, "    link/ether %s brd ff:ff:ff:ff:ff:ff\n", lower_case(v->p, x->hardware));
    else
        out_text(v->p, "    link/ppp\n");
}

int ip_show_devices(const struct ip_view *v, char **words, bool addresses)
{
    const struct machine_interface *x;
    const char *name = ip_value_of(words, "dev");
    if (!name && *words && strcmp(*words, "up") != 0 && strcmp(*words, "to") != 0 &&
        strcmp(*words, "label") != 0)
        name = *words;
    if (name)
        ip_device(v->p, name);
    for (size_t i = 0, index = 0; (x = proc_interface(v->p, i)); i++) {
        if (proc_interface_is_further(v->p, i) || (++index && name && strcmp(name, x->name) != 0))
            continue;
        if (!addresses || !v->line)
            show_link(v, index, x);
        if (!addresses || (!v->line && !v->four && !v->six))
            show_hardware(v, x);
        if (addresses)
            ip_show_addresses(v, index, x->name);
    }
    return 0;
}

static bool is_valued(const char *word)
{
    static const char *const valued[] = { "mtu",       "name",         "qlen",    "txqueuelen",
                                          "address",   "master",       "netns",   "arp",
                                          "multicast", "allmulticast", "promisc", "addr" };
    for (size_t i = 0; i < sizeof valued / sizeof valued[0]; i++) {
        if (strcmp(valued[i], word) == 0)
            return true;
    }
    return false;
}

/* What follows "set": the device among settings, some of which have a value. */
static const char *link_words(struct proc *p, char **words)
{
    static const char *const plain[] = { "up", "down", "nomaster" };
    const char *name = NULL;
    for (; *words; words++) {
        bool known = false, has_value = is_valued(*words);
        for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
            known |= strcmp(plain[i], *words) == 0;
        if (has_value && !*++words)
            proc_die(p, "\"%s\" requires an argument", words[-1]);
        if (known || has_value)
            continue;
        if (strcmp(*words, "dev") == 0 && words[1])
            words++;
        if (name)
            proc_die(p, "either \"dev\" is duplicate, or \"%s\" is garbage", *words);
        name = *words;
    }
    return name;
}

static void rename_link(struct proc *p, const char *name, const char *to)
{
    size_t at;
    struct machine_interface x = *links_find(p, name, &at);
    if (links_has(&x, "UP"))
        proc_die_errno(p, EBUSY, "SIOCSIFNAME");
    if (links_find(p, to, NULL))
        proc_die_errno(p, EEXIST, "SIOCSIFNAME");
    x.name = to;
    links_put(p, at, &x);
}

static void switch_flag(struct proc *p, size_t at, const char *flag, bool on)
{
    links_flags(p, at, on ? flag : "", on ? "" : flag);
}

static void set_number(struct proc *p, size_t at, const char *key, const char *value)
{
    struct machine_interface x = *proc_interface(p, at);
    unsigned long n = strtoul(value, NULL, 0);
    bool mtu = strcmp(key, "mtu") == 0;
    if (mtu && (n < 68 || n > 65536))
        proc_die_errno(p, EINVAL, "SIOCSIFMTU");
    *(mtu ? &x.mtu : &x.queue) = (uint32_t)(n & INT32_MAX);
    links_put(p, at, &x);
}

/* A setting with a value; "name" waits until all others are done. */
static void set_value(struct proc *p, const char *name, const char *key, const char *value)
{
    static const struct {
        const char *key, *flag;
        bool against;
    } flags[] = { { "arp", "NOARP", true },
                  { "multicast", "MULTICAST", false },
                  { "allmulticast", "ALLMULTI", false },
                  { "promisc", "PROMISC", false } };
    size_t at;
    struct machine_interface x = *links_find(p, name, &at);
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (strcmp(flags[i].key, key) == 0)
            switch_flag(p, at, flags[i].flag, (strcmp(value, "on") == 0) != flags[i].against);
    }
    if (strcmp(key, "mtu") == 0 || strcmp(key, "qlen") == 0 || strcmp(key, "txqueuelen") == 0)
        set_number(p, at, key, value);
    if (strncmp(key, "addr", 4) == 0) {
        x.hardware = value;
        links_put(p, at, &x);
    }
}

static int set_link(struct proc *p, char **words)
{
    const char *name = link_words(p, words), *to = NULL;
    if (!name)
        proc_die(p, "\"dev\" requires an argument");
    ip_must_change(p, name, "SIOCGIFFLAGS");
    for (; *words; words++) {
        if (strcmp(*words, "up") == 0)
            links_up(p, name);
        else if (strcmp(*words, "down") == 0)
            links_down(p, name);
        else if (is_valued(*words) && strcmp(*words, "name") == 0)
            to = words[1];
        else if (is_valued(*words))
            set_value(p, name, *words, words[1]);
        words += is_valued(*words);
    }
    if (to)
        rename_link(p, name, to);
    return 0;
}

int ip_link(const struct ip_view *v, char **words)
{
    proc_fails_with(v->p, IP_FAILED);
    if (ip_is_show(*words))
        return ip_show_devices(v, words + (*words != NULL), false);
    if (strcmp(*words, "set") == 0)
        return set_link(v->p, words + 1);
    if (!ip_is_short_for(*words, "add") && !ip_is_short_for(*words, "delete"))
        ip_bad_word(v->p, *words);
    return 0;
}
