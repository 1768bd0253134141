#include "sample/endpoint.h"

#include "base/text.h"
#include "sample/judge.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static struct sample_endpoint begin(enum endpoint_kind kind, int confidence, const struct found_string *s, size_t offset,
                                    const struct endpoint_source *from)
{
    int sure = confidence + from->trust;
    struct sample_endpoint e = { .kind = kind, .confidence = (uint8_t)(sure < 1 ? 1 : sure > 100 ? 100 : sure), .at = s->at + offset,
                                 .key_n = from->key_n };
    text_copy(e.reason, sizeof e.reason, from->reason);
    if (from->key_n)
        memcpy(e.key, from->key, from->key_n);
    return e;
}

/* n characters of a text, cut to the room. */
static void copy(char *to, size_t room, const char *s, size_t n)
{
    size_t length = n < room - 1 ? n : room - 1;
    memcpy(to, s, length);
    to[length] = '\0';
}

static void mark_range(struct sample_endpoint *e, const char *host)
{
    struct addr a;
    if (addr_parse(host, &a))
        return;
    enum judge j = judge_address(&a, NULL);
    if (j != JUDGE_GLOBAL)
        text_copy(e->range, sizeof e->range, judge_name(j));
}

/* ---- names ---- */

/* Top level domains that bots, and those whom they ask, are met under most. */
static const char *const domains[] = {
    "com", "net", "org", "info", "biz", "xyz", "top", "club", "online", "site", "shop", "live", "pro", "vip", "icu", "cyou",
    "app", "dev", "cloud", "host", "space", "website", "link", "click", "work", "fun", "tech", "store", "lol", "onion", "name",
    "io", "ru", "su", "cn", "de", "uk", "nl", "eu", "fr", "it", "es", "jp", "kr", "tw", "hk", "vn", "in", "id", "br", "ir",
    "tr", "ua", "us", "ca", "au", "ch", "at", "be", "se", "no", "fi", "dk", "cz", "ro", "gr", "hu", "il", "mx", "ar", "cl",
    "za", "th", "my", "sg", "ph", "kz", "by", "ws", "tk", "ml", "ga", "cf", "gq", "tv", "me", "cx", "pw", "st", "bz", "li",
    "gov", "edu", "mil", "int", "example", "test",
};
/* These are ends of names of files, too: a name with one of them is one only with two dots. */
static const char *const files[] = { "sh", "so", "py", "pl", "rs", "cc", "md", "ps", "mo", "zip", "mov" };

/* Words that stand behind a dot in programs' own texts, too. */
static const char *const doubtful[] = { "name", "link", "id", "int", "in", "at", "me", "no", "it", "by", "be", "us", "host", "work",
                                        "click", "live", "app", "io", "test", "info", "site", "store", "space", "dev", "pro", "se", "is" };

static bool is_one_of(const char *const *list, size_t n, const char *s, size_t length)
{
    for (size_t i = 0; i < n; i++)
        if (strlen(list[i]) == length && strncasecmp(list[i], s, length) == 0)
            return true;
    return false;
}
#define IS_ONE_OF(list, s, n) is_one_of(list, sizeof(list) / sizeof *(list), s, n)

static bool is_label_char(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == '_';
}

bool endpoint_is_name(const char *s, size_t n)
{
    enum { NAME_MOST = 253, LABEL_MOST = 63 };
    size_t label = 0, dots = 0, last = 0;
    bool letters = false, upper = false, lower = false;
    for (size_t i = 0; i < n; i++) {
        upper |= isupper((unsigned char)s[i]) != 0;
        lower |= islower((unsigned char)s[i]) != 0;
        if (s[i] == '.') {
            if (label == 0 || s[i - 1] == '-')
                return false;
            dots++;
            label = 0;
            last = i + 1;
        } else if (is_label_char(s[i]) && ++label <= LABEL_MOST && (label > 1 || s[i] != '-')) {
            letters |= isalpha((unsigned char)s[i]) != 0 && !last;
        } else {
            return false;
        }
    }
    if (!dots || !label || n > NAME_MOST || n < 4 || (upper && lower))
        return false;
    if (IS_ONE_OF(files, s + last, label))
        return dots >= 2 && letters;
    return IS_ONE_OF(domains, s + last, label) && (letters || dots >= 2);
}

/* ---- URLs ---- */

static bool is_url_char(char c)
{
    return isgraph((unsigned char)c) && !strchr("\"'<>`\\^{}|;,()", c);
}

/* As far as a host is looked for; a name has at most 253. Without an end, a long text of many beginnings would be read to its
 * end from each. */
enum { HOST_MOST = 256 };

/* "host", "host:80", "[2001:db8::1]:80": its length, or 0; the host without brackets, and the port. */
static size_t take_host(const char *s, size_t n, char host[static SAMPLE_TEXT], uint16_t *ret_port)
{
    size_t at = 0, from = 0;
    *ret_port = 0;
    if (n && s[0] == '[') {
        const char *close = memchr(s, ']', n < HOST_MOST ? n : HOST_MOST);
        if (!close)
            return 0;
        from = 1;
        at = (size_t)(close - s);
        copy(host, SAMPLE_TEXT, s + 1, at - 1);
        at++;
    } else {
        while (at < n && at < HOST_MOST && (is_label_char(s[at]) || s[at] == '.' || s[at] == '*' || s[at] == '%' || s[at] == '$'))
            at++;
        copy(host, SAMPLE_TEXT, s, at);
    }
    if (at <= from)
        return 0;
    if (at + 1 < n && s[at] == ':' && isdigit((unsigned char)s[at + 1])) {
        unsigned long port = 0;
        size_t digits = at + 1;
        for (; digits < n && digits < at + 7 && isdigit((unsigned char)s[digits]); digits++)
            port = port * 10 + (unsigned long)(s[digits] - '0');
        if (port && port <= UINT16_MAX) {
            *ret_port = (uint16_t)port;
            at = digits;
        }
    }
    return at;
}

static const struct {
    const char *scheme;
    uint16_t port;
} schemes[] = { { "http", 80 }, { "https", 443 }, { "ftp", 21 }, { "tftp", 69 }, { "ws", 80 }, { "wss", 443 }, { "tcp", 0 },
                { "udp", 0 },   { "irc", 6667 },  { "stratum+tcp", 0 } };

/* How sure it is, by what stands for the host: a format's place for it ("%s") is none that anybody reaches. */
static int sure_of_host(const char *host)
{
    struct addr a;
    size_t n = strlen(host);
    if (strchr(host, '%') || strchr(host, '*') || strchr(host, '$'))
        return 30;
    if (addr_parse(host, &a) == 0)
        return 85;
    return endpoint_is_name(host, n) ? 85 : 45;
}

/* Documents whose addresses stand in files without being asked: of schemas, of licences. */
static bool is_reading(const char *host)
{
    static const char *const hosts[] = { "www.w3.org", "schemas.xmlsoap.org", "www.gnu.org", "bugs.debian.org", "www.openssl.org",
                                         "purl.org", "xml.org", "busybox.net", "bugs.launchpad.net", "www.debian.org" };
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        if (!strcasecmp(host, hosts[i]))
            return true;
    return false;
}

/* The scheme before "://": its length back from there, 0: none that is known. */
static size_t scheme_before(const char *s, size_t at, uint16_t *ret_port)
{
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t n = strlen(schemes[i].scheme);
        if (at >= n && strncasecmp(s + at - n, schemes[i].scheme, n) == 0 && (at == n || !isalnum((unsigned char)s[at - n - 1]))) {
            *ret_port = schemes[i].port;
            return n;
        }
    }
    return 0;
}

/* Behind a host, as far as it goes: without the full stop of a sentence. */
static size_t url_length(const char *s, size_t n)
{
    size_t at = 0;
    while (at < n && is_url_char(s[at]))
        at++;
    while (at && strchr(".:!", s[at - 1]))
        at--;
    return at;
}

/* At "://": adds it; how far it goes, or -ENOMEM. */
static int add_url_at(struct sample_report *r, const struct found_string *s, size_t colon, const struct endpoint_source *from, size_t *ret_end)
{
    char host[SAMPLE_TEXT];
    uint16_t port, usual;
    size_t scheme = scheme_before(s->text, colon, &usual), at = colon + 3;
    size_t n = scheme ? take_host(s->text + at, s->n - at, host, &port) : 0;
    *ret_end = at;
    if (!n)
        return 0;
    size_t start = colon - scheme, end = at + n;
    if (end < s->n && strchr("/?#", s->text[end]))
        end += url_length(s->text + end, s->n - end);
    *ret_end = end;
    int sure = is_reading(host) ? 15 : sure_of_host(host);
    struct sample_endpoint e = begin(ENDPOINT_URL, sure, s, start, from);
    copy(e.text, sizeof e.text, s->text + start, end - start);
    e.port = port ? port : usual;
    mark_range(&e, host);
    return sample_add_endpoint(r, &e);
}

int endpoint_add_url(struct sample_report *r, const char *url, uint16_t port, const char *reason, int confidence)
{
    char host[SAMPLE_TEXT];
    uint16_t told;
    const char *colon = strstr(url, "://");
    const struct found_string none = { .text = "", .n = 0 };
    const struct endpoint_source from = { .reason = reason };
    if (!colon || !take_host(colon + 3, strlen(colon + 3), host, &told))
        return 0;
    struct sample_endpoint e = begin(ENDPOINT_URL, strchr(url, '*') ? confidence / 2 : confidence, &none, 0, &from);
    text_copy(e.text, sizeof e.text, url);
    e.port = port;
    mark_range(&e, host);
    return sample_add_endpoint(r, &e);
}

/* ---- addresses and names that stand alone ---- */

/* Digits and dots: an address, where it is no version of something ("v1.2.3.4", "1.2.3.4.5", "OpenSSL/1.0.2.1"). */
static size_t quad_at(const struct found_string *s, size_t at, char text[static SAMPLE_WORD])
{
    size_t n = 0, dots = 0;
    struct addr a;
    while (at + n < s->n && n < 16 && (isdigit((unsigned char)s->text[at + n]) || s->text[at + n] == '.'))
        dots += s->text[at + n++] == '.';
    while (n && s->text[at + n - 1] == '.') {
        n--;
        dots--;
    }
    if (dots != 3 || n < 7 || n > 15)
        return 0;
    copy(text, SAMPLE_WORD, s->text + at, n);
    return addr_parse(text, &a) == 0 ? n : 0;
}

static int add_quad(struct sample_report *r, const struct found_string *s, size_t at, const struct endpoint_source *from, size_t *ret_end)
{
    char text[SAMPLE_WORD], before = at ? s->text[at - 1] : ' ';
    size_t n = quad_at(s, at, text);
    *ret_end = at + (n ? n : 1);
    if (!n || isalnum((unsigned char)before) || strchr("._-/", before))
        return 0;
    char host[SAMPLE_TEXT];
    uint16_t port;
    size_t end = at + take_host(s->text + at, s->n - at, host, &port);
    if (strcmp(host, text) != 0) /* letters go on behind it */
        return 0;
    struct sample_endpoint e = begin(ENDPOINT_ADDRESS, port ? 80 : at == 0 && n == s->n ? 70 : 55, s, at, from);
    text_copy(e.text, sizeof e.text, text);
    e.port = port;
    mark_range(&e, text);
    *ret_end = end > *ret_end ? end : *ret_end;
    /* 0.0.0.0, 255.255.255.255 and 127.0.0.1 stand in many programs that mean nobody by them. */
    if (!strcmp(e.range, "this-network") || !strcmp(e.range, "broadcast") || !strcmp(e.range, "loopback"))
        e.confidence = e.confidence > 40 ? 20 : e.confidence;
    return sample_add_endpoint(r, &e);
}

/* Groups of hexadecimal digits with colons: "[2001:db8::1]:80" or bare, which begins and ends with what is none of them. */
static int add_six(struct sample_report *r, const struct found_string *s, size_t at, const struct endpoint_source *from, size_t *ret_end)
{
    char text[SAMPLE_WORD];
    struct addr a;
    size_t n = 0, colons = 0;
    while (at + n < s->n && n < 45 && (isxdigit((unsigned char)s->text[at + n]) || s->text[at + n] == ':' || s->text[at + n] == '.'))
        colons += s->text[at + n++] == ':';
    *ret_end = at + (n ? n : 1);
    char before = at ? s->text[at - 1] : ' ', after = at + n < s->n ? s->text[at + n] : ' ';
    if (colons < 2 || n < 6 || isalnum((unsigned char)before) || isalnum((unsigned char)after))
        return 0;
    copy(text, sizeof text, s->text + at, n);
    if (addr_parse(text, &a) || a.family != 6)
        return 0;
    struct sample_endpoint e = begin(ENDPOINT_ADDRESS, 60, s, at, from);
    text_copy(e.text, sizeof e.text, text);
    if (before == '[' && after == ']') {
        char host[SAMPLE_TEXT];
        size_t end = at - 1 + take_host(s->text + at - 1, s->n - at + 1, host, &e.port);
        e.confidence = (uint8_t)(e.port ? 85 : e.confidence);
        *ret_end = end;
    }
    mark_range(&e, text);
    return sample_add_endpoint(r, &e);
}

/* One dot, and a word behind it that is more often none; or so short that it comes by chance. */
static bool is_doubtful(const char *host)
{
    enum { SHORT = 6 };
    const char *dot = strchr(host, '.');
    return strrchr(host, '.') == dot && (strlen(host) < SHORT || IS_ONE_OF(doubtful, dot + 1, strlen(dot + 1)));
}

static int add_name(struct sample_report *r, const struct found_string *s, size_t at, const struct endpoint_source *from, size_t *ret_end)
{
    char host[SAMPLE_TEXT];
    uint16_t port;
    size_t n = take_host(s->text + at, s->n - at, host, &port), length = strlen(host);
    char before = at ? s->text[at - 1] : ' ', after = at + n < s->n ? s->text[at + n] : ' ';
    *ret_end = at + (n ? n : 1);
    while (length && host[length - 1] == '.')
        host[--length] = '\0';
    if (!n || strchr("._-/\\@%$", before) || strchr("(=_", after) || !endpoint_is_name(host, length) || is_reading(host))
        return 0;
    bool whole = at == 0 && n == s->n, doubt = is_doubtful(host) && !port;
    struct sample_endpoint e = begin(ENDPOINT_NAME, doubt ? 25 : port ? 80 : whole ? 65 : 45, s, at, from);
    text_copy(e.text, sizeof e.text, host);
    e.port = port;
    return sample_add_endpoint(r, &e);
}

/* ---- user agents ---- */

static int add_agent(struct sample_report *r, const struct found_string *s, const struct endpoint_source *from)
{
    static const char head[] = "User-Agent: ";
    static const char *const begins[] = { "Mozilla/", "curl/", "Wget/", "Opera/", "Go-http-client/", "python-requests/", "Dalvik/" };
    const char *at = memmem(s->text, s->n, head, sizeof head - 1);
    size_t offset = at ? (size_t)(at - s->text) + sizeof head - 1 : 0, n = s->n - offset;
    bool agent = at && n;
    for (size_t i = 0; !agent && i < sizeof begins / sizeof *begins; i++)
        agent = n >= strlen(begins[i]) && !strncmp(s->text, begins[i], strlen(begins[i]));
    if (!agent || s->text[offset] == '%')
        return 0;
    struct sample_endpoint e = begin(ENDPOINT_AGENT, at ? 80 : 70, s, offset, from);
    copy(e.text, sizeof e.text, s->text + offset, n);
    return sample_add_endpoint(r, &e);
}

/* ---- log-ins ---- */

/* Users, and passwords, that devices were shipped with, as lists of defaults and reports of bots name them. */
static const char *const users[] = { "root", "admin", "user", "guest", "support", "administrator", "supervisor", "service", "tech",
                                     "default", "ubnt", "mother", "666666", "888888", "daemon", "telnetadmin", "Administrator",
                                     "operator", "telecomadmin", "CUAdmin", "e8ehome", "useradmin", "ftp", "pi", "nobody" };
static const char *const passwords[] = {
    "root", "admin", "password", "pass", "1234", "12345", "123456", "54321", "1111", "111111", "666666", "888888", "123", "user",
    "guest", "support", "default", "xc3511", "vizxv", "xmhdipc", "juantech", "anko", "zlxx.", "7ujMko0vizxv", "7ujMko0admin",
    "system", "ikwb", "dreambox", "realtek", "00000000", "0000", "klv123", "klv1234", "Zte521", "hi3518", "jvbzd", "meinsm",
    "service", "tech", "smcadmin", "ubnt", "1001chin", "hunt5759", "GM8182", "cat1029", "annie2012", "changeme", "5up", "zsun1188",
    "20080826", "win1dows", "taZz@23495859", "founder88", "oelinux123", "solokey", "default1", "supervisor", "vertex25",
    "1234567890", "12345678", "admin1234", "admin123", "tlJwpbo6", "S2fGqNFs", "OxhlwSG8", "antslq", "ipcam_rt5350", "daemon",
};

static int add_pair(struct sample_report *r, const char *user, size_t n_user, const char *password, size_t n_password,
                    uint64_t at, const struct endpoint_source *from)
{
    struct sample_pair p = { .at = at, .key_n = from->key_n };
    copy(p.user, sizeof p.user, user, n_user);
    copy(p.password, sizeof p.password, password, n_password);
    if (from->key_n)
        memcpy(p.key, from->key, from->key_n);
    return sample_add_pair(r, &p);
}

/* "root:xc3511" and "root xc3511" in one string, or one string behind the other. A user alone is nothing: "admin" is a word. */
static int find_pair(struct sample_report *r, const struct found_string *s, const struct endpoint_source *from, struct endpoint_list *list)
{
    enum { APART = 16 };
    for (size_t i = 1; i + 1 < s->n && s->n < SAMPLE_WORD; i++)
        if (strchr(":/ |", s->text[i]) && IS_ONE_OF(users, s->text, i) && IS_ONE_OF(passwords, s->text + i + 1, s->n - i - 1))
            return add_pair(r, s->text, i, s->text + i + 1, s->n - i - 1, s->at, from);
    bool follows = list->last[0] && s->at >= list->last_end && s->at - list->last_end <= APART;
    if (follows && s->alone && IS_ONE_OF(passwords, s->text, s->n)) {
        int err = add_pair(r, list->last, strlen(list->last), s->text, s->n, s->at, from);
        list->last[0] = '\0';
        return err;
    }
    if (s->alone && s->n < SAMPLE_WORD && IS_ONE_OF(users, s->text, s->n))
        copy(list->last, sizeof list->last, s->text, s->n);
    else
        list->last[0] = '\0';
    list->last_end = s->at + s->n;
    return 0;
}

/* ---- one string ---- */

static bool begins_word(const struct found_string *s, size_t at)
{
    return at == 0 || !(is_label_char(s->text[at - 1]) || s->text[at - 1] == '.');
}

static int find_hosts(struct sample_report *r, const struct found_string *s, const struct endpoint_source *from)
{
    /* Of what was hidden only whole strings are believed: by a wrong key there is much that looks like a host. */
    bool hosts = !from->key_n || s->alone;
    for (size_t at = 0; at < s->n;) {
        size_t end = at + 1;
        char c = s->text[at];
        if (c == ':' && s->n - at > 3 && s->text[at + 1] == '/' && s->text[at + 2] == '/')
            TRY(add_url_at(r, s, at, from, &end));
        else if (!hosts || !begins_word(s, at) || !(isalnum((unsigned char)c) || c == ':'))
            ;
        else if (memchr(s->text + at, ':', s->n - at < 6 ? s->n - at : 6) && (isxdigit((unsigned char)c) || c == ':') &&
                 !(s->n - at > 7 && memmem(s->text + at, 12 < s->n - at ? 12 : s->n - at, "://", 3)))
            TRY(add_six(r, s, at, from, &end));
        else if (isdigit((unsigned char)c) && memchr(s->text + at, '.', s->n - at < 4 ? s->n - at : 4))
            TRY(add_quad(r, s, at, from, &end));
        if (hosts && end == at + 1 && isalnum((unsigned char)c) && begins_word(s, at))
            TRY(add_name(r, s, at, from, &end));
        /* The scheme before "://" is not passed over with the rest of its word. */
        const char *colon = memmem(s->text + at, end - at + 3 < s->n - at ? end - at + 3 : s->n - at, "://", 3);
        if (colon && (size_t)(colon - s->text) > at && (size_t)(colon - s->text) < end)
            end = (size_t)(colon - s->text);
        at = end;
    }
    return 0;
}

int endpoint_find(struct sample_report *r, const struct found_string *s, const struct endpoint_source *from, struct endpoint_list *list)
{
    enum { LONGEST = 64 << 10 };
    struct found_string cut = *s;
    cut.n = s->n < LONGEST ? s->n : LONGEST;
    TRY(find_pair(r, &cut, from, list));
    if (!memchr(cut.text, '.', cut.n) && !memchr(cut.text, ':', cut.n))
        return 0;
    TRY(add_agent(r, &cut, from));
    return find_hosts(r, &cut, from);
}

int endpoint_take(void *walk, const struct found_string *s)
{
    struct endpoint_walk *w = walk;
    return endpoint_find(w->report, s, &w->from, &w->list);
}
