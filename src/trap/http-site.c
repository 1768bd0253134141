#include "trap/http-site.h"

#include "base/text.h"
#include "trap/hold.h"
#include "trap/words.h"

#include <stdlib.h>

static const char file[] = "http.ini";

enum { ROWS_MOST = 200, SECOND = 1000000 };

struct site_hold {
    struct hold hold; /* first */
    struct http_site site;
};

struct reading {
    struct site_hold *h;
    struct hold_lines lines;
    struct http_server *server; /* NULL: none has begun */
    const char *folder;
};

struct item;
typedef int put_fn(struct reading *r, const struct item *it, char *value);

struct item {
    const char *name;
    put_fn *put;
    size_t at;           /* in struct http_server */
    int64_t least, most;
    const char *choices;
};

#define wrong(r, ...) hold_wrong(&(r)->h->hold, file, (r)->lines.line, __VA_ARGS__)

static int cannot(struct reading *r, const struct item *it, const char *value)
{
    return wrong(r, "%s cannot be '%.80s'", it->name, value);
}

static void *place(struct reading *r, const struct item *it)
{
    return (char *)r->server + it->at;
}

/* One more in a list of the server's; NULL: there are too many. */
static void *row(struct reading *r, void *list, size_t *n, size_t size)
{
    void **at = list;
    if (*n >= ROWS_MOST)
        return NULL;
    *at = memory_array(&r->h->hold.memory, *at, *n + 1, size);
    return (char *)*at + (*n)++ * size;
}

static int put_text(struct reading *r, const struct item *it, char *value)
{
    if (!words_unescape(value))
        return wrong(r, "%s has an escape that is none", it->name);
    *(const char **)place(r, it) = value;
    return 0;
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

/* The number of a word among others, with blanks between; -1. */
static int choice(const char *choices, const char *word)
{
    size_t n = strlen(word);
    int i = 0;
    for (const char *at = choices; *at; i++) {
        size_t length = strcspn(at, " ");
        if (length == n && !memcmp(at, word, n))
            return i;
        at += length + (at[length] == ' ');
    }
    return -1;
}

static int put_choice(struct reading *r, const struct item *it, char *value)
{
    int v = choice(it->choices, value);
    if (v < 0)
        return cannot(r, it, value);
    *(uint32_t *)place(r, it) = (uint32_t)v;
    return 0;
}

static int put_flag(struct reading *r, const struct item *it, char *value)
{
    int v = choice("no yes", value);
    if (v < 0)
        return cannot(r, it, value);
    *(bool *)place(r, it) = v;
    return 0;
}

static int put_ports(struct reading *r, const struct item *it, char *value)
{
    struct http_server *s = r->server;
    char *word;
    int64_t v;
    while ((word = strsep(&value, " "))) {
        if (!*word)
            continue;
        if (text_int(word, 1, 65535, &v) || s->n_ports == HTTP_PORTS)
            return cannot(r, it, word);
        s->ports[s->n_ports++] = (uint16_t)v;
    }
    return 0;
}

static int put_header(struct reading *r, const struct item *it, char *value)
{
    const char **at = strchr(value, ':') ? row(r, &r->server->headers, &r->server->n_headers, sizeof *at) : NULL;
    if (!at)
        return cannot(r, it, value);
    *at = value;
    return 0;
}

static int put_reason(struct reading *r, const struct item *it, char *value)
{
    char *text = value;
    const char *number = strsep(&text, " ");
    int64_t v;
    struct http_reason *at = text && !text_int(number, 100, 599, &v) ? row(r, &r->server->reasons, &r->server->n_reasons, sizeof *at)
                                                                    : NULL;
    if (!at)
        return cannot(r, it, number);
    *at = (struct http_reason){ (uint32_t)v, text };
    return 0;
}

/* ---- Pages ---- */

static const struct {
    const char *ending, *type;
} types[] = {
    { ".html", "" }, { ".htm", "" }, { ".asp", "" }, { ".xml", "text/xml" }, { ".css", "text/css" }, { ".js", "application/x-javascript" },
    { ".txt", "text/plain" }, { ".json", "application/json" }, { ".soap", "text/xml; charset=\"utf-8\"" },
};

static const char *type_of(const struct http_server *s, const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        size_t length = strlen(types[i].ending);
        if (n > length && !strcmp(name + n - length, types[i].ending))
            return *types[i].type ? types[i].type : s->html;
    }
    return s->html;
}

static int read_body(struct reading *r, const char *name, struct http_answer *ret)
{
    char *data = memory_text(&r->h->hold.memory, "");
    size_t n = 0;
    if (strstr(name, ".."))
        return wrong(r, "'%.80s' is outside the persona", name);
    const char *path = memory_print(&r->h->hold.memory, "%s/%s%s", r->folder ? r->folder : "", *name == '/' ? "root" : "http/", name);
    int e = r->folder ? hold_file(&r->h->hold, path, &data, &n) : 0;
    if (e)
        return wrong(r, "%.80s: %s", name, strerror(-e));
    *ret = (struct http_answer){ .status = 200, .type = type_of(r->server, name), .body = data, .n = n };
    return 0;
}

static int read_answer(struct reading *r, const char *word, struct http_answer *ret)
{
    int64_t v;
    if (!word || !*word)
        return wrong(r, "a page without an answer");
    if (*word == '>') {
        *ret = (struct http_answer){ .status = 302, .location = word + 1 };
        return 0;
    }
    if (*word != '=')
        return read_body(r, word, ret);
    if (text_int(word + 1, 200, 599, &v))
        return wrong(r, "'%.80s' is no status", word);
    *ret = (struct http_answer){ .status = (uint32_t)v };
    return 0;
}

static char *next_word(char **rest)
{
    char *word = NULL;
    while (*rest && !(word && *word))
        word = strsep(rest, " ");
    return word && *word ? word : NULL;
}

static int put_page(struct reading *r, const struct item *it, char *value)
{
    const char *method = next_word(&value);
    char *path = next_word(&value), *guard = next_word(&value);
    const char *answer = next_word(&value), *refused = next_word(&value);
    char *plus = guard ? strchr(guard, '+') : NULL;
    struct http_page page = { .runs = plus && !strcmp(plus, "+run") };
    if (!guard || *path != '/' || (plus && !page.runs) || next_word(&value))
        return cannot(r, it, path ? path : "");
    if (plus)
        *plus = '\0';
    int kind = choice("open basic form digest login", guard);
    if (kind < 0 || (kind == GUARD_LOGIN && !refused) || (refused && kind != GUARD_LOGIN && kind != GUARD_FORM))
        return cannot(r, it, path);
    size_t n = strlen(path);
    page.below = path[n - 1] == '*';
    path[n - page.below] = '\0';
    page.method = strcmp(method, "ANY") == 0 ? "" : method;
    page.path = path;
    page.guard = (uint8_t)kind;
    int e = read_answer(r, answer, &page.answer);
    e = e || !refused ? e : read_answer(r, refused, &page.refused);
    struct http_page *at = e ? NULL : row(r, &r->server->pages, &r->server->n_pages, sizeof *at);
    if (at)
        *at = page;
    return e ? e : at ? 0 : cannot(r, it, path);
}

/* ---- The file ---- */

#define AT_(field) .at = offsetof(struct http_server, field)
/* clang-format off */
static const struct item items[] = {
    { "ports", put_ports },
    { "source", put_text, AT_(source) },
    { "version", put_choice, AT_(version), .choices = "1.0 1.1 same" },
    { "keep", put_choice, AT_(keep), .choices = "no asked yes" },
    { "keep_most", put_number, AT_(keep_most), 1, 100000 },
    { "idle", put_seconds, AT_(idle), 1, 3600 },
    { "guard", put_choice, AT_(guard), .choices = "open basic form digest" },
    { "bad", put_number, AT_(bad), 0, 599 },
    { "method", put_number, AT_(method), 0, 599 },
    { "host", put_flag, AT_(host) },
    { "old", put_flag, AT_(old) },
    { "ctime", put_flag, AT_(ctime) },
    { "modified", put_text, AT_(modified) },
    { "realm", put_text, AT_(realm) },
    { "html", put_text, AT_(html) },
    { "error", put_text, AT_(error) },
    { "cookie", put_text, AT_(cookie) },
    { "user_field", put_text, AT_(user_field) },
    { "password_field", put_text, AT_(password_field) },
    { "user", put_text, AT_(user) },
    { "header", put_header },
    { "reason", put_reason },
    { "page", put_page },
};
/* clang-format on */

static int begin_server(struct reading *r)
{
    struct http_site *s = &r->h->site;
    if (s->n == HTTP_SERVERS)
        return wrong(r, "more servers than %d", HTTP_SERVERS);
    r->server = &s->servers[s->n++];
    *r->server = (struct http_server){ .source = "", .version = 2, .keep_most = 100, .idle = 60 * (int64_t)SECOND, .bad = 400,
                                       .method = 501, .modified = "", .realm = "", .html = "text/html", .error = "", .cookie = "",
                                       .user_field = "", .password_field = "", .user = "" };
    return 0;
}

static int read_item(struct reading *r, char *line)
{
    char *equals = strchr(line, '=');
    if (!equals || !r->server)
        return wrong(r, "neither [server] nor item = value");
    *equals = '\0';
    const char *name = hold_trimmed(line);
    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++)
        if (!strcmp(items[i].name, name))
            return items[i].put(r, &items[i], hold_trimmed(equals + 1));
    return wrong(r, "[server] has no item '%.60s'", name);
}

static int check_server(struct reading *r, const struct http_server *s)
{
    bool tells = false;
    r->lines.line = 0;
    for (size_t i = 0; i < s->n_headers; i++)
        tells = tells || strstr(s->headers[i], "{{length}}");
    if (s->keep != KEEP_NO && !tells)
        return wrong(r, "a server that goes on with a connection must tell its answers' {{length}}");
    for (size_t i = 0; i < s->n_pages; i++)
        if (s->pages[i].guard == GUARD_LOGIN && !*s->password_field)
            return wrong(r, "a log-in, but no password_field");
    return s->n_ports ? 0 : wrong(r, "a server without ports");
}

static int read_all(struct site_hold *h, const char *folder, const char *data, size_t n)
{
    struct reading *r;
    char *line;
    int e = 0;
    if (setjmp(h->hold.full))
        return -ENOMEM;
    r = memory_take(&h->hold.memory, sizeof *r);
    *r = (struct reading){ .h = h, .lines = { file, data, data + n, 0 }, .folder = folder };
    h->site.servers = memory_take(&h->hold.memory, HTTP_SERVERS * sizeof *h->site.servers);
    while (!e && (line = hold_line(&h->hold, &r->lines, &e))) {
        line = hold_trimmed(line);
        if (*line && *line != '#' && *line != ';')
            e = strcmp(line, "[server]") == 0 ? begin_server(r) : read_item(r, line);
    }
    for (size_t i = 0; i < h->site.n && !e; i++)
        e = check_server(r, &h->site.servers[i]);
    return e || h->site.n ? e : wrong(r, "there is no [server]");
}

static struct site_hold *make(char *why)
{
    struct site_hold *h = calloc(1, sizeof *h);
    if (h)
        hold_init(&h->hold, (char(*)[HOLD_WHY])(void *)why);
    return h;
}

static int finish(struct site_hold *h, int e, struct http_site **ret)
{
    h->hold.why = NULL;
    if (e)
        http_site_free(&h->site);
    else
        *ret = &h->site;
    return e;
}

int http_site_read(struct http_site **ret, const char *folder, const char *data, size_t n, char ret_why[static 200])
{
    struct site_hold *h = make(ret_why);
    return h ? finish(h, read_all(h, folder, data, n), ret) : -ENOMEM;
}

static int read_file(struct site_hold *h, const char *folder, char **ret, size_t *ret_n)
{
    return setjmp(h->hold.full) ? -ENOMEM : hold_file(&h->hold, memory_print(&h->hold.memory, "%s/%s", folder, file), ret, ret_n);
}

int http_site_load(struct http_site **ret, const char *folder, char ret_why[static 200])
{
    struct site_hold *h = make(ret_why);
    char *data = NULL;
    size_t n = 0;
    *ret = NULL;
    if (!h)
        return -ENOMEM;
    int e = read_file(h, folder, &data, &n);
    if (e == -ENOENT) {
        http_site_free(&h->site);
        return 0;
    }
    return finish(h, e ? e : read_all(h, folder, data, n), ret);
}

void http_site_free(struct http_site *s)
{
    if (!s)
        return;
    struct site_hold *h = (struct site_hold *)((char *)s - offsetof(struct site_hold, site));
    hold_release(&h->hold);
    free(h);
}

const struct http_server *http_site_at(const struct http_site *s, uint16_t port)
{
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 0; k < s->servers[i].n_ports; k++)
            if (s->servers[i].ports[k] == port)
                return &s->servers[i];
    return &s->servers[0];
}
