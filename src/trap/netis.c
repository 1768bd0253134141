#include "trap/netis.h"

#include <strings.h>

enum what { WHAT_COMMAND = 0, WHAT_READ = 1, WHAT_WRITE = 2, WHAT_BLOCK = 4, WHAT_END = 5, WHAT_REFUSED = 6 };

static const uint32_t done = 0, told = 0x100, not_in = 0xd0a5, failed = UINT32_MAX; /* results */

const char *netis_class_name(enum netis_class c)
{
    static const char *const names[NETIS_CLASSES] = {
        [NETIS_PROBE] = "probe",     [NETIS_LOGIN] = "login",     [NETIS_VERSION] = "version", [NETIS_GET_VERSION] = "get-version",
        [NETIS_HELP] = "help",       [NETIS_SETTING] = "setting", [NETIS_COMMAND] = "command", [NETIS_READ] = "read",
        [NETIS_WRITE] = "write",     [NETIS_OTHER] = "other",
    };
    return c < NETIS_CLASSES ? names[c] : "";
}

/* ---- Reading ---- */

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void find_text(struct rd *r, struct netis_request *ret)
{
    size_t n = rd_left(r);
    const uint8_t *at = rd_take(r, n), *nul = n ? memchr(at, '\0', n) : NULL;
    const uint8_t *end = nul ? nul : at + n;
    while (at < end && is_blank(*at))
        at++;
    while (end > at && is_blank(end[-1]))
        end--;
    ret->text = at;
    ret->n = (size_t)(end - at);
}

static bool is_text(const struct netis_request *r)
{
    for (size_t i = 0; i < r->n; i++)
        if ((r->text[i] < ' ' && !is_blank(r->text[i])) || r->text[i] == 0x7f)
            return false;
    return r->n > 0 && r->n <= NETIS_TEXT;
}

static bool is_probe(const uint8_t *data, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (data[i] && data[i] != '\r' && data[i] != '\n')
            return false;
    return n > 0 && data[0] && n <= NETIS_HEAD;
}

static bool says(const struct netis_request *r, const char *word)
{
    return r->n == strlen(word) && !strncasecmp((const char *)r->text, word, r->n);
}

static enum netis_class class_of(const struct netis_request *r)
{
    static const struct {
        const char *word;
        enum netis_class class;
    } words[] = { { "netcore", NETIS_LOGIN }, { "?", NETIS_VERSION }, { "$GetVersion", NETIS_GET_VERSION }, { "$Help", NETIS_HELP } };
    if (!is_text(r))
        return NETIS_OTHER;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (says(r, words[i].word))
            return words[i].class;
    if (r->what == WHAT_READ || r->what == WHAT_WRITE)
        return r->what == WHAT_READ ? NETIS_READ : NETIS_WRITE;
    return r->text[0] == '$' ? NETIS_SETTING : NETIS_COMMAND;
}

void netis_read(const void *data, size_t n, struct netis_request *ret)
{
    uint8_t head[NETIS_HEAD] = { 0 };
    struct netis_request v = { .class = NETIS_OTHER };
    size_t some = n < NETIS_HEAD ? n : NETIS_HEAD;
    if (some)
        memcpy(head, data, some);
    struct rd h = rd_init(head, sizeof head), r = rd_init(data, n);
    v.id = rd_be16(&h);
    v.what = rd_be16(&h);
    v.number = rd_be16(&h);
    v.rest = rd_be16(&h);
    (void)rd_take(&r, some);
    find_text(&r, &v);
    v.class = is_probe(data, n) ? NETIS_PROBE : class_of(&v);
    *ret = v;
}

/* ---- Answering ---- */

static void put16(uint8_t *to, uint16_t v)
{
    to[0] = (uint8_t)(v >> 8);
    to[1] = (uint8_t)v;
}

static void put_head(const struct netis_request *r, enum what what, uint16_t number, uint8_t *to)
{
    put16(to, r->id);
    put16(to + 2, (uint16_t)what);
    put16(to + 4, (uint16_t)(r->number + number));
    put16(to + 6, r->rest);
}

static size_t put_end(const struct netis_request *r, enum what what, uint32_t result, const char *text, size_t n, uint8_t *to)
{
    n = n < NETIS_ANSWER - NETIS_END ? n : NETIS_ANSWER - NETIS_END;
    put_head(r, what, 1, to);
    put16(to + NETIS_HEAD, (uint16_t)(result >> 16));
    put16(to + NETIS_HEAD + 2, (uint16_t)result);
    memcpy(to + NETIS_END, text, n);
    return NETIS_END + n;
}

size_t netis_answer(const struct netis_request *r, bool in, const char *version, uint8_t ret[static NETIS_ANSWER])
{
    static const char prompt[] = "Login:", welcome[] = "Login successed!\r\n", daemon[] = "IGD MPT Interface daemon 1.0",
                      usage[] = "Usage: $Help\r\n";
    char line[NETIS_ANSWER];
    size_t n = strnlen(version, sizeof line - 1);
    memcpy(line, version, n);
    line[n++] = '\n';
    if (r->class == NETIS_OTHER)
        return 0;
    if (!in)
        return r->class == NETIS_LOGIN ? put_end(r, WHAT_END, done, welcome, sizeof welcome - 1, ret)
                                       : put_end(r, WHAT_REFUSED, not_in, prompt, sizeof prompt - 1, ret);
    switch (r->class) {
    case NETIS_VERSION: /* with its NUL */
        return put_end(r, WHAT_END, told, daemon, sizeof daemon, ret);
    case NETIS_GET_VERSION:
        return put_end(r, WHAT_END, done, line, n, ret);
    case NETIS_HELP: /* of some 1,400 bytes the first */
        return put_end(r, WHAT_END, told, usage, sizeof usage - 1, ret);
    case NETIS_SETTING:
    case NETIS_PROBE:
        return put_end(r, WHAT_END, done, "", 0, ret);
    case NETIS_READ:
    case NETIS_WRITE:
        return put_end(r, WHAT_REFUSED, failed, "", 0, ret);
    default: /* to this daemon the word that lets in is a command like others, then */
        return 0;
    }
}

size_t netis_block(const struct netis_request *r, uint16_t number, const void *data, size_t n, uint8_t ret[static NETIS_ANSWER])
{
    n = n < NETIS_BLOCK ? n : NETIS_BLOCK;
    put_head(r, WHAT_BLOCK, number, ret);
    memcpy(ret + NETIS_HEAD, data, n);
    return NETIS_HEAD + n;
}

size_t netis_end(const struct netis_request *r, uint16_t number, uint32_t status, uint8_t ret[static NETIS_ANSWER])
{
    size_t n = put_end(r, WHAT_END, status, "", 0, ret);
    put_head(r, WHAT_END, number, ret);
    return n;
}
