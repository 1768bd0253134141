/* Prompts: the variable's text is expanded, then BusyBox's own escapes are. */
#include "shell/interp.h"

#include <string.h>

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* What the user table says, looked up once a prompt. */
struct user {
    bool known;
    char *name, *home; /* of the process's memory, or NULL */
};

static const char *user_name(struct proc *p, struct user *u)
{
    if (!u->known) {
        u->name = proc_user_with_home(p, p->uid, &u->home);
        u->known = true;
    }
    return u->name;
}

/* The home of the user, as the user table has it: $HOME is not asked. */
static void add_cwd(struct proc *p, struct user *u, struct text *to, bool last)
{
    const char *cwd = vars_get(p->vars, "PWD"), *home = user_name(p, u) ? u->home : NULL;
    cwd = cwd ? cwd : "/";
    size_t n = home ? strlen(home) : 0;
    if (n > 1 && !strncmp(cwd, home, n) && (!cwd[n] || cwd[n] == '/')) {
        if (last && cwd[n]) {
            text_say(to, last_part(cwd));
            return;
        }
        text_print(to, "~%s", cwd + n);
        return;
    }
    text_say(to, last ? last_part(cwd) : cwd);
}

static void add_time(struct proc *p, struct text *to)
{
    int64_t minute = proc_now(p) / 1000000 / 60;
    text_print(to, "%02d:%02d", (int)(minute / 60 % 24), (int)(minute % 60));
}

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : 16;
}

/* \101 or \x41: as many digits as make a byte. What stands behind them. */
static const char *add_number(struct text *to, const char *at)
{
    int base = *at == 'x' ? 16 : 8, most = base == 8 ? 3 : 2, v = 0;
    const char *start = at += base == 16;
    while (at - start < most && digit(*at) < base && v * base + digit(*at) < 256)
        v = v * base + digit(*at++);
    text_char_add(to, (char)v);
    return at;
}

static const char *add_character(struct text *to, const char *at)
{
    static const char named[] = "abefnrv", means[] = "\a\b\033\f\n\r\v";
    const char *name = strchr(named, *at);
    if (*at == 'x' || digit(*at) < 8)
        return add_number(to, at);
    text_char_add(to, name ? means[name - named] : *at);
    return at + 1;
}

static const char *escape(struct proc *p, struct user *u, struct text *to, const char *at)
{
    const char *host = proc_hostname(p);
    switch (*at) {
    case 'u':
        text_say(to, user_name(p, u) ? u->name : "");
        break;
    case 'h':
        text_add(to, host, strcspn(host, "."));
        break;
    case 'H':
        text_say(to, host);
        break;
    case '$':
        text_char_add(to, p->uid ? '$' : '#');
        break;
    case 'w':
    case 'W':
        add_cwd(p, u, to, *at == 'W');
        break;
    case 't':
    case 'T':
    case '@':
    case 'A':
        add_time(p, to);
        break;
    case 'E':
        text_char_add(to, '\033');
        break;
    case '[':
    case ']':
        break;
    case '\0':
        return at;
    default:
        return add_character(to, at);
    }
    return at + 1;
}

/* \$ is an escape of the prompt, not a quoted dollar: the backslash must outlast the expansion. */
static struct text kept_dollars(struct proc *p, const char *s)
{
    struct text t = text_of(&p->memory);
    for (; *s; s++) {
        if (*s == '\\' && s[1] == '$')
            text_say(&t, "\\\\");
        else if (*s == '\\' && s[1] == '\\')
            text_char_add(&t, *s++);
        text_char_add(&t, *s);
    }
    return t;
}

/* Parameters alone: a prompt that runs commands is shown as it is. */
static char *expanded(struct proc *p, const char *s)
{
    struct arena *arena = arena_make(&p->shell->memory);
    struct text t = kept_dollars(p, s);
    struct word *word = parse_quoted(arena, &p->shell->memory, t.data, t.len);
    char *done = NULL;
    int64_t steps = QUANTUM;
    if (word) {
        struct expansion *x = expansion_of(p, word, EXPAND_HERE);
        if (expand_run(x, &steps) == EXPAND_DONE) {
            size_t n;
            char **one = expand_take(x, &n);
            done = one[0];
            memory_give(&p->memory, one);
        }
        expand_free(x);
    }
    arena_drop(arena);
    text_release(&t);
    return done;
}

/* "\$" and "$ " are no parameters, and come out of an expansion as they went in. */
static bool is_plain(const char *s)
{
    if (strstr(s, "\\\\"))
        return false;
    for (const char *at = s; (at = strchr(at, '$')); at++) {
        bool quoted = at > s && at[-1] == '\\', alone = !at[1] || at[1] == ' ';
        if (!(quoted || alone) || strstr(s, "\\\n"))
            return false;
    }
    return true;
}

char *prompt_text(struct proc *p, const char *variable)
{
    const char *s = vars_get(p->vars, variable);
    char *own = s && !is_plain(s) ? expanded(p, s) : NULL;
    return own ? own : s ? memory_text(&p->memory, s) : NULL;
}

struct text prompt_shown(struct proc *p, const char *variable)
{
    struct text shown = text_of(&p->memory);
    struct user user = { 0 };
    char *own = prompt_text(p, variable);
    for (const char *at = own ? own : ""; *at;)
        if (*at == '\\')
            at = escape(p, &user, &shown, at + 1);
        else
            text_char_add(&shown, *at++);
    memory_give(&p->memory, own);
    memory_give(&p->memory, user.name);
    memory_give(&p->memory, user.home);
    return shown;
}

void prompt_show(struct proc *p, const char *variable)
{
    struct text shown = prompt_shown(p, variable);
    err_put(p, shown.data ? shown.data : "", shown.len);
    text_release(&shown);
}
