/* type, command -v, hash, alias: what names stand for. */
#include "shell/builtin.h"
#include "shell/program.h"

#include <string.h>

/* Sorted. */
static const char *const keywords[] = {
    "!", "case", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in", "then", "until", "while", "{", "}",
};

bool is_keyword(const char *name)
{
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        if (!strcmp(keywords[i], name))
            return true;
    return false;
}

static void tell(struct proc *p, const char *name, bool words, const char *what)
{
    if (words)
        out_print(p, "%s is %s\n", name, what);
    else
        out_print(p, "%s\n", name);
}

static int tell_program(struct proc *p, const char *name, bool words)
{
    struct program program;
    struct vfs_stat st;
    program_find(p, name, NULL, &program);
    bool there = strchr(name, '/') ? !proc_stat(p, name, &st) : program.type != PROGRAM_NONE && program.type != PROGRAM_DENIED && program.type != PROGRAM_FOLDER;
    const char *path = program.path ? program.path : name;
    if (!there && words)
        out_print(p, "%s: not found\n", name);
    else if (words)
        out_print(p, "%s is %s\n", name, path);
    else if (there)
        out_print(p, "%s\n", path);
    program_release(p, &program);
    return there ? 0 : 127;
}

int type_tell(struct proc *p, const char *name, bool words)
{
    const struct interp *in = p->interp;
    const struct definition *alias = definition_find(p, in->aliases, name, strlen(name));
    const struct builtin *b = builtin_find(name);
    if (is_keyword(name)) {
        tell(p, name, words, "a shell keyword");
    } else if (alias) {
        if (words)
            out_print(p, "%s is an alias for %s\n", name, alias->value);
        else
            out_print(p, "alias %s='%s'\n", name, alias->value);
    } else if (b && b->special) {
        tell(p, name, words, "a special shell builtin");
    } else if (definition_find(p, in->functions, name, strlen(name))) {
        tell(p, name, words, "a function");
    } else if (b) {
        tell(p, name, words, "a shell builtin");
    } else {
        return tell_program(p, name, words);
    }
    return 0;
}

enum builtin_next builtin_type(BUILTIN_ARGS)
{
    (void)c, (void)argc;
    int status = 0;
    bool words = !argv[1] || argv[1][0] != '-'; /* with any option the names alone */
    for (char **word = argv + (words ? 1 : 2); *word; word++)
        status |= type_tell(p, *word, words);
    return builtin_status(p, status);
}

bool hash_finds(struct proc *p, const char *name)
{
    struct program program;
    program_find(p, name, NULL, &program);
    program_release(p, &program);
    if (program.type != PROGRAM_NONE)
        return true;
    shell_error(p, "%s: not found", name);
    return false;
}

/* ---- alias ---- */

static void tell_alias(struct proc *p, const struct definition *d)
{
    struct text line = text_of(&p->memory);
    text_print(&line, "%s=", d->name);
    single_quoted(&line, d->value);
    text_say(&line, "\n");
    out_put(p, line.data, line.len);
    text_release(&line);
}

enum builtin_next builtin_alias(BUILTIN_ARGS)
{
    (void)c;
    int status = 0;
    const struct definitions *all = p->interp->aliases;
    for (const struct definition *d = argc == 1 && all ? all->first : NULL; d; d = d->next)
        tell_alias(p, d);
    for (char **word = argv + 1; *word; word++) {
        const char *is = **word ? strchr(*word + 1, '=') : NULL;
        const struct definition *d = is ? NULL : definition_find(p, p->interp->aliases, *word, strlen(*word));
        if (is) {
            alias_define(p, *word, (size_t)(is - *word), is + 1);
        } else if (d) {
            tell_alias(p, d);
        } else {
            err_print(p, "alias: %s not found\n", *word);
            status = 1;
        }
    }
    return builtin_status(p, status);
}

enum builtin_next builtin_unalias(BUILTIN_ARGS)
{
    (void)c, (void)argc;
    uint32_t bits;
    char **words;
    int status = 0;
    if (!builtin_options(p, argv, "a", &bits, &words))
        return BUILTIN_GONE;
    if (bits) {
        definitions_drop(p->shell, p->interp->aliases);
        p->interp->aliases = NULL;
        return builtin_status(p, 0);
    }
    for (; *words; words++) {
        if (definition_remove(p, &p->interp->aliases, *words))
            continue;
        err_print(p, "unalias: %s not found\n", *words);
        status = 1;
    }
    return builtin_status(p, status);
}
