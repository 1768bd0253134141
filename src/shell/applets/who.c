/* who, w, users: nobody is written down as logged in; and uptime */
#include "shell/options.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static void heading(struct proc *p)
{
    out_text(p, "USER\t\tTTY\t\tIDLE\tTIME\t\t HOST\n");
}

static int who_once(struct proc *p, int argc, char **argv)
{
    enum { ALL = 1, HEADING = 2 };
    uint32_t given = options_bits(p, argc, argv, "aH", &argv);
    if (argv[0])
        proc_usage(p);
    if (given & HEADING)
        heading(p);
    return 0;
}

static int w_once(struct proc *p, int argc, char **argv)
{
    options_bits(p, argc, argv, "", &argv);
    if (argv[0])
        proc_usage(p);
    heading(p);
    return 0;
}

static int users_once(struct proc *p, int argc, char **argv)
{
    (void)argc, (void)argv;
    out_char(p, '\n');
    return 0;
}

static void show_since(struct proc *p, int64_t up)
{
    char since[32];
    time_t at = (time_t)(proc_now(p) / 1000000 - up);
    struct tm tm;
    strftime(since, sizeof since, "%Y-%m-%d %H:%M:%S", gmtime_r(&at, &tm));
    out_print(p, "%s\n", since);
}

static void show_load(struct proc *p)
{
    char *data;
    size_t n;
    double load[3] = { proc_machine(p)->load[0], proc_machine(p)->load[1],
                       proc_machine(p)->load[2] };
    if (proc_read_file(p, "/proc/loadavg", 256, &data, &n) == 0) {
        for (size_t i = 0; i < 3; i++)
            load[i] = strtod(data, &data);
    }
    out_print(p, "load average: %.2f, %.2f, %.2f\n", load[0], load[1], load[2]);
}

static int uptime_once(struct proc *p, int argc, char **argv)
{
    uint32_t given = options_bits(p, argc, argv, "s", &argv);
    int64_t up = proc_uptime(p), minutes = up / 60 % 60, hours = up / 3600 % 24, days = up / 86400;
    char clock[16];
    time_t now = (time_t)(proc_now(p) / 1000000);
    struct tm tm;
    if (given) {
        show_since(p, up);
        return 0;
    }
    strftime(clock, sizeof clock, "%H:%M:%S", gmtime_r(&now, &tm));
    out_print(p, " %s up ", clock);
    if (days)
        out_print(p, "%lld day%s, ", (long long)days, days == 1 ? "" : "s");
    if (hours)
        out_print(p, "%2lld:%02lld", (long long)hours, (long long)minutes);
    else
        out_print(p, "%lld min", (long long)minutes);
    out_text(p, ",  0 users,  ");
    show_load(p);
    return 0;
}

const struct applet applet_who = { .name = "who", .once = who_once };
const struct applet applet_w = { .name = "w", .once = w_once };
const struct applet applet_users = { .name = "users", .once = users_once };
const struct applet applet_uptime = { .name = "uptime", .once = uptime_once };
