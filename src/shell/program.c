#include "shell/program.h"

#include "base/rd.h"

#include <string.h>
#include <unistd.h>

/* ---- Looking at a file ---- */

enum { LOOK = 256 }; /* bytes of a file that tell what it is */

static bool is_busybox(const struct shell *sh, const void *data, size_t n)
{
    const struct shell_device *d = sh->device;
    return d->busybox && n == d->n_busybox && n && (data == d->busybox || !memcmp(data, d->busybox, n));
}

/* ELF: class and byte order at 4 and 5, the machine at 18 (System V ABI, chapter 4). */
static bool same_cpu(const struct shell_device *d, const uint8_t *data, size_t n)
{
    const uint8_t *own = d->busybox;
    return own && d->n_busybox >= 20 && n >= 20 && data[4] == own[4] && data[5] == own[5] && !memcmp(data + 18, own + 18, 2);
}

static void read_interpreter(struct proc *p, const char *line, size_t n, struct program *ret)
{
    const char *end = memchr(line, '\n', n);
    char *s = ret->line = memory_bytes(&p->memory, line, end ? (size_t)(end - line) : n);
    s += strspn(s, " \t");
    size_t len = strcspn(s, " \t");
    char *rest = s + len + strspn(s + len, " \t");
    for (size_t i = strlen(rest); i > 0 && strchr(" \t\r", rest[i - 1]); i--)
        rest[i - 1] = '\0';
    ret->interpreter_argument = *rest ? rest : NULL;
    s[len] = '\0';
    ret->interpreter = *s ? s : NULL;
}

static enum program_type look(struct proc *p, vfs_ino ino, struct program *ret)
{
    char head[LOOK];
    size_t n_all = 0;
    int64_t got = vfs_read(p->shell->vfs, ino, 0, head, sizeof head);
    size_t n = got > 0 ? (size_t)got : 0;
    const void *all = vfs_bytes(p->shell->vfs, ino, &n_all);
    if (n >= 4 && !memcmp(head, "\177ELF", 4)) {
        if (all && is_busybox(p->shell, all, n_all))
            return PROGRAM_BUSYBOX;
        return same_cpu(p->shell->device, (const uint8_t *)head, n) ? PROGRAM_BINARY : PROGRAM_FOREIGN;
    }
    if (n >= 2 && head[0] == '#' && head[1] == '!')
        read_interpreter(p, head + 2, n - 2, ret);
    return PROGRAM_SCRIPT;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* What a device has and we do not says how it is used, and does nothing. */
static int only_usage(struct proc *p, int argc, char **argv)
{
    (void)argc;
    proc_rename(p, memory_text(&p->memory, base_name(argv[0])));
    proc_usage(p);
}

/* What a BusyBox under a name that it does not know says. */
static int not_an_applet(struct proc *p, int argc, char **argv)
{
    (void)argc;
    proc_no_applet(p, base_name(argv[0]));
    return 127;
}

static const struct applet unknown = { .name = NULL, .once = not_an_applet };
static const struct applet usage_alone = { .name = NULL, .once = only_usage };

const struct applet *program_applet(const struct shell *sh, const char *name)
{
    if (!machine_has_applet(shell_machine(sh), name))
        return NULL;
    const struct applet *a = applet_find(name);
    return a ? a : &usage_alone;
}

const struct applet *program_applet_or_busybox(const struct shell *sh, const char *name)
{
    const struct applet *a = program_applet(sh, base_name(name));
    return a ? a : &unknown;
}

/* What stands at a path: 0, with type set; or -errno. The path is *ret's from then on. */
static int look_at(struct proc *p, char *path, struct program *ret)
{
    struct vfs *v = p->shell->vfs;
    struct vfs_stat st;
    vfs_ino ino;
    proc_charge(p, 1);
    ret->path = path;
    TRY(vfs_find(v, p->cwd, path, true, proc_who(p), &ino));
    TRY(vfs_stat(v, ino, &st));
    ret->ino = ino;
    ret->type = PROGRAM_DENIED;
    if (S_ISDIR(st.mode))
        ret->type = PROGRAM_FOLDER;
    if (!S_ISREG(st.mode) || !(st.mode & 0111) || vfs_access(v, ino, X_OK, proc_who(p)) ||
        vfs_mount_at(v, st.mount)->no_exec)
        return 0;
    ret->type = look(p, ino, ret);
    if (ret->type == PROGRAM_BINARY && machine_has_program(shell_machine(p->shell), base_name(path)))
        ret->applet = applet_find(base_name(path));
    else if (ret->type == PROGRAM_BUSYBOX)
        ret->applet = program_applet(p->shell, base_name(path));
    else
        return 0;
    if (ret->applet)
        ret->type = PROGRAM_APPLET;
    return 0;
}

/* ---- Looking a name up ---- */

static bool in_folder(struct proc *p, const char *dir, size_t n, const char *name, struct program *ret)
{
    struct program found = { 0 };
    char *path = n ? memory_print(&p->memory, "%.*s/%s", (int)n, dir, name) : memory_text(&p->memory, name);
    if (!look_at(p, path, &found) && found.type != PROGRAM_FOLDER && found.type != PROGRAM_DENIED) {
        *ret = found;
        return true;
    }
    if (found.type == PROGRAM_DENIED)
        ret->error = -EACCES;
    program_release(p, &found);
    return false;
}

void program_release(struct proc *p, struct program *program)
{
    memory_give(&p->memory, program->path);
    memory_give(&p->memory, program->line);
    program->path = program->line = NULL;
    program->interpreter = program->interpreter_argument = NULL;
}

void program_find(struct proc *p, const char *name, const char *path, struct program *ret)
{
    *ret = (struct program){ .type = PROGRAM_NONE, .error = -ENOENT };
    if (strchr(name, '/')) {
        int e = look_at(p, memory_text(&p->memory, name), ret);
        ret->error = e;
        return;
    }
    if (!*name)
        return;
    if (shell_machine(p->shell)->standalone && (ret->applet = program_applet(p->shell, name))) {
        ret->type = PROGRAM_APPLET;
        return;
    }
    if (!path)
        path = vars_get(p->vars, "PATH");
    for (const char *dir = path ? path : ""; *dir;) {
        size_t n = strcspn(dir, ":");
        if (in_folder(p, dir, n, name, ret))
            return;
        dir += n + (dir[n] == ':');
    }
    if (ret->error == -EACCES)
        ret->type = PROGRAM_DENIED;
}

int program_error(const struct program *program)
{
    if (program->type == PROGRAM_NONE)
        return program->error ? program->error : -ENOENT;
    return program->type == PROGRAM_DENIED || program->type == PROGRAM_FOLDER ? -EACCES : 0;
}

/* ---- Becoming it ---- */

char **program_words(struct memory *m, char *const *argv, int *ret_n)
{
    int n = 0;
    while (argv[n])
        n++;
    char **copy = memory_array(m, NULL, (size_t)n + 1, sizeof *copy);
    for (int i = 0; i < n; i++)
        copy[i] = memory_text(m, argv[i]);
    *ret_n = n;
    return copy; /* its end is a NULL already */
}

static void use(struct proc *p, const struct applet *a, int argc, char **argv, const char *exe)
{
    if (p->interp)
        interp_free(p);
    p->interp = NULL;
    p->exe = exe ? memory_text(&p->memory, exe) : "/bin/busybox";
    p->trapped = p->caught = 0;
    descriptors_clear(p, true);
    proc_use_applet(p, a, argc, argv);
}

void proc_exec_login(struct proc *p)
{
    p->login = true;
}

static void tell_run(struct proc *p, const struct program *program, char *const *argv)
{
    const struct shell_hook *hook = p->shell->hook;
    if (!hook->ran)
        return;
    size_t n = 0;
    const void *content = vfs_bytes(p->shell->vfs, program->ino, &n);
    proc_charge(p, 100 + n / 64); /* who is told reads all of it */
    hook->ran(p->shell->context,
              &(struct shell_ran){ .path = program->path, .argv = argv, .content = content, .n = n,
                                   .made = !shell_is_fetched(p->shell, program->ino),
                                   .foreign = program->type == PROGRAM_FOREIGN });
}

static int run_script(struct proc *p, const struct program *program, char *const *argv)
{
    if (p->deep >= EXEC_DEEP)
        return -ELOOP;
    p->deep++;
    tell_run(p, program, argv);
    if (!program->interpreter) {
        interp_run_script(p, program->path, argv);
        return 0;
    }
    struct program via = { 0 };
    TRY(look_at(p, memory_text(&p->memory, program->interpreter), &via));
    size_t n = 0, at = 0;
    while (argv[n])
        n++;
    const char **words = memory_array(&p->memory, NULL, n + 3, sizeof *words);
    words[at++] = program->interpreter;
    if (program->interpreter_argument)
        words[at++] = program->interpreter_argument;
    words[at++] = program->path; /* in the place of argv[0] */
    if (n)
        memcpy(words + at, argv + 1, (n - 1) * sizeof *words);
    return program_run(p, &via, (char *const *)words);
}

/* Nothing of it is run; it is told, and is over at once. */
static int run_binary(struct proc *p, const struct program *program, char *const *argv)
{
    static const struct applet quiet = { .name = "", .once = program_quiet };
    int argc;
    tell_run(p, program, argv);
    if (program->type == PROGRAM_FOREIGN)
        return -ENOEXEC; /* the shell says what the device's data say of it */
    char **words = program_words(&p->memory, argv, &argc);
    use(p, &quiet, argc, words, program->path);
    p->name = words[0];
    return 0;
}

int program_quiet(struct proc *p, int argc, char **argv)
{
    (void)p, (void)argc, (void)argv;
    return 0;
}

static int run_applet(struct proc *p, const struct applet *a, const char *exe, char *const *argv)
{
    int argc;
    char **words = program_words(&p->memory, argv, &argc);
    use(p, a, argc, words, exe);
    return 0;
}

int program_run(struct proc *p, const struct program *program, char *const *argv)
{
    switch (program->type) {
    case PROGRAM_NONE:
    case PROGRAM_DENIED:
    case PROGRAM_FOLDER:
        return program_error(program);
    case PROGRAM_APPLET:
        return run_applet(p, program->applet, NULL, argv);
    case PROGRAM_BUSYBOX:
        return run_applet(p, program_applet_or_busybox(p->shell, argv[0]), program->path, argv);
    case PROGRAM_SCRIPT:
        return run_script(p, program, argv);
    case PROGRAM_FOREIGN: /* no program to the kernel: ash takes it for a script, unless the data know better */
        return *shell_machine(p->shell)->foreign ? run_binary(p, program, argv) : run_script(p, program, argv);
    case PROGRAM_BINARY:
        return run_binary(p, program, argv);
    }
    return -ENOENT;
}
