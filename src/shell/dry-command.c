#include "shell/dry-inside.h"

#include <string.h>

static const char unknown[] = "*\n";

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names; names++) {
        if (!strcmp(*names, name))
            return true;
    }
    return false;
}

/* ---- Commands before a command ---- */

static char **skip_options(char **at, const char *with_argument)
{
    for (; *at && (*at)[0] == '-' && (*at)[1]; at++) {
        bool takes = !(*at)[2] && strchr(with_argument, (*at)[1]);
        if (takes && at[1])
            at++;
    }
    return at;
}

static char **skip_env(char **at)
{
    at = skip_options(at, "u");
    while (*at && (strchr(*at, '=') || !strcmp(*at, "-")))
        at++;
    return at;
}

static char **skip_timeout(char **at)
{
    at = skip_options(at, "sk");
    return *at ? at + 1 : at;
}

static char **skip_nice(char **at)
{
    return skip_options(at, "n");
}

static char **skip_plain(char **at)
{
    return skip_options(at, "");
}

static const struct {
    const char *name;
    char **(*skip)(char **at);
} prefixes[] = {
    { "busybox", skip_plain }, { "builtin", skip_plain },   { "command", skip_plain },
    { "env", skip_env },       { "exec", skip_plain },      { "nice", skip_nice },
    { "nohup", skip_plain },   { "setsid", skip_plain },    { "sudo", skip_plain },
    { "time", skip_plain },    { "timeout", skip_timeout }, { "toybox", skip_plain },
};

static void tell(struct walk *w, const char *name)
{
    if (*name && strcmp(name, "*") != 0)
        dry_found(w, &(struct dry_found){ .kind = DRY_COMMAND, .name = name });
}

/* The command itself; each that stands before it is told, too. */
static char **without_prefixes(struct walk *w, char **argv)
{
    for (size_t i = 0; *argv && i < sizeof prefixes / sizeof *prefixes;) {
        if (strcmp(dry_last_part(*argv), prefixes[i].name) != 0) {
            i++;
            continue;
        }
        tell(w, *argv);
        argv = prefixes[i].skip(argv + 1);
        i = 0;
    }
    return argv;
}

/* ---- Running what was made ---- */

static void run_text(struct walk *w, const struct text *t, char **arguments, const struct text *in,
                     struct text *out)
{
    if (!t->len || !memcmp(t->data, "\177ELF", t->len < 4 ? t->len : 4))
        return;
    char **outer = w->arguments;
    w->arguments = arguments;
    char *copy = memory_bytes(&w->memory, t->data, t->len); /* it may be written to while it runs */
    dry_script(w, copy, t->len, in, out);
    w->arguments = outer;
}

static void run_file(struct walk *w, const char *path, char **arguments, const struct text *in,
                     struct text *out)
{
    dry_found(w, &(struct dry_found){ .kind = DRY_RUN, .name = path });
    const struct dry_file *f = dry_file(w, path, false);
    if (f)
        run_text(w, &f->content, arguments, in, out);
}

static void run_string(struct walk *w, const char *s, char **arguments, const struct text *in,
                       struct text *out)
{
    char **outer = w->arguments;
    w->arguments = arguments;
    dry_script(w, s, strlen(s), in, out);
    w->arguments = outer;
}

static void do_shell(struct walk *w, char **argv, const struct text *in, struct text *out)
{
    char **at = argv + 1;
    for (; *at && ((*at)[0] == '-' || (*at)[0] == '+') && (*at)[1]; at++) {
        if ((*at)[0] == '-' && (*at)[1] != '-' && strchr(*at, 'c') && at[1]) {
            run_string(w, at[1], at[2] ? at + 3 : at + 2, in, out);
            return;
        }
        if ((*at)[0] == '-' && strchr(*at, 's'))
            break;
    }
    if (*at && (*at)[0] != '-')
        run_file(w, *at, at + 1, in, out);
    else if (in)
        run_text(w, in, *at ? at + 1 : at, NULL, out);
}

static void do_source(struct walk *w, char **argv, const struct text *in, struct text *out)
{
    if (argv[1])
        run_file(w, argv[1], w->arguments, in, out);
}

static void do_eval(struct walk *w, char **argv, const struct text *in, struct text *out)
{
    struct text t = text_of(&w->memory);
    for (char **at = argv + 1; *at; at++)
        text_print(&t, "%s%s", at == argv + 1 ? "" : " ", *at);
    if (t.len)
        run_string(w, t.data, w->arguments, in, out);
}

/* ---- Commands that write ---- */

static void do_echo(struct walk *w, char **argv, const struct text *in, struct text *out)
{
    (void)w;
    (void)in;
    dry_echo(out, argv);
}

static void do_printf(struct walk *w, char **argv, const struct text *in, struct text *out)
{
    (void)w;
    (void)in;
    dry_printf(out, argv);
}

static void put(struct text *out, const struct text *t)
{
    if (t && t->len && out->len + t->len < DRY_TEXT)
        text_add(out, t->data, t->len);
    else if (!t)
        text_say(out, unknown);
}

static void do_cat(struct walk *w, char **argv, const struct text *in, struct text *out)
{
    char **at = skip_options(argv + 1, "");
    if (!*at)
        put(out, in);
    for (; *at; at++) {
        const struct dry_file *f = dry_file(w, *at, false);
        dry_socket(w, "cat", *at);
        put(out, !strcmp(*at, "-") ? in : f ? &f->content : NULL);
    }
}

static void write_file(struct walk *w, const char *path, const struct text *t)
{
    struct dry_file *f = dry_file(w, path, true);
    struct text copy = text_of(&w->memory);
    put(&copy, t);
    f->content.len = 0;
    put(&f->content, &copy);
    text_release(&copy);
}

static void do_tee(struct walk *w, char **argv, const struct text *in, struct text *out)
{
    for (char **at = skip_options(argv + 1, ""); *at; at++) {
        dry_socket(w, "tee", *at);
        write_file(w, *at, in);
    }
    put(out, in);
}

static void do_copy(struct walk *w, char **argv, const struct text *in, struct text *out)
{
    char **at = skip_options(argv + 1, "");
    (void)in;
    (void)out;
    if (!at[0] || !at[1])
        return;
    const struct dry_file *from = dry_file(w, at[0], false);
    if (from && strcmp(dry_last_part(at[0]), dry_last_part(at[1])) != 0)
        write_file(w, at[1], &from->content);
}

static void do_base64(struct walk *w, char **argv, const struct text *in, struct text *out)
{
    bool decodes = false;
    char **at = argv + 1;
    for (; *at && (*at)[0] == '-' && (*at)[1]; at++)
        decodes |= !strcmp(*at, "-d") || !strcmp(*at, "--decode") || !strcmp(*at, "-di");
    const struct dry_file *f = *at ? dry_file(w, *at, false) : NULL;
    const struct text *from = f ? &f->content : *at ? NULL : in;
    if (decodes && from && from->len)
        dry_base64(out, from->data, from->len);
    else
        text_say(out, unknown);
}

/* ---- Commands that set ---- */

static void do_export(struct walk *w, char **argv, const struct text *in, struct text *out)
{
    (void)in;
    (void)out;
    for (char **at = argv + 1; *at; at++) {
        const char *equals = strchr(*at, '=');
        if (equals && equals != *at)
            dry_set(w, *at, (size_t)(equals - *at), equals + 1, w->unsure);
    }
}

static void do_read(struct walk *w, char **argv, const struct text *in, struct text *out)
{
    (void)in;
    (void)out;
    for (char **at = skip_options(argv + 1, "ptnNu"); *at; at++)
        dry_set(w, *at, strlen(*at), "*", true);
}

static void do_set(struct walk *w, char **argv, const struct text *in, struct text *out)
{
    (void)in;
    (void)out;
    char **at = argv + 1;
    while (*at && ((*at)[0] == '-' || (*at)[0] == '+') && strcmp(*at, "--") != 0)
        at++;
    bool dashes = *at && !strcmp(*at, "--");
    if (*at)
        w->arguments = at + dashes;
}

static void do_shift(struct walk *w, char **argv, const struct text *in, struct text *out)
{
    (void)argv;
    (void)in;
    (void)out;
    if (w->arguments && *w->arguments)
        w->arguments++;
}

static void do_trap(struct walk *w, char **argv, const struct text *in, struct text *out)
{
    if (argv[1] && argv[2])
        run_string(w, argv[1], w->arguments, in, out);
}

/* The words of standard input stand behind the command's own. */
static void do_xargs(struct walk *w, char **argv, const struct text *in, struct text *out)
{
    struct dry_words words = { NULL, 0, 0 };
    for (char **at = skip_options(argv + 1, "aEInsPLd"); *at; at++)
        dry_words_add(w, &words, *at);
    char *rest =
             memory_bytes(&w->memory, in && in->len ? in->data : "*", in && in->len ? in->len : 1),
         *next;
    for (char *word = strtok_r(rest, " \t\n", &next); word; word = strtok_r(NULL, " \t\n", &next))
        dry_words_add(w, &words, word);
    if (words.n)
        dry_command(w, words.items, NULL, out);
}

static void do_nothing(struct walk *w, char **argv, const struct text *in, struct text *out)
{
    (void)w;
    (void)argv;
    (void)in;
    (void)out;
}

static const struct {
    const char *name;
    void (*run)(struct walk *w, char **argv, const struct text *in, struct text *out);
} commands[] = {
    { "echo", do_echo },      { "printf", do_printf },   { "cat", do_cat },
    { "tee", do_tee },        { "cp", do_copy },         { "mv", do_copy },
    { "ln", do_copy },        { "base64", do_base64 },   { "sh", do_shell },
    { "ash", do_shell },      { "bash", do_shell },      { "dash", do_shell },
    { "ksh", do_shell },      { "zsh", do_shell },       { "hush", do_shell },
    { ".", do_source },       { "source", do_source },   { "eval", do_eval },
    { "export", do_export },  { "readonly", do_export }, { "local", do_export },
    { "read", do_read },      { "set", do_set },         { "shift", do_shift },
    { "trap", do_trap },      { "xargs", do_xargs },     { "cd", do_nothing },
    { "rm", do_nothing },     { "chmod", do_nothing },   { "mkdir", do_nothing },
    { ":", do_nothing },      { "true", do_nothing },    { "false", do_nothing },
    { "test", do_nothing },   { "[", do_nothing },       { "exit", do_nothing },
    { "return", do_nothing }, { "break", do_nothing },   { "continue", do_nothing },
    { "sleep", do_nothing },  { "kill", do_nothing },    { "killall", do_nothing },
    { "pkill", do_nothing },  { "unset", do_nothing },
};

static bool call_function(struct walk *w, char **argv, const struct text *in, struct text *out)
{
    struct dry_function *f = w->functions;
    while (f && strcmp(f->name, argv[0]) != 0)
        f = f->next;
    if (!f)
        return false;
    char **outer = w->arguments;
    w->arguments = argv + 1;
    f->called = true;
    dry_node(w, f->body, in, out);
    w->arguments = outer;
    return true;
}

static bool names_program(const char *name)
{
    static const char *const folders[] = { "bin", "sbin", NULL };
    const char *slash = strrchr(name, '/'), *before = slash;
    if (!slash || slash == name)
        return slash == name;
    while (before > name && before[-1] != '/')
        before--;
    char folder[8] = "";
    size_t n = (size_t)(slash - before);
    memcpy(folder, before, n < sizeof folder ? n : 0);
    return !is_one_of(folder, folders);
}

void dry_command(struct walk *w, char **argv, const struct text *in, struct text *out)
{
    dry_step(w, 1);
    argv = without_prefixes(w, argv);
    if (!*argv || call_function(w, argv, in, out))
        return;
    tell(w, *argv);
    const char *name = dry_last_part(*argv);
    for (char **at = argv + 1; *at; at++) {
        if (!strncmp(*at, "/dev/", 5))
            dry_socket(w, name, *at);
    }
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (!strcmp(commands[i].name, name)) {
            commands[i].run(w, argv, in, out);
            return;
        }
    }
    if (dry_fetch(w, argv))
        return;
    if (names_program(*argv))
        run_file(w, *argv, argv + 1, in, out);
    else
        text_say(out, unknown);
}
