#include "cli/observe-plan.h"

#include "base/own.h"
#include "base/text.h"
#include "main/netlink.h"

#include <linux/netlink.h>
#include <stdio.h>
#include <unistd.h>

enum { TOLD_MOST = 100 };

/* What of a claim is the host's. */
struct look {
    const struct prefix_list *claimed;
    struct prefix_list own;
    uint8_t seen[2][8192]; /* UDP, TCP */
};

static void look_address(void *context, const struct addr *a)
{
    struct look *l = context;
    struct prefix p = { *a, a->family == 4 ? 32 : 128 };
    if (prefix_list_has(l->claimed, a))
        (void)!prefix_list_add(&l->own, &p); /* one that is not told of is left out all the same */
}

static void look_listener(void *context, bool tcp, uint16_t port)
{
    struct look *l = context;
    l->seen[tcp][port / 8] = (uint8_t)(l->seen[tcp][port / 8] | 1u << port % 8);
}

static int look(struct look *l)
{
    auto_fd int route = netlink_open(NETLINK_ROUTE), diag = netlink_open(NETLINK_SOCK_DIAG);
    TRY(route);
    TRY(diag);
    TRY(netlink_addresses(route, look_address, l));
    return l->own.n ? netlink_listeners(diag, look_listener, l) : 0;
}

static void say_ports(const char *what, const uint8_t seen[static 8192])
{
    unsigned told = 0;
    printf("  left out: %s", what);
    for (unsigned port = 1; port < 65536; port++)
        if (seen[port / 8] >> port % 8 & 1 && ++told <= TOLD_MOST)
            printf(" %u", port);
    printf(told > TOLD_MOST ? " and %u more\n" : told ? "\n" : " none\n", told - TOLD_MOST);
}

static void say_excepts(const struct request_claim *v)
{
    char text[ADDR_TEXT];
    for (uint32_t i = 0; i < v->excepts; i++)
        printf("%s%s port %u%s", i ? ", " : "  left out: trap.except: ",
               v->except[i].addr.family ? addr_text(&v->except[i].addr, text) : "every address", v->except[i].port,
               i + 1 < v->excepts ? "" : "\n");
}

static void say_claim(const struct request_claim *v, const struct look *l)
{
    char text[ADDR_TEXT];
    for (size_t i = 0; i < v->prefix.n; i++)
        printf("claimed: %s\n", prefix_text(&v->prefix.item[i], text));
    say_excepts(v);
    for (size_t i = 0; i < l->own.n; i++)
        printf("  %s is this host's own\n", addr_text(&l->own.item[i].addr, text));
    if (l->own.n) {
        say_ports("at these, TCP", l->seen[1]);
        say_ports("at these, UDP", l->seen[0]);
        puts("  and the ports of this host's own connections, and whatever listens there later, from a second later on");
    }
    if (v->confirm_s)
        printf("It ends in %u seconds, unless you press Enter.\n", (unsigned)v->confirm_s);
    fflush(stdout);
}

int observe_claim_tell(const struct cli *cli, const struct request_claim *v)
{
    if (!v->prefix.n)
        return CLI_DONE;
    if (v->confirm_s && !isatty(STDIN_FILENO))
        return cli_usage(cli, "--claim", "needs --yes where nobody is at a terminal to confirm it");
    auto_free struct look *l = calloc(1, sizeof *l);
    if (!l)
        return cli_trouble("--claim", -ENOMEM, NULL);
    l->claimed = &v->prefix;
    int err = look(l);
    if (!err)
        say_claim(v, l);
    prefix_list_release(&l->own);
    return err ? cli_trouble("--claim", err, "see 'teiten doctor'") : CLI_DONE;
}
