#include "sample/xor.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SINGLE_MOST = 8 << 20, /* bytes that are looked through for keys of one byte */
    LONG_MOST = 1 << 20,   /* for longer ones */
    KEYS_MOST = 6,         /* of one byte, that are tried in full */
    RUNS_MOST = 64,        /* that were hidden by longer keys */
    HITS_A_KEY = 2,        /* of words that may come by chance */
    STRING_LEAST = 4,
};

/* Words by which hidden text is known, and how much one of them weighs: 2 where it comes by no chance. */
static const struct crib {
    const char *text;
    uint8_t weight;
} cribs[] = {
    { "http://", 2 },       { "https://", 2 },     { "/bin/busybox", 2 }, { "User-Agent: ", 2 }, { "Mozilla/5.0 (", 2 },
    { "/proc/net/", 2 },    { "/dev/watchdog", 2 }, { "/dev/misc/", 2 },  { "HTTP/1.1", 2 },     { "Content-Type", 2 },
    { "POST /cdn-cgi", 2 }, { "applet not found", 2 }, { "/etc/passwd", 2 }, { "/bin/sh", 2 },   { "/proc/", 1 },
    { "password", 2 },      { "busybox", 2 },      { "enable", 1 },       { "system", 1 },       { "shell", 1 },
    { "listening", 2 },     { "Host: ", 1 },       { "admin", 1 },        { "tftp -", 1 },       { "wget ", 1 },
    { "/tmp/", 1 },         { "GET /", 1 },
};
enum { CRIBS = sizeof cribs / sizeof *cribs };

struct hidden {
    const uint8_t *data;
    size_t n;
    struct sample_report *report;
    uint16_t score[256]; /* of keys of one byte */
};

/* ---- keys of one byte ---- */

/* Where the open text has it, the key is 0, which is none. */
static void score_crib(struct hidden *h, const uint8_t *steps, const struct crib *c)
{
    uint8_t needle[32];
    size_t n = strlen(c->text) - 1;
    for (size_t i = 0; i < n; i++)
        needle[i] = (uint8_t)(c->text[i] ^ c->text[i + 1]);
    const uint8_t *at = steps, *end = steps + h->n - 1;
    while ((size_t)(end - at) >= n && (at = memmem(at, (size_t)(end - at), needle, n))) {
        uint8_t key = h->data[at - steps] ^ (uint8_t)c->text[0];
        h->score[key] = (uint16_t)(h->score[key] + (h->score[key] < 1000 ? c->weight : 0));
        at++;
    }
}

static bool digit_at(const struct hidden *h, size_t at, uint8_t key)
{
    return at < h->n && isdigit(h->data[at] ^ key);
}

/* Digits from `at` on, forward or back: 1 to 3, else 0. */
static size_t digits(const struct hidden *h, size_t at, int step, uint8_t key)
{
    size_t n = 0;
    while (n < 4 && at < h->n && digit_at(h, at, key)) {
        n++;
        at = (size_t)((ptrdiff_t)at + step);
    }
    return n <= 3 ? n : 0;
}

/* What stands before and behind a text that was hidden: a NUL of its own, hidden or not, or what goes on with a host. */
static bool ends_at(const struct hidden *h, size_t at, uint8_t key)
{
    uint8_t c = at < h->n ? h->data[at] ^ key : 0;
    return at >= h->n || h->data[at] == 0 || c == 0 || c == ':' || c == '/' || c == ' ' || c == '@';
}

/* The first dot of a.b.c.d, with no digit or dot before and behind. */
static bool is_quad(const struct hidden *h, size_t dot, uint8_t key)
{
    size_t before = digits(h, dot - 1, -1, key), at = dot;
    if (!before)
        return false;
    for (int i = 0; i < 3; i++) {
        size_t n = at < h->n && (h->data[at] ^ key) == '.' ? digits(h, at + 1, 1, key) : 0;
        if (!n)
            return false;
        at += n + 1;
    }
    return ends_at(h, at, key) && (dot <= before || ends_at(h, dot - before - 1, key));
}

/* The last dot of a name: at least four characters of one before it, a domain behind it, and that is all. */
static bool is_name(const struct hidden *h, size_t dot, uint8_t key)
{
    enum { BEFORE = 4, DOMAIN_MOST = 7, NAME_MOST = 64 };
    char name[NAME_MOST + DOMAIN_MOST + 2];
    size_t from = dot, n = 0, behind = 0;
    while (from && dot - from < NAME_MOST) {
        uint8_t c = h->data[from - 1] ^ key;
        if (!islower(c) && !isdigit(c) && c != '-' && c != '.')
            break;
        from--;
    }
    while (behind < DOMAIN_MOST && dot + 1 + behind < h->n && islower(h->data[dot + 1 + behind] ^ key))
        behind++;
    if (dot - from < BEFORE || behind < 2)
        return false;
    if (!ends_at(h, dot + 1 + behind, key) || (from && !ends_at(h, from - 1, key)))
        return false;
    for (size_t i = from; i <= dot + behind; i++)
        name[n++] = (char)(h->data[i] ^ key);
    return endpoint_is_name(name, n);
}

/* Each byte may be a dot, by a key of its own: what stands before and behind it says at once that most are none. */
static void score_hosts(struct hidden *h)
{
    for (size_t i = 1; i + 2 < h->n; i++) {
        uint8_t key = h->data[i] ^ '.', next = h->data[i + 1] ^ key;
        if (key == 0)
            continue;
        if (isdigit(next) && digit_at(h, i - 1, key) && is_quad(h, i, key))
            h->score[key] = (uint16_t)(h->score[key] + 2 * (h->score[key] < 1000));
        else if (islower(next) && islower(h->data[i + 2] ^ key) && is_name(h, i, key))
            h->score[key] = (uint16_t)(h->score[key] + (h->score[key] < 1000));
    }
}

static size_t told(const struct sample_report *r)
{
    return r->endpoints + r->pairs;
}

static int tell_key(struct hidden *h, const uint8_t *key, size_t length, uint64_t at, size_t before)
{
    char text[2 * XOR_KEY_MOST + 1];
    for (size_t i = 0; i < length; i++)
        snprintf(text + 2 * i, 3, "%02x", key[i]);
    return sample_add_finding(h->report, "xor", at, "text hidden by the key %s: %zu endpoints and log-ins", text, told(h->report) - before);
}

static size_t zeros_around(const struct hidden *h, size_t at)
{
    enum { LOOK = 3 };
    size_t n = 1;
    for (size_t i = at; i && n < LOOK && !h->data[i - 1]; i--)
        n++;
    for (size_t i = at + 1; i < h->n && n < LOOK && !h->data[i]; i++)
        n++;
    return n;
}

/* Zeros end texts, and stay so, for with the key they would be some. But where the key is a character that hosts have, one
 * zero, or two, are that character. */
static uint8_t opened(const struct hidden *h, size_t at, uint8_t key)
{
    if (h->data[at])
        return h->data[at] ^ key;
    if (!(isalnum(key) || key == '.' || key == '-' || key == '/' || key == ':'))
        return 0;
    return zeros_around(h, at) <= 2 ? key : 0;
}

/* The open text of all of it, read as strings. */
static int read_with(struct hidden *h, uint8_t key, uint8_t *scratch)
{
    size_t before = told(h->report);
    struct endpoint_walk w = { .report = h->report, .from = { .reason = "xor", .key = &key, .key_n = 1, .trust = h->score[key] >= 4 ? 10 : 0 } };
    for (size_t i = 0; i < h->n; i++)
        scratch[i] = opened(h, i, key);
    TRY(strings_each(scratch, h->n, STRING_LEAST, endpoint_take, &w));
    return told(h->report) > before ? tell_key(h, &key, 1, 0, before) : 0;
}

static int find_single(struct hidden *h, uint8_t *scratch)
{
    for (size_t i = 0; i + 1 < h->n; i++)
        scratch[i] = h->data[i] ^ h->data[i + 1];
    for (size_t i = 0; i < CRIBS; i++)
        score_crib(h, scratch, &cribs[i]);
    score_hosts(h);
    h->score[0] = h->score[0x20] = 0; /* the open text; and that with its letters' cases changed */
    for (int i = 0; i < KEYS_MOST; i++) {
        int best = 0;
        for (int key = 1; key < 256; key++)
            if (h->score[key] > h->score[best])
                best = key;
        if (h->score[best] < HITS_A_KEY)
            return 0;
        TRY(read_with(h, (uint8_t)best, scratch));
        h->score[best] = 0;
    }
    return 0;
}

/* ---- longer ones ---- */

/* A run around a crib that was met: as far to both sides as the open text can be read. */
static int read_around(struct hidden *h, const uint8_t *key, size_t length, size_t at, size_t crib)
{
    enum { RUN_MOST = 1024 };
    char text[RUN_MOST];
    uint8_t shown[XOR_KEY_MOST];
    size_t from = at, to = at + crib, before = told(h->report);
    /* key[i % length] is of the byte at i. */
    while (from && at - from < RUN_MOST / 2 && isprint(h->data[from - 1] ^ key[(from - 1) % length]))
        from--;
    while (to < h->n && to - at < RUN_MOST / 2 && isprint(h->data[to] ^ key[to % length]))
        to++;
    for (size_t i = from; i < to; i++)
        text[i - from] = (char)(h->data[i] ^ key[i % length]);
    for (size_t i = 0; i < length; i++) /* as it stands at the beginning of the run, which is where programs begin with it */
        shown[i] = key[(from + i) % length];
    const struct found_string s = { .text = text, .n = to - from, .at = from };
    struct endpoint_walk w = { .report = h->report, .from = { .reason = "xor", .key = shown, .key_n = (uint8_t)length } };
    TRY(endpoint_take(&w, &s));
    return told(h->report) > before ? tell_key(h, shown, length, from, before) : 0;
}

/* A key whose bytes repeat within it is a shorter one. */
static bool is_shorter(const uint8_t *key, size_t length)
{
    for (size_t period = 1; period < length; period++) {
        bool same = length % period == 0;
        for (size_t i = period; same && i < length; i++)
            same = key[i] == key[i - period];
        if (same)
            return true;
    }
    return false;
}

/* Letters that only differ by their case fit each other everywhere; at least four differences are asked for. */
enum { DIFFERENCES = 4 };

static int find_crib(struct hidden *h, const uint8_t *steps, size_t length, const char *crib, unsigned *runs)
{
    uint8_t needle[32], key[XOR_KEY_MOST];
    size_t whole = strlen(crib), n = whole - length;
    for (size_t i = 0; i < n; i++)
        needle[i] = (uint8_t)(crib[i] ^ crib[i + length]);
    const uint8_t *at = steps, *end = steps + h->n - length;
    while (*runs < RUNS_MOST && (size_t)(end - at) >= n && (at = memmem(at, (size_t)(end - at), needle, n))) {
        size_t place = (size_t)(at - steps);
        for (size_t i = 0; i < length; i++)
            key[(place + i) % length] = h->data[place + i] ^ (uint8_t)crib[i];
        if (!is_shorter(key, length)) {
            (*runs)++;
            TRY(read_around(h, key, length, place, whole));
        }
        at++;
    }
    return 0;
}

static int find_long(struct hidden *h, uint8_t *scratch)
{
    unsigned runs = 0;
    for (size_t length = 2; length <= XOR_KEY_MOST && h->n > 2 * length; length++) {
        for (size_t i = 0; i + length < h->n; i++)
            scratch[i] = h->data[i] ^ h->data[i + length];
        for (size_t i = 0; i < CRIBS; i++)
            if (strlen(cribs[i].text) >= length + DIFFERENCES)
                TRY(find_crib(h, scratch, length, cribs[i].text, &runs));
    }
    return 0;
}

int xor_find(const void *data, size_t n, struct sample_report *r)
{
    struct hidden h = { .data = data, .n = n < SINGLE_MOST ? n : SINGLE_MOST, .report = r };
    if (h.n < 8)
        return 0;
    uint8_t *scratch = malloc(h.n);
    if (!scratch)
        return -ENOMEM;
    int err = find_single(&h, scratch);
    h.n = h.n < LONG_MOST ? h.n : LONG_MOST;
    if (!err)
        err = find_long(&h, scratch);
    free(scratch);
    return err;
}
