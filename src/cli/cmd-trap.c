/*
 * `teiten trap check`: the trap as it is seen from where this is run.
 */
#include "cli/commands.h"

#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/observe-plan.h"
#include "cli/trap-expect.h"
#include "cli/trap-visit.h"
#include "main/secret.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* clang-format off */
const struct option_def trap_options[] = {
    { "connect", OPTION_FLAG, NULL, "Visit them: an ordinary client's connections, a few dozen an address" },
    { "claim", OPTION_TEXT, "PREFIX", "As of observe: claimed, in the place of trap.claim; may be repeated" },
    { "wait", OPTION_INT, "SECONDS", "How long what is said is waited for (else 3)" },
    { 0 },
};

const char trap_details[] =
    "check tells what a visitor sees at an address of the trap: the device, its host name, the ports that\n"
    "are open and what answers there. Without an ADDRESS it tells of those that trap.telnet and its like\n"
    "name, or of 127.0.0.1. It needs the state folder and the configuration of the observatory.\n"
    "With --connect it goes there, as any client would, from wherever it is run: from another host or\n"
    "namespace it sees what strangers see. It looks at the ports that should be open and at a few that\n"
    "should not, shows what is said first, and tells whether it is what the device says; at 53413/UDP it\n"
    "sends one newline where that should be answered, and counts bytes of IP there and back. The exit code\n"
    "is 1 where anything is not as it should be.\n"
    "Of what is claimed (trap.claim, --claim) all ports are the trap's but those in trap.except: what is not\n"
    "the device's, or of the few that trap.catchall adds, must be closed.\n"
    "Other hosts are not looked at: an ADDRESS must be loopback, in sensor.prefix or what is claimed, or\n"
    "named by trap.telnet, trap.http, trap.netis or trap.other.";

static const struct column columns[] = {
    { .name = "address", .type = COLUMN_TEXT, .heading = "Address" },
    { .name = "persona", .type = COLUMN_TEXT, .heading = "Persona" },
    { .name = "hostname", .type = COLUMN_TEXT, .heading = "Host name" },
    { .name = "proto", .type = COLUMN_TEXT, .heading = "Proto" },
    { .name = "port", .type = COLUMN_INT, .heading = "Port" },
    { .name = "service", .type = COLUMN_TEXT, .heading = "Service" },
    { .name = "expected", .type = COLUMN_TEXT, .heading = "Expected" },
    { .name = "seen", .type = COLUMN_TEXT, .heading = "Seen" },
    { .name = "agrees", .type = COLUMN_BOOL, .heading = "Agrees" },
    { .name = "sent", .type = COLUMN_INT, .heading = "Sent" },
    { .name = "received", .type = COLUMN_INT, .heading = "Received" },
    { .name = "banner", .type = COLUMN_TEXT, .heading = "Says" },
};
/* clang-format on */

enum {
    ADDRESSES_MOST = 16,
    PORTS_MOST = 64, /* of one */
    SHOWN_MOST = 240,
    WAIT = 3,
    CREDIT = 64, /* bytes that may be sent to whom nothing is known of, beyond what came */
};

struct work {
    const struct cli *cli;
    struct expect expect;
    struct prefix_list claimed;
    struct out out;
    int64_t now;
    bool connect;
    int wait; /* milliseconds */
    size_t faults;
};

/* ---- What was said ---- */

/* What is said there, so that something is answered: a request that any web server knows; the newline that asks whether anybody
 * is there. */
static const char *const says[TRAP_SERVICES] = { [SERVICE_HTTP] = "GET / HTTP/1.0\r\n\r\n", [SERVICE_NETIS] = "\n" };

/* Without Telnet's commands (RFC 854). */
static void put_text(struct buf *b, const uint8_t *data, size_t n)
{
    enum { SE = 240, SB = 250, WILL = 251, IAC = 255 };
    for (size_t i = 0; i < n; i++) {
        if (data[i] != IAC) {
            buf_u8(b, data[i]);
            continue;
        }
        uint8_t command = i + 1 < n ? data[i + 1] : 0;
        if (command == SB)
            while (i + 1 < n && !(data[i] == IAC && data[i + 1] == SE))
                i++;
        i += command >= WILL && command != IAC ? 2 : 1;
    }
}

/* A line of HTTP's head that begins so, without its end. */
static struct rd head_line(const struct visit *v, const char *begins)
{
    size_t n = strlen(begins);
    for (size_t at = 0; at < v->n;) {
        const uint8_t *end = memchr(v->said + at, '\n', v->n - at);
        size_t line = end ? (size_t)(end - v->said) - at : v->n - at;
        size_t kept = line && v->said[at + line - 1] == '\r' ? line - 1 : line;
        if (kept >= n && strncasecmp((const char *)v->said + at, begins, n) == 0)
            return rd_init(v->said + at, kept);
        at += line + 1;
    }
    return rd_init("", 0);
}

static void put_head(struct buf *b, const struct visit *v)
{
    struct rd status = head_line(v, "HTTP/"), server = head_line(v, "Server:");
    buf_put(b, status.p, rd_left(&status));
    if (rd_left(&server))
        buf_text(b, "; ");
    buf_put(b, server.p, rd_left(&server));
}

static void out_said(struct out *o, const struct visit *v, int service)
{
    struct buf plain, shown;
    buf_init(&plain, 2 * VISIT_SAID);
    buf_init(&shown, 8 * VISIT_SAID);
    if (service == SERVICE_HTTP)
        put_head(&plain, v);
    else
        put_text(&plain, v->said, v->n);
    text_escape(&shown, (const char *)plain.data, plain.len < SHOWN_MOST ? plain.len : SHOWN_MOST, TEXT_PLAIN);
    buf_u8(&shown, '\0');
    out_text(o, plain.len && buf_ok(&shown) ? (const char *)shown.data : NULL);
    buf_release(&plain);
    buf_release(&shown);
}

/* ---- Whether it is what the device says ---- */

static bool same_line(const struct visit *a, const struct visit *b, const char *begins)
{
    struct rd x = head_line(a, begins), y = head_line(b, begins);
    return rd_left(&x) == rd_left(&y) && memcmp(x.p, y.p, rd_left(&x)) == 0;
}

static bool says_so(const struct work *w, const struct persona_here *here, int service, const struct addr *a, uint16_t port,
                    const struct visit *v)
{
    struct buf b;
    struct visit wanted = { 0 };
    if (service == SERVICE_OTHER)
        return !v->n;
    buf_init(&b, 1 << 24);
    if (expect_said(here, (enum trap_service)service, a, port, says[service], w->now, &b))
        b.len = 0;
    wanted.n = b.len < VISIT_SAID ? b.len : VISIT_SAID;
    if (wanted.n)
        memcpy(wanted.said, b.data, wanted.n);
    buf_release(&b);
    if (service == SERVICE_HTTP)
        return wanted.n && same_line(v, &wanted, "HTTP/") && same_line(v, &wanted, "Server:");
    return v->n && wanted.n && memcmp(v->said, wanted.said, v->n < wanted.n ? v->n : wanted.n) == 0;
}

/* ---- Rows ---- */

static const char *service_name(int service)
{
    return service == PORTS_CLOSED ? NULL : trap_service_name((enum trap_service)service);
}

static void begin_row(struct work *w, const struct addr *a, const struct persona_here *here, const char *proto, uint16_t port,
                      int service)
{
    char text[ADDR_TEXT];
    out_text(&w->out, addr_text(a, text));
    out_text(&w->out, here->persona->id);
    out_text(&w->out, here->hostname);
    out_text(&w->out, proto);
    out_int(&w->out, port);
    out_text(&w->out, service_name(service));
    out_text(&w->out, service == PORTS_CLOSED ? "closed" : "open");
}

static void out_nulls(struct out *o, int n)
{
    while (n-- > 0)
        out_null(o);
}

static void out_seen(struct work *w, const struct visit *v, bool judged, bool agrees)
{
    static const char *const words[] = { [VISIT_OPEN] = "open", [VISIT_CLOSED] = "closed", [VISIT_SILENT] = "silent" };
    out_text(&w->out, v->end == VISIT_FAILED ? errno_text(v->error) : words[v->end]);
    if (judged)
        out_bool(&w->out, agrees);
    else
        out_null(&w->out);
    w->faults += judged && !agrees;
}

static void check_tcp(struct work *w, const struct addr *a, const struct persona_here *here, uint16_t port)
{
    int service = expect_service(&w->expect, a, port);
    struct visit v;
    begin_row(w, a, here, "tcp", port, service);
    if (!w->connect) {
        out_nulls(&w->out, 5);
        return;
    }
    int quiet = service == SERVICE_OTHER || service == PORTS_CLOSED ? 300 : w->wait;
    visit_tcp(a, port, service == PORTS_CLOSED ? NULL : says[service], quiet, &v);
    bool open = v.end == VISIT_OPEN, wanted = service != PORTS_CLOSED;
    out_seen(w, &v, wanted || expect_is_claimed(&w->expect, a, port),
             wanted ? open && says_so(w, here, service, a, port, &v) : v.end == VISIT_CLOSED || v.end == VISIT_SILENT);
    out_nulls(&w->out, 2);
    out_said(&w->out, &v, service);
}

/* It is answered by no more than may be sent to whom nothing is known of. */
static void check_udp(struct work *w, const struct addr *a)
{
    struct persona_here here;
    struct visit v;
    if (!expect_netis(&w->expect, a, w->now, &here))
        return;
    begin_row(w, a, &here, "udp", PORTS_NETIS, SERVICE_NETIS);
    if (!w->connect) {
        out_nulls(&w->out, 5);
        return;
    }
    visit_udp(a, PORTS_NETIS, says[SERVICE_NETIS], strlen(says[SERVICE_NETIS]), w->wait, &v);
    bool within = v.end == VISIT_OPEN && v.received <= v.sent + CREDIT;
    out_seen(w, &v, true, within && says_so(w, &here, SERVICE_NETIS, a, PORTS_NETIS, &v));
    out_count(&w->out, v.sent);
    out_count(&w->out, v.received);
    out_said(&w->out, &v, SERVICE_NETIS);
}

/* UDP first: who has connected may be sent more. */
static void check_address(struct work *w, const struct addr *a)
{
    uint16_t port[PORTS_MOST];
    struct persona_here here;
    expect_here(&w->expect, a, w->now, &here);
    check_udp(w, a);
    size_t n = expect_ports(&w->expect, a, PORTS_MOST, port);
    for (size_t i = 0; i < n; i++) {
        if (w->connect || expect_service(&w->expect, a, port[i]) != PORTS_CLOSED)
            check_tcp(w, a, &here, port[i]);
    }
}

/* ---- Which addresses ---- */

struct addresses {
    struct addr one[ADDRESSES_MOST];
    size_t n;
};

static int add_address(const struct cli *cli, struct addresses *l, const struct addr *a, const char *word)
{
    for (size_t i = 0; i < l->n; i++) {
        if (addr_cmp(&l->one[i], a) == 0)
            return CLI_DONE;
    }
    if (l->n == ADDRESSES_MOST)
        return cli_usage(cli, word, "is one address too many; name 16 at most");
    l->one[l->n++] = *a;
    return CLI_DONE;
}

static int named_addresses(const struct cli *cli, const struct prefix_list *claimed, struct addresses *ret)
{
    int code = CLI_DONE;
    for (size_t i = 1; i < cli->n_arguments && !code; i++) {
        struct addr a;
        const char *word = cli->arguments[i];
        if (addr_parse(word, &a))
            code = cli_usage(cli, word, "is no address");
        else if (!expect_is_ours(&cli->conf, &a) && !prefix_list_has(claimed, &a))
            code = cli_usage(cli, word, "is no address of this trap (loopback, sensor.prefix, what is claimed, trap.telnet "
                                        "and its like); others are not looked at");
        else
            code = add_address(cli, ret, &a, word);
    }
    return code;
}

/* Those of the configuration, as far as they are many. */
static void known_addresses(const struct cli *cli, struct addresses *ret)
{
    static const enum conf_id items[] = { CONF_TRAP_TELNET, CONF_TRAP_HTTP, CONF_TRAP_NETIS, CONF_TRAP_OTHER };
    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++) {
        size_t n;
        const struct endpoint *e = conf_endpoints(&cli->conf, items[i], &n);
        for (size_t k = 0; k < n && ret->n < ADDRESSES_MOST; k++) {
            if (e[k].port && expect_is_ours(&cli->conf, &e[k].addr))
                (void)add_address(cli, ret, &e[k].addr, "");
        }
    }
    if (!ret->n)
        ret->one[ret->n++] = addr_v4(INT32_C(0x7f000001));
}

/* ---- The command ---- */

/* The state folder's secret, which is not made here. */
static int read_key(const struct cli *cli, uint8_t ret[static 16])
{
    char path[PATH_MAX];
    const char *state = cli_state_dir(cli);
    int n = snprintf(path, sizeof path, "%s/secret", state);
    int err = n >= (int)sizeof path ? -ENAMETOOLONG : access(path, R_OK) ? -errno : secret_read(state, ret);
    return err ? cli_trouble(path, err, "name the state folder of an observatory that was begun, with --state") : CLI_DONE;
}

static int prepare(struct work *w)
{
    char folder[PATH_MAX + 32], why[200] = "";
    uint8_t key[16];
    int code = read_key(w->cli, key);
    if (code)
        return code;
    commands_personas(&w->cli->conf, folder, sizeof folder);
    int err = expect_make(&w->expect, &w->cli->conf, &w->claimed, folder, key, why);
    if (err < 0)
        return cli_trouble(folder, err, NULL);
    if (err)
        say_error(folder, why, "'teiten persona check' tells all faults");
    return err ? CLI_TROUBLE : CLI_DONE;
}

static int check(struct work *w, const struct addresses *l)
{
    cli_rows(w->cli, &w->out, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < l->n; i++)
        check_address(w, &l->one[i]);
    int code = cli_rows_end(&w->out);
    bool tells = !code && w->connect && w->cli->format == OUT_TABLE;
    if (tells && w->faults)
        printf("\n%zu of these are not as they should be.\n", w->faults);
    else if (tells)
        puts("\nAll is as it should be.");
    return code ? code : w->faults ? CLI_TROUBLE : CLI_DONE;
}

int cmd_trap(struct cli *cli)
{
    struct addresses l = { .n = 0 };
    struct work w = { .cli = cli,
                      .now = time_now_us(),
                      .connect = cli_flag(cli, "connect"),
                      .wait = (int)cli_int(cli, "wait", WAIT) * 1000 };
    if (w.wait < 1000 || w.wait > 60000)
        return cli_usage(cli, "--wait", "is 1 to 60 seconds");
    int code = observe_claims(cli, &w.claimed);
    if (!code)
        code = named_addresses(cli, &w.claimed, &l);
    if (!code && !l.n)
        known_addresses(cli, &l);
    if (!code)
        code = prepare(&w);
    if (!code)
        code = check(&w, &l);
    expect_release(&w.expect);
    prefix_list_release(&w.claimed);
    return code;
}
