/* Builtins of variables and parameters. */
#include "shell/builtin.h"

#include <stdlib.h>
#include <string.h>

/* ---- Listing ---- */

/* Single quotes themselves stand between double ones. */
void single_quoted(struct text *to, const char *s)
{
    do {
        size_t n = strcspn(s, "'");
        text_char_add(to, '\'');
        text_add(to, s, n);
        text_char_add(to, '\'');
        s += n;
        size_t quotes = strspn(s, "'");
        if (quotes) {
            text_char_add(to, '"');
            text_add(to, s, quotes);
            text_char_add(to, '"');
        }
        s += quotes;
    } while (*s);
}

struct listing {
    struct proc *p;
    const struct var **found;
    size_t n;
    unsigned flags;
};

static void list_one(void *context, const struct var *var)
{
    struct listing *l = context;
    bool named = l->flags || !(var->flags & VAR_UNSET);
    if ((var->flags & l->flags) != l->flags || !named)
        return;
    l->found = memory_array(&l->p->memory, l->found, l->n + 1, sizeof *l->found);
    l->found[l->n++] = var;
}

static int by_name(const void *a, const void *b)
{
    const struct var *x = *(const struct var *const *)a, *y = *(const struct var *const *)b;
    size_t n = x->n_name < y->n_name ? x->n_name : y->n_name;
    int order = memcmp(x->text, y->text, n);
    return order ? order : (x->n_name > y->n_name) - (x->n_name < y->n_name);
}

static void list_variables(struct proc *p, const char *word, unsigned flags)
{
    struct listing l = { p, NULL, 0, flags };
    variables_hostname(p);
    vars_each(p->vars, list_one, &l);
    if (l.n)
        qsort(l.found, l.n, sizeof *l.found, by_name);
    for (size_t i = 0; i < l.n; i++) {
        const struct var *var = l.found[i];
        struct text line = text_of(&p->memory);
        text_print(&line, "%s%s%.*s", word, *word ? " " : "", (int)var->n_name, var->text);
        if (!(var->flags & VAR_UNSET)) {
            text_say(&line, "=");
            single_quoted(&line, var->text + var->n_name + 1);
        }
        text_say(&line, "\n");
        out_put(p, line.data, line.len);
        text_release(&line);
    }
    memory_give(&p->memory, l.found);
}

/* ---- export, readonly, local ---- */

static bool name_is_good(struct proc *p, const char *word, size_t n)
{
    if (var_name_ok(word, n))
        return true;
    shell_fail(p, 2, "%.*s: bad variable name", (int)n, word);
    return false;
}

static bool declare(struct proc *p, const char *word, unsigned flags)
{
    const char *is = strchr(word, '=');
    size_t n = is ? (size_t)(is - word) : strlen(word);
    if (!name_is_good(p, word, n))
        return false;
    if (is)
        return variable_set(p, word, n, is + 1, flags);
    vars_flag(&p->vars, &p->shell->memory, word, n, flags, 0);
    return true;
}

static bool unexport(struct proc *p, const char *word)
{
    size_t n = strcspn(word, "=");
    if (!name_is_good(p, word, n) || (word[n] && !variable_set(p, word, n, word + n + 1, 0)))
        return false;
    vars_flag(&p->vars, &p->shell->memory, word, n, 0, VAR_EXPORT);
    return true;
}

enum builtin_next builtin_export(BUILTIN_ARGS)
{
    (void)c, (void)argc;
    unsigned flags = argv[0][0] == 'e' ? VAR_EXPORT : VAR_READONLY;
    uint32_t bits;
    char **words;
    if (!builtin_options(p, argv, argv[0][0] == 'e' ? "pn" : "p", &bits, &words))
        return BUILTIN_GONE;
    if (!*words) {
        list_variables(p, argv[0], flags);
        return builtin_status(p, 0);
    }
    variables_hostname(p);
    for (; *words; words++)
        if (!(bits & 2 ? unexport(p, *words) : declare(p, *words, flags)))
            return BUILTIN_GONE;
    return builtin_status(p, 0);
}

enum builtin_next builtin_local(BUILTIN_ARGS)
{
    (void)c, (void)argc;
    if (!p->interp->calls) {
        shell_fail(p, 2, "not in a function");
        return BUILTIN_GONE;
    }
    variables_hostname(p);
    for (char **word = argv + 1; *word; word++) {
        size_t n = strcspn(*word, "=");
        if (!strcmp(*word, "-"))
            continue;
        if (!name_is_good(p, *word, n) || !variable_keep(p, &p->interp->locals, *word, n))
            return BUILTIN_GONE;
        const struct var *was = vars_find(p->vars, *word, n);
        unsigned flags = was ? was->flags & VAR_EXPORT : 0;
        if (!variable_set(p, *word, n, (*word)[n] ? *word + n + 1 : NULL, flags))
            return BUILTIN_GONE;
    }
    return builtin_status(p, 0);
}

/* ---- unset, shift, let ---- */

enum builtin_next builtin_unset(BUILTIN_ARGS)
{
    (void)c, (void)argc;
    uint32_t bits;
    char **words;
    int status = 0;
    if (!builtin_options(p, argv, "vf", &bits, &words))
        return BUILTIN_GONE;
    for (; *words; words++) {
        size_t n = strlen(*words);
        if (bits & 2) {
            (void)definition_remove(p, &p->interp->functions, *words);
            continue;
        }
        if (!name_is_good(p, *words, n))
            return BUILTIN_GONE;
        bool known = vars_find(p->vars, *words, n);
        if (vars_unset(&p->vars, &p->shell->memory, *words, n)) {
            shell_fail(p, 2, "%s: is read only", *words);
            return BUILTIN_GONE;
        }
        if (!known && !bits)
            (void)definition_remove(p, &p->interp->functions, *words);
    }
    return builtin_status(p, status);
}

enum builtin_next builtin_shift(BUILTIN_ARGS)
{
    (void)c, (void)argc;
    struct interp *in = p->interp;
    int n = 1;
    if (argv[1] && !builtin_number(p, argv[1], &n))
        return BUILTIN_GONE;
    if ((size_t)n > in->arguments->n - in->shifted)
        return builtin_status(p, 1);
    in->shifted += (uint32_t)n;
    return builtin_status(p, 0);
}

enum builtin_next builtin_let(BUILTIN_ARGS)
{
    (void)c, (void)argc;
    int64_t value = 0;
    if (!argv[1]) {
        shell_fail(p, 2, "expression expected");
        return BUILTIN_GONE;
    }
    for (char **word = argv + 1; *word; word++)
        if (parameter_arith(p, *word, &value))
            return BUILTIN_GONE;
    return builtin_status(p, !value);
}

/* ---- set ---- */

static const struct {
    uint32_t flag;
    char letter; /* 0: has none */
    const char *name;
} options[] = {
    { FLAG_ERREXIT, 'e', "errexit" },     { FLAG_NOGLOB, 'f', "noglob" },
    { FLAG_IGNOREEOF, 'I', "ignoreeof" }, { FLAG_MONITOR, 'm', "monitor" },
    { FLAG_NOEXEC, 'n', "noexec" },       { FLAG_XTRACE, 'x', "xtrace" },
    { FLAG_VERBOSE, 'v', "verbose" },     { FLAG_NOCLOBBER, 'C', "noclobber" },
    { FLAG_ALLEXPORT, 'a', "allexport" }, { FLAG_NOTIFY, 'b', "notify" },
    { FLAG_NOUNSET, 'u', "nounset" },     { FLAG_ERRTRACE, 'E', "errtrace" },
    { FLAG_VI, 0, "vi" },                 { FLAG_PIPEFAIL, 0, "pipefail" },
};

enum { OPTIONS = sizeof options / sizeof *options };

uint32_t option_flag(char letter)
{
    for (size_t i = 0; i < OPTIONS; i++)
        if (options[i].letter && options[i].letter == letter)
            return options[i].flag;
    return 0;
}

uint32_t option_flag_named(const char *name)
{
    for (size_t i = 0; i < OPTIONS; i++)
        if (!strcmp(options[i].name, name))
            return options[i].flag;
    return 0;
}

static bool change(struct proc *p, uint32_t flag, bool on)
{
    if (flag == FLAG_MONITOR && on && !p->shell->terminal && !p->interp->subshell) {
        shell_error(p, "can't access tty; job control turned off");
        return true;
    }
    p->interp->flags = on ? p->interp->flags | flag : p->interp->flags & ~flag;
    return flag;
}

static void list_set(struct proc *p, uint32_t flags, bool on)
{
    for (size_t i = 0; i < OPTIONS; i++) {
        bool set = flags & options[i].flag;
        if (on)
            out_print(p, "%-16s%s\n", options[i].name, set ? "on" : "off");
        else
            out_print(p, "set %so %s\n", set ? "-" : "+", options[i].name);
    }
}

static void list_options(struct proc *p, bool on)
{
    list_set(p, p->interp->flags, on);
}

void option_list_all(struct proc *p, bool on)
{
    list_set(p, UINT32_MAX, on);
}

static bool set_named(struct proc *p, const char *name, bool on)
{
    if (change(p, option_flag_named(name), on))
        return true;
    shell_error(p, "illegal option %co %s", on ? '-' : '+', name);
    p->interp->status = 1;
    return false;
}

static bool set_letter(struct proc *p, char letter, bool on)
{
    if (change(p, option_flag(letter), on))
        return true;
    shell_fail(p, 2, "illegal option %c%c", on ? '-' : '+', letter);
    return false;
}

/* One word of options; *words moves on over an argument of -o. false: said. */
static bool set_word(struct proc *p, char ***words)
{
    const char *word = **words;
    bool on = *word == '-';
    for (const char *s = word + 1; *s; s++) {
        if (*s != 'o') {
            if (!set_letter(p, *s, on))
                return false;
        } else if (!(*words)[1]) {
            list_options(p, on);
        } else if (!set_named(p, *++*words, on)) {
            return false;
        }
    }
    return true;
}

static void set_arguments(struct proc *p, char **words)
{
    struct interp *in = p->interp;
    size_t n = 0;
    while (words[n])
        n++;
    struct arguments *fresh = arguments_make(p->shell, words, n);
    arguments_drop(p->shell, in->arguments);
    in->arguments = fresh;
    in->shifted = 0;
    in->option_at = 0;
}

enum builtin_next builtin_set(BUILTIN_ARGS)
{
    (void)c;
    if (argc == 1) {
        list_variables(p, "", 0);
        return builtin_status(p, 0);
    }
    bool given = false;
    char **words = argv + 1;
    for (; *words && (**words == '-' || **words == '+'); words++) {
        if (!strcmp(*words, "--") || !strcmp(*words, "-")) {
            given = (*words)[1];
            if (!given)
                p->interp->flags &= ~(uint32_t)(FLAG_XTRACE | FLAG_VERBOSE);
            words++;
            break;
        }
        if (!set_word(p, &words))
            return p->interp->skip ? BUILTIN_GONE : BUILTIN_DONE;
    }
    if (*words || given)
        set_arguments(p, words);
    return builtin_status(p, 0);
}

/* ---- getopts ---- */

static void set_text(struct proc *p, const char *name, const char *value)
{
    (void)!variable_set(p, name, strlen(name), value, 0);
}

static void set_index(struct proc *p, size_t n)
{
    char *s = memory_print(&p->memory, "%zu", n);
    uint32_t at = p->interp->option_at;
    set_text(p, "OPTIND", s);
    p->interp->option_at = at;
    memory_give(&p->memory, s);
}

struct getopts {
    const char *letters;
    bool silent; /* a colon first: wrong ones are reported by variables */
    bool quiet;  /* OPTERR=0 */
    char letter, result;
    const char *argument;
};

static void wrong_option(struct proc *p, struct getopts *g)
{
    char one[2] = { g->letter, 0 };
    g->result = '?';
    if (g->silent)
        set_text(p, "OPTARG", one);
    else if (!g->quiet)
        err_print(p, "Illegal option -%c\n", g->letter);
    if (!g->silent)
        (void)!vars_unset(&p->vars, &p->shell->memory, "OPTARG", 6);
}

static void missing_argument(struct proc *p, struct getopts *g)
{
    char one[2] = { g->letter, 0 };
    g->result = g->silent ? ':' : '?';
    if (g->silent) {
        set_text(p, "OPTARG", one);
        return;
    }
    if (!g->quiet)
        err_print(p, "No arg for -%c option\n", g->letter);
    (void)!vars_unset(&p->vars, &p->shell->memory, "OPTARG", 6);
}

/* The word that is being read; *index, OPTIND, stands behind it already. NULL: no more options. */
static const char *option_word(struct interp *in, char *const *words, size_t n, size_t *index)
{
    const char *word = *index >= 2 && *index <= n + 1 ? words[*index - 2] : NULL;
    if (in->option_at && word && in->option_at < strlen(word))
        return word;
    in->option_at = 0;
    word = *index >= 1 && *index <= n ? words[*index - 1] : NULL;
    if (!word || word[0] != '-' || !word[1])
        return NULL;
    ++*index;
    if (!strcmp(word, "--"))
        return NULL;
    in->option_at = 1;
    return word;
}

/* The next option of `words`; false: there are no more. */
static bool next_option(struct proc *p, struct getopts *g, char *const *words, size_t n, size_t *index)
{
    struct interp *in = p->interp;
    const char *word = option_word(in, words, n, index);
    if (!word) {
        (void)!vars_unset(&p->vars, &p->shell->memory, "OPTARG", 6);
        return false;
    }
    g->letter = g->result = word[in->option_at++];
    const char *known = g->letter == ':' ? NULL : strchr(g->letters, g->letter);
    if (!known) {
        wrong_option(p, g);
        return true;
    }
    if (known[1] != ':') {
        set_text(p, "OPTARG", "");
        return true;
    }
    bool here = word[in->option_at];
    g->argument = here ? word + in->option_at : *index <= n ? words[*index - 1] : NULL;
    *index += !here && g->argument;
    in->option_at = 0;
    if (g->argument)
        set_text(p, "OPTARG", g->argument);
    else
        missing_argument(p, g);
    return true;
}

enum builtin_next builtin_getopts(BUILTIN_ARGS)
{
    (void)c;
    struct interp *in = p->interp;
    if (argc >= 3 && !name_is_good(p, argv[2], strlen(argv[2])))
        return BUILTIN_GONE;
    if (argc < 3) {
        shell_fail(p, 2, "usage: getopts optstring var [arg]");
        return BUILTIN_GONE;
    }
    bool given = argc > 3;
    char *const *words = given ? argv + 3 : in->arguments->words + in->shifted;
    size_t n = given ? (size_t)argc - 3 : in->arguments->n - in->shifted;
    const char *at = vars_get(p->vars, "OPTIND");
    const char *tells = vars_get(p->vars, "OPTERR");
    size_t index = at ? strtoul(at, NULL, 10) : 1;
    index = index ? index : 1;
    struct getopts g = { .letters = argv[1], .silent = argv[1][0] == ':', .quiet = tells && !strcmp(tells, "0") };
    g.letters += g.silent;
    bool found = next_option(p, &g, words, n, &index);
    char result[2] = { found ? g.result : '?', 0 };
    set_index(p, index);
    if (!variable_set(p, argv[2], strlen(argv[2]), result, 0))
        return BUILTIN_GONE;
    return builtin_status(p, !found);
}
