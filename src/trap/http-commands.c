#include "trap/http-commands.h"

#include <strings.h>

enum { VALUES_MOST = 256 }; /* of a request, that are looked at */

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct http_text after(struct http_text t, size_t n)
{
    return (struct http_text){ t.s + n, t.n - n };
}

static size_t find(struct http_text t, const char *what)
{
    const char *at = t.n ? memmem(t.s, t.n, what, strlen(what)) : NULL;
    return at ? (size_t)(at - t.s) : t.n;
}

static struct http_text left_trimmed(struct http_text t)
{
    while (t.n && blank(*t.s))
        t = after(t, 1);
    return t;
}

/* Whether it is the name, or begins as one with a * at its end does. */
static bool fits(struct http_text t, const char *name)
{
    size_t n = strlen(name);
    bool open = n && name[n - 1] == '*';
    n -= open;
    return (open ? t.n >= n : t.n == n) && !memcmp(t.s, name, n);
}

/* ---- One command of a text ---- */

/* The first word of a command, without its folder: up to a blank, an operator or a variable (cd${IFS}/tmp). */
static struct http_text first_word(struct http_text t)
{
    size_t n = 0, from = 0;
    for (; n < t.n && !blank(t.s[n]) && !strchr("$;|&<>(){}`'\"", t.s[n]); n++)
        if (t.s[n] == '/')
            from = n + 1;
    return (struct http_text){ t.s + from, n - from };
}

static bool is_command(struct http_text t)
{
    static const char *const words[] = {
        "ash",    "awk",     "base64",  "bash",  "busybox", "cat",    "cd",       "chmod",    "cp",     "curl",  "dd",     "df",
        "echo",   "env",     "export",  "expr",  "find",    "ftpget", "ftpput",   "getprop",  "grep",   "id",    "ifconfig", "ip",
        "iptables", "kill",  "killall", "ln",    "ls",      "lua",    "mkdir",    "mount",    "mv",     "nc",    "netcat", "netstat",
        "nohup",  "nslookup", "nvram",  "passwd", "perl",   "php",    "ping",     "pkill",    "printf", "ps",    "pwd",    "python",
        "reboot", "rm",      "sed",     "sh",    "sleep",   "su",     "telnet",   "telnetd",  "tftp",   "touch", "ulimit", "uname",
        "utelnetd", "uptime", "wget",   "whoami",
    };
    struct http_text word = first_word(t);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (http_is(word, words[i]))
            return true;
    return false;
}

/* What is left of the device's own command line behind it, and what was put there to close it. */
static struct http_text bare(struct http_text t)
{
    t = left_trimmed(t);
    while (t.n && (blank(t.s[t.n - 1]) || strchr("'\"#;|&`", t.s[t.n - 1])))
        t.n--;
    return t;
}

static size_t count(struct http_text t, char c)
{
    size_t n = 0;
    for (size_t i = 0; i < t.n; i++)
        n += t.s[i] == c;
    return n;
}

/* A quote that the device's own would close is closed here. */
static void add(struct http_found *f, struct http_text t, bool known)
{
    static const char quotes[] = "'\"";
    if (!t.n || f->n == HTTP_COMMANDS_MOST || (!known && !is_command(t)))
        return;
    size_t before = f->commands.len;
    for (size_t i = 0; i < t.n; i++)
        if (t.s[i] && t.s[i] != '\r')
            buf_u8(&f->commands, (uint8_t)t.s[i]);
    if (f->commands.len == before)
        return;
    for (const char *q = quotes; *q; q++)
        if (count(t, *q) % 2)
            buf_u8(&f->commands, (uint8_t)*q);
    buf_u8(&f->commands, '\0');
    if (buf_ok(&f->commands)) {
        f->n++;
        return;
    }
    f->commands.len = before; /* it does not fit: what was found before stays */
    f->commands.bad = false;
}

/* Up to the parenthesis that closes, of a text behind one that opens. */
static size_t closing(struct http_text t)
{
    size_t open = 1;
    for (size_t i = 0; i < t.n; i++) {
        open += t.s[i] == '(';
        open -= t.s[i] == ')';
        if (!open)
            return i;
    }
    return t.n;
}

/* Substitutions; and where operators are heeded all of the rest behind one is a command. */
static void find_injected(struct http_found *f, struct http_text t, bool known, bool operators)
{
    while (t.n) {
        size_t skip = 1;
        if (*t.s == '`') {
            t = after(t, 1);
            size_t end = find(t, "`");
            add(f, (struct http_text){ t.s, end }, known);
            skip = end + (end < t.n);
        } else if (*t.s == '$' && t.n > 1 && t.s[1] == '(') {
            t = after(t, 2);
            size_t end = closing(t);
            add(f, (struct http_text){ t.s, end }, known);
            skip = end + (end < t.n);
        } else if (operators && *t.s && strchr(";|&\n", *t.s)) {
            while (t.n && (blank(*t.s) || (*t.s && strchr(";|&", *t.s))))
                t = after(t, 1);
            add(f, bare(t), known);
            return;
        }
        t = after(t, skip);
    }
}

/* ---- The values of a request ---- */

struct values {
    struct http_text rest;
    enum { IN_FIELDS, IN_XML, IN_JSON, IN_PARTS } form;
};

static int entity(struct http_text t, size_t *ret_n)
{
    static const struct {
        const char *name;
        char means;
    } names[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' }, { "&apos;", '\'' } };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        *ret_n = strlen(names[i].name);
        if (t.n >= *ret_n && !memcmp(t.s, names[i].name, *ret_n))
            return names[i].means;
    }
    bool hex = t.n > 3 && t.s[1] == '#' && (t.s[2] | 32) == 'x';
    size_t i = hex ? 3 : 2, from = i;
    unsigned v = 0;
    if (t.n < 4 || t.s[1] != '#')
        return -1;
    for (; i < t.n && i < from + 4 && t.s[i] != ';'; i++) {
        int d = t.s[i] >= '0' && t.s[i] <= '9' ? t.s[i] - '0' : hex && (t.s[i] | 32) >= 'a' && (t.s[i] | 32) <= 'f' ? (t.s[i] | 32) - 'a' + 10 : -1;
        if (d < 0)
            return -1;
        v = v * (hex ? 16 : 10) + (unsigned)d;
    }
    *ret_n = i + 1;
    return i < t.n && i > from && t.s[i] == ';' && v < 256 ? (int)v : -1;
}

static void unentity(struct buf *to, struct http_text t)
{
    for (size_t i = 0; i < t.n; i++) {
        size_t n = 1;
        int c = t.s[i] == '&' ? entity(after(t, i), &n) : -1;
        buf_u8(to, c >= 0 ? (uint8_t)c : (uint8_t)t.s[i]);
        i += c >= 0 ? n - 1 : 0;
    }
}

/* <prefix:name ...>value< */
static bool next_element(struct http_text *rest, struct http_text *ret_name, struct buf *value)
{
    struct http_text t = after(*rest, find(*rest, "<"));
    size_t end = find(t, ">"), n = 1;
    if (end == t.n)
        return false;
    while (n < end && !blank(t.s[n]) && t.s[n] != '/')
        n++;
    *ret_name = (struct http_text){ t.s + 1, n - 1 };
    size_t colon = find(*ret_name, ":");
    if (colon < ret_name->n)
        *ret_name = after(*ret_name, colon + 1);
    t = after(t, end + 1);
    bool data = t.n > 9 && !memcmp(t.s, "<![CDATA[", 9);
    if (data)
        t = after(t, 9);
    size_t stop = find(t, data ? "]]>" : "<");
    if (data)
        buf_put(value, t.s, stop);
    else
        unentity(value, (struct http_text){ t.s, stop });
    *rest = after(t, stop);
    return true;
}

/* The next string of JSON, as it stands there: moves over it. */
static bool json_string(struct http_text *rest, struct http_text *ret)
{
    struct http_text t = after(*rest, find(*rest, "\""));
    size_t i = 1;
    if (!t.n)
        return false;
    while (i < t.n && t.s[i] != '"')
        i += t.s[i] == '\\' && i + 1 < t.n ? 2 : 1;
    *ret = (struct http_text){ t.s + 1, i - 1 };
    *rest = after(t, i < t.n ? i + 1 : i);
    return true;
}

static void unescape(struct buf *to, struct http_text t)
{
    for (size_t i = 0; i < t.n; i++) {
        bool escape = t.s[i] == '\\' && i + 1 < t.n;
        i += escape;
        buf_u8(to, escape && t.s[i] == 'n' ? '\n' : (uint8_t)t.s[i]);
    }
}

/* "name":"value". A string that has no other behind it, as of a list, is a value without a name. */
static bool next_member(struct http_text *rest, struct http_text *ret_name, struct buf *value)
{
    struct http_text string;
    if (!json_string(rest, &string))
        return false;
    *ret_name = (struct http_text){ "", 0 };
    struct http_text t = left_trimmed(*rest);
    t = t.n && *t.s == ':' ? left_trimmed(after(t, 1)) : (struct http_text){ "", 0 };
    if (t.n && *t.s == '"') {
        *ret_name = string;
        *rest = t;
        (void)json_string(rest, &string);
    }
    unescape(value, string);
    return true;
}

/* A part of multipart/form-data: ... name="x" ... empty line, value, "\r\n--". RFC 7578. */
static bool next_part(struct http_text *rest, struct http_text *ret_name, struct buf *value)
{
    struct http_text t = after(*rest, find(*rest, " name=\""));
    if (t.n < 7)
        return false;
    t = after(t, 7);
    *ret_name = (struct http_text){ t.s, find(t, "\"") };
    size_t head = find(t, "\r\n\r\n");
    t = after(t, head + 4 <= t.n ? head + 4 : t.n);
    size_t end = find(t, "\r\n--");
    buf_put(value, t.s, end);
    *rest = after(t, end);
    return true;
}

static bool next_value(struct values *v, struct http_text *ret_name, struct buf *value)
{
    struct http_text raw;
    buf_reset(value);
    switch (v->form) {
    case IN_XML:
        return next_element(&v->rest, ret_name, value);
    case IN_JSON:
        return next_member(&v->rest, ret_name, value);
    case IN_PARTS:
        return next_part(&v->rest, ret_name, value);
    case IN_FIELDS:
        break;
    }
    if (!http_field(&v->rest, ret_name, &raw))
        return false;
    http_decode(value, raw, true);
    return true;
}

/* A body is taken for what it looks like: attacks say all sorts of types. */
static struct values values_of_body(const struct http_request *r)
{
    struct values v = { .rest = { r->body.len ? (const char *)r->body.data : "", r->body.len } };
    v.rest = left_trimmed(v.rest);
    char first = v.rest.n ? *v.rest.s : '\0';
    v.form = first == '<'                                   ? IN_XML
             : first == '{' || first == '['                 ? IN_JSON
             : v.rest.n > 2 && !memcmp(v.rest.s, "--", 2)   ? IN_PARTS
                                                            : IN_FIELDS;
    return v;
}

/* ---- The table ---- */

static void take(struct http_found *f, struct http_text t, enum http_how how)
{
    struct buf plain;
    if (how == HOW_INJECTED) {
        find_injected(f, t, true, true);
    } else if (how == HOW_COMMAND) {
        add(f, bare(t), true);
    } else {
        buf_init(&plain, HTTP_COMMANDS_BYTES);
        http_base64(&plain, t);
        if (plain.len)
            add(f, bare((struct http_text){ (const char *)plain.data, plain.len }), true);
        buf_release(&plain);
    }
}

static void take_values(struct http_found *f, struct values v, const struct http_entry *e)
{
    struct http_text name;
    struct buf value;
    buf_init(&value, HTTP_BODY_MOST);
    for (unsigned i = 0; i < VALUES_MOST && next_value(&v, &name, &value); i++)
        if (value.len && fits(name, e->key))
            take(f, (struct http_text){ (const char *)value.data, value.len }, e->how);
    buf_release(&value);
}

static void take_decoded(struct http_found *f, struct http_text t, bool plus, enum http_how how)
{
    struct buf plain;
    buf_init(&plain, HTTP_HEAD_MOST);
    http_decode(&plain, t, plus);
    if (plain.len)
        take(f, (struct http_text){ (const char *)plain.data, plain.len }, how);
    buf_release(&plain);
}

static void try_entry(struct http_found *f, const struct http_request *r, const struct http_entry *e, struct http_text query)
{
    size_t n = strlen(e->path);
    struct http_text target = http_text(r, r->target), header;
    switch (e->place) {
    case PLACE_VALUE:
        take_values(f, (struct values){ .rest = query }, e);
        take_values(f, values_of_body(r), e);
        break;
    case PLACE_QUERY:
        take_decoded(f, query, true, e->how);
        break;
    case PLACE_TARGET:
        n -= e->path[n - 1] == '*';
        n -= e->path[n - 1] == ';'; /* which is a part of the command */
        if (target.n > n)
            take_decoded(f, after(target, n), false, e->how);
        break;
    default:
        header = http_header(r, e->key);
        if (header.n)
            take(f, header, e->how);
    }
}

static void try_entries(struct http_found *f, const struct http_request *r, struct http_text path, struct http_text query)
{
    const struct http_entry *e;
    struct buf plain;
    buf_init(&plain, HTTP_HEAD_MOST);
    http_decode(&plain, path, false);
    struct http_text whole = { plain.len ? (const char *)plain.data : "", plain.len };
    for (size_t i = 0; (e = http_entry_at(i)); i++) {
        size_t before = f->n;
        if ((*e->method && !http_method_is(r, e->method)) || !fits(whole, e->path))
            continue;
        try_entry(f, r, e, query);
        if (!*f->entry || f->n > before)
            f->entry = e->name;
    }
    buf_release(&plain);
}

/* ---- Elsewhere ---- */

/* A function in a header, and what is behind it (CVE-2014-6271); substitutions, since operators are in many headers. */
static void try_headers(struct http_found *f, const struct http_request *r)
{
    for (size_t i = 0; i < r->n_headers; i++) {
        struct http_text t = http_text(r, r->headers[i].value);
        size_t end = find(t, "};");
        if (t.n < 4 || memcmp(t.s, "() {", 4) != 0 || end == t.n) {
            find_injected(f, t, false, false);
            continue;
        }
        f->entry = *f->entry ? f->entry : "cgi-function";
        add(f, bare(after(t, end + 2)), true);
    }
}

/* Names of values that are commands, wherever they are. */
static bool means_command(struct http_text name)
{
    static const char *const names[] = { "cmd", "command", "exec", "execute", "shell", "syscmd", "run" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (http_is_caseless(name, names[i]))
            return true;
    return false;
}

static void try_value(struct http_found *f, struct http_text name, struct http_text value)
{
    if (means_command(name) && is_command(bare(value)))
        add(f, bare(value), true);
    else
        find_injected(f, value, false, true);
}

static void try_values(struct http_found *f, struct values v)
{
    struct http_text name;
    struct buf value;
    buf_init(&value, HTTP_BODY_MOST);
    for (unsigned i = 0; i < VALUES_MOST && next_value(&v, &name, &value); i++)
        if (value.len)
            try_value(f, name, (struct http_text){ (const char *)value.data, value.len });
    buf_release(&value);
}

static void try_target(struct http_found *f, struct http_text path)
{
    struct buf plain;
    buf_init(&plain, HTTP_HEAD_MOST);
    http_decode(&plain, path, false);
    if (plain.len)
        find_injected(f, (struct http_text){ (const char *)plain.data, plain.len }, false, true);
    buf_release(&plain);
}

void http_find(const struct http_request *r, struct http_found *ret)
{
    struct http_text path, query;
    *ret = (struct http_found){ .entry = "" };
    buf_init(&ret->commands, HTTP_COMMANDS_BYTES);
    http_target(r, &path, &query);
    try_entries(ret, r, path, query);
    if (!ret->n)
        try_headers(ret, r);
    if (ret->n)
        return;
    try_target(ret, path);
    try_values(ret, (struct values){ .rest = query });
    try_values(ret, values_of_body(r));
}

void http_found_release(struct http_found *f)
{
    buf_release(&f->commands);
    f->n = 0;
}
