/* Builtins that decide what runs next. */
#include "shell/builtin.h"
#include "shell/program.h"

#include <string.h>

/* ---- break, continue, return, exit ---- */

enum builtin_next builtin_break(BUILTIN_ARGS)
{
    (void)c, (void)argc;
    struct interp *in = p->interp;
    int n = 1;
    if (argv[1] && !builtin_number(p, argv[1], &n))
        return BUILTIN_GONE;
    if (n <= 0) {
        shell_fail(p, 2, "Illegal number: %s", argv[1]);
        return BUILTIN_GONE;
    }
    in->status = 0;
    if (!in->loops)
        return BUILTIN_DONE;
    in->skips = (uint32_t)n < in->loops ? (uint32_t)n : in->loops;
    in->skip = argv[0][0] == 'b' ? SKIP_BREAK : SKIP_CONTINUE;
    return BUILTIN_DONE;
}

static bool leave(struct proc *p, const char *word, enum skip skip)
{
    int status = p->interp->status;
    if (word && !builtin_number(p, word, &status))
        return false;
    p->interp->status = status & 0xff;
    p->interp->skip = (uint8_t)skip;
    return true;
}

enum builtin_next builtin_return(BUILTIN_ARGS)
{
    (void)c, (void)argc;
    (void)leave(p, argv[1], SKIP_RETURN);
    return BUILTIN_GONE;
}

enum builtin_next builtin_exit(BUILTIN_ARGS)
{
    (void)c, (void)argc;
    if (jobs_keep(p))
        return builtin_status(p, 0);
    if (p->interp->exiting && !argv[1])
        p->interp->status = p->interp->exit_status;
    (void)leave(p, argv[1], SKIP_EXIT);
    return BUILTIN_GONE;
}

/* ---- eval, dot, exec, command ---- */

enum builtin_next builtin_eval(BUILTIN_ARGS)
{
    (void)c;
    struct text all = text_of(&p->memory);
    text_add(&all, "", 0);
    for (int i = 1; i < argc; i++)
        text_print(&all, "%s%s", i > 1 ? " " : "", argv[i]);
    if (argc == 1) {
        text_release(&all);
        return builtin_status(p, 0);
    }
    bool good = source_text(p, all.data, all.len, p->interp->line, NULL);
    text_release(&all);
    return good ? BUILTIN_PUSHED : BUILTIN_GONE;
}

/* A name without a slash is looked for in PATH. */
static char *dot_path(struct proc *p, const char *name)
{
    struct vfs_stat st;
    if (strchr(name, '/'))
        return memory_text(&p->memory, name);
    for (const char *dir = vars_get(p->vars, "PATH"); dir && *dir;) {
        size_t n = strcspn(dir, ":");
        char *path = memory_print(&p->memory, "%.*s%s%s", (int)n, dir, n ? "/" : "", name);
        if (!proc_stat(p, path, &st) && S_ISREG(st.mode))
            return path;
        memory_give(&p->memory, path);
        dir += n + (dir[n] == ':');
    }
    return NULL;
}

/* A pipe or a terminal is read as it comes; NULL: it is neither. */
static struct file *stream_of(struct proc *p, const char *path)
{
    struct file *f;
    if (file_open(p, path, 0, 0, &f))
        return NULL;
    if (f->type == FILE_PIPE || f->type == FILE_CONSOLE)
        return f;
    file_drop(p->shell, f);
    return NULL;
}

enum builtin_next builtin_dot(BUILTIN_ARGS)
{
    (void)c;
    struct interp *in = p->interp;
    char *text;
    size_t n;
    if (!argv[1])
        return builtin_status(p, 2);
    char *path = dot_path(p, argv[1]);
    if (!path) {
        shell_fail(p, 2, "%s: not found", argv[1]);
        return BUILTIN_GONE;
    }
    struct file *stream = stream_of(p, path);
    if (stream) {
        bool read = source_stream(p, stream, path);
        file_drop(p->shell, stream);
        memory_give(&p->memory, path);
        return read ? BUILTIN_PUSHED : BUILTIN_GONE;
    }
    int e = proc_read_file(p, path, p->shell->account.most, &text, &n);
    if (e == -EISDIR) /* it is opened, and there is nothing in it to read */
        return builtin_status(p, 0);
    if (e) {
        shell_fail(p, 2, "can't open '%s': %s", argv[1], errno_text(e));
        return BUILTIN_GONE;
    }
    struct arguments *outer = in->arguments;
    uint32_t shifted = in->shifted;
    if (argc > 2) {
        in->arguments = arguments_make(p->shell, argv + 2, (size_t)argc - 2);
        in->shifted = 0;
    }
    bool good = source_dot(p, text, n, path, argc > 2 ? outer : NULL, shifted);
    memory_give(&p->memory, text);
    memory_give(&p->memory, path);
    return good ? BUILTIN_PUSHED : BUILTIN_GONE;
}

static void exec_failed(struct proc *p, const char *name, int e)
{
    struct interp *in = p->interp;
    bool there = e == -ENOEXEC || e == -EACCES;
    in->command = "exec";
    shell_error(p, "%s: %s", name, there ? errno_text(e) : "not found");
    in->status = there ? 126 : 127;
    in->skip = SKIP_EXIT;
}

enum builtin_next builtin_exec(BUILTIN_ARGS)
{
    char **words = argv + 1, *as = NULL;
    if (*words && !strncmp(*words, "-a", 2)) {
        as = (*words)[2] ? *words + 2 : *++words;
        words += *words != NULL;
    }
    if (argc > 1 && !as && words > argv + 1) {
        shell_fail(p, 2, "no arg for -a option");
        return BUILTIN_GONE;
    }
    if (!*words)
        return builtin_status(p, 0);
    struct program program;
    p->interp->command = c->outer;
    p->interp->flags &= ~(unsigned)FLAG_INTERACTIVE; /* also where there is no such program: the shell ends */
    c->locals = NULL; /* its assignments go with it */
    program_find(p, *words, NULL, &program);
    const char *name = memory_text(&p->memory, *words);
    if (as) {
        memory_give(&p->memory, *words);
        *words = memory_text(&p->memory, as);
        if (program.type == PROGRAM_APPLET)
            program.applet = program_applet_or_busybox(p->shell, *words);
    }
    int e = program_run(p, &program, words);
    if (e)
        exec_failed(p, name, e);
    return BUILTIN_GONE;
}

enum { COMMAND_PATH = 1, COMMAND_SAYS = 2, COMMAND_TELLS = 4 };

enum builtin_next builtin_command(BUILTIN_ARGS)
{
    uint32_t bits;
    char **words;
    if (!builtin_options(p, argv, "pvV", &bits, &words))
        return BUILTIN_GONE;
    if (!*words)
        return builtin_status(p, 0);
    if (bits & (COMMAND_SAYS | COMMAND_TELLS)) {
        return builtin_status(p, type_tell(p, *words, bits & COMMAND_TELLS));
    }
    (void)argc;
    c->no_function = true;
    c->default_path = bits & COMMAND_PATH;
    p->interp->command = c->outer;
    command_again(p, c, (size_t)(words - argv));
    return BUILTIN_AGAIN;
}

/* ---- trap ---- */

static void list_traps(struct proc *p)
{
    const struct traps *t = p->interp->traps;
    for (int i = 0; t && i < 32; i++) {
        if (!t->actions[i])
            continue;
        struct text quoted = text_of(&p->memory);
        single_quoted(&quoted, t->actions[i]);
        out_print(p, "trap -- %s %s\n", quoted.data, signal_name(i));
        text_release(&quoted);
    }
}

static void set_trap(struct proc *p, int signal, const char *action)
{
    struct interp *in = p->interp;
    if (!in->traps)
        in->traps = memory_take(&p->memory, sizeof *in->traps);
    char *old = in->traps->actions[signal];
    in->traps->actions[signal] = action ? memory_text(&p->memory, action) : NULL;
    memory_give(&p->memory, old);
    uint32_t bit = signal ? 1u << signal : 0;
    p->trapped &= ~bit;
    p->ignored &= ~bit;
    if (action && *action)
        p->trapped |= bit;
    else if (action)
        p->ignored |= bit;
    else if (in->flags & FLAG_INTERACTIVE && !in->subshell)
        trap_defaults(p, bit);
}

enum builtin_next builtin_trap(BUILTIN_ARGS)
{
    (void)c, (void)argc;
    uint32_t none;
    char **words;
    if (!builtin_options(p, argv, "", &none, &words))
        return BUILTIN_GONE;
    if (!*words) {
        list_traps(p);
        return builtin_status(p, 0);
    }
    const char *action = NULL;
    if (words[1] && (!*words[0] || words[0][strspn(words[0], "0123456789")])) /* a number is a signal already */
        action = *words++;
    if (action && !strcmp(action, "-"))
        action = NULL;
    int status = 0;
    for (; *words; words++) {
        int signal = signal_number(*words);
        if (signal < 0 || signal >= 32) {
            shell_error(p, "%s: invalid signal specification", *words);
            status = 1;
        } else {
            set_trap(p, signal, action);
        }
    }
    return builtin_status(p, status);
}
