#pragma once
/*
 * A persona: a device that the trap plays. A folder of data (personas/README.md):
 *
 *   persona.ini   what it is, how its daemons behave
 *   machine.ini, root/, *.tsv, proc/...   what its shell shows (shell/machine.h)
 *   cli.tsv       its vendor's command line, where it has one
 *   http.ini, http/   its web servers, where it has any (trap/http-site.h)
 *
 * Shared by all sessions, never changed. What differs from one address to the next, and is the same there on
 * each visit, is worked out by persona_here() from a keyed hash of the address: nothing is stored.
 */
#include "base/addr.h"
#include "base/err.h"
#include "shell/shell.h"
#include "trap/http-site.h"
#include "trap/vendor.h"
#include "trap/login.h"
#include "trap/telnet.h"

enum persona_policy { POLICY_ANY, POLICY_LISTED, POLICY_NEVER, POLICY_AFTER };

struct persona_pair {
    const char *user, *password;
};

struct persona {
    const char *id;      /* its folder's name */
    const char *name;    /* "Big-endian MIPS DSL router" */
    const char *class;   /* router recorder camera storage settop other */
    const char *vendor;  /* the style of whose devices; "" none certain */
    const char *source;  /* where its banner is noted */
    const char *cpu, *order; /* as of samples: mips big */
    uint32_t weight;     /* how many addresses of a hundred are such, among the others' weights */
    uint16_t ports[16];  /* TCP, that its daemons listen on */
    size_t n_ports;
    bool silent;         /* a TCP port that is not open answers nothing, rather than RST, where the address is claimed */
    const struct telnet_dialect *dialect;
    struct login_style login;
    enum persona_policy policy;
    uint32_t after;      /* POLICY_AFTER: tries of a source until it is let in */
    const struct persona_pair *pairs; /* POLICY_LISTED */
    size_t n_pairs;
    const struct vendor_cli *cli; /* NULL: the shell at once */
    struct vendor_style cli_style;
    const char *cli_name; /* "broadcom": whose; "" none */
    const struct http_site *http; /* NULL: none */
    uint16_t http_ports[32]; /* TCP, that its web servers listen on */
    size_t n_http_ports;
    const char *netis;   /* what it says of its version at 53413/UDP (trap/netis.h); "": it has no such door */
    const char *shell_name; /* $0: "-sh", "sh" */
    int64_t idle, budget; /* microseconds: without a byte; of a whole session */
    const char *hostname; /* pattern: "DVR-%4x": %Nx (%NX) hexadecimal digits by address, %Nd decimal ones, %Nm (%NM) the
                             last ones of its MAC */
    const char *oui;      /* "00:00:5e": the first half of its MAC */
    uint32_t uptime_least, uptime_most; /* days that pass at an address between one start of its device and the next */
    struct machine *machine;
    struct shell_device *device;
    void *memory;
};

/* The persona of a folder (its own: personas/ID). 0; -errno; or 1 with why ("persona.ini:12: ..."). */
int must_check persona_load(struct persona **ret, const char *folder, const char *id, char ret_why[static 200]);
void persona_free(struct persona *p); /* NULL is fine */

/* What of the persona's data does not agree with itself: calls `says` for each, with a line for people. Number of them, or
 * -ENOMEM. */
int must_check persona_check(const struct persona *p, void (*says)(void *context, const char *line), void *context);

/* What has a persona.ini in `folder`, sorted; ret is the caller's to release. 0, -errno. */
struct persona_names {
    char **list;
    size_t n;
};
int must_check persona_names_read(struct persona_names *ret, const char *folder);
void persona_names_release(struct persona_names *names);

struct personas {
    struct persona **list; /* by id */
    size_t n;
};
/* Each folder in `folder` that has a persona.ini; ret is empty where it fails. 1 where there is none, too. */
int must_check personas_load(struct personas *ret, const char *folder, char ret_why[static 200]);
void personas_release(struct personas *p);
const struct persona *personas_find(const struct personas *p, const char *id); /* NULL */

enum { PERSONA_HOSTNAME = 32 };

/* The device at an address. */
struct persona_here {
    const struct persona *persona;
    char hostname[PERSONA_HOSTNAME];
    uint8_t mac[6];
    int64_t booted;      /* microseconds since 1970: in the past, and the same until the device starts anew */
    uint32_t pid_first;
    uint64_t secret;     /* what else differs there is made of it */
};
/* key: 16 secret bytes of this observatory. Which persona it is depends on the key, the address's class (trap/ports.h) and the
 * weights; one that is added or taken away changes nothing at addresses that are not its own. There must be one at least. */
void persona_here(const struct personas *all, const uint8_t key[static 16], const struct addr *address, int64_t now, struct persona_here *ret);
/* The persona of a class: its place in the list. */
size_t persona_of_class(const struct personas *all, const uint8_t key[static 16], unsigned class);
/* The same where the persona is pinned. */
void persona_here_as(const struct persona *p, const uint8_t key[static 16], const struct addr *address, int64_t now, struct persona_here *ret);
