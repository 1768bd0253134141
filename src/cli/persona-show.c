#include "cli/persona-show.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { WIDTH_MOST = 90, VALUE_MOST = 1 << 20 };

/* What is shown, and how. */
struct showing {
    enum out_format format;
    const struct persona *p;
    const char *section;
    struct json json;
    struct out out;
    int status;
};

struct fact;
typedef void show_fn(struct showing *s, const struct fact *f);

enum fact_of { OF_PERSONA, OF_MACHINE };

/* A new section begins where another's name stands. */
struct fact {
    const char *section, *name; /* section "": the object itself */
    show_fn *show;
    enum fact_of of;
    size_t at, at_n; /* in struct persona or struct machine; of a list, where its length stands */
};

static const void *place(const struct showing *s, const struct fact *f, size_t at)
{
    const void *from = f->of == OF_PERSONA ? (const void *)s->p : (const void *)s->p->machine;
    return (const char *)from + at;
}

/* ---- One value ---- */

/* A long list goes on on indented lines. */
static void print_line(const char *name, const char *value, bool list)
{
    size_t used = (size_t)printf("%s =", name);
    for (size_t n; list && *value; value += n + (value[n] == ' ')) {
        n = strcspn(value, " ");
        if (used + n > WIDTH_MOST)
            used = (size_t)printf("\n ") - 1;
        used += (size_t)printf(" %.*s", (int)n, value);
    }
    printf("%s%s\n", *value ? " " : "", value);
}

static void say_row(struct showing *s, const char *name, const char *value)
{
    char whole[64];
    snprintf(whole, sizeof whole, "%s%s%s", s->section, *s->section ? "." : "", name);
    out_text(&s->out, whole);
    out_text(&s->out, value);
}

/* In a table, or CSV. */
static void say(struct showing *s, const char *name, const char *value, bool list)
{
    struct buf b;
    if (s->format == OUT_CSV) {
        say_row(s, name, value);
        return;
    }
    buf_init(&b, VALUE_MOST);
    text_escape(&b, value, strlen(value), TEXT_PLAIN);
    buf_u8(&b, 0);
    if (buf_ok(&b))
        print_line(name, (const char *)b.data, list);
    else
        s->status = -ENOMEM;
    buf_release(&b);
}

static void say_text(struct showing *s, const char *name, const char *value)
{
    if (s->format == OUT_JSON)
        json_text(&s->json, name, value);
    else
        say(s, name, value, false);
}

static void say_count(struct showing *s, const char *name, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    if (s->format == OUT_JSON)
        json_count(&s->json, name, value);
    else
        say(s, name, text, false);
}

/* parted: by this outside of JSON. */
static void say_list(struct showing *s, const char *name, const char *const *values, size_t n, const char *parted)
{
    struct buf b;
    if (s->format == OUT_JSON) {
        json_open_list(&s->json, name);
        for (size_t i = 0; i < n; i++)
            json_text(&s->json, NULL, values[i]);
        json_close(&s->json);
        return;
    }
    buf_init(&b, VALUE_MOST);
    for (size_t i = 0; i < n; i++) {
        buf_text(&b, i ? parted : "");
        buf_text(&b, values[i]);
    }
    buf_u8(&b, 0);
    if (buf_ok(&b))
        say(s, name, (const char *)b.data, *parted == ' ');
    else
        s->status = -ENOMEM;
    buf_release(&b);
}

/* ---- Kinds of facts ---- */

static void show_text(struct showing *s, const struct fact *f)
{
    say_text(s, f->name, *(const char *const *)place(s, f, f->at));
}

static void show_count(struct showing *s, const struct fact *f)
{
    say_count(s, f->name, *(const uint32_t *)place(s, f, f->at));
}

static void show_bytes(struct showing *s, const struct fact *f) /* and other great numbers */
{
    say_count(s, f->name, *(const uint64_t *)place(s, f, f->at));
}

static void show_rows(struct showing *s, const struct fact *f)
{
    say_count(s, f->name, *(const size_t *)place(s, f, f->at));
}

static void show_seconds(struct showing *s, const struct fact *f)
{
    say_count(s, f->name, (uint64_t)(*(const int64_t *)place(s, f, f->at) / 1000000));
}

static void show_flag(struct showing *s, const struct fact *f)
{
    bool yes = *(const bool *)place(s, f, f->at);
    if (s->format == OUT_JSON)
        json_bool(&s->json, f->name, yes);
    else
        say(s, f->name, yes ? "yes" : "no", false);
}

static void show_words(struct showing *s, const struct fact *f)
{
    say_list(s, f->name, *(const char *const *const *)place(s, f, f->at), *(const size_t *)place(s, f, f->at_n), " ");
}

/* ---- Facts of their own kind ---- */

static void say_ports(struct showing *s, const char *name, const uint16_t *ports, size_t n)
{
    enum { MOST = sizeof s->p->http_ports / sizeof *s->p->http_ports };
    char texts[MOST][8];
    const char *words[MOST];
    if (s->format == OUT_JSON) {
        json_open_list(&s->json, name);
        for (size_t i = 0; i < n; i++)
            json_count(&s->json, NULL, ports[i]);
        json_close(&s->json);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        snprintf(texts[i], sizeof texts[i], "%u", ports[i]);
        words[i] = texts[i];
    }
    say_list(s, name, words, n, " ");
}

static void show_ports(struct showing *s, const struct fact *f)
{
    say_ports(s, f->name, s->p->ports, s->p->n_ports);
}

static void show_http_ports(struct showing *s, const struct fact *f)
{
    say_ports(s, f->name, s->p->http_ports, s->p->n_http_ports);
}

/* What a web server calls itself; "-": it does not. */
static const char *server_name(const struct http_server *server)
{
    static const char header[] = "Server:";
    for (size_t i = 0; i < server->n_headers; i++) {
        const char *value = server->headers[i] + sizeof header - 1;
        if (!strncasecmp(server->headers[i], header, sizeof header - 1))
            return value + strspn(value, " ");
    }
    return "-";
}

/* "80 lighttpd/1.4.33": its first port, and its name. */
static void show_servers(struct showing *s, const struct fact *f)
{
    const struct http_site *site = s->p->http;
    char texts[HTTP_SERVERS][200];
    const char *list[HTTP_SERVERS];
    size_t n = site ? site->n : 0;
    for (size_t i = 0; i < n; i++) {
        snprintf(texts[i], sizeof texts[i], "%u %s", site->servers[i].ports[0], server_name(&site->servers[i]));
        list[i] = texts[i];
    }
    say_list(s, f->name, list, n, "; ");
}

static void show_shell(struct showing *s, const struct fact *f)
{
    say_text(s, f->name, persona_shell(s->p));
}

static void show_dialect(struct showing *s, const struct fact *f)
{
    say_text(s, f->name, s->p->dialect->name);
}

static void show_policy(struct showing *s, const struct fact *f)
{
    static const char *const names[] = { [POLICY_ANY] = "any", [POLICY_LISTED] = "listed", [POLICY_NEVER] = "never" };
    char after[24];
    snprintf(after, sizeof after, "after:%u", s->p->after);
    say_text(s, f->name, s->p->policy == POLICY_AFTER ? after : names[s->p->policy]);
}

/* "root xc3511", as persona.ini has them. */
static void show_pairs(struct showing *s, const struct fact *f)
{
    size_t n = s->p->n_pairs;
    char (*texts)[512] = calloc(n + 1, sizeof *texts);
    const char **list = calloc(n + 1, sizeof *list);
    s->status = texts && list ? s->status : -ENOMEM;
    for (size_t i = 0; i < n && texts && list; i++) {
        snprintf(texts[i], sizeof texts[i], "%s %s", s->p->pairs[i].user, s->p->pairs[i].password);
        list[i] = texts[i];
    }
    if (texts && list)
        say_list(s, f->name, list, n, "; ");
    free(texts);
    free(list);
}

static void show_prompts(struct showing *s, const struct fact *f)
{
    const char *list[VENDOR_LEVELS];
    size_t n = s->p->cli ? vendor_levels(s->p->cli) : 0;
    for (size_t i = 0; i < n; i++)
        list[i] = vendor_prompt(s->p->cli, i);
    say_list(s, f->name, list, n, "|");
}

static void show_environment(struct showing *s, const struct fact *f)
{
    const char *const *list = s->p->machine->environment;
    size_t n = 0;
    while (list && list[n])
        n++;
    say_list(s, f->name, list, n, "; ");
}

static void show_load(struct showing *s, const struct fact *f)
{
    char text[64];
    const double *load = s->p->machine->load;
    snprintf(text, sizeof text, "%.2f %.2f %.2f", load[0], load[1], load[2]);
    say_text(s, f->name, text);
}

/* ---- All facts ---- */

#define P_(field) OF_PERSONA, offsetof(struct persona, field)
#define M_(field) OF_MACHINE, offsetof(struct machine, field)
/* clang-format off */
static const struct fact facts[] = {
    { "", "id", show_text, P_(id) },
    { "", "name", show_text, P_(name) },
    { "", "class", show_text, P_(class) },
    { "", "vendor", show_text, P_(vendor) },
    { "", "source", show_text, P_(source) },
    { "", "cpu", show_text, P_(cpu) },
    { "", "order", show_text, P_(order) },
    { "", "shell", show_shell, 0 },
    { "", "weight", show_count, P_(weight) },
    { "", "ports", show_ports, 0 },
    { "", "silent", show_flag, P_(silent) },
    { "telnet", "dialect", show_dialect, 0 },
    { "login", "policy", show_policy, 0 },
    { "login", "pairs", show_pairs, 0 },
    { "login", "banner", show_text, P_(login.banner) },
    { "login", "user_prompt", show_text, P_(login.user_prompt) },
    { "login", "password_prompt", show_text, P_(login.password_prompt) },
    { "login", "failed", show_text, P_(login.failed) },
    { "login", "welcome", show_text, P_(login.welcome) },
    { "login", "locked", show_text, P_(login.locked) },
    { "login", "timed_out", show_text, P_(login.timed_out) },
    { "login", "tries", show_count, P_(login.tries) },
    { "login", "fail_delay", show_seconds, P_(login.fail_delay) },
    { "login", "lock", show_seconds, P_(login.lock) },
    { "login", "timeout", show_seconds, P_(login.timeout) },
    { "login", "name_most", show_count, P_(login.name_most) },
    { "login", "asks_password_always", show_flag, P_(login.asks_password_always) },
    { "login", "echoes_password", show_flag, P_(login.echoes_password) },
    { "login", "user_only_once", show_flag, P_(login.user_only_once) },
    { "login", "flushes", show_flag, P_(login.flushes) },
    { "cli", "name", show_text, P_(cli_name) },
    { "cli", "prompts", show_prompts, 0 },
    { "cli", "abbreviates", show_flag, P_(cli_style.abbreviates) },
    { "http", "ports", show_http_ports, 0 },
    { "http", "servers", show_servers, 0 },
    { "session", "shell", show_text, P_(shell_name) },
    { "session", "idle", show_seconds, P_(idle) },
    { "session", "budget", show_seconds, P_(budget) },
    { "address", "hostname", show_text, P_(hostname) },
    { "address", "oui", show_text, P_(oui) },
    { "address", "uptime_least", show_count, P_(uptime_least) },
    { "address", "uptime_most", show_count, P_(uptime_most) },
    { "busybox", "banner", show_text, M_(banner) },
    { "busybox", "version", show_text, M_(version) },
    { "busybox", "applets", show_words, M_(applets), offsetof(struct machine, n_applets) },
    { "busybox", "programs", show_words, M_(programs), offsetof(struct machine, n_programs) },
    { "busybox", "ps", show_text, M_(ps) },
    { "busybox", "standalone", show_flag, M_(standalone) },
    { "busybox", "editing", show_flag, M_(editing) },
    { "busybox", "ask_terminal", show_flag, M_(ask_terminal) },
    { "busybox", "awk_math", show_flag, M_(awk_math) },
    { "system", "sysname", show_text, M_(sysname) },
    { "system", "nodename", show_text, M_(nodename) },
    { "system", "release", show_text, M_(release) },
    { "system", "version", show_text, M_(version_kernel) },
    { "system", "machine", show_text, M_(machine) },
    { "system", "processor", show_text, M_(processor) },
    { "system", "platform", show_text, M_(platform) },
    { "system", "domain", show_text, M_(domain) },
    { "system", "os", show_text, M_(os) },
    { "system", "prompt", show_text, M_(prompt) },
    { "user", "user", show_text, M_(user) },
    { "user", "uid", show_count, M_(uid) },
    { "user", "gid", show_count, M_(gid) },
    { "user", "home", show_text, M_(home) },
    { "user", "shell", show_text, M_(shell) },
    { "user", "environment", show_environment, 0 },
    { "hardware", "cpus", show_count, M_(cpus) },
    { "hardware", "uptime", show_bytes, M_(uptime) },
    { "hardware", "load", show_load, 0 },
    { "hardware", "pid_first", show_count, M_(pid_first) },
    { "hardware", "foreign", show_text, M_(foreign) },
    { "hardware", "memory_total", show_bytes, M_(memory_total) },
    { "hardware", "memory_free", show_bytes, M_(memory_free) },
    { "hardware", "memory_shared", show_bytes, M_(memory_shared) },
    { "hardware", "memory_buffers", show_bytes, M_(memory_buffers) },
    { "hardware", "memory_cached", show_bytes, M_(memory_cached) },
    { "hardware", "swap_total", show_bytes, M_(swap_total) },
    { "hardware", "swap_free", show_bytes, M_(swap_free) },
    { "rows", "processes", show_rows, M_(n_processes) },
    { "rows", "interfaces", show_rows, M_(n_interfaces) },
    { "rows", "routes", show_rows, M_(n_routes) },
    { "rows", "sockets", show_rows, M_(n_sockets) },
    { "rows", "modules", show_rows, M_(n_modules) },
};
/* clang-format on */

static void begin_section(struct showing *s, const char *section)
{
    if (s->format == OUT_TABLE)
        printf("\n[%s]\n", section);
    if (s->format == OUT_JSON && *s->section)
        json_close(&s->json);
    if (s->format == OUT_JSON)
        json_open_object(&s->json, section);
    s->section = section;
}

static void show_all(struct showing *s)
{
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        const struct fact *f = &facts[i];
        bool lacks = strcmp(f->section, "cli") == 0 && !s->p->cli;
        if (lacks)
            continue;
        if (strcmp(f->section, s->section) != 0)
            begin_section(s, f->section);
        f->show(s, f);
    }
    if (s->format == OUT_JSON)
        json_close(&s->json);
}

const char *persona_shell(const struct persona *p)
{
    return p->cli ? p->cli_name : "ash";
}

static int show_json(struct showing *s)
{
    json_begin_object(&s->json);
    show_all(s);
    int e = json_write_pretty(&s->json, stdout);
    json_release(&s->json);
    return s->status ? s->status : e;
}

static int show_csv(struct showing *s)
{
    static const struct column columns[] = { { .name = "name", .type = COLUMN_TEXT }, { .name = "value", .type = COLUMN_TEXT } };
    out_begin(&s->out, stdout, OUT_CSV, columns, 2);
    show_all(s);
    int e = out_end(&s->out);
    return s->status ? s->status : e;
}

int persona_show(const struct cli *cli, const struct persona *p)
{
    struct showing s = { .format = cli->format, .p = p, .section = "" };
    int e = 0;
    if (s.format == OUT_JSON)
        e = show_json(&s);
    else if (s.format == OUT_CSV)
        e = show_csv(&s);
    else
        show_all(&s);
    e = e ? e : s.status;
    return e ? cli_trouble("standard output", e, NULL) : CLI_DONE;
}
