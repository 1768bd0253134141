#include "shell/options.h"

#include <stdarg.h>
#include <string.h>

void options_begin(struct options *o, struct proc *p, int argc, char **argv, const char *letters,
                   const struct option_long *longs)
{
    bool plus = *letters == '+', bare = *letters == '!';
    *o = (struct options){
        .p = p,
        .argc = argc,
        .argv = argv,
        .letters = letters + (plus || bare),
        .longs = longs,
        .index = 1,
        .placed = 1,
        .short_only = bare,
        .in_order = plus || proc_getenv(p, "POSIXLY_CORRECT"),
    };
}

static char *next_word(struct options *o)
{
    char *word = o->argv[o->index++];
    o->argv[o->placed++] = word;
    return word;
}

/* Operands that were passed over go behind the options, before what was not looked at. */
static int finish(struct options *o)
{
    if (o->n_passed)
        memcpy(o->argv + o->placed, o->passed, (size_t)o->n_passed * sizeof *o->passed);
    o->index = o->placed;
    return -1;
}

static void pass_over(struct options *o)
{
    if (!o->passed)
        o->passed = memory_array(proc_memory(o->p), NULL, (size_t)(o->argc - o->index), sizeof *o->passed);
    o->passed[o->n_passed++] = o->argv[o->index++];
}

static void need_argument(struct options *o, char letter)
{
    if (o->index < o->argc) {
        o->argument = next_word(o);
        return;
    }
    err_print(o->p, "%s: option requires an argument -- '%c'\n", o->argv[0], letter);
    proc_usage(o->p);
}

static int next_letter(struct options *o)
{
    char letter = *o->at++;
    const char *rule = letter == ':' || letter == ';' ? NULL : strchr(o->letters, letter);
    if (!rule) {
        err_print(o->p, "%s: invalid option -- '%c'\n", o->argv[0], letter);
        proc_usage(o->p);
    }
    if (rule[1] == ':') {
        if (*o->at)
            o->argument = o->at;
        else if (rule[2] != ':')
            need_argument(o, letter);
        o->at = NULL;
    }
    return (unsigned char)letter;
}

static bool begins_with(const char *name, const char *s, size_t n)
{
    return !strncmp(name, s, n);
}

static void say_ambiguous(struct options *o, const char *word, size_t n)
{
    struct text t = text_of(proc_memory(o->p));
    text_print(&t, "%s: option '%s' is ambiguous; possibilities:", o->argv[0], word);
    for (const struct option_long *l = o->longs; l->name; l++)
        if (begins_with(l->name, word + 2, n))
            text_print(&t, " '--%s'", l->name);
    text_char_add(&t, '\n');
    err_put(o->p, t.data, t.len);
    proc_usage(o->p);
}

/* An exact name, or the only one that begins so; names for the same are one. */
static const struct option_long *find_long(struct options *o, const char *word, size_t n)
{
    const struct option_long *found = NULL;
    bool many = false;
    for (const struct option_long *l = o->longs; l && l->name; l++) {
        if (!begins_with(l->name, word + 2, n))
            continue;
        if (!l->name[n])
            return l;
        many = many || (found && (found->value != l->value || found->argument != l->argument));
        found = found ? found : l;
    }
    if (many)
        say_ambiguous(o, word, n);
    return found;
}

static int next_long(struct options *o)
{
    const char *word = next_word(o);
    size_t n = strcspn(word + 2, "=");
    const char *value = word[2 + n] ? word + 2 + n + 1 : NULL;
    const struct option_long *l = find_long(o, word, n);
    if (!l) {
        err_print(o->p, "%s: unrecognized option '%s'\n", o->argv[0], word);
        proc_usage(o->p);
    }
    if (value && !l->argument) {
        err_print(o->p, "%s: option '--%s' doesn't allow an argument\n", o->argv[0], l->name);
        proc_usage(o->p);
    }
    o->argument = value;
    if (!value && l->argument == 1) {
        if (o->index >= o->argc) {
            err_print(o->p, "%s: option '--%s' requires an argument\n", o->argv[0], l->name);
            proc_usage(o->p);
        }
        o->argument = next_word(o);
    }
    return l->value;
}

int options_next(struct options *o)
{
    o->argument = NULL;
    if (o->at && *o->at)
        return next_letter(o);
    while (o->index < o->argc) {
        const char *word = o->argv[o->index];
        if (word[0] != '-' || !word[1]) {
            if (o->in_order)
                return finish(o);
            pass_over(o);
        } else if (word[1] == '-' && !word[2]) {
            next_word(o);
            return finish(o);
        } else if (word[1] == '-' && !o->short_only) {
            return next_long(o);
        } else {
            o->at = next_word(o) + 1;
            return next_letter(o);
        }
    }
    return finish(o);
}

enum { LETTERS = 32 };

static uint32_t read_bits(struct options *o, va_list args)
{
    const char **argument_of[LETTERS] = { 0 };
    char bit_of[LETTERS] = "";
    unsigned n = 0;
    for (const char *s = o->letters; *s && n < LETTERS; s++) {
        if (*s == ':')
            continue;
        if (s[1] == ':')
            argument_of[n] = va_arg(args, const char **);
        bit_of[n++] = *s;
    }
    uint32_t bits = 0;
    for (int letter; (letter = options_next(o)) != -1;) {
        const char *bit = memchr(bit_of, letter, n);
        if (!bit)
            continue;
        bits |= (uint32_t)1 << (bit - bit_of);
        if (argument_of[bit - bit_of])
            *argument_of[bit - bit_of] = o->argument;
    }
    return bits;
}

uint32_t options_bits(struct proc *p, int argc, char **argv, const char *letters, char ***argv_left, ...)
{
    struct options o;
    options_begin(&o, p, argc, argv, letters, NULL);
    va_list args;
    va_start(args, argv_left);
    uint32_t bits = read_bits(&o, args);
    va_end(args);
    *argv_left = argv + o.index;
    return bits;
}

uint32_t options_bits_long(struct proc *p, int argc, char **argv, const char *letters,
                           const struct option_long *longs, char ***argv_left, ...)
{
    struct options o;
    options_begin(&o, p, argc, argv, letters, longs);
    va_list args;
    va_start(args, argv_left);
    uint32_t bits = read_bits(&o, args);
    va_end(args);
    *argv_left = argv + o.index;
    return bits;
}

const struct options_suffix options_bkm[] = { { "b", 512 }, { "k", 1024 }, { "m", 1 << 20 }, { "", 0 } };
const struct options_suffix options_cwbk[] = {
    { "c", 1 },        { "w", 2 },         { "b", 512 },     { "kD", 1000 },    { "kB", 1000 },
    { "k", 1024 },     { "K", 1024 },      { "KD", 1000 },   { "KB", 1000 },    { "MD", 1000000 },
    { "MB", 1000000 }, { "M", 1 << 20 },   { "GD", 1000000000 }, { "GB", 1000000000 },
    { "G", 1 << 30 },  { "", 0 },
};

static void invalid(struct proc *p, const char *s) __attribute__((noreturn));
static void invalid(struct proc *p, const char *s)
{
    proc_die(p, "invalid number '%s'", s);
}

static unsigned digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    return (c | 32) >= 'a' && (c | 32) <= 'z' ? (unsigned)((c | 32) - 'a') + 10 : 36;
}

/* The base that a number is written in; moves *s to its digits. */
static unsigned base_of(const char **s)
{
    if ((*s)[0] != '0')
        return 10;
    if (((*s)[1] | 32) != 'x' || digit_value((*s)[2]) > 15)
        return 8;
    *s += 2;
    return 16;
}

static uint64_t factor_of(const char *s, const struct options_suffix *suffixes)
{
    for (; suffixes && suffixes->name[0]; suffixes++)
        if (!strcmp(suffixes->name, s))
            return suffixes->factor;
    return 0;
}

/* Digits and a suffix. */
static uint64_t magnitude(struct proc *p, const char *s, bool any, uint64_t least, uint64_t most,
                          const struct options_suffix *suffixes)
{
    const char *at = s;
    unsigned base = any ? base_of(&at) : 10;
    uint64_t v = 0, factor = 1;
    if (digit_value(*at) >= base)
        invalid(p, s);
    for (; digit_value(*at) < base; at++)
        if (__builtin_mul_overflow(v, base, &v) || __builtin_add_overflow(v, digit_value(*at), &v))
            invalid(p, s);
    if (*at)
        factor = factor_of(at, suffixes);
    if (!factor || (v > UINT32_MAX && most <= UINT32_MAX))
        invalid(p, s);
    if (__builtin_mul_overflow(v, factor, &v) || v < least || v > most)
        proc_die(p, "number %s is not in %llu..%llu range", s, (unsigned long long)least, (unsigned long long)most);
    return v;
}

static int64_t with_sign(struct proc *p, const char *s, bool any, int64_t least, int64_t most,
                         const struct options_suffix *suffixes)
{
    bool minus = *s == '-', small = least >= INT32_MIN && most <= INT32_MAX;
    uint64_t room = (small ? (uint64_t)INT32_MAX : (uint64_t)INT64_MAX) + minus;
    uint64_t v = magnitude(p, s + (minus || *s == '+'), any, 0, room, suffixes);
    int64_t n = minus ? -(int64_t)(v - 1) - 1 : (int64_t)v;
    if (n < least || n > most)
        proc_die(p, "number %s is not in %lld..%lld range", s, (long long)least, (long long)most);
    return n;
}

uint64_t options_number(struct proc *p, const char *s, uint64_t least, uint64_t most, const struct options_suffix *suffixes)
{
    return magnitude(p, s, false, least, most, suffixes);
}

int64_t options_signed(struct proc *p, const char *s, int64_t least, int64_t most, const struct options_suffix *suffixes)
{
    return with_sign(p, s, false, least, most, suffixes);
}

uint64_t options_number_any(struct proc *p, const char *s, uint64_t least, uint64_t most,
                            const struct options_suffix *suffixes)
{
    return magnitude(p, s, true, least, most, suffixes);
}

int64_t options_signed_any(struct proc *p, const char *s, int64_t least, int64_t most,
                           const struct options_suffix *suffixes)
{
    return with_sign(p, s, true, least, most, suffixes);
}
