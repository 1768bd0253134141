#include "cli/observe-plan.h"

#include "base/log.h"
#include "main/interface.h"

#include <sched.h>
#include <string.h>

enum { DAY_SECONDS = 86400, MIB = 1 << 20 };

/* ---- interfaces ---- */

int observe_no_interface(const char *name)
{
    say_error(name, "there is no such interface", "see 'teiten doctor' for those that are up");
    return CLI_TROUBLE;
}

static int add_interface(const struct cli *cli, struct observe_plan *p, const char *name)
{
    for (size_t i = 0; i < p->n; i++)
        if (strcmp(p->interface[i].name, name) == 0)
            return CLI_DONE;
    if (!*name || strlen(name) >= IF_NAMESIZE)
        return cli_usage(cli, name, "is no name of an interface");
    if (p->n == PLAN_INTERFACES)
        return cli_usage(cli, name, "is one interface too many");
    if (if_nametoindex(name) == 0)
        return observe_no_interface(name);
    memcpy(p->interface[p->n++].name, name, strlen(name) + 1);
    return CLI_DONE;
}

static int add_default(const struct cli *cli, struct observe_plan *p)
{
    char name[IF_NAMESIZE];
    if (interface_default(name) == 0)
        return add_interface(cli, p, name);
    say_error("observe", "there is no default route to tell which interface to capture on",
              "name it with --interface");
    return CLI_TROUBLE;
}

static int choose_interfaces(const struct cli *cli, struct observe_plan *p)
{
    size_t n = 0;
    const char *name;
    char *const *words = conf_words(&cli->conf, CONF_SENSOR_INTERFACE, &n);
    int code = CLI_DONE;
    for (size_t i = 0; !code && (name = cli_value_at(cli, "interface", i)); i++)
        code = add_interface(cli, p, name);
    for (size_t i = 0; !code && !cli_value(cli, "interface") && i < n; i++)
        code = add_interface(cli, p, words[i]);
    if (!code && p->n == 0)
        code = add_default(cli, p);
    return code;
}

/* An address counts for the first interface that has it. */
static int take_addresses(struct observe_interface *in, struct prefix_list *own)
{
    uint64_t before = prefix_list_size(own);
    TRY(interface_addresses(in->name, own));
    in->addresses = prefix_list_size(own) - before;
    return 0;
}

/* The sensor's addresses: as told, else those of the interfaces. */
static int choose_addresses(const struct cli *cli, struct observe_plan *p, struct prefix_list *own)
{
    p->together = cli_value(cli, "prefix") || conf_prefixes(&cli->conf, CONF_SENSOR_PREFIX)->n;
    if (p->together)
        return CLI_DONE;
    for (size_t i = 0; i < p->n; i++) {
        int err = take_addresses(&p->interface[i], own);
        if (err)
            return cli_trouble(p->interface[i].name, err, NULL);
    }
    if (own->n)
        return CLI_DONE;
    say_error(p->interface[0].name, "has no address of its own to count packets to",
              "name the sensor's addresses with --prefix");
    return CLI_TROUBLE;
}

/* ---- the rest ---- */

/* One a CPU, unless told. */
static unsigned choose_workers(const struct conf *conf)
{
    cpu_set_t cpus;
    int64_t n = conf_int(conf, CONF_SENSOR_WORKERS);
    if (n == 0 && sched_getaffinity(0, sizeof cpus, &cpus) == 0)
        n = CPU_COUNT(&cpus);
    return n < 1 ? 1 : n > PLAN_WORKERS ? PLAN_WORKERS : (unsigned)n;
}

int observe_plan_choose(const struct cli *cli, struct observe_plan *ret, struct prefix_list *own)
{
    const struct conf *conf = &cli->conf;
    *ret = (struct observe_plan){
        .sensor = { .signatures = -1 },
        .workers = choose_workers(conf),
        .promiscuous = cli_flag(cli, "promiscuous") || conf_bool(conf, CONF_SENSOR_PROMISCUOUS),
        .sessions = { .remember = conf_int(conf, CONF_TRAP_REMEMBER) * DAY_SECONDS,
                      .transcript = (uint64_t)conf_int(conf, CONF_TRAP_TRANSCRIPT) * 1000 },
        .held_most = (size_t)conf_int(conf, CONF_DAEMON_HELD) * MIB,
        .keep = { .minutes = conf_int(conf, CONF_KEEP_MINUTES) * DAY_SECONDS,
                  .flows = conf_int(conf, CONF_KEEP_FLOWS) * DAY_SECONDS,
                  .sessions = conf_int(conf, CONF_KEEP_SESSIONS) * DAY_SECONDS,
                  .zone = cli_zone(cli) },
    };
    int code = commands_prefixes(cli, own);
    if (!code)
        code = choose_interfaces(cli, ret);
    return code ? code : choose_addresses(cli, ret, own);
}

int observe_plan_prepare(const struct cli *cli, struct store *s, const struct prefix_list *own,
                         struct observe_plan *plan)
{
    int err = sensor_prepare(&plan->sensor, s, &cli->conf, own->n ? own : NULL);
    return err ? cli_trouble(cli_state_dir(cli), err, store_why(s)) : CLI_DONE;
}
