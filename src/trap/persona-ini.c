#include "trap/persona-inside.h"

#include "base/text.h"
#include "trap/words.h"

#include <string.h>

static const char file[] = "persona.ini";

enum { PORTS_MOST = 16, PAIRS_MOST = 256, SECOND = 1000000 };

struct reading {
    struct persona_hold *h;
    struct hold_lines lines;
    char section[16];
};

struct item;
typedef int put_fn(struct reading *r, const struct item *it, char *value);

struct item {
    const char *section, *name;
    put_fn *put;
    size_t at;           /* in struct persona_hold */
    int64_t least, most; /* of a number */
    const char *preset;  /* NULL: it must be there */
    const char *choices; /* words, separated by blanks */
    bool many;           /* may stand more than once */
};

static int cannot(struct reading *r, const struct item *it, const char *value)
{
    return hold_wrong(&r->h->hold, file, r->lines.line, "%s cannot be '%.80s'", it->name, value);
}

static void *place(struct reading *r, const struct item *it)
{
    return (char *)r->h + it->at;
}

static int put_text(struct reading *r, const struct item *it, char *value)
{
    if (!*value && it->least)
        return cannot(r, it, value);
    *(const char **)place(r, it) = value;
    return 0;
}

static int put_words(struct reading *r, const struct item *it, char *value)
{
    if (!words_unescape(value))
        return hold_wrong(&r->h->hold, file, r->lines.line, "%s has an escape that is none",
                          it->name);
    return put_text(r, it, value);
}

static int put_choice(struct reading *r, const struct item *it, char *value)
{
    return persona_among(it->choices, value) ? put_text(r, it, value) : cannot(r, it, value);
}

static int put_cpu(struct reading *r, const struct item *it, char *value)
{
    return persona_cpu_find(value) ? put_text(r, it, value) : cannot(r, it, value);
}

static int put_number(struct reading *r, const struct item *it, char *value)
{
    int64_t v;
    if (text_int(value, it->least, it->most, &v))
        return cannot(r, it, value);
    *(uint32_t *)place(r, it) = (uint32_t)v;
    return 0;
}

static int put_seconds(struct reading *r, const struct item *it, char *value)
{
    int64_t v;
    if (text_int(value, it->least, it->most, &v))
        return cannot(r, it, value);
    *(int64_t *)place(r, it) = v * SECOND;
    return 0;
}

static int put_flag(struct reading *r, const struct item *it, char *value)
{
    bool yes = strcmp(value, "yes") == 0;
    if (!yes && strcmp(value, "no") != 0)
        return cannot(r, it, value);
    *(bool *)place(r, it) = yes;
    return 0;
}

static int put_ports(struct reading *r, const struct item *it, char *value)
{
    struct persona *p = &r->h->persona;
    char *word;
    int64_t v;
    p->n_ports = 0;
    while ((word = strsep(&value, " ,"))) {
        if (!*word)
            continue;
        if (text_int(word, 1, 65535, &v) || p->n_ports >= PORTS_MOST)
            return cannot(r, it, word);
        p->ports[p->n_ports++] = (uint16_t)v;
    }
    return p->n_ports ? 0 : cannot(r, it, "");
}

static int put_dialect(struct reading *r, const struct item *it, char *value)
{
    const struct telnet_dialect *d = telnet_dialect_find(value);
    if (!d)
        return cannot(r, it, value);
    *(const struct telnet_dialect **)place(r, it) = d;
    return 0;
}

static int put_policy(struct reading *r, const struct item *it, char *value)
{
    static const char *const names[] = {
        [POLICY_ANY] = "any", [POLICY_LISTED] = "listed", [POLICY_NEVER] = "never"
    };
    struct persona *p = &r->h->persona;
    int64_t v;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i], value) == 0) {
            p->policy = (enum persona_policy)i;
            return 0;
        }
    }
    if (strncmp(value, "after:", 6) != 0 || text_int(value + 6, 1, 100, &v))
        return cannot(r, it, value);
    p->policy = POLICY_AFTER;
    p->after = (uint32_t)v;
    return 0;
}

/* USER PASSWORD; the password may have blanks, or be none. */
static int put_pair(struct reading *r, const struct item *it, char *value)
{
    struct persona_hold *h = r->h;
    char *password = value;
    const char *user = strsep(&password, " \t");
    if (!*user || h->persona.n_pairs >= PAIRS_MOST)
        return cannot(r, it, value);
    h->pairs = memory_array(&h->hold.memory, h->pairs, h->persona.n_pairs + 1, sizeof *h->pairs);
    h->pairs[h->persona.n_pairs++] =
        (struct persona_pair){ user, password ? hold_trimmed(password) : "" };
    h->persona.pairs = h->pairs;
    return 0;
}

static int put_days(struct reading *r, const struct item *it, char *value)
{
    struct persona *p = &r->h->persona;
    int64_t least, most;
    char *rest = value;
    const char *first = strsep(&rest, " ");
    if (!rest || text_int(first, it->least, it->most, &least) ||
        text_int(hold_trimmed(rest), least, it->most, &most))
        return hold_wrong(&r->h->hold, file, r->lines.line,
                          "uptime is two numbers of days, least and most");
    p->uptime_least = (uint32_t)least;
    p->uptime_most = (uint32_t)most;
    return 0;
}

static int put_oui(struct reading *r, const struct item *it, char *value)
{
    for (size_t i = 0; i < 8; i++) {
        bool good =
            i % 3 == 2 ? value[i] == ':' : (value[i] && strchr("0123456789abcdef", value[i]));
        if (!good)
            return cannot(r, it, value);
    }
    /* A group address is nobody's own. */
    if (value[8] || strchr("13579bdf", value[1]))
        return cannot(r, it, value);
    return put_text(r, it, value);
}

static int put_hostname(struct reading *r, const struct item *it, char *value)
{
    char name[PERSONA_HOSTNAME];
    static const uint8_t mac[6];
    return persona_hostname(value, UINT64_MAX, mac, name) ? put_text(r, it, value)
                                                          : cannot(r, it, value);
}

static int put_prompts(struct reading *r, const struct item *it, char *value)
{
    r->h->has_cli = true;
    return put_text(r, it, value);
}

#define AT_(field) .at = offsetof(struct persona_hold, field)
#define SECONDS_(field, most_) put_seconds, AT_(persona.field), .most = most_
/* clang-format off */
static const struct item items[] = {
    { "persona", "name", put_text, AT_(persona.name), .least = 1 },
    { "persona", "class", put_choice, AT_(persona.class), .choices = "router recorder camera storage settop other" },
    { "persona", "vendor", put_text, AT_(persona.vendor), .preset = "" },
    { "persona", "source", put_text, AT_(persona.source), .preset = "" },
    { "persona", "cpu", put_cpu, AT_(persona.cpu) },
    { "persona", "order", put_choice, AT_(persona.order), .choices = "little big" },
    { "persona", "weight", put_number, AT_(persona.weight), 1, 1000, "10" },
    { "persona", "ports", put_ports, .preset = "23" },
    { "persona", "silent", put_flag, AT_(persona.silent), .preset = "no" },
    { "telnet", "dialect", put_dialect, AT_(persona.dialect) },
    { "login", "banner", put_words, AT_(persona.login.banner), .preset = "\\r\\r\\n" },
    { "login", "user_prompt", put_words, AT_(persona.login.user_prompt), .preset = "%h login: " },
    { "login", "password_prompt", put_words, AT_(persona.login.password_prompt), .preset = "Password: " },
    { "login", "failed", put_words, AT_(persona.login.failed), .preset = "Login incorrect\\r\\n" },
    { "login", "welcome", put_words, AT_(persona.login.welcome), .preset = "" },
    { "login", "locked", put_words, AT_(persona.login.locked), .preset = "" },
    { "login", "timed_out", put_words, AT_(persona.login.timed_out), .preset = "\\r\\r\\nLogin timed out after 60 seconds\\r\\r\\n" },
    { "login", "tries", put_number, AT_(persona.login.tries), 0, 200, "3" },
    { "login", "fail_delay", SECONDS_(login.fail_delay, 60), .preset = "3" },
    { "login", "lock", SECONDS_(login.lock, 86400), .preset = "0" },
    { "login", "timeout", SECONDS_(login.timeout, 3600), .preset = "60" },
    { "login", "name_most", put_number, AT_(persona.login.name_most), 0, 128, "61" },
    { "login", "asks_password_always", put_flag, AT_(persona.login.asks_password_always), .preset = "yes" },
    { "login", "echoes_password", put_flag, AT_(persona.login.echoes_password), .preset = "no" },
    { "login", "user_only_once", put_flag, AT_(persona.login.user_only_once), .preset = "no" },
    { "login", "flushes", put_flag, AT_(persona.login.flushes), .preset = "yes" },
    { "login", "policy", put_policy, .preset = "any" },
    { "login", "pair", put_pair, .preset = "", .many = true },
    { "cli", "name", put_text, AT_(persona.cli_name), .preset = "" },
    { "cli", "prompts", put_prompts, AT_(persona.cli_style.prompts), .preset = "" },
    { "cli", "abbreviates", put_flag, AT_(persona.cli_style.abbreviates), .preset = "no" },
    { "netis", "version", put_text, AT_(persona.netis), .preset = "" },
    { "session", "shell", put_text, AT_(persona.shell_name), .least = 1, .preset = "-sh" },
    { "session", "idle", put_seconds, AT_(persona.idle), 1, 86400, "300" },
    { "session", "budget", put_seconds, AT_(persona.budget), 1, 86400, "1800" },
    { "address", "hostname", put_hostname, AT_(persona.hostname), .preset = "(none)" },
    { "address", "oui", put_oui, AT_(persona.oui), .preset = "00:00:5e" },
    { "address", "uptime", put_days, .least = 1, .most = 1000, .preset = "3 60" },
};
/* clang-format on */

enum { N_ITEMS = sizeof items / sizeof items[0] };

/* Quotes around a value keep the blanks at its ends. */
static char *unquoted(char *s)
{
    size_t n = strlen(s);
    if (n < 2 || s[0] != '"' || s[n - 1] != '"')
        return s;
    s[n - 1] = '\0';
    return s + 1;
}

static int read_item(struct reading *r, char *line, bool given[N_ITEMS])
{
    struct hold *h = &r->h->hold;
    char *equals = strchr(line, '=');
    if (!equals)
        return hold_wrong(h, file, r->lines.line, "neither [section] nor item = value");
    *equals = '\0';
    const char *name = hold_trimmed(line);
    for (size_t i = 0; i < N_ITEMS; i++) {
        const struct item *it = &items[i];
        if (strcmp(it->section, r->section) != 0 || strcmp(it->name, name) != 0)
            continue;
        if (given[i] && !it->many)
            return hold_wrong(h, file, r->lines.line, "%s stands twice", name);
        given[i] = true;
        return it->put(r, it, unquoted(hold_trimmed(equals + 1)));
    }
    return hold_wrong(h, file, r->lines.line, "[%s] has no item '%.60s'", r->section, name);
}

static int read_section(struct reading *r, const char *line)
{
    size_t n = strcspn(line + 1, "]");
    bool known = false;
    for (size_t i = 0; i < N_ITEMS && !known; i++)
        known = strlen(items[i].section) == n && memcmp(items[i].section, line + 1, n) == 0;
    if (!known || strcmp(line + 1 + n, "]") != 0)
        return hold_wrong(&r->h->hold, file, r->lines.line, "there is no section '%.60s'", line);
    memcpy(r->section, line + 1, n);
    r->section[n] = '\0';
    return 0;
}

/* Of what the file does not say. */
static int put_presets(struct reading *r, const bool given[N_ITEMS])
{
    struct hold *h = &r->h->hold;
    bool cli = r->h->has_cli;
    r->lines.line = 0;
    for (size_t i = 0; i < N_ITEMS; i++) {
        const struct item *it = &items[i];
        if (given[i] || it->many)
            continue;
        if (!it->preset)
            return hold_wrong(h, file, 0, "[%s] must have %s", it->section, it->name);
        int e = it->put(r, it, memory_text(&h->memory, it->preset));
        if (e)
            return e;
    }
    r->h->has_cli = cli;
    return 0;
}

static int check_whole(struct reading *r)
{
    const struct persona *p = &r->h->persona;
    if (p->policy == POLICY_LISTED && !p->n_pairs)
        return hold_wrong(&r->h->hold, file, 0, "policy is listed, but no pair is");
    if (p->login.user_only_once && !*p->login.user_prompt)
        return hold_wrong(&r->h->hold, file, 0, "user_only_once, but no user is asked for");
    return 0;
}

int persona_read_ini(struct persona_hold *h, const char *data, size_t n)
{
    struct reading *r = memory_take(&h->hold.memory, sizeof *r);
    bool *given = memory_take(&h->hold.memory, N_ITEMS * sizeof *given);
    *r = (struct reading){ .h = h, .lines = { file, data, data + n, 0 } };
    char *line;
    int e = 0;
    while (!e && (line = hold_line(&h->hold, &r->lines, &e))) {
        line = hold_trimmed(line);
        if (*line && *line != '#' && *line != ';')
            e = *line == '[' ? read_section(r, line) : read_item(r, line, given);
    }
    e = e ? e : put_presets(r, given);
    return e ? e : check_whole(r);
}
