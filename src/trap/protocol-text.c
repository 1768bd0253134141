#include "trap/protocol-inside.h"

#include <ctype.h>
#include <strings.h>

enum { LINE_MOST = 1024 };

struct line_part {
    const char *at;
    size_t n; /* without its end */
};

static bool is_text_byte(uint8_t c)
{
    return (c >= ' ' && c != 0x7f) || c == '\t' || c == '\r' || c == 0x1b;
}

/* Past empty lines, which readers of lines skip. */
static struct look behind_empty(const struct look *l)
{
    struct look r = *l;
    while (r.n && (*r.data == '\r' || *r.data == '\n')) {
        r.data++;
        r.n--;
    }
    return r;
}

/* What is mostly beyond ASCII is no text, or none that would tell us anything. */
static bool is_text(const char *s, size_t n)
{
    size_t high = 0;
    for (size_t i = 0; i < n; i++)
        high += (uint8_t)s[i] >= 0x80;
    return n && high * 2 <= n;
}

/* The first line, of text. What has no end yet is one where no more will come, or it is long
 * already. */
static enum answer first_line(const struct look *all, size_t most, struct line_part *ret)
{
    const struct look l = behind_empty(all);
    size_t n = 0;
    while (n < l.n && n < most && l.data[n] != '\n') {
        if (!is_text_byte(l.data[n++]))
            return ANSWER_NO;
    }
    if (n == l.n && n < most && !l.over)
        return ANSWER_MORE;
    while (n && l.data[n - 1] == '\r')
        n--;
    *ret = (struct line_part){ (const char *)l.data, n };
    return is_text(ret->at, n) ? ANSWER_YES : ANSWER_NO;
}

static struct line_part word_of(const struct line_part *line, size_t from)
{
    size_t n = from;
    while (n < line->n && line->at[n] != ' ' && line->at[n] != '\t')
        n++;
    return (struct line_part){ line->at + from, n - from };
}

static bool is_word(const struct line_part *w, const char *word)
{
    return w->n == strlen(word) && strncasecmp(w->at, word, w->n) == 0;
}

static bool begins_with(const struct line_part *w, const char *word)
{
    return w->n >= strlen(word) && strncasecmp(w->at, word, strlen(word)) == 0;
}

/* Whether a word, whose case counts, stands somewhere in it. */
static bool has_text(const struct look *l, const char *text)
{
    return memmem(l->data, l->n, text, strlen(text)) != NULL;
}

/* ---- SSH (RFC 4253, 4.2: at most 255 characters) ---- */

enum answer read_ssh(struct look *l)
{
    enum { BANNER_MOST = 255 };
    struct line_part line;
    enum answer a = first_line(l, BANNER_MOST, &line);
    if (a == ANSWER_YES)
        words_put(&l->found->agent, line.at, line.n);
    return a;
}

/* ---- Requests: METHOD TARGET PROTOCOL/VERSION, and headers ---- */

static const char *const methods[] = { "GET",     "HEAD",  "POST",     "PUT",       "DELETE",
                                       "OPTIONS", "TRACE", "CONNECT",  "PATCH",     "COPY",
                                       "MOVE",    "LOCK",  "PROPFIND", "PROPPATCH", "MKCOL",
                                       "SEARCH",  "TRACK", "DEBUG" };

static const struct {
    const char *version, *name;
} versions[] = { { "HTTP/", "http" }, { "RTSP/", "rtsp" }, { "SIP/", "sip" }, { "ICAP/", "icap" } };

static bool is_method(const struct line_part *word)
{
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (is_word(word, methods[i]))
            return true;
    }
    return false;
}

/* What its last word says that it is; NULL: none of them. */
static const char *named_by_version(const struct line_part *line)
{
    size_t from = line->n;
    while (from && line->at[from - 1] != ' ')
        from--;
    struct line_part last = { line->at + from, line->n - from };
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        size_t n = strlen(versions[i].version);
        if (begins_with(&last, versions[i].version) && last.n > n &&
            isdigit((unsigned char)last.at[n]))
            return versions[i].name;
    }
    return NULL;
}

static void take_header(const struct line_part *line, const char *name, struct protocol_words *ret)
{
    size_t at = strlen(name), n = line->n;
    if (ret->n || !begins_with(line, name) || n <= at || line->at[at] != ':')
        return;
    for (at++; at < n && (line->at[at] == ' ' || line->at[at] == '\t');)
        at++;
    while (n > at && (line->at[n - 1] == '\r' || line->at[n - 1] == ' '))
        n--;
    words_put(ret, line->at + at, n - at);
}

/* Takes the headers from `at` on; whether their end was there. */
static bool take_headers(struct look *l, size_t at)
{
    while (at < l->n) {
        const uint8_t *end = memchr(l->data + at, '\n', l->n - at);
        struct line_part line = { (const char *)l->data + at,
                                  end ? (size_t)(end - l->data) - at : l->n - at };
        if (end && (!line.n || (line.n == 1 && line.at[0] == '\r')))
            return true;
        take_header(&line, "host", &l->found->host);
        take_header(&line, "user-agent", &l->found->agent);
        at += line.n + 1;
    }
    return false;
}

/* Of HTTP there are kinds that are no visitor's of a web server. */
static const char *kind_of_http(const struct line_part *method, const struct line_part *target)
{
    if (is_word(method, "PRI"))
        return "http2";
    if ((is_word(method, "M-SEARCH") || is_word(method, "NOTIFY")) && is_word(target, "*"))
        return "ssdp";
    if (is_word(method, "CONNECT") || begins_with(target, "http://") ||
        begins_with(target, "https://"))
        return "proxy";
    return "http";
}

static enum answer request_line(struct look *l, const struct line_part *line, bool ended)
{
    struct line_part method = word_of(line, 0);
    struct line_part target = word_of(line, method.n < line->n ? method.n + 1 : method.n);
    const char *name = named_by_version(line);
    if (!name && !is_method(&method))
        return ANSWER_NO;
    l->found->name = name ? name : "http"; /* 0.9 */
    if (l->found->name[0] == 'h')
        l->found->name = kind_of_http(&method, &target);
    if (is_word(&method, "CONNECT"))
        words_put(&l->found->host, target.at, target.n);
    bool whole =
        !name ||
        (ended &&
         take_headers(l, (size_t)((const uint8_t *)memchr(l->data, '\n', l->n) - l->data) + 1));
    return whole || l->over ? ANSWER_YES : ANSWER_MORE;
}

enum answer read_request(struct look *all)
{
    enum { METHOD_MOST = 24 };
    struct look part = behind_empty(all), *l = &part;
    size_t n = 0;
    while (n < l->n && n <= METHOD_MOST &&
           (isalpha(l->data[n]) || l->data[n] == '-' || l->data[n] == '_'))
        n++;
    if (n == l->n && n <= METHOD_MOST)
        return wants_more(l);
    if (!n || n > METHOD_MOST || l->data[n] != ' ')
        return ANSWER_NO;
    const uint8_t *end = memchr(l->data, '\n', l->n);
    if (!end && !l->over)
        return ANSWER_MORE;
    struct line_part line = { (const char *)l->data, end ? (size_t)(end - l->data) : l->n };
    while (line.n && line.at[line.n - 1] == '\r')
        line.n--;
    return request_line(l, &line, end != NULL);
}

/* ---- Redis: an array of strings ---- */

enum answer read_redis(struct look *l)
{
    static const char form[] = "*0\r\n$0\r\n"; /* 0: digits */
    size_t at = 0;
    for (const char *f = form; *f; f++) {
        size_t digits = 0;
        while (*f == '0' && at < l->n && isdigit(l->data[at]) && digits < 8) {
            digits++;
            at++;
        }
        if (at == l->n)
            return wants_more(l);
        if (*f == '0' ? !digits : l->data[at++] != (uint8_t)*f)
            return ANSWER_NO;
    }
    return ANSWER_YES;
}

/* ---- git: a length in hexadecimal digits ---- */

enum answer read_git(struct look *l)
{
    enum { DIGITS = 4 };
    static const char word[] = "git-";
    for (size_t i = 0; i < DIGITS + strlen(word); i++) {
        if (i == l->n)
            return wants_more(l);
        if (i < DIGITS ? !isxdigit(l->data[i]) : l->data[i] != (uint8_t)word[i - DIGITS])
            return ANSWER_NO;
    }
    return ANSWER_YES;
}

/* ---- rlogin: NUL, here, NUL, there, NUL, terminal/speed, NUL (RFC 1282) ---- */

enum answer read_rlogin(struct look *l)
{
    enum { PART_MOST = 64 };
    size_t at = 1;
    for (unsigned part = 0; part < 3; part++) {
        size_t from = at;
        while (at < l->n && at - from < PART_MOST && isgraph(l->data[at]))
            at++;
        if (at == l->n)
            return wants_more(l);
        if (l->data[at] || at == from || (part == 2 && !memchr(l->data + from, '/', at - from)))
            return ANSWER_NO;
        if (part == 1)
            words_put(&l->found->agent, l->data + from, at - from);
        at++;
    }
    return ANSWER_YES;
}

/* ---- A printer's queue: a number from 1 to 5, its name (RFC 1179) ---- */

enum answer read_lpd(struct look *l)
{
    enum { COMMANDS = 5, NAME_MOST = 128 };
    size_t at = 1;
    if (!l->data[0] || l->data[0] > COMMANDS)
        return ANSWER_NO;
    while (at < l->n && at < NAME_MOST && l->data[at] >= ' ' && l->data[at] < 0x7f)
        at++;
    if (at == l->n)
        return wants_more(l);
    return l->data[at] == '\n' && at > 1 ? ANSWER_YES : ANSWER_NO;
}

/* ---- JSON: what a pool of miners is asked, and other things ---- */

enum answer read_json(struct look *l)
{
    struct line_part line;
    enum answer a = first_line(l, LINE_MOST, &line);
    if (a != ANSWER_YES)
        return a;
    struct look part = { .data = (const uint8_t *)line.at, .n = line.n };
    bool logs_in = has_text(&part, "\"login\"") && has_text(&part, "\"agent\"");
    if (has_text(&part, "\"mining.") || has_text(&part, "\"eth_submit") || logs_in)
        l->found->name = "stratum";
    return ANSWER_YES;
}

/* ---- Empty lines ---- */

enum answer read_newline(struct look *l)
{
    enum { ENOUGH = 64 };
    for (size_t i = 0; i < l->n && i < ENOUGH; i++) {
        if (l->data[i] != '\r' && l->data[i] != '\n')
            return ANSWER_NO;
    }
    if (l->n < ENOUGH && !l->over)
        return ANSWER_MORE;
    return l->n ? ANSWER_YES : ANSWER_NO;
}

/* ---- A line whose first word tells ---- */

/* clang-format off */
static const struct {
    const char *word, *name;
    bool small; /* only in small letters */
} commands[] = {
    { "EHLO", "smtp" }, { "HELO", "smtp" }, { "MAIL", "smtp" },
    { "CAPA", "pop3" }, { "APOP", "pop3" }, { "STLS", "pop3" },
    { "USER", "ftp" }, { "FEAT", "ftp" }, { "SYST", "ftp" },
    { "NICK", "irc" }, { "PASS", "irc" }, { "CAP", "irc" },
    { "PING", "redis" }, { "INFO", "redis" }, { "CONFIG", "redis" }, { "FLUSHALL", "redis" }, { "SLAVEOF", "redis" },
    { "REPLICAOF", "redis" }, { "KEYS", "redis" }, { "DBSIZE", "redis" }, { "CLIENT", "redis" }, { "COMMAND", "redis" },
    { "stats", "memcached", true }, { "version", "memcached", true }, { "gets", "memcached", true },
    { "set", "memcached", true }, { "flush_all", "memcached", true },
    { "Action:", "asterisk" },
    { "sh", "shell", true }, { "/bin/sh", "shell", true }, { "/bin/busybox", "shell", true }, { "busybox", "shell", true },
    { "enable", "shell", true }, { "system", "shell", true }, { "shell", "shell", true }, { "linuxshell", "shell", true },
    { "cd", "shell", true }, { "wget", "shell", true }, { "curl", "shell", true }, { "tftp", "shell", true },
    { "echo", "shell", true }, { "cat", "shell", true }, { "rm", "shell", true }, { "cp", "shell", true },
    { "chmod", "shell", true }, { "uname", "shell", true }, { "id", "shell", true }, { "ls", "shell", true },
    { "ps", "shell", true }, { "kill", "shell", true }, { "killall", "shell", true }, { "export", "shell", true },
    { "mkdir", "shell", true }, { "nc", "shell", true }, { "su", "shell", true }, { "whoami", "shell", true },
};
/* clang-format on */

static bool is_small(const struct line_part *w)
{
    for (size_t i = 0; i < w->n; i++) {
        if (isupper((unsigned char)w->at[i]))
            return false;
    }
    return true;
}

enum answer read_command(struct look *l)
{
    struct line_part line;
    enum answer a = first_line(l, LINE_MOST, &line);
    if (a != ANSWER_YES)
        return a;
    struct line_part word = word_of(&line, 0);
    while (word.n && word.at[word.n - 1] == ';')
        word.n--;
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (is_word(&word, commands[i].word) && (!commands[i].small || is_small(&word))) {
            l->found->name = commands[i].name;
            return ANSWER_YES;
        }
    }
    return ANSWER_NO;
}

enum answer read_line(struct look *l)
{
    struct line_part line;
    return first_line(l, LINE_MOST, &line);
}
