#include "cli/observe-plan.h"

#include "base/log.h"
#include "base/own.h"
#include "base/time.h"
#include "main/interface.h"
#include "main/secret.h"
#include "trap/persona.h"

#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_SECONDS = 86400, MIB = 1 << 20, DNS_PORT = 53 };

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

static int add_list(const struct prefix_list *from, struct prefix_list *ret)
{
    for (size_t i = 0; i < from->n; i++)
        TRY(prefix_list_add(ret, &from->item[i]));
    return 0;
}

/* What is claimed comes in by some interface. */
static int take_claimed(struct observe_plan *p, struct prefix_list *own)
{
    uint64_t before = prefix_list_size(own);
    TRY(add_list(&p->trap.claim.prefix, own));
    p->interface[0].addresses += prefix_list_size(own) - before;
    return 0;
}

/* The sensor's addresses: as told, else those of the interfaces, and those that are claimed. */
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
    int err = take_claimed(p, own);
    if (err)
        return cli_trouble("--claim", err, NULL);
    if (own->n)
        return CLI_DONE;
    say_error(p->interface[0].name, "has no address of its own to count packets to",
              "name the sensor's addresses with --prefix");
    return CLI_TROUBLE;
}

/* ---- the rest ---- */

/* One a CPU, unless told. */
static unsigned count_workers(int64_t n, unsigned most)
{
    cpu_set_t cpus;
    if (n == 0 && sched_getaffinity(0, sizeof cpus, &cpus) == 0)
        n = CPU_COUNT(&cpus);
    return n < 1 ? 1 : n > most ? most : (unsigned)n;
}

/* ---- the trap ---- */

_Static_assert((int)CONF_LOGIN_PERSONA == (int)LOGIN_AS_PERSONA && (int)CONF_LOGIN_AFTER == (int)LOGIN_AFTER,
               "the configuration's words are the workers'");
_Static_assert(POLICY_FETCH_OFF == 0 && POLICY_FETCH_RECORD == 1 && POLICY_FETCH_LIVE == 2, "as fetch.policy has its words");
_Static_assert(CATCHALL_NONE == 0 && CATCHALL_SOME == 1 && CATCHALL_ALL == 2, "as trap.catchall has its words");

static void choose_setup(const struct conf *conf, struct trap_setup *ret)
{
    int64_t login = conf_int(conf, CONF_TRAP_LOGIN);
    *ret = (struct trap_setup){ .login = (enum trap_login)(login & 0xff),
                                .after = (uint32_t)(login >> 8),
                                .catchall = (enum trap_catchall)conf_int(conf, CONF_TRAP_CATCHALL),
                                .fetch = (enum fetch_policy)conf_int(conf, CONF_FETCH_POLICY),
                                .remember = (uint64_t)(conf_int(conf, CONF_TRAP_REMEMBER) * DAY_SECONDS * US_A_S),
                                .total = (uint32_t)conf_int(conf, CONF_TRAP_SESSIONS),
                                .source = (uint32_t)conf_int(conf, CONF_TRAP_SOURCE),
                                .network = (uint32_t)conf_int(conf, CONF_TRAP_NETWORK),
                                .memory = (uint64_t)conf_int(conf, CONF_TRAP_MEMORY) * MIB };
    snprintf(ret->persona, sizeof ret->persona, "%s", conf_text(conf, CONF_TRAP_PERSONA));
}

static const enum conf_id places_of[TRAP_SERVICES] = { [SERVICE_TELNET] = CONF_TRAP_TELNET,
                                                       [SERVICE_HTTP] = CONF_TRAP_HTTP,
                                                       [SERVICE_NETIS] = CONF_TRAP_NETIS,
                                                       [SERVICE_OTHER] = CONF_TRAP_OTHER };

static int choose_places(const struct conf *conf, enum trap_service service, struct trap_plan *ret)
{
    size_t n;
    enum conf_id item = places_of[service];
    const struct endpoint *e = conf_endpoints(conf, item, &n);
    for (size_t i = 0; i < n; i++) {
        if (!e[i].port)
            continue;
        if (ret->n == PLAN_DOORS) {
            say_error(conf_items[item].name, "here the trap has more places than one observatory listens at",
                      "name 64 at most in all; 0.0.0.0:23 stands for all of this host");
            return CLI_TROUBLE;
        }
        ret->place[ret->n++] = (struct trap_place){ e[i], service, conf_origin(conf, item) != CONF_DEFAULT };
    }
    return CLI_DONE;
}

/* Those that are there to answer. */
static const enum trap_service answering[] = { SERVICE_TELNET, SERVICE_HTTP, SERVICE_NETIS, SERVICE_OTHER };

static int choose_trap(const struct conf *conf, struct trap_plan *ret)
{
    int code = CLI_DONE;
    bool dark = conf_int(conf, CONF_SENSOR_MODE) != 0;
    *ret = (struct trap_plan){ .workers = count_workers(conf_int(conf, CONF_TRAP_WORKERS), TRAP_WORKERS) };
    choose_setup(conf, &ret->setup);
    for (size_t i = 0; i < sizeof answering / sizeof *answering && !dark && !code; i++)
        code = choose_places(conf, answering[i], ret);
    return code;
}

/* ---- samples ---- */

/* Those that were named, or else what this host asks. */
static void choose_servers(const struct conf *conf, struct sample_plan *ret)
{
    size_t n;
    char line[256], word[ADDR_TEXT];
    const struct endpoint *e = conf_endpoints(conf, CONF_FETCH_DNS, &n);
    for (size_t i = 0; i < n && ret->servers < DIAL_SERVERS; i++)
        ret->server[ret->servers++] = e[i];
    auto_file FILE *f = n ? NULL : fopen("/etc/resolv.conf", "re");
    while (f && ret->servers < DIAL_SERVERS && fgets(line, sizeof line, f))
        if (sscanf(line, " nameserver %63s", word) == 1 && addr_parse(word, &ret->server[ret->servers].addr) == 0)
            ret->server[ret->servers++].port = DNS_PORT;
}

static int choose_samples(const struct conf *conf, const struct trap_plan *trap, struct sample_plan *ret)
{
    size_t n;
    const struct endpoint *proxy = conf_endpoints(conf, CONF_FETCH_PROXY, &n);
    bool answers = trap->n || trap->claim.prefix.n;
    *ret = (struct sample_plan){ .desks = answers ? count_workers(conf_int(conf, CONF_SAMPLE_WORKERS), TRAYS_MOST) : 0,
                                 .quota = (uint64_t)conf_int(conf, CONF_SAMPLE_QUOTA) * MIB,
                                 .policy = trap->setup.fetch,
                                 .first_port = (uint16_t)conf_int(conf, CONF_FETCH_PORTS),
                                 .hourly = (uint32_t)conf_int(conf, CONF_FETCH_HOURLY),
                                 .life = conf_int(conf, CONF_FETCH_LIFE) * HOUR_SECONDS };
    if (n)
        ret->proxy = proxy[0];
    choose_servers(conf, ret);
    int err = add_list(conf_prefixes(conf, CONF_FETCH_DENY), &ret->deny);
    return err ? cli_trouble("fetch.deny", err, NULL) : CLI_DONE;
}

/* ---- claims ---- */

enum { CONFIRM_S = 60 };

int observe_claims(const struct cli *cli, struct prefix_list *ret)
{
    const char *text, *bad;
    int err = cli_value(cli, "claim") ? 0 : add_list(conf_prefixes(&cli->conf, CONF_TRAP_CLAIM), ret);
    for (size_t i = 0; !err && (text = cli_value_at(cli, "claim", i)); i++) {
        struct prefix_list one = { 0 };
        err = prefix_list_parse(text, &one, &bad);
        if (err > 0)
            return cli_usage(cli, bad, "is no prefix (as 192.0.2.0/24)");
        if (!err)
            err = add_list(&one, ret);
        prefix_list_release(&one);
    }
    return err ? cli_trouble("--claim", err, NULL) : CLI_DONE;
}

/* 0.0.0.0 and :: are all addresses, of either family. */
static void add_excepts(const struct conf *conf, struct request_claim *ret)
{
    static const struct addr any4 = { .family = 4 }, any6 = { .family = 6 };
    size_t n;
    const struct endpoint *e = conf_endpoints(conf, CONF_TRAP_EXCEPT, &n);
    for (size_t i = 0; i < n && ret->excepts < REQUEST_EXCEPTS; i++) {
        bool all = addr_cmp(&e[i].addr, &any4) == 0 || addr_cmp(&e[i].addr, &any6) == 0;
        ret->except[ret->excepts++] = (struct request_except){ all ? (struct addr){ 0 } : e[i].addr, e[i].port };
    }
}

static int choose_claim(const struct cli *cli, struct trap_plan *ret)
{
    size_t excepts;
    struct request_claim *c = &ret->claim;
    int code = observe_claims(cli, &c->prefix);
    (void)conf_endpoints(&cli->conf, CONF_TRAP_EXCEPT, &excepts);
    if (code || !c->prefix.n)
        return code;
    if (c->prefix.n > REQUEST_CLAIMS || excepts > REQUEST_EXCEPTS)
        return cli_usage(cli, c->prefix.n > REQUEST_CLAIMS ? "--claim" : "trap.except", "has more than 64");
    if (ret->n + PLAN_CLAIMED > PLAN_DOORS)
        return cli_usage(cli, "--claim", "needs four of the 64 places that the trap has: name fewer");
    add_excepts(&cli->conf, c);
    c->confirm_s = cli_flag(cli, "yes") ? 0 : CONFIRM_S;
    return CLI_DONE;
}

/* The kernel is told what is open where. */
static int make_ports(const struct cli *cli, struct trap_plan *p)
{
    char folder[PATH_MAX + 32], why[200];
    struct personas all;
    if (!p->claim.prefix.n)
        return CLI_DONE;
    commands_personas(&cli->conf, folder, sizeof folder);
    int err = personas_load(&all, folder, why);
    if (err) {
        say_error(folder, err > 0 ? why : errno_text(err), "see 'teiten persona check'");
        return CLI_TROUBLE;
    }
    const struct persona *pinned = p->setup.persona[0] ? personas_find(&all, p->setup.persona) : NULL;
    p->claim.ports = calloc(1, sizeof *p->claim.ports);
    err = p->claim.ports ? ports_make(p->claim.ports, &all, pinned, p->setup.key, p->setup.catchall) : -ENOMEM;
    personas_release(&all);
    return err ? cli_trouble("--claim", err, NULL) : CLI_DONE;
}

void observe_plan_drop(struct observe_plan *p)
{
    trap_plan_release(&p->trap);
    sample_plan_release(&p->samples);
}

int observe_plan_choose(const struct cli *cli, struct observe_plan *ret, struct prefix_list *own)
{
    const struct conf *conf = &cli->conf;
    *ret = (struct observe_plan){
        .sensor = { .signatures = -1 },
        .workers = count_workers(conf_int(conf, CONF_SENSOR_WORKERS), PLAN_WORKERS),
        .promiscuous = cli_flag(cli, "promiscuous") || conf_bool(conf, CONF_SENSOR_PROMISCUOUS),
        .sessions = { .remember = conf_int(conf, CONF_TRAP_REMEMBER) * DAY_SECONDS,
                      .transcript = (uint64_t)conf_int(conf, CONF_TRAP_TRANSCRIPT) * 1000,
                      .made = (uint64_t)conf_int(conf, CONF_KEEP_MADE) * MIB },
        .held_most = (size_t)conf_int(conf, CONF_DAEMON_HELD) * MIB,
        .keep = { .minutes = conf_int(conf, CONF_KEEP_MINUTES) * DAY_SECONDS,
                  .flows = conf_int(conf, CONF_KEEP_FLOWS) * DAY_SECONDS,
                  .sessions = conf_int(conf, CONF_KEEP_SESSIONS) * DAY_SECONDS,
                  .zone = cli_zone(cli) },
    };
    int code = commands_prefixes(cli, own);
    if (!code)
        code = choose_trap(conf, &ret->trap);
    if (!code && conf_int(conf, CONF_SENSOR_MODE) == 0)
        code = choose_claim(cli, &ret->trap);
    if (!code)
        code = choose_interfaces(cli, ret);
    if (!code)
        code = choose_addresses(cli, ret, own);
    if (!code)
        code = choose_samples(conf, &ret->trap, &ret->samples);
    if (code)
        observe_plan_drop(ret);
    return code;
}

int observe_plan_prepare(const struct cli *cli, struct store *s, const struct prefix_list *own,
                         struct observe_plan *plan)
{
    int err = sensor_prepare(&plan->sensor, s, &cli->conf, own->n ? own : NULL);
    if (err)
        return cli_trouble(cli_state_dir(cli), err, store_why(s));
    plan->trap.setup.own = plan->sensor.setup.own;
    err = secret_read(cli_state_dir(cli), plan->trap.setup.key);
    if (err)
        return cli_trouble("secret", err, "a file of the state folder; it may be removed, and all devices change");
    return make_ports(cli, &plan->trap);
}
