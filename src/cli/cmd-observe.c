#include "cli/commands.h"

#include "base/log.h"
#include "base/own.h"
#include "main/interface.h"
#include "main/observe.h"
#include "main/signals.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

enum { DAY_SECONDS = 86400 };

const struct option_def observe_options[] = {
    { "interface", OPTION_TEXT, "NAME",
      "Capture on this interface (in place of sensor.interface); may be given more than once" },
    { "prefix", OPTION_TEXT, "PREFIXES",
      "The sensor's own addresses (in place of sensor.prefix); packets from them are ours" },
    { "promiscuous", OPTION_FLAG, NULL,
      "Take frames to other stations, too, as on a mirror port (as sensor.promiscuous)" },
    { "clock-offset", OPTION_INT, "SECONDS",
      "For tests: count as if it were so much later than it is" },
    { 0 },
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

/* ---- interfaces ---- */

static int say_no_interface(const char *name)
{
    say_error(name, "there is no such interface", "see 'teiten doctor' for those that are up");
    return CLI_TROUBLE;
}

static int add_interface(const struct cli *cli, struct observe *o, const char *name)
{
    for (size_t i = 0; i < o->n; i++)
        if (strcmp(o->interface[i].name, name) == 0)
            return CLI_DONE;
    if (!*name || strlen(name) >= IF_NAMESIZE)
        return cli_usage(cli, name, "is no name of an interface");
    if (o->n == OBSERVE_INTERFACES)
        return cli_usage(cli, name, "is one interface too many");
    if (if_nametoindex(name) == 0)
        return say_no_interface(name);
    memcpy(o->interface[o->n++].name, name, strlen(name) + 1);
    return CLI_DONE;
}

static int add_default(const struct cli *cli, struct observe *o)
{
    char name[IF_NAMESIZE];
    if (interface_default(name) == 0)
        return add_interface(cli, o, name);
    say_error("observe", "there is no default route to tell which interface to capture on",
              "name it with --interface");
    return CLI_TROUBLE;
}

static int choose_interfaces(const struct cli *cli, struct observe *o)
{
    size_t n = 0;
    const char *name;
    char *const *words = conf_words(&cli->conf, CONF_SENSOR_INTERFACE, &n);
    int code = CLI_DONE;
    for (size_t i = 0; !code && (name = cli_value_at(cli, "interface", i)); i++)
        code = add_interface(cli, o, name);
    for (size_t i = 0; !code && !cli_value(cli, "interface") && i < n; i++)
        code = add_interface(cli, o, words[i]);
    if (!code && o->n == 0)
        code = add_default(cli, o);
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
static int choose_addresses(const struct cli *cli, struct observe *o, struct prefix_list *own)
{
    o->together = cli_value(cli, "prefix") || conf_prefixes(&cli->conf, CONF_SENSOR_PREFIX)->n;
    if (o->together)
        return CLI_DONE;
    for (size_t i = 0; i < o->n; i++) {
        int err = take_addresses(&o->interface[i], own);
        if (err)
            return cli_trouble(o->interface[i].name, err, NULL);
    }
    if (own->n)
        return CLI_DONE;
    say_error(o->interface[0].name, "has no address of its own to count packets to",
              "name the sensor's addresses with --prefix");
    return CLI_TROUBLE;
}

/* ---- what may go wrong at the start ---- */

static int say_no_right(const char *interface)
{
    char self[PATH_MAX], remedy[PATH_MAX + 128];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = '\0';
    if (geteuid() == 0)
        snprintf(remedy, sizeof remedy,
                 "this container withholds CAP_NET_RAW: start it with that, or ingest files");
    else
        snprintf(remedy, sizeof remedy,
                 "run it as root, or give the program this one right: sudo setcap cap_net_raw+ep %s", self);
    say_error(interface, "capturing needs the right CAP_NET_RAW, which this user has not", remedy);
    return CLI_TROUBLE;
}

static int say_trouble(const struct cli *cli, const struct observe *o, int err)
{
    if (!o->trouble)
        return cli_trouble(cli_state_dir(cli), err, err == -ENOSPC ? "make room there" : NULL);
    switch (err) {
    case -EPERM:
    case -EACCES:
        return say_no_right(o->trouble);
    case -ENODEV:
        return say_no_interface(o->trouble);
    case -EPROTONOSUPPORT:
        say_error(o->trouble, "its frames are neither Ethernet nor bare IP", "name another with --interface");
        return CLI_TROUBLE;
    case -ENOENT:
        say_error("teiten-sense", "the program is neither beside teiten nor installed", "build it: ./run");
        return CLI_TROUBLE;
    default:
        return cli_trouble(o->trouble, err, "see 'teiten doctor'");
    }
}

static int observe(const struct cli *cli, struct observe *o, const struct prefix_list *own)
{
    struct sensor sensor;
    int err = sensor_prepare(&sensor, o->store, &cli->conf, own->n ? own : NULL);
    if (err)
        return cli_trouble(cli_state_dir(cli), err, store_why(o->store));
    o->sensor = &sensor;
    err = observe_run(o);
    sensor_release(&sensor);
    return err ? say_trouble(cli, o, err) : CLI_DONE;
}

static int observe_into_store(const struct cli *cli, struct observe *o, const struct prefix_list *own)
{
    auto_fd int lock = -1;
    if (cli_state_make(cli))
        return CLI_TROUBLE;
    int code = lock_state(cli, &lock);
    if (code)
        return code;
    code = commands_open_store(cli, STORE_WRITE, &o->store);
    if (code)
        return code;
    code = observe(cli, o, own);
    store_close(o->store);
    return code;
}

int cmd_observe(struct cli *cli)
{
    const struct conf *conf = &cli->conf;
    struct prefix_list own = { 0 };
    struct observe o = { .clock_offset = cli_int(cli, "clock-offset", 0),
                         .promiscuous = cli_flag(cli, "promiscuous") ||
                                        conf_bool(conf, CONF_SENSOR_PROMISCUOUS),
                         .keep = { .minutes = conf_int(conf, CONF_KEEP_MINUTES) * DAY_SECONDS,
                                   .flows = conf_int(conf, CONF_KEEP_FLOWS) * DAY_SECONDS,
                                   .zone = cli_zone(cli) } };
    signals_catch();
    int code = commands_prefixes(cli, &own);
    if (!code && o.clock_offset > SETUP_OFFSET)
        code = cli_usage(cli, cli_value(cli, "clock-offset"), "is too far in the future");
    if (!code)
        code = choose_interfaces(cli, &o);
    if (!code)
        code = choose_addresses(cli, &o, &own);
    if (!code)
        code = observe_into_store(cli, &o, &own);
    prefix_list_release(&own);
    return code;
}
