#include "cli/observe-plan.h"

#include "base/log.h"
#include "base/own.h"
#include "base/time.h"
#include "main/signals.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

const struct option_def observe_options[] = {
    { "interface", OPTION_TEXT, "NAME",
      "Capture on this interface (in place of sensor.interface); may be given more than once" },
    { "prefix", OPTION_TEXT, "PREFIXES",
      "The sensor's own addresses (in place of sensor.prefix); packets from them are ours" },
    { "promiscuous", OPTION_FLAG, NULL,
      "Take frames to other stations, too, as on a mirror port (as sensor.promiscuous)" },
    { "claim", OPTION_TEXT, "PREFIX",
      "Answer at every address of it (in place of trap.claim); may be given more than once" },
    { "yes", OPTION_FLAG, NULL, "Claim for good, and do not wait for Enter" },
    { "clock-offset", OPTION_INT, "SECONDS",
      "For tests: count as if it were so much later than it is" },
    { 0 },
};

const char observe_details[] =
    "Started by root it keeps what rights it needs in a program of their own and becomes the user\n"
    "daemon.user, or the owner of the state folder. SIGHUP: the configuration is read anew, and applied or\n"
    "refused as a whole. SIGTERM: it stores what it has and stops.";

/* One call of the command. */
struct call {
    struct cli *cli;
    struct observe *o;
    struct daemon daemon;
    struct conf next; /* read anew, not yet followed */
};

/* One writer that observes a folder: the lock goes with the descriptor. */
static int lock_state(const struct cli *cli, int *ret_fd)
{
    char path[PATH_MAX];
    const char *state = cli_state_dir(cli);
    if ((size_t)snprintf(path, sizeof path, "%s/observe.lock", state) >= sizeof path)
        return cli_trouble(state, -ENAMETOOLONG, "name another folder with --state");
    *ret_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*ret_fd < 0)
        return cli_trouble(path, -errno, "name another folder with --state");
    if (flock(*ret_fd, LOCK_EX | LOCK_NB) == 0)
        return CLI_DONE;
    if (errno != EWOULDBLOCK)
        return cli_trouble(path, -errno, NULL);
    say_error(state, "another 'teiten observe' counts into this folder",
              "stop that one, or name another folder with --state");
    return CLI_TROUBLE;
}

/* ---- what may go wrong ---- */

static int say_no_right(const char *interface)
{
    char self[PATH_MAX], remedy[PATH_MAX + 128];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = '\0';
    snprintf(remedy, sizeof remedy,
             "run it as root, or give the program this one right: sudo setcap cap_net_raw+ep %s; a container "
             "may withhold it",
             self);
    say_error(interface, "capturing needs the right CAP_NET_RAW, which is not to be had", remedy);
    return CLI_TROUBLE;
}

static const char *listener_remedy(int err)
{
    switch (err) {
    case -EADDRINUSE:
        return "another program answers there: end it, or name other places with trap.telnet, trap.http... (port 0: none)";
    case -EACCES:
    case -EPERM:
        return "ports below 1024 need root, or the right CAP_NET_BIND_SERVICE";
    case -EEXIST:
        return "a route of just this prefix is there already; remove it, or claim parts of the prefix";
    case -EOPNOTSUPP:
        return "claiming needs root, or CAP_NET_ADMIN and CAP_BPF, and /dev/net/tun";
    case -EINVAL:
        return "IPv4 prefixes from /8 on and IPv6 ones from /32 on can be claimed, but for the loopback, links and groups";
    case -EADDRNOTAVAIL:
        return "this host does not have that address; name one that it has";
    default:
        return "name other places with trap.telnet, trap.http... (port 0: none)";
    }
}

static int say_trouble(const struct cli *cli, const char *trouble, const char *listener, int err)
{
    if (!trouble)
        return cli_trouble(cli_state_dir(cli), err, err == -ENOSPC ? "make room there" : NULL);
    if (trouble == listener)
        return cli_trouble(trouble, err, listener_remedy(err));
    switch (err) {
    case -EPERM:
    case -EACCES:
        return say_no_right(trouble);
    case -ENODEV:
        return observe_no_interface(trouble);
    case -EPROTONOSUPPORT:
        say_error(trouble, "its frames are neither Ethernet nor bare IP", "name another with --interface");
        return CLI_TROUBLE;
    default:
        return cli_trouble(trouble, err, "see 'teiten doctor'");
    }
}

static int say_not_entered(const struct daemon *d, int err)
{
    if (!d->trouble)
        return cli_trouble("confinement", err, "see 'teiten doctor'");
    if (err == -EACCES)
        return cli_trouble(d->trouble, err,
                           "what root starts becomes the user daemon.user, or the folder's owner: name a folder "
                           "that this user can reach");
    if (err != -ENOENT)
        return cli_trouble(d->trouble, err, NULL);
    say_error(d->trouble, "the program is neither beside teiten nor installed", "build it: ./run");
    return CLI_TROUBLE;
}

/* ---- the configuration, read anew ---- */

/* A name in their folder, and nothing that leads out of it. */
static int check_persona(const struct call *c, const char *persona)
{
    char path[TRAP_PERSONA + 32];
    snprintf(path, sizeof path, "%s/persona.ini", persona);
    if (!persona[0] || c->daemon.personas < 0)
        return CLI_DONE;
    if (!strchr(persona, '/') && persona[0] != '.' && faccessat(c->daemon.personas, path, R_OK, 0) == 0)
        return CLI_DONE;
    say_error(persona, "there is no such persona", "name one of 'teiten persona list' with trap.persona, or none");
    return CLI_TROUBLE;
}

static int plan_of(struct call *c, const struct cli *cli, struct observe_plan *ret)
{
    struct prefix_list own = { 0 };
    int code = observe_plan_choose(cli, ret, &own);
    if (!code && ret->trap.n && c->daemon.personas < 0) {
        say_error("trap", "the personas were not there when this was started", "start it anew");
        code = CLI_TROUBLE;
    }
    if (!code)
        code = check_persona(c, ret->trap.setup.persona);
    if (!code)
        code = observe_plan_prepare(cli, c->o->store, &own, ret);
    prefix_list_release(&own);
    if (code)
        observe_plan_drop(ret);
    return code;
}

static int plan_anew(void *context, struct observe_plan *ret)
{
    struct call *c = context;
    struct cli next = *c->cli;
    int err = cli_conf_load(c->cli, &c->next) ? 1 : 0;
    next.conf = c->next;
    if (!err)
        err = plan_of(c, &next, ret) ? 1 : 0;
    if (err)
        conf_release(&c->next);
    return err;
}

static void plan_chosen(void *context, bool keep)
{
    struct call *c = context;
    if (!keep) {
        conf_release(&c->next);
        return;
    }
    conf_release(&c->cli->conf);
    c->cli->conf = c->next;
}

/* ---- from start to stop ---- */

/* What survives of a damaged store can be asked in its new place; counting goes on in a new one. */
static int set_aside(const struct call *c)
{
    char path[4200];
    int err = store_set_aside(cli_state_dir(c->cli), time_now(), path);
    if (err)
        return cli_trouble(cli_state_dir(c->cli), err, "the store is damaged, and cannot be moved aside");
    log_error("store-damaged", LOG_TEXT("moved-to", path),
              LOG_TEXT("what-now", "counting goes on in a new store; ask the old one with --state"));
    return CLI_DONE;
}

static int open_store(struct call *c)
{
    int err = store_open(&c->o->store, cli_state_dir(c->cli), STORE_WRITE);
    if (!err)
        return CLI_DONE;
    if (err == -EUCLEAN && set_aside(c))
        return CLI_TROUBLE;
    return commands_open_store(c->cli, STORE_WRITE, &c->o->store);
}

/* *ret_damaged: it ended because the store is. */
static int observe(struct call *c, bool *ret_damaged)
{
    observe_plan_drop(&c->o->plan); /* it was only looked whether there is one */
    int code = plan_of(c, c->cli, &c->o->plan);
    if (code)
        return code;
    int err = observe_run(c->o);
    observe_plan_release(&c->o->plan);
    *ret_damaged = err == -EUCLEAN;
    return err ? say_trouble(c->cli, c->o->trouble, c->o->listener, err) : CLI_DONE;
}

static int observe_into_store(struct call *c)
{
    auto_fd int lock = -1;
    int code = lock_state(c->cli, &lock);
    bool damaged = true;
    while (!code && damaged) {
        damaged = false;
        code = open_store(c);
        if (code)
            return code;
        code = observe(c, &damaged);
        store_close(c->o->store);
        if (damaged)
            code = set_aside(c);
    }
    return code;
}

/* The folder of a file, so that another file under its name is found there. */
static const char *folder_of(const char *path, char folder[static PATH_MAX])
{
    const char *slash = strrchr(path, '/');
    snprintf(folder, PATH_MAX, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
    return folder;
}

static int enter(struct call *c)
{
    char config[PATH_MAX], signatures[PATH_MAX], personas[PATH_MAX + 32], rules[PATH_MAX + 32];
    const struct conf *conf = &c->cli->conf;
    const char *path = cli_value(c->cli, "config");
    const char *reads[] = { folder_of(conf_text(conf, CONF_SENSOR_P0F), signatures),
                            path ? folder_of(path, config) : NULL, NULL };
    const struct sample_plan *samples = &c->o->plan.samples;
    commands_personas(conf, personas, sizeof personas);
    commands_rules(rules, sizeof rules);
    /* A new configuration may want them; where nothing answers now, it is no trouble that they are not there. */
    bool wanted = c->o->plan.trap.n || access(personas, R_OK) == 0;
    if (cli_state_make(c->cli))
        return CLI_TROUBLE;
    const struct daemon_wants wants = { .state = cli_state_dir(c->cli),
                                        .user = conf_text(conf, CONF_DAEMON_USER),
                                        .personas = wanted ? personas : NULL,
                                        .rules = rules,
                                        .own_rules = conf_text(conf, CONF_SAMPLE_RULES),
                                        .reads = reads,
                                        .claims = c->o->plan.trap.claim.prefix.n != 0,
                                        .desks = samples->desks,
                                        .dials = samples->desks && samples->policy == POLICY_FETCH_LIVE };
    int err = daemon_enter(&c->daemon, &wants);
    return err ? say_not_entered(&c->daemon, err) : CLI_DONE;
}

int cmd_observe(struct cli *cli)
{
    struct prefix_list own = { 0 };
    struct observe o = { .clock_offset = cli_int(cli, "clock-offset", 0),
                         .plan_anew = plan_anew,
                         .plan_chosen = plan_chosen };
    struct call c = { .cli = cli, .o = &o };
    signals_catch();
    signals_catch_reload();
    if (o.clock_offset > SETUP_OFFSET)
        return cli_usage(cli, cli_value(cli, "clock-offset"), "is too far in the future");
    int code = observe_plan_choose(cli, &o.plan, &own); /* whether there is one, before rights are given up */
    prefix_list_release(&own);
    if (!code)
        code = observe_claim_tell(cli, &o.plan.trap.claim);
    if (!code)
        code = enter(&c);
    if (code) {
        observe_plan_drop(&o.plan);
        return code;
    }
    o.context = &c;
    o.daemon = &c.daemon;
    code = observe_into_store(&c);
    daemon_leave(&c.daemon);
    return code;
}
