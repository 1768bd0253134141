/*
 * The daemons. What was tried on the real one says so; of the others it is public what they say
 * first, and where. Nothing here is from a scanner's list of probes.
 */
#include "trap/telnet.h"

#include <string.h>

/* clang-format off */

/* Options by their numbers, as the IANA's registry has them. */
enum { BINARY = 0, ECHO = 1, SGA = 3, STATUS = 5, TM = 6, TTYPE = 24, NAWS = 31, TSPEED = 32, LFLOW = 33, LINEMODE = 34,
       XDISPLOC = 35, OLD_ENVIRON = 36, AUTHENTICATION = 37, ENCRYPT = 38, NEW_ENVIRON = 39 };

#define IAC TELNET_IAC
#define DO IAC, TELNET_DO
#define WILL IAC, TELNET_WILL

/* BusyBox 1.35, tried: it answers nothing that is negotiated and takes no IP, BRK, EC or EL for a key. Its answer to
 * AYT is a NOP that its own doubling of IAC has met. Of suboptions it knows NAWS, as nine bytes, without undoubling. */
static const uint8_t busybox_opening[] = { DO, ECHO, DO, NAWS, WILL, ECHO, WILL, SGA };
/* BusyBox before 1.14: the same, and LFLOW. <https://www.raspberrypi.org/forums/viewtopic.php?t=26424> has the bytes. */
static const uint8_t busybox_old_opening[] = { DO, ECHO, DO, NAWS, DO, LFLOW, WILL, ECHO, WILL, SGA };
/* utelnetd, from which BusyBox's came, and what modem makers made of it: public scans show it before "BCM96328 Broadband
 * Router" and "FAST2604 ADSL Router", both of which Recog's telnet_banners.xml (Rapid7, BSD-2-Clause) knows as banners. */
static const uint8_t utelnetd_opening[] = { DO, ECHO, DO, LFLOW, WILL, ECHO, WILL, SGA };

/* netkit's (Debian 12's telnetd-ssl 0.17.41, tried without TLS: it opens by NEW-ENVIRON and asks for the others afterwards)
 * and the plain one of before, which public captures show to open so. */
static const uint8_t netkit_opening[] = { DO, TTYPE, DO, TSPEED, DO, XDISPLOC, DO, NEW_ENVIRON };
static const uint8_t netkit_second[] = { WILL, SGA, DO, ECHO, DO, NAWS, WILL, STATUS, DO, LFLOW };
static const struct telnet_rule netkit_rules[] = {
    { BINARY, .does = true, .will = true }, { ECHO, .will = true, .insists = true }, { SGA, .does = true, .will = true },
    { STATUS, .will = true }, { TM, .will = true }, { TTYPE, .does = true, .asks = true }, { NAWS, .does = true },
    { TSPEED, .does = true, .asks = true }, { LFLOW, .does = true }, { XDISPLOC, .does = true, .asks = true },
    { NEW_ENVIRON, .does = true, .asks = true }, { OLD_ENVIRON, .does = true, .asks = true },
};
/* GNU inetutils 2.4, tried, keys and CR NUL, too (netkit's are of the same descent); <https://github.com/rapid7/metasploit-framework/pull/20929> shows the same opening. */
static const uint8_t inetutils_opening[] = { WILL, AUTHENTICATION, WILL, ENCRYPT, DO, TTYPE, DO, TSPEED, DO, XDISPLOC, DO,
                                             NEW_ENVIRON, DO, OLD_ENVIRON };
static const uint8_t inetutils_second[] = { WILL, SGA, DO, ECHO, DO, LINEMODE, DO, NAWS, WILL, STATUS, DO, LFLOW };

/* Cisco IOS: <https://community.cisco.com/t5/switching/what-does-response-quot-ff-fb-01-ff-fb-03-ff-fd-18-ff-fd-1f-quot/td-p/2491141>,
 * and with its banner <https://proforums.harman.com/amx/discussion/7064/telnet-commands>. */
static const uint8_t cisco_opening[] = { WILL, ECHO, WILL, SGA, DO, TTYPE, DO, NAWS };
static const struct telnet_rule cisco_rules[] = {
    { ECHO, .will = true }, { SGA, .does = true, .will = true }, { TTYPE, .does = true, .asks = true }, { NAWS, .does = true },
};
/* Allied Telesyn, before "TELNET session now in ESTABLISHED state": ZoomEye's manual shows it; the banner is in Recog, too. */
static const uint8_t allied_opening[] = { WILL, ECHO, WILL, SGA, DO, SGA };
static const struct telnet_rule allied_rules[] = { { ECHO, .will = true }, { SGA, .does = true, .will = true } };

#define RULES(name) .rules = name##_rules, .n_rules = sizeof name##_rules / sizeof name##_rules[0]
#define OPENING(name) .opening = name##_opening, .n_opening = sizeof name##_opening
#define SECOND(name) .second = name##_second, .n_second = sizeof name##_second
#define AYT(text) .ayt = text, .n_ayt = sizeof text - 1

static const struct telnet_dialect dialects[] = {
    { .name = "busybox-1.00", OPENING(busybox_old), .doubles_iac = true, .leaks = true, .since = 100, .before = 114 },
    { .name = "busybox-1.14", OPENING(busybox), .doubles_iac = true, .leaks = true, .since = 114, .before = 135 },
    { .name = "busybox-1.35", OPENING(busybox), AYT("\xff\xff\xf1"), .doubles_iac = true, .leaks = true, .since = 135,
      .before = 1000 },
    { .name = "utelnetd", OPENING(utelnetd), .leaks = true },
    { .name = "netkit", OPENING(netkit), SECOND(netkit), RULES(netkit), .unknown = TELNET_REFUSES,
      AYT("\r\n[%h : yes]\r\n"), .keys = { 3, 28, 127, 21 }, .cr_nul = true, .doubles_iac = true },
    { .name = "inetutils", OPENING(inetutils), SECOND(inetutils), RULES(netkit), .unknown = TELNET_REFUSES,
      AYT("\r\n[Yes]\r\n"), .keys = { 3, 28, 127, 21 }, .cr_nul = true, .doubles_iac = true },
    { .name = "cisco", OPENING(cisco), RULES(cisco), .unknown = TELNET_REFUSES, .cr_nul = true, .doubles_iac = true },
    { .name = "allied-telesyn", OPENING(allied), RULES(allied), .unknown = TELNET_REFUSES, .doubles_iac = true },
    { .name = "plain", .leaks = true }, /* a shell at a socket, which negotiates nothing */
};

/* clang-format on */

const struct telnet_dialect *telnet_dialect_at(size_t i)
{
    return i < sizeof dialects / sizeof dialects[0] ? &dialects[i] : NULL;
}

/* Of "1.19" 119, else 0. */
static unsigned version_of(const char *s)
{
    if (s[0] < '1' || s[0] > '9' || s[1] != '.' || s[2] < '0' || s[2] > '9')
        return 0;
    unsigned minor = (unsigned)(s[2] - '0');
    if (s[3] >= '0' && s[3] <= '9' && !s[4])
        minor = minor * 10 + (unsigned)(s[3] - '0');
    else if (s[3])
        return 0;
    return (unsigned)(s[0] - '0') * 100 + minor;
}

const struct telnet_dialect *telnet_dialect_find(const char *name)
{
    unsigned version = strncmp(name, "busybox-", 8) == 0 ? version_of(name + 8) : 0;
    for (size_t i = 0; i < sizeof dialects / sizeof dialects[0]; i++) {
        const struct telnet_dialect *d = &dialects[i];
        if (strcmp(d->name, name) == 0 || (version && version >= d->since && version < d->before))
            return d;
    }
    return NULL;
}
