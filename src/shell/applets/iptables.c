/* iptables, which is no part of BusyBox: rules are taken and forgotten. */
#include "shell/options.h"

#include <string.h>

enum { WRONG = 2, FORBIDDEN = 3 };

struct rule {
    char command; /* A D I R L S F Z N X P E C; 0: none yet */
    const char *chain, *table;
    bool verbose;
};

static const char version[] = "iptables v1.4.21";
/* Commands, and what describes a rule. */
static const char known[] = "ADIRLSFZNXPECtnvVhpsdjgiomfxcwW46";

static const struct {
    const char *table, *chains[6];
} tables[] = {
    { "filter", { "INPUT", "FORWARD", "OUTPUT" } },
    { "nat", { "PREROUTING", "INPUT", "OUTPUT", "POSTROUTING" } },
    { "mangle", { "PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING" } },
    { "raw", { "PREROUTING", "OUTPUT" } },
};

static const struct {
    const char *name;
    char letter;
} longs[] = {
    { "append", 'A' },    { "delete", 'D' },       { "insert", 'I' },  { "replace", 'R' },
    { "list", 'L' },      { "list-rules", 'S' },   { "flush", 'F' },   { "zero", 'Z' },
    { "new-chain", 'N' }, { "delete-chain", 'X' }, { "policy", 'P' },  { "rename-chain", 'E' },
    { "check", 'C' },     { "table", 't' },        { "numeric", 'n' }, { "verbose", 'v' },
    { "version", 'V' },   { "help", 'h' },
};

static void __attribute__((noreturn)) wrong(struct proc *p, const char *why, const char *what)
{
    err_print(p, "%s: %s%s\nTry `iptables -h' or 'iptables --help' for more information.\n",
              version, why, what);
    proc_exit(p, WRONG);
}

static char letter_of(const char *word)
{
    if (word[1] != '-')
        return word[1];
    for (size_t i = 0; i < sizeof longs / sizeof longs[0]; i++) {
        if (strcmp(longs[i].name, word + 2) == 0)
            return longs[i].letter;
    }
    return 0;
}

static size_t table_of(struct proc *p, const char *name)
{
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        if (strcmp(tables[i].table, name) == 0)
            return i;
    }
    err_print(
        p,
        "%s: can't initialize iptables table `%s': Table does not exist (do you need to insmod?)\n"
        "Perhaps iptables or your kernel needs to be upgraded.\n",
        version, name);
    proc_exit(p, FORBIDDEN);
}

static bool has_chain(size_t table, const char *name)
{
    for (const char *const *c = tables[table].chains; *c; c++) {
        if (strcmp(*c, name) == 0)
            return true;
    }
    return false;
}

static void list(struct proc *p, const struct rule *r, size_t table)
{
    bool first = true;
    for (const char *const *c = tables[table].chains; *c; c++) {
        if (r->chain && strcmp(r->chain, *c) != 0)
            continue;
        out_print(p, "%sChain %s (policy ACCEPT%s)\n", first ? "" : "\n", *c,
                  r->verbose ? " 0 packets, 0 bytes" : "");
        out_text(p, r->verbose ? " pkts bytes target     prot opt in     out     source            "
                                 "   destination         \n"
                               : "target     prot opt source               destination         \n");
        first = false;
    }
}

static void list_rules(struct proc *p, const struct rule *r, size_t table)
{
    for (const char *const *c = tables[table].chains; *c; c++) {
        if (!r->chain || strcmp(r->chain, *c) == 0)
            out_print(p, "-P %s ACCEPT\n", *c);
    }
}

/* The words that say what to do; those that describe a rule are passed over. */
static struct rule read_words(struct proc *p, char **argv)
{
    struct rule r = { .table = "filter" };
    for (argv++; *argv; argv++) {
        char letter = **argv == '-' && (*argv)[1] ? letter_of(*argv) : 0;
        if (letter == 'V') {
            out_print(p, "%s\n", version);
            proc_exit(p, 0);
        }
        if (letter == 't' && argv[1])
            r.table = *++argv;
        r.verbose |= letter == 'v' || (letter && (*argv)[1] != '-' && strchr(*argv, 'v'));
        if (letter && (*argv)[1] != '-' && !strchr(known, letter))
            wrong(p, "unknown option ", memory_print(proc_memory(p), "\"%s\"", *argv));
        if (!letter || !strchr("ADIRLSFZNXPEC", letter))
            continue;
        r.command = letter;
        if (argv[1] && argv[1][0] != '-')
            r.chain = *++argv;
        else if (strchr("ADIRNPEC", letter))
            wrong(p, "option requires an argument -- ", (char[]){ letter, '\0' });
    }
    return r;
}

static int iptables_once(struct proc *p, int argc, char **argv)
{
    (void)argc;
    struct rule r = read_words(p, argv);
    if (!r.command)
        wrong(p, "no command specified", "");
    if (proc_uid(p) != 0) {
        err_print(p,
                  "%s: can't initialize iptables table `%s': Permission denied (you must be root)\n"
                  "Perhaps iptables or your kernel needs to be upgraded.\n",
                  version, r.table);
        proc_exit(p, FORBIDDEN);
    }
    size_t table = table_of(p, r.table);
    if (r.command == 'C' || r.command == 'D') {
        err_print(p, "iptables: Bad rule (does a matching rule exist in that chain?).\n");
        return 1;
    }
    if (r.chain && strchr("AILSFP", r.command) && !has_chain(table, r.chain)) {
        err_print(p, "iptables: No chain/target/match by that name.\n");
        return 1;
    }
    if (r.command == 'L')
        list(p, &r, table);
    if (r.command == 'S')
        list_rules(p, &r, table);
    return 0;
}

const struct applet applet_iptables = { .name = "iptables", .once = iptables_once };
