#include "base/conf-value.h"

#include "base/text.h"
#include "base/time.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MOST = 65536, PATH_MOST = 160 }; /* a path fits one line of a file */

/* What is being read: one value, or one entry of a list after another. */
struct work {
    const struct conf_item *item;
    struct conf_value *v;
    struct conf_problem *problem;
};

static int wrong(const struct work *w, const char *entry, const char *why)
{
    text_copy(w->problem->value, sizeof w->problem->value, entry);
    text_copy(w->problem->why, sizeof w->problem->why, why);
    conf_allowed((enum conf_id)(w->item - conf_items), w->problem->allowed);
    return 1;
}

/* Whether nothing in it would have to be escaped for a terminal. */
static bool clean(const char *s)
{
    struct buf b;
    buf_init(&b, TEXT_MOST * 8);
    text_escape(&b, s, strlen(s), TEXT_PLAIN);
    bool same = buf_ok(&b) && b.len == strlen(s);
    buf_release(&b);
    return same;
}

static int check_clean(const struct work *w, const char *s)
{
    if (strchr(s, ';')) /* a file could not say it */
        return wrong(w, s, "has a semicolon, which begins a remark");
    return clean(s) ? 0 : wrong(w, s, "has characters that cannot be printed");
}

/* --- one value -----------------------------------------------------------------------------------
 */

static int parse_text(const struct work *w, const char *s)
{
    int64_t n = (int64_t)strlen(s);
    if (n < w->item->least || n > w->item->most)
        return wrong(w, s, n == 0 ? "is empty" : "is too long");
    return check_clean(w, s);
}

static int parse_int(const struct work *w, const char *s)
{
    if (text_int(s, INT64_MIN, INT64_MAX, &w->v->number) != 0)
        return wrong(w, s, "is no whole number");
    if (w->v->number < w->item->least || w->v->number > w->item->most)
        return wrong(w, s, "is out of range");
    return 0;
}

static int parse_days(const struct work *w, const char *s)
{
    char number[24];
    size_t n = strlen(s);
    if (n > 1 && s[n - 1] == 'd')
        n--;
    if (n >= sizeof number)
        return wrong(w, s, "is no number of days");
    memcpy(number, s, n);
    number[n] = '\0';
    int64_t v;
    if (text_int(number, INT64_MIN, INT64_MAX, &v) != 0)
        return wrong(w, s, "is no number of days");
    w->v->number = v;
    return v < w->item->least || v > w->item->most ? wrong(w, s, "is out of range") : 0;
}

static int parse_bool(const struct work *w, const char *s)
{
    static const char *words[] = { "no", "yes", "false", "true", "off", "on", "0", "1" };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcasecmp(s, words[i]) == 0) {
            w->v->number = i & 1;
            return 0;
        }
    return wrong(w, s, "is neither yes nor no");
}

static int parse_choice(const struct work *w, const char *s)
{
    size_t n = strlen(s);
    int64_t number = 0;
    for (const char *at = w->item->choices; at; number++) {
        size_t length = strcspn(at, "|");
        if (n == length && memcmp(at, s, n) == 0) {
            w->v->number = number;
            return 0;
        }
        at = at[length] ? at + length + 1 : NULL;
    }
    return wrong(w, s, "is not one of the words");
}

static int parse_path(const struct work *w, const char *s)
{
    if (s[0] != '/')
        return wrong(w, s, "is no absolute path");
    if (strlen(s) > PATH_MOST)
        return wrong(w, s, "is too long");
    return check_clean(w, s);
}

static int parse_zone(const struct work *w, const char *s)
{
    if (time_zone_known(s))
        return 0;
    snprintf(w->problem->remedy, sizeof w->problem->remedy,
             "names are listed by timedatectl list-timezones; they come with the package tzdata");
    return wrong(w, s, "is no zone that this system knows");
}

static int parse_login(const struct work *w, const char *s)
{
    static const char *words[] = { "persona", "any", "listed", "never" };
    enum { TRIES_MOST = 1000 };
    int64_t tries;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(s, words[i]) == 0) {
            w->v->number = (int64_t)i;
            return 0;
        }
    if (strncmp(s, "after:", 6) != 0 || text_int(s + 6, 1, TRIES_MOST, &tries) != 0) {
        snprintf(w->problem->remedy, sizeof w->problem->remedy, "write persona, any, listed, never, or after:3");
        return wrong(w, s, "is no way to be let in");
    }
    w->v->number = CONF_LOGIN_AFTER | tries << 8;
    return 0;
}

/* --- one entry of a list -------------------------------------------------------------------------
 */

static int grow(const struct work *w, size_t size, const char *s)
{
    if (w->v->n >= CONF_LIST_MOST)
        return wrong(w, s, "is one entry too many");
    void *list = reallocarray(w->v->list, w->v->n + 1, size);
    if (!list)
        return -ENOMEM;
    w->v->list = list;
    return 0;
}

static int add_word(const struct work *w, const char *s)
{
    int e = parse_text(w, s);
    if (e == 0)
        e = grow(w, sizeof *w->v->words, s);
    if (e != 0)
        return e;
    char *word = strdup(s);
    if (!word)
        return -ENOMEM;
    w->v->words[w->v->n++] = word;
    return 0;
}

static int add_prefix(const struct work *w, const char *s)
{
    struct prefix p;
    if (w->v->n >= CONF_LIST_MOST)
        return wrong(w, s, "is one entry too many");
    if (prefix_parse(s, &p) != 0) {
        snprintf(
            w->problem->remedy, sizeof w->problem->remedy,
            "write 192.0.2.0/24, or 192.0.2.7 for one address; bits past the length must be zero");
        return wrong(w, s, "is no prefix");
    }
    w->v->n++;
    return prefix_list_add(&w->v->prefixes, &p);
}

/* "192.0.2.1:23" and "[2001:db8::1]:23". */
static bool endpoint_parse(const char *s, struct endpoint *ret)
{
    char host[ADDR_TEXT];
    const char *colon = strrchr(s, ':');
    int64_t port;
    if (!colon || text_int(colon + 1, 0, 65535, &port) != 0)
        return false;
    bool bracketed = s[0] == '[' && colon - s >= 2 && colon[-1] == ']';
    size_t n = (size_t)(colon - s) - (bracketed ? 2 : 0);
    if (n >= sizeof host)
        return false;
    memcpy(host, s + bracketed, n);
    host[n] = '\0';
    if (addr_parse(host, &ret->addr) != 0)
        return false;
    ret->port = (uint16_t)port;
    return (ret->addr.family == 6) == bracketed;
}

static int add_endpoint(const struct work *w, const char *s)
{
    struct endpoint e;
    if (!endpoint_parse(s, &e)) {
        snprintf(w->problem->remedy, sizeof w->problem->remedy,
                 "write 0.0.0.0:53413 or [::]:53413; port 0 turns it off");
        return wrong(w, s, "is no ADDRESS:PORT");
    }
    int failed = grow(w, sizeof e, s);
    if (failed)
        return failed;
    w->v->endpoints[w->v->n++] = e;
    return 0;
}

static bool pair_parse(const char *s, struct addr_pair *ret)
{
    char from[ADDR_TEXT];
    const char *equals = strchr(s, '=');
    if (!equals || (size_t)(equals - s) >= sizeof from)
        return false;
    memcpy(from, s, (size_t)(equals - s));
    from[equals - s] = '\0';
    return addr_parse(from, &ret->from) == 0 && addr_parse(equals + 1, &ret->to) == 0 &&
           ret->from.family == ret->to.family;
}

static int add_pair(const struct work *w, const char *s)
{
    struct addr_pair p;
    if (!pair_parse(s, &p)) {
        snprintf(w->problem->remedy, sizeof w->problem->remedy,
                 "write PRIVATE=PUBLIC, such as 192.0.2.7=203.0.113.7");
        return wrong(w, s, "is no pair of addresses");
    }
    for (size_t i = 0; i < w->v->n; i++)
        if (addr_cmp(&w->v->pairs[i].from, &p.from) == 0)
            return wrong(w, s, "gives an address a second public address");
    int e = grow(w, sizeof p, s);
    if (e)
        return e;
    w->v->pairs[w->v->n++] = p;
    return 0;
}

/* --- by type -------------------------------------------------------------------------------------
 */

static const struct {
    const char *name;
    int (*parse)(const struct work *w, const char *s); /* the value, or one entry of the list */
    bool list;
} types[CONF_TYPES] = {
    [CONF_TEXT] = { "text", parse_text, false },
    [CONF_INT] = { "number", parse_int, false },
    [CONF_DAYS] = { "days", parse_days, false },
    [CONF_BOOL] = { "yes or no", parse_bool, false },
    [CONF_CHOICE] = { "word", parse_choice, false },
    [CONF_PATH] = { "path", parse_path, false },
    [CONF_ZONE] = { "zone", parse_zone, false },
    [CONF_WORDS] = { "list of words", add_word, true },
    [CONF_PREFIXES] = { "list of prefixes", add_prefix, true },
    [CONF_ENDPOINTS] = { "list of ADDRESS:PORT", add_endpoint, true },
    [CONF_PAIRS] = { "list of ADDRESS=ADDRESS", add_pair, true },
    [CONF_LOGIN] = { "persona, any, listed, never or after:N", parse_login, false },
};

const char *conf_type_name(enum conf_type type)
{
    return types[type].name;
}

bool conf_is_list(enum conf_type type)
{
    return types[type].list;
}

static void allowed_choices(const char *choices, char text[static 192])
{
    struct buf b;
    buf_init(&b, 191);
    for (const char *at = choices; at;) {
        size_t n = strcspn(at, "|");
        bool more = at[n] == '|';
        if (b.len)
            buf_text(&b, more ? ", " : " or ");
        buf_put(&b, at, n);
        at = more ? at + n + 1 : NULL;
    }
    snprintf(text, 192, "%.*s", (int)b.len, b.data ? (const char *)b.data : "");
    buf_release(&b);
}

const char *conf_allowed(enum conf_id id, char text[static 192])
{
    const struct conf_item *item = &conf_items[id];
    const char *unit = item->type == CONF_DAYS ? " days" : item->type == CONF_INT ? "" : " bytes";
    text[0] = '\0';
    if (item->type == CONF_CHOICE)
        allowed_choices(item->choices, text);
    else if (item->most > 0)
        snprintf(text, 192, "%lld to %lld%s", (long long)item->least, (long long)item->most, unit);
    return text;
}

/* Calls the type's parser for each entry, and leaves them in b with one space between. */
static int parse_entries(const struct work *w, const char *text, struct buf *b)
{
    static const char gaps[] = ", \t";
    const char *at = text + strspn(text, gaps);
    while (*at) {
        size_t n = strcspn(at, gaps);
        char *entry = strndup(at, n);
        if (!entry)
            return -ENOMEM;
        int e = types[w->item->type].parse(w, entry);
        free(entry);
        if (e)
            return e;
        if (b->len)
            buf_u8(b, ' ');
        buf_put(b, at, n);
        at += n;
        at += strspn(at, gaps);
    }
    return 0;
}

static int parse_list(const struct work *w, const char *text)
{
    struct buf b;
    buf_init(&b, TEXT_MOST + 1);
    int e = parse_entries(w, text, &b);
    buf_u8(&b, 0);
    if (e == 0)
        e = buf_status(&b);
    if (e != 0) {
        buf_release(&b);
        return e;
    }
    w->v->text = (char *)b.data;
    return 0;
}

int conf_value_parse(enum conf_id id, const char *text, struct conf_value *ret,
                     struct conf_problem *problem)
{
    struct work w = { &conf_items[id], ret, problem };
    if (strlen(text) > TEXT_MOST)
        return wrong(&w, "", "is too long");
    if (conf_is_list(w.item->type))
        return parse_list(&w, text);
    int e = types[w.item->type].parse(&w, text);
    if (e)
        return e;
    ret->text = strdup(text);
    return ret->text ? 0 : -ENOMEM;
}

void conf_value_release(enum conf_id id, struct conf_value *v)
{
    if (conf_items[id].type == CONF_WORDS)
        for (size_t i = 0; i < v->n; i++)
            free(v->words[i]);
    free(v->list);
    prefix_list_release(&v->prefixes);
    free(v->text);
    *v = (struct conf_value){ 0 };
}
