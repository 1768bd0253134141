#pragma once
/*
 * The configuration: an INI file, every item of which can be set on the command line too.
 *
 * CONF_ITEMS is the one table: the enum, the defaults, the check, `teiten config print` and the
 * reference page come from it. To add an item, add its line.
 */
#include "base/addr.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum conf_type {
    CONF_TEXT,      /* printable UTF-8; range: its length in bytes */
    CONF_INT,       /* whole number */
    CONF_DAYS,      /* whole number of days, with or without a "d" behind it */
    CONF_BOOL,      /* yes, no, true, false, on, off, 1, 0 */
    CONF_CHOICE,    /* one of the words of `choices`, which are parted by | */
    CONF_PATH,      /* absolute path */
    CONF_ZONE,      /* IANA zone name */
    CONF_WORDS,     /* list of words */
    CONF_PREFIXES,  /* list of addresses and prefixes */
    CONF_ENDPOINTS, /* list of ADDRESS:PORT, IPv6 as [ADDRESS]:PORT; port 0 turns off */
    CONF_PAIRS,     /* list of ADDRESS=ADDRESS */
    CONF_LOGIN,     /* persona, any, listed, never, after:N: CONF_LOGIN_* and N << 8 */
    CONF_TYPES,
};

enum conf_login { CONF_LOGIN_PERSONA, CONF_LOGIN_ANY, CONF_LOGIN_LISTED, CONF_LOGIN_NEVER, CONF_LOGIN_AFTER };

enum { CONF_LIST_MOST = 1024 }; /* entries in one list */

/* clang-format off */
/* X(id, name, type, default, least, most, choices, help). A default of NULL is the host's. */
#define CONF_ITEMS(X)                                                                              \
    X(CONF_SENSOR_NAME, "sensor.name", CONF_TEXT, NULL, 1, 64, NULL,                               \
      "Name of this sensor in status, exports and bulletins (default: the host's name)")           \
    X(CONF_SENSOR_PREFIX, "sensor.prefix", CONF_PREFIXES, "", 0, 0, NULL,                          \
      "The sensor's own addresses; without them every destination counts as one and rates are "    \
      "estimated")                                                                                 \
    X(CONF_SENSOR_INTERFACE, "sensor.interface", CONF_WORDS, "", 1, 15, NULL,                      \
      "Interfaces to capture on (default: the one with the default route)")                        \
    X(CONF_SENSOR_PROMISCUOUS, "sensor.promiscuous", CONF_BOOL, "no", 0, 0, NULL,                  \
      "Whether to take frames to other stations, too, as on a mirror port")                        \
    X(CONF_SENSOR_PUBLIC, "sensor.public", CONF_PAIRS, "", 0, 0, NULL,                             \
      "PRIVATE=PUBLIC addresses where the sensor is behind 1:1 NAT, so that marks that tell the "  \
      "destination are recognised")                                                                \
    X(CONF_SENSOR_MODE, "sensor.mode", CONF_CHOICE, "trap", 0, 0, "trap|dark",                     \
      "Whether the addresses answer (trap) or are silent (dark); the two are never mixed in a "    \
      "rate")                                                                                      \
    X(CONF_SENSOR_P0F, "sensor.p0f", CONF_PATH, "/etc/p0f/p0f.fp", 0, 0, NULL,                     \
      "Signature file for TCP SYN fingerprints; where it is missing they are off")                 \
    X(CONF_SENSOR_WORKERS, "sensor.workers", CONF_INT, "0", 0, 64, NULL,                           \
      "Processes that read captures (observe: at most 8 an interface); 0 is one a CPU")            \
    X(CONF_DAEMON_USER, "daemon.user", CONF_TEXT, "teiten", 1, 31, NULL,                           \
      "User that 'teiten observe' becomes when root started it")                                   \
    X(CONF_DAEMON_HELD, "daemon.held", CONF_INT, "64", 1, 1024, NULL,                              \
      "MiB of counts that are held in memory while the store cannot be written; beyond that the "  \
      "newest are lost, and told as drops")                                                        \
    X(CONF_KEEP_MINUTES, "keep.minutes", CONF_DAYS, "8", 1, 3650, NULL,                            \
      "How long minute totals are kept")                                                           \
    X(CONF_KEEP_FLOWS, "keep.flows", CONF_DAYS, "90", 1, 3650, NULL, "How long flows are kept")    \
    X(CONF_KEEP_SESSIONS, "keep.sessions", CONF_DAYS, "365", 1, 3650, NULL,                        \
      "How long sessions are kept, with what was said and made in them")                           \
    X(CONF_KEEP_MADE, "keep.made", CONF_INT, "1024", 1, 1048576, NULL,                             \
      "MiB of files that were made in sessions and are kept; of what comes beyond it, the hash")   \
    X(CONF_REPORT_ZONE, "report.zone", CONF_ZONE, NULL, 0, 0, NULL,                                \
      "Zone whose days are counted, such as Asia/Tokyo (default: the host's)")                     \
    X(CONF_TRAP_TELNET, "trap.telnet", CONF_ENDPOINTS,                                             \
      "0.0.0.0:23 0.0.0.0:2323 [::]:23 [::]:2323", 0, 0, NULL,                                     \
      "Where the Telnet trap answers; port 0 turns it off, and so does sensor.mode dark")          \
    X(CONF_TRAP_NETIS, "trap.netis", CONF_ENDPOINTS, "0.0.0.0:53413 [::]:53413", 0, 0, NULL,       \
      "Where the 53413/UDP trap answers, as a device that has this door; replies from there are ours")                             \
    X(CONF_TRAP_HTTP, "trap.http", CONF_ENDPOINTS,                                                 \
      "0.0.0.0:80 0.0.0.0:81 0.0.0.0:8080 0.0.0.0:7547 0.0.0.0:37215 0.0.0.0:52869 0.0.0.0:60001 " \
      "[::]:80 [::]:8080", 0, 0, NULL,                                                             \
      "Where the HTTP trap answers; port 0 turns it off")                                          \
    X(CONF_TRAP_OTHER, "trap.other", CONF_ENDPOINTS, "", 0, 0, NULL,                               \
      "Where the trap accepts, records what is said first, and names the protocol")                \
    X(CONF_TRAP_CATCHALL, "trap.catchall", CONF_CHOICE, "some", 0, 0, "none|some|all",               \
      "Which ports of a claimed address answer beside its device's own")                           \
    X(CONF_TRAP_CLAIM, "trap.claim", CONF_PREFIXES, "", 0, 0, NULL,                                  \
      "Prefixes that lead to this host and whose every address answers, from the next start on (or --claim)") \
    X(CONF_TRAP_EXCEPT, "trap.except", CONF_ENDPOINTS, "", 0, 0, NULL,                               \
      "What of claimed addresses stays this host's: 0.0.0.0:22 is port 22 of all, from the next start on") \
    X(CONF_TRAP_PERSONA, "trap.persona", CONF_TEXT, "", 0, 63, NULL,                               \
      "The device that all addresses play, as 'teiten persona list' names it (default: by address)") \
    X(CONF_TRAP_PERSONAS, "trap.personas", CONF_TEXT, "", 0, 160, NULL,                            \
      "Folder of the personas, from the next start on (default: those that came with teiten)")                             \
    X(CONF_TRAP_LOGIN, "trap.login", CONF_LOGIN, "persona", 0, 0, NULL,                            \
      "Who is let in: as the persona says, any, those whose pair it lists, never, or the Nth try")   \
    X(CONF_TRAP_WORKERS, "trap.workers", CONF_INT, "0", 0, 8, NULL,                                \
      "Processes that answer; 0 is one a CPU")                                                     \
    X(CONF_TRAP_SESSIONS, "trap.sessions", CONF_INT, "16384", 1, 1000000, NULL,                    \
      "Sessions at once; the one that has been silent for longest makes room for a new one")       \
    X(CONF_TRAP_SOURCE, "trap.source", CONF_INT, "64", 1, 1000000, NULL,                           \
      "Sessions at once of one source (of IPv6: of one /64)")                                      \
    X(CONF_TRAP_NETWORK, "trap.network", CONF_INT, "512", 1, 1000000, NULL,                        \
      "Sessions at once of one network (/24, of IPv6 /48)")                                        \
    X(CONF_TRAP_MEMORY, "trap.memory", CONF_INT, "512", 16, 65536, NULL,                           \
      "MiB that the sessions of one process may hold")                                             \
    X(CONF_TRAP_REMEMBER, "trap.remember", CONF_DAYS, "7", 0, 365, NULL,                           \
      "How long what was decided of a pair of user and password holds at an address")              \
    X(CONF_TRAP_TRANSCRIPT, "trap.transcript", CONF_INT, "256", 0, 16384, NULL,                    \
      "kB of what is said in a session that are kept, the first ones")                             \
    X(CONF_FETCH_POLICY, "fetch.policy", CONF_CHOICE, "record", 0, 0, "off|record|live",             \
      "What is done of what visitors want fetched: no device can reach anything (off), it is noted and no connection is " \
      "made (record), or it is fetched (live)")                                                    \
    X(CONF_FETCH_PROXY, "fetch.proxy", CONF_ENDPOINTS, "", 0, 0, NULL,                             \
      "HTTP proxy, ADDRESS:PORT, that fetches go through; it is asked for addresses, never for names; FTP and TFTP are refused then") \
    X(CONF_FETCH_DENY, "fetch.deny", CONF_PREFIXES, "", 0, 0, NULL,                                \
      "Prefixes that are never connected to, beside all that is not global unicast")               \
    X(CONF_FETCH_DNS, "fetch.dns", CONF_ENDPOINTS, "", 0, 0, NULL,                                 \
      "Name servers that are asked (default: those of /etc/resolv.conf)")                          \
    X(CONF_FETCH_PORTS, "fetch.ports", CONF_INT, "61000", 1024, 64536, NULL,                         \
      "The first of the 1000 ports that fetches connect from; answers there are ours, no accesses") \
    X(CONF_FETCH_HOURLY, "fetch.hourly", CONF_INT, "60", 1, 100000, NULL,                            \
      "Connections in an hour at most; to one address, or one /24 (of IPv6 /48), at most 5")       \
    X(CONF_FETCH_LIFE, "fetch.life", CONF_INT, "24", 1, 720, NULL,                                   \
      "Hours after which what could not be fetched is given up")                                   \
    X(CONF_SAMPLE_QUOTA, "sample.quota", CONF_INT, "4096", 1, 1048576, NULL,                         \
      "MiB of samples that are kept; the oldest that no session tells of go first")                \
    X(CONF_SAMPLE_RULES, "sample.rules", CONF_PATH, "/etc/teiten/rules", 0, 0, NULL,               \
      "Folder of YARA rules (*.yar, *.yara) beside those that came with teiten")                   \
    X(CONF_SAMPLE_WORKERS, "sample.workers", CONF_INT, "1", 0, 8, NULL,                              \
      "Processes that read samples; 0 is one a CPU")
/* clang-format on */

enum conf_id {
#define CONF_ID_(id, ...) id,
    CONF_ITEMS(CONF_ID_)
#undef CONF_ID_
        CONF_COUNT,
};

struct conf_item {
    const char *name; /* "section.key" */
    enum conf_type type;
    const char *preset;  /* NULL: asked of the host by conf_init() */
    int64_t least, most; /* of a number, or of the length of a text or word */
    const char *choices;
    const char *help;
};
extern const struct conf_item conf_items[CONF_COUNT];

enum conf_origin { CONF_DEFAULT, CONF_FILE, CONF_SET };

struct addr_pair {
    struct addr from, to;
};

/* One value. `text` is what was written, list entries parted by one space; the rest is what it
 * means. */
struct conf_value {
    enum conf_origin origin;
    char *text;
    int64_t number; /* also of a choice (which word) and a boolean */
    struct prefix_list prefixes;
    union {
        struct endpoint *endpoints;
        struct addr_pair *pairs;
        char **words;
        void *list;
    };
    size_t n; /* of the list */
};

struct conf {
    struct conf_value value[CONF_COUNT]; /* owned */
};

/* What is wrong with a configuration, ready to be shown. */
struct conf_problem {
    unsigned line;     /* of the file; 0 where there is none */
    char key[96];      /* "section.key" as written; may be empty */
    char value[128];   /* the value, or the part of the list that is wrong */
    char why[160];     /* "is no prefix" */
    char allowed[192]; /* "1 to 3650 days" */
    char remedy[160];  /* "did you mean sensor.prefix?" */
};

/* Every item at its default. 0 or -ENOMEM; releasable in both cases. */
int must_check conf_init(struct conf *c);
void conf_release(struct conf *c);

/*
 * Each of these gives 0; 1 with *ret filled where the configuration is wrong (what came before it
 * is set); -errno on our own trouble. A list may be continued on indented lines or by naming its
 * key again.
 */
int must_check conf_read(struct conf *c, const char *text, size_t n, struct conf_problem *ret);
int must_check conf_read_file(struct conf *c, const char *path, struct conf_problem *ret);
/* "SECTION.KEY=VALUE"; takes the place of whatever was set before. */
int must_check conf_set(struct conf *c, const char *assignment, struct conf_problem *ret);

/* Borrowed until the item is set anew. */
const char *conf_text(const struct conf *c, enum conf_id id); /* of any type */
int64_t conf_int(const struct conf *c, enum conf_id id);      /* CONF_INT, CONF_DAYS, CONF_CHOICE */
bool conf_bool(const struct conf *c, enum conf_id id);
const struct prefix_list *conf_prefixes(const struct conf *c, enum conf_id id);
const struct endpoint *conf_endpoints(const struct conf *c, enum conf_id id, size_t *ret_n);
const struct addr_pair *conf_pairs(const struct conf *c, enum conf_id id, size_t *ret_n);
char *const *conf_words(const struct conf *c, enum conf_id id, size_t *ret_n);
enum conf_origin conf_origin(const struct conf *c, enum conf_id id);

const char *conf_type_name(enum conf_type type); /* "list of prefixes" */
/* What the item allows, in words: "1 to 3650 days", "trap or dark"; "" where its type says all. */
const char *conf_allowed(enum conf_id id, char text[static 192]);
