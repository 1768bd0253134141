#include "shell/vars.h"

#include <string.h>

enum { CHAINS = 39, FROZEN = UINT32_MAX };

/* A chain is a list whose tail other tables may share: what lies before a change is copied, if it
 * is shared. */
struct vars {
    struct memory *memory;
    uint32_t references, n;
    struct var *chains[CHAINS];
};

struct var_saved {
    uint8_t flags;
    bool was;
    size_t n_name;
    char text[]; /* as of struct var */
};

/* The order in which ash lists its variables: that of a table by this number. */
static size_t chain_of(const char *name, size_t n)
{
    size_t sum = n ? (size_t)(unsigned char)name[0] << 4 : 0;
    for (size_t i = 0; i < n; i++)
        sum += (unsigned char)name[i];
    return sum % CHAINS;
}

static void var_hold(struct var *x)
{
    if (x && x->references != FROZEN)
        x->references++;
}

static void var_drop(struct memory *m, struct var *x)
{
    while (x && x->references != FROZEN && --x->references == 0) {
        struct var *next = x->next;
        memory_give(m, x->text);
        memory_give(m, x);
        x = next;
    }
}

struct vars *vars_make(struct memory *m)
{
    struct vars *v = memory_take(m, sizeof *v);
    v->memory = m;
    v->references = 1;
    return v;
}

struct vars *vars_share(struct vars *v)
{
    if (v->references != FROZEN)
        v->references++;
    return v;
}

void vars_drop(struct vars *v)
{
    if (!v || v->references == FROZEN || --v->references)
        return;
    for (size_t i = 0; i < CHAINS; i++)
        var_drop(v->memory, v->chains[i]);
    memory_give(v->memory, v);
}

void vars_freeze(struct vars *v)
{
    v->references = FROZEN;
    for (size_t i = 0; i < CHAINS; i++) {
        for (struct var *x = v->chains[i]; x; x = x->next)
            x->references = FROZEN;
    }
}

static bool is_named(const struct var *x, const char *name, size_t n)
{
    return x->n_name == n && memcmp(x->text, name, n) == 0;
}

const struct var *vars_find(const struct vars *v, const char *name, size_t n)
{
    const struct var *x = v->chains[chain_of(name, n)];
    while (x && !is_named(x, name, n))
        x = x->next;
    return x;
}

const char *vars_get(const struct vars *v, const char *name)
{
    size_t n = strlen(name);
    const struct var *x = vars_find(v, name, n);
    return x && !(x->flags & VAR_UNSET) ? x->text + n + 1 : NULL;
}

size_t vars_count(const struct vars *v)
{
    return v->n;
}

/* Makes *v its holder's alone. */
static struct vars *own_table(struct vars **v, struct memory *m)
{
    struct vars *had = *v;
    if (had->references == 1)
        return had;
    struct vars *own = vars_make(m);
    memcpy(own->chains, had->chains, sizeof own->chains);
    own->n = had->n;
    for (size_t i = 0; i < CHAINS; i++)
        var_hold(own->chains[i]);
    vars_drop(had);
    *v = own;
    return own;
}

/* A copy of what *at points to, in its place; *at is alone already. */
static void own_var(struct vars *v, struct var **at)
{
    struct var *had = *at;
    if (had->references == 1)
        return;
    char *text = memory_bytes(v->memory, had->text, strlen(had->text));
    struct var *own = memory_take(v->memory, sizeof *own);
    *own = *had;
    own->references = 1;
    own->text = text;
    var_hold(own->next);
    var_drop(v->memory, had);
    *at = own;
}

/* Where the pointer to a variable is, it and all before it the table's alone; of one that there is
 * none of, the end of its chain. */
static struct var **own_place(struct vars *v, const char *name, size_t n)
{
    struct var **at = &v->chains[chain_of(name, n)];
    while (*at) {
        own_var(v, at);
        if (is_named(*at, name, n))
            break;
        at = &(*at)->next;
    }
    return at;
}

/* The most frequent change of all: another value for a variable that has one. */
static void new_value(struct memory *m, struct var *x, const char *value)
{
    size_t n = x->n_name;
    size_t n_value = strlen(value), room = n + n_value + 2;
    if (value >= x->text && value <= x->text + strlen(x->text)) {
        memmove(x->text + n + 1, value, n_value + 1);
        return;
    }
    x->text = memory_more(m, x->text, room);
    x->text[n] = '=';
    memcpy(x->text + n + 1, value, n_value + 1);
}

static struct var *add(struct vars *v, struct var **at, const char *name, size_t n)
{
    char *text = memory_bytes(v->memory, name, n);
    struct var *x = memory_take(v->memory, sizeof *x);
    x->references = 1;
    x->n_name = (uint16_t)n;
    x->flags = VAR_UNSET;
    x->text = text;
    *at = x;
    v->n++;
    return x;
}

static size_t cut(size_t n)
{
    return n < VAR_NAME_MOST ? n : VAR_NAME_MOST;
}

static void put(struct vars **v, struct memory *m, const char *name, size_t n, const char *value,
                unsigned flags)
{
    struct vars *own = own_table(v, m);
    struct var **at = own_place(own, name, n);
    struct var *x = *at ? *at : add(own, at, name, n);
    if (value) {
        new_value(own->memory, x, value);
        x->flags = (uint8_t)((x->flags & ~(unsigned)VAR_UNSET) | flags);
    } else {
        x->text[n] = '\0';
        x->flags = (uint8_t)(x->flags | VAR_UNSET | flags);
    }
}

int vars_set(struct vars **v, struct memory *m, const char *name, size_t n, const char *value,
             unsigned flags)
{
    n = cut(n);
    const struct var *x = vars_find(*v, name, n);
    if (x && x->flags & VAR_READONLY)
        return 1;
    put(v, m, name, n, value, flags);
    return 0;
}

void vars_flag(struct vars **v, struct memory *m, const char *name, size_t n, unsigned add_flags,
               unsigned take)
{
    n = cut(n);
    struct vars *own = own_table(v, m);
    struct var **at = own_place(own, name, n);
    struct var *x = *at ? *at : add(own, at, name, n);
    x->flags = (uint8_t)((x->flags | add_flags) & ~take);
}

static void remove_var(struct vars **v, struct memory *m, const char *name, size_t n)
{
    struct vars *own = own_table(v, m);
    struct var **at = own_place(own, name, n);
    struct var *x = *at;
    if (!x)
        return;
    *at = x->next;
    x->next = NULL;
    own->n--;
    var_drop(own->memory, x);
}

int vars_unset(struct vars **v, struct memory *m, const char *name, size_t n)
{
    n = cut(n);
    const struct var *x = vars_find(*v, name, n);
    if (!x)
        return 0;
    if (x->flags & VAR_READONLY)
        return 1;
    remove_var(v, m, name, n);
    return 0;
}

struct var_saved *vars_save(const struct vars *v, struct memory *m, const char *name, size_t n)
{
    n = cut(n);
    const struct var *x = vars_find(v, name, n);
    size_t n_text = x ? strlen(x->text) : n;
    struct var_saved *saved = memory_take(m, sizeof *saved + n_text + 1);
    saved->was = x;
    saved->flags = x ? x->flags : VAR_UNSET;
    saved->n_name = n;
    memcpy(saved->text, x ? x->text : name, n_text);
    return saved;
}

void vars_restore(struct vars **v, struct memory *m, struct var_saved *saved)
{
    size_t n = saved->n_name;
    if (!saved->was) {
        remove_var(v, m, saved->text, n);
    } else {
        put(v, m, saved->text, n, saved->flags & VAR_UNSET ? NULL : saved->text + n + 1, 0);
        vars_flag(v, m, saved->text, n, saved->flags, ~(unsigned)saved->flags);
    }
}

void vars_each(const struct vars *v, void (*fn)(void *context, const struct var *var),
               void *context)
{
    for (size_t i = 0; i < CHAINS; i++) {
        for (const struct var *x = v->chains[i]; x; x = x->next)
            fn(context, x);
    }
}

struct environment {
    char **names; /* NULL while they are counted */
    size_t n, bytes;
    char *to;
};

static void environment_add(void *context, const struct var *x)
{
    struct environment *e = context;
    if ((x->flags & (VAR_EXPORT | VAR_UNSET)) != VAR_EXPORT)
        return;
    size_t n = strlen(x->text) + 1;
    if (e->names) {
        memcpy(e->to + e->bytes, x->text, n);
        e->names[e->n] = e->to + e->bytes;
    }
    e->n++;
    e->bytes += n;
}

char **vars_environment(const struct vars *v, struct memory *m)
{
    struct environment e = { 0 };
    vars_each(v, environment_add, &e);
    size_t n_names = (e.n + 1) * sizeof *e.names;
    char **names = memory_take(m, n_names + e.bytes);
    e = (struct environment){ .names = names, .to = (char *)names + n_names };
    vars_each(v, environment_add, &e);
    return names;
}

bool var_name_ok(const char *name, size_t n)
{
    if (!n || (name[0] >= '0' && name[0] <= '9'))
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = name[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '_'))
            return false;
    }
    return true;
}
