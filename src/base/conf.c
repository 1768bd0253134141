#include "base/conf.h"

#include "base/conf-value.h"
#include "base/own.h"
#include "base/text.h"
#include "base/time.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ini.h>

enum { FILE_MOST = 256 * 1024, HOST_NAME = 65 };

#define CONF_ITEM_(id, ...) [id] = { __VA_ARGS__ },
const struct conf_item conf_items[CONF_COUNT] = { CONF_ITEMS(CONF_ITEM_) };
#undef CONF_ITEM_

/* --- items ---------------------------------------------------------------------------------------
 */

static int put(struct conf *c, enum conf_id id, const char *text, enum conf_origin origin,
               struct conf_problem *problem)
{
    struct conf_value v = { 0 };
    int e = conf_value_parse(id, text, &v, problem);
    if (e) {
        conf_value_release(id, &v);
        return e;
    }
    v.origin = origin;
    conf_value_release(id, &c->value[id]);
    c->value[id] = v;
    return 0;
}

/* What stands where an item has no preset of its own. */
static const char *preset(enum conf_id id, char host[static HOST_NAME])
{
    if (conf_items[id].preset)
        return conf_items[id].preset;
    if (conf_items[id].type == CONF_ZONE)
        return time_zone_host();
    if (gethostname(host, HOST_NAME) != 0 || !host[0])
        memcpy(host, "sensor", sizeof "sensor");
    host[HOST_NAME - 1] = '\0';
    return host;
}

int conf_init(struct conf *c)
{
    *c = (struct conf){ 0 };
    for (size_t i = 0; i < CONF_COUNT; i++) {
        char host[HOST_NAME];
        struct conf_problem problem;
        int e = put(c, (enum conf_id)i, preset((enum conf_id)i, host), CONF_DEFAULT, &problem);
        if (e > 0 && !conf_items[i].preset) /* a host with a name that cannot be shown */
            e = put(c, (enum conf_id)i, "sensor", CONF_DEFAULT, &problem);
        if (e < 0)
            return e;
        assert(e == 0);
    }
    return 0;
}

void conf_release(struct conf *c)
{
    for (size_t i = 0; i < CONF_COUNT; i++)
        conf_value_release((enum conf_id)i, &c->value[i]);
}

static const char *item_name(size_t i, const void *context)
{
    (void)context;
    return i < CONF_COUNT ? conf_items[i].name : NULL;
}

/* Whether "sensor" of "sensor.prefix" is a section, and which section was probably meant. */
static bool section_known(const char *section, size_t n)
{
    for (size_t i = 0; i < CONF_COUNT; i++)
        if (strncmp(conf_items[i].name, section, n) == 0 && conf_items[i].name[n] == '.')
            return true;
    return false;
}

static int item_find(const char *key, enum conf_id *ret, struct conf_problem *problem)
{
    for (size_t i = 0; i < CONF_COUNT; i++)
        if (strcmp(conf_items[i].name, key) == 0) {
            *ret = (enum conf_id)i;
            return 0;
        }
    const char *near = text_nearest(key, item_name, NULL);
    bool section = section_known(key, strcspn(key, "."));
    snprintf(problem->why, sizeof problem->why,
             section ? "is no known item" : "is in no known section");
    if (near)
        snprintf(problem->remedy, sizeof problem->remedy, "did you mean %s?", near);
    else
        snprintf(problem->remedy, sizeof problem->remedy,
                 "teiten config print shows every item with its help");
    return 1;
}

static void begin_problem(struct conf_problem *problem, const char *key, const char *value)
{
    *problem = (struct conf_problem){ 0 };
    text_copy(problem->key, sizeof problem->key, key);
    text_copy(problem->value, sizeof problem->value, value);
}

int conf_set(struct conf *c, const char *assignment, struct conf_problem *ret)
{
    const char *equals = strchr(assignment, '=');
    begin_problem(ret, assignment, equals ? equals + 1 : "");
    ret->key[strcspn(ret->key, "=")] = '\0';
    if (!equals) {
        snprintf(ret->why, sizeof ret->why, "has no value");
        snprintf(ret->remedy, sizeof ret->remedy, "write SECTION.KEY=VALUE");
        return 1;
    }
    auto_free char *key = strndup(assignment, (size_t)(equals - assignment));
    if (!key)
        return -ENOMEM;
    enum conf_id id;
    int e = item_find(key, &id, ret);
    return e ? e : put(c, id, equals + 1, CONF_SET, ret);
}

/* --- files ---------------------------------------------------------------------------------------
 */

/* One reading of a file. inih asks for a line and hands on what it found in it, so that the number
 * of lines asked for is the number of the line spoken of. */
struct reading {
    struct conf *c;
    struct conf_problem *problem;
    const char *at, *end;
    unsigned line;
    bool seen[CONF_COUNT];
    int status; /* the first failure; nothing is done after it */
};

static int refuse(struct reading *r, const char *key, const char *why, const char *remedy)
{
    begin_problem(r->problem, key, "");
    text_copy(r->problem->why, sizeof r->problem->why, why);
    text_copy(r->problem->remedy, sizeof r->problem->remedy, remedy);
    return 1;
}

static int check_section(struct reading *r, const char *line)
{
    size_t n = strcspn(line + 1, "]");
    char key[96];
    snprintf(key, sizeof key, "%.*s.", (int)(n < 64 ? n : 64), line + 1);
    if (line[1 + n] != ']')
        return refuse(r, "", "is a section without its closing bracket", "write [section]");
    if (section_known(line + 1, n))
        return 0;
    refuse(r, key, "is no known section", "teiten config print shows the sections");
    r->problem->key[strlen(r->problem->key) - 1] = '\0';
    return 1;
}

/* A remark begins with a semicolon after a blank. (inih does not see those on continued lines.) */
static void strip_remark(char *line)
{
    for (char *at = line; (at = strchr(at, ';')); at++)
        if (at == line || at[-1] == ' ' || at[-1] == '\t') {
            *at = '\0';
            return;
        }
}

/* The reader that inih asks for one line, in the manner of fgets. */
static char *next_line(char *to, int room, void *context)
{
    struct reading *r = context;
    if (r->status || r->at == r->end)
        return NULL;
    const char *newline = memchr(r->at, '\n', (size_t)(r->end - r->at));
    const char *stop = newline ? newline + 1 : r->end;
    size_t n = (size_t)(stop - r->at);
    r->line++;
    if (n >= (size_t)room) {
        r->status = refuse(r, "", "is too long", "continue the list on an indented line below");
        return NULL;
    }
    memcpy(to, r->at, n);
    to[n] = '\0';
    r->at = stop;
    if (strlen(to) != n)
        r->status = refuse(r, "", "has a NUL byte", "is this a text file?");
    else if (to[0] == '[')
        r->status = check_section(r, to);
    strip_remark(to);
    return r->status ? NULL : to;
}

/* A list that is named again, or continued, grows. */
static int put_from_file(struct reading *r, enum conf_id id, const char *value)
{
    const char *before = conf_text(r->c, id);
    if (!r->seen[id] || (conf_is_list(conf_items[id].type) && !*before)) {
        r->seen[id] = true;
        return put(r->c, id, value, CONF_FILE, r->problem);
    }
    if (!conf_is_list(conf_items[id].type)) {
        snprintf(r->problem->why, sizeof r->problem->why, "is given a second time");
        snprintf(r->problem->remedy, sizeof r->problem->remedy, "keep one of the two");
        return 1;
    }
    auto_free char *both = NULL;
    if (asprintf(&both, "%s %s", before, value) < 0) {
        both = NULL;
        return -ENOMEM;
    }
    return put(r->c, id, both, CONF_FILE, r->problem);
}

static int on_item(void *context, const char *section, const char *name, const char *value)
{
    struct reading *r = context;
    char key[128];
    if (r->status)
        return 1;
    snprintf(key, sizeof key, "%s%s%s", section, *section ? "." : "", name);
    begin_problem(r->problem, key, value);
    enum conf_id id;
    r->status = item_find(key, &id, r->problem);
    if (r->status == 0)
        r->status = put_from_file(r, id, value);
    return 1;
}

int conf_read(struct conf *c, const char *text, size_t n, struct conf_problem *ret)
{
    struct reading r = { .c = c, .problem = ret, .at = text, .end = text + n };
    begin_problem(ret, "", "");
    if (n > FILE_MOST)
        return refuse(&r, "", "is larger than 256 KiB", "is this the right file?");
    int bad_line = ini_parse_stream(next_line, &r, on_item, &r);
    if (r.status > 0)
        ret->line = r.line;
    if (r.status == 0 && bad_line > 0) {
        r.status = refuse(&r, "", "is neither [section] nor key = value", "put # before a remark");
        ret->line = (unsigned)bad_line;
    }
    return bad_line < 0 && r.status == 0 ? -ENOMEM : r.status;
}

int conf_read_file(struct conf *c, const char *path, struct conf_problem *ret)
{
    begin_problem(ret, "", "");
    auto_file FILE *f = fopen(path, "re");
    if (!f)
        return -errno;
    auto_free char *text = malloc(FILE_MOST + 1);
    if (!text)
        return -ENOMEM;
    errno = 0;
    size_t n = fread(text, 1, FILE_MOST + 1, f);
    if (ferror(f))
        return errno ? -errno : -EIO;
    return conf_read(c, text, n, ret);
}

/* --- getters -------------------------------------------------------------------------------------
 */

const char *conf_text(const struct conf *c, enum conf_id id)
{
    return c->value[id].text;
}

int64_t conf_int(const struct conf *c, enum conf_id id)
{
    return c->value[id].number;
}

bool conf_bool(const struct conf *c, enum conf_id id)
{
    return c->value[id].number != 0;
}

const struct prefix_list *conf_prefixes(const struct conf *c, enum conf_id id)
{
    assert(conf_items[id].type == CONF_PREFIXES);
    return &c->value[id].prefixes;
}

const struct endpoint *conf_endpoints(const struct conf *c, enum conf_id id, size_t *ret_n)
{
    assert(conf_items[id].type == CONF_ENDPOINTS);
    *ret_n = c->value[id].n;
    return c->value[id].endpoints;
}

const struct addr_pair *conf_pairs(const struct conf *c, enum conf_id id, size_t *ret_n)
{
    assert(conf_items[id].type == CONF_PAIRS);
    *ret_n = c->value[id].n;
    return c->value[id].pairs;
}

char *const *conf_words(const struct conf *c, enum conf_id id, size_t *ret_n)
{
    assert(conf_items[id].type == CONF_WORDS);
    *ret_n = c->value[id].n;
    return c->value[id].words;
}

enum conf_origin conf_origin(const struct conf *c, enum conf_id id)
{
    return c->value[id].origin;
}
