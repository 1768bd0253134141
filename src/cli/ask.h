#pragma once
/*
 * What the commands that ask have in common: their options, and the question made of them.
 */
#include "cli/commands.h"
#include "event/totals.h"
#include "trend/period.h"

/* clang-format off */
#define ASK_PERIOD_OPTIONS                                                                         \
    { "from", OPTION_TIME, "TIME", "Begin of the period (else 24 hours before its end)" },         \
    { "to", OPTION_TIME, "TIME", "Its end (else the end of what is stored)" }
#define ASK_SERVICE_OPTIONS                                                                        \
    { "proto", OPTION_CHOICE, "tcp|udp|icmp|icmp6|other", "Only this protocol" },                  \
    { "port", OPTION_TEXT, "PORT", "Only this port: 23/tcp, 53413/udp, 23 (TCP), 8/0/icmp" }
#define ASK_KIND_OPTION                                                                            \
    { "kind", OPTION_CHOICE, "access|backscatter|solicited|other|malformed|ours|foreign|all",      \
      "Only packets of this kind (else access); may be repeated" }
#define ASK_FINGERPRINT_OPTION                                                                     \
    { "fingerprint", OPTION_TEXT, "NAME",                                                          \
      "Only sources with this fingerprint: mirai, zmap, masscan or a p0f label" }
#define ASK_SOURCE_OPTION                                                                          \
    { "source", OPTION_TEXT, "PREFIX", "Only sources in this prefix" }
#define ASK_LIMIT_OPTION { "limit", OPTION_INT, "N", "At most N rows (else 20; 0: all)" }
/* clang-format on */

/* Paragraphs of the help. */
#define ASK_PERIOD_DETAILS                                                                         \
    "TIME is an instant (2026-03-01T12:00:00Z), a day (2026-03-01), a time in report.zone\n"       \
    "(\"2026-03-01 12:00\"), now, or an age: 90m, 24h, 7d. The ends are moved outwards to whole\n" \
    "hours (or to the whole minutes or days of a series).\n"
#define ASK_COUNT_DETAILS                                                                          \
    "accesses counts packets that open something at a sensor address; packets counts those of\n"   \
    "the kinds asked for (else accesses and other). Without accesses among the kinds, rows are\n"  \
    "ranked and rated by packets. Rates divide by what was observed: seconds times addresses.\n"   \
    "sources are distinct ones; null where they are not kept: of what is only tallied (solicited,\n" \
    "malformed, ours, foreign), and by port over several days whose flows were cleaned.\n"
#define ASK_FINGERPRINT_DETAILS                                                                    \
    "A source has a fingerprint when, in an hour, at least two and at least half of its packets\n" \
    "bear the mark. mirai: the sequence number of a SYN is its destination address. zmap: IP id\n" \
    "54321 with window 65535; ZMap from 4.1 on takes a random IP id, so that this mark misses\n"   \
    "it. masscan: the IP id is destination xor port xor sequence number. By chance a source\n"     \
    "with random numbers looks like one of these 16-bit marks with a probability of at most\n"     \
    "6/2^32 = 1.4e-9 an hour (its worst case is four packets). Other names are p0f labels."
#define ASK_SOURCE_DETAILS                                                                         \
    "country and asn are null: they need an address database, which this version does not read.\n"

enum { ASK_LIMIT = 20, ASK_SECONDS = 60 };

struct ask {
    const struct cli *cli;
    struct store *store; /* owned */
    struct question q;   /* borrows from this struct */
    struct period period;
    struct prefix within;
    struct store_facts facts;
    char label[MARK_LABELS][128]; /* names of p0f labels, as far as `labels_known` */
    bool labels_known;
};

/*
 * Opens the store and makes the question of the options; step as in period_wish, where `whole` the period is
 * all that is kept where nobody named one. 0; or an exit code, and said why. ask_end() in both cases, and in
 * the one not to be moved in memory between.
 */
int must_check ask_begin(struct ask *ask, const struct cli *cli, enum store_topic topic, int step,
                         bool whole);
void ask_end(struct ask *ask);
/* Says what store_ask() and its like gave; the exit code. */
int ask_failed(struct ask *ask, int err);

/* The name of a fingerprint; borrowed until ask_end(). */
const char *ask_fingerprint_name(struct ask *ask, unsigned number);
/* A line over a table: what was counted, and when. `what` is borrowed: "Ports". */
void ask_heading(const struct ask *ask, const char *what);
/* Lines under a table: how the rates came about, and what was left out. */
void ask_remarks(const struct ask *ask, const struct exposure *e, size_t rows);
