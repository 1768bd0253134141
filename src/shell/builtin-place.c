/* Where the shell is, and what it may: cd, pwd, umask, ulimit. */
#include "shell/applets/chmod-mode.h"
#include "shell/builtin.h"
#include "shell/since.h"

#include <stdlib.h>
#include <string.h>

/* ---- cd ---- */

static void tell_place(struct proc *p)
{
    char *real = p->interp->place ? NULL : proc_getcwd(p);
    out_print(p, "%s\n", p->interp->place ? p->interp->place : real ? real : "/");
    memory_give(&p->memory, real);
}

/* The path as it was walked, with . and .. taken out of it, as PWD keeps it. */
static char *logical_path(struct proc *p, const char *from, const char *dir)
{
    struct text all = text_of(&p->memory), out = text_of(&p->memory);
    if (*dir == '/')
        text_say(&all, dir);
    else
        text_print(&all, "%s%s%s", from, from[strspn(from, "/")] ? "/" : "", dir);
    text_add(&out, "", 0);
    bool twice = !strncmp(all.data, "//", 2) && all.data[2] != '/'; /* POSIX 4.13: may be another thing, and stays */
    for (const char *at = all.data; *at;) {
        at += strspn(at, "/");
        size_t n = strcspn(at, "/");
        if (n == 2 && !memcmp(at, "..", 2)) {
            char *slash = strrchr(out.data, '/');
            out.len = slash ? (size_t)(slash - out.data) : 0;
            out.data[out.len] = '\0';
        } else if (n && !(n == 1 && *at == '.')) {
            text_print(&out, "/%.*s", (int)n, at);
        }
        at += n;
    }
    if (!out.len)
        text_say(&out, "/");
    text_release(&all);
    char *path = memory_print(&p->memory, "%s%s", twice ? "/" : "", out.data);
    text_release(&out);
    return path;
}

static bool go(struct proc *p, const char *dir, bool physical)
{
    char *was = p->interp->place ? NULL : proc_getcwd(p);
    char *old = memory_text(&p->memory, p->interp->place ? p->interp->place : was ? was : "/");
    memory_give(&p->memory, was);
    char *path = logical_path(p, old, dir);
    int e = proc_chdir(p, physical ? dir : path);
    if (e) {
        memory_give(&p->memory, old);
        memory_give(&p->memory, path);
        p->interp->status = -e;
        return false;
    }
    char *real = physical ? proc_getcwd(p) : NULL;
    (void)!variable_set(p, "OLDPWD", 6, old, VAR_EXPORT);
    (void)!variable_set(p, "PWD", 3, real ? real : path, VAR_EXPORT);
    memory_give(&p->memory, p->interp->place);
    p->interp->place = real ? real : path;
    if (real)
        memory_give(&p->memory, path);
    memory_give(&p->memory, old);
    return true;
}

/* CDPATH: each of its folders is tried; *ret_told: the new place is printed. */
static bool go_by_path(struct proc *p, const char *dir, bool physical, bool *ret_told)
{
    const char *path = vars_get(p->vars, "CDPATH");
    bool plain = *dir == '/' || !strncmp(dir, "./", 2) || !strncmp(dir, "../", 3) || !strcmp(dir, ".") || !strcmp(dir, "..");
    char *all = path && !plain ? memory_text(&p->memory, path) : NULL;
    for (const char *at = all ? all : ""; *at;) {
        size_t n = strcspn(at, ":");
        char *whole = memory_print(&p->memory, "%.*s%s%s", (int)n, at, n ? "/" : "", dir);
        struct vfs_stat st;
        bool there = !proc_stat(p, whole, &st) && S_ISDIR(st.mode) && go(p, whole, physical);
        memory_give(&p->memory, whole);
        if (there) {
            *ret_told = n > 0;
            return true;
        }
        at += n + (at[n] == ':');
    }
    memory_give(&p->memory, all);
    return go(p, dir, physical);
}

enum builtin_next builtin_cd(BUILTIN_ARGS)
{
    (void)c, (void)argc;
    uint32_t bits;
    char **words;
    if (!strcmp(argv[0], "cd") && argv[1] && !strcmp(argv[1], "-"))
        words = argv + 1, bits = 0;
    else if (!builtin_options(p, argv, "LP", &bits, &words))
        return BUILTIN_GONE;
    bool told = *words && !strcmp(*words, "-");
    const char *dir = !*words ? vars_get(p->vars, "HOME") : told ? vars_get(p->vars, "OLDPWD") : *words;
    if (*words && !**words)
        return builtin_status(p, 0);
    char *copy = memory_text(&p->memory, dir ? dir : told ? "/" : "");
    bool good = !dir || go_by_path(p, copy, bits & 2, &told);
    if (!good && machine_since(proc_machine(p), SINCE_CD_REASON))
        shell_error(p, "can't cd to %s: %s", copy, errno_text(p->interp->status));
    else if (!good)
        shell_error(p, "can't cd to %s", copy);
    else if (told)
        tell_place(p);
    memory_give(&p->memory, copy);
    return builtin_status(p, good ? 0 : 2);
}

enum builtin_next builtin_pwd(BUILTIN_ARGS)
{
    (void)c, (void)argc;
    uint32_t bits;
    char **words;
    if (!builtin_options(p, argv, "LP", &bits, &words))
        return BUILTIN_GONE;
    char *real = bits & 2 ? proc_getcwd(p) : NULL;
    if (bits & 2)
        out_print(p, "%s\n", real ? real : "");
    else
        tell_place(p);
    memory_give(&p->memory, real);
    return builtin_status(p, 0);
}

/* ---- umask ---- */

static void tell_symbolic(struct proc *p, uint32_t mask)
{
    for (int shift = 6; shift >= 0; shift -= 3) {
        uint32_t allowed = ~mask >> shift & 7;
        out_print(p, "%c=%s%s%s%c", "ugo"[2 - shift / 3], allowed & 4 ? "r" : "", allowed & 2 ? "w" : "",
                  allowed & 1 ? "x" : "", shift ? ',' : '\n');
    }
}

static bool octal_mask(const char *s, uint32_t *ret)
{
    char *end;
    unsigned long mask = strtoul(s, &end, 8);
    *ret = (uint32_t)mask;
    return !*end && mask <= 0777;
}

enum builtin_next builtin_umask(BUILTIN_ARGS)
{
    (void)c, (void)argc;
    uint32_t bits, mask = p->umask;
    char **words;
    if (!builtin_options(p, argv, "S", &bits, &words))
        return BUILTIN_GONE;
    if (!*words) {
        if (bits)
            tell_symbolic(p, mask);
        else
            out_print(p, "%04o\n", mask);
        return builtin_status(p, 0);
    }
    uint32_t allowed = ~mask & 0777;
    bool octal = **words >= '0' && **words <= '9';
    if (octal ? !octal_mask(*words, &mask) : !mode_parse(*words, mask, &allowed)) {
        shell_fail(p, 2, "illegal mode: %s", *words);
        return BUILTIN_GONE;
    }
    p->umask = octal ? mask : ~allowed & 0777;
    return builtin_status(p, 0);
}

/* ---- ulimit: told, taken and remembered; nothing comes of it ---- */

static const struct {
    char letter;
    const char *text;
    int64_t value; /* -1: unlimited */
} limits[LIMITS] = {
    { 'c', "core file size (blocks)", 0 },        { 'd', "data seg size (kb)", -1 },
    { 'e', "scheduling priority", 0 },            { 'f', "file size (blocks)", -1 },
    { 'i', "pending signals", 494 },              { 'l', "max locked memory (kb)", 64 },
    { 'm', "max memory size (kb)", -1 },          { 'n', "open files", 1024 },
    { 'q', "POSIX message queues (bytes)", 819200 }, { 'r', "real-time priority", 0 },
    { 's', "stack size (kb)", 8192 },             { 't', "cpu time (seconds)", -1 },
    { 'u', "max user processes", 494 },           { 'v', "virtual memory (kb)", -1 },
    { 'x', "file locks", -1 },
};

static int limit_of(char letter)
{
    for (int i = 0; i < LIMITS; i++)
        if (limits[i].letter == letter)
            return i;
    return -1;
}

static void tell_limit(struct proc *p, int i)
{
    int64_t value = p->interp->limits ? p->interp->limits[i] : limits[i].value;
    if (value < 0)
        out_text(p, "unlimited\n");
    else
        out_print(p, "%lld\n", (long long)value);
}

static void tell_limits(struct proc *p)
{
    for (int i = 0; i < LIMITS; i++) {
        out_print(p, "%-32s(-%c) ", limits[i].text, limits[i].letter);
        tell_limit(p, i);
    }
}

static bool set_limit(struct proc *p, int i, const char *s)
{
    bool unlimited = !strcmp(s, "unlimited");
    if (!unlimited && (!*s || s[strspn(s, "0123456789")] || strlen(s) > 18)) {
        err_print(p, "%s: invalid number '%s'\n", p->interp->name, s);
        return false;
    }
    if (!p->interp->limits) {
        p->interp->limits = memory_array(&p->memory, NULL, LIMITS, sizeof *p->interp->limits);
        for (int k = 0; k < LIMITS; k++)
            p->interp->limits[k] = limits[k].value;
    }
    p->interp->limits[i] = unlimited ? -1 : strtoll(s, NULL, 10);
    return true;
}

/* One letter: it is told, or set to the word after its own. false: no such number. */
static bool take_letter(struct proc *p, char letter, const char *value, bool *ret_used)
{
    int i = limit_of(letter);
    if (letter == 'a')
        tell_limits(p);
    else if (i >= 0 && value && *value != '-') {
        *ret_used = true;
        return set_limit(p, i, value);
    } else if (i >= 0) {
        tell_limit(p, i);
    }
    return true;
}

enum builtin_next builtin_ulimit(BUILTIN_ARGS)
{
    (void)c, (void)argc;
    bool asked = false, used = false;
    char **word = argv + 1;
    for (; *word && **word == '-'; word += used, used = false, word++) {
        for (const char *s = *word + 1; *s; s++) {
            asked |= *s == 'a' || limit_of(*s) >= 0;
            if (!take_letter(p, *s, s[1] ? NULL : word[1], &used))
                return builtin_status(p, 1);
        }
    }
    if (*word && !asked && !set_limit(p, limit_of('f'), *word))
        return builtin_status(p, 1);
    if (!asked && !*word)
        tell_limit(p, limit_of('f'));
    return builtin_status(p, 0);
}
