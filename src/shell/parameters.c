/* What an expansion asks of its shell, and the running of $(...). */
#include "shell/interp.h"

#include "shell/arith.h"

#include <fcntl.h>
#include <string.h>

/* ---- Parameters ---- */

static const char *made(struct proc *p, char *s)
{
    memory_give(&p->memory, p->interp->scratch);
    return p->interp->scratch = s;
}

static const char *number(struct proc *p, int64_t n)
{
    return made(p, memory_print(&p->memory, "%lld", (long long)n));
}

static size_t count(void *context)
{
    const struct interp *in = ((struct proc *)context)->interp;
    return in->arguments->n - in->shifted;
}

static const char *positional(void *context, size_t i)
{
    const struct interp *in = ((struct proc *)context)->interp;
    if (i == 0)
        return in->name;
    return i <= in->arguments->n - in->shifted ? in->arguments->words[in->shifted + i - 1] : NULL;
}

static const char *special(struct proc *p, char name)
{
    const struct interp *in = p->interp;
    switch (name) {
    case '#':
        return number(p, (int64_t)count(p));
    case '?':
        return number(p, in->status);
    case '$':
        return number(p, in->shell_pid);
    case '!':
        return in->background ? number(p, in->background) : NULL;
    case '-':
        return flags_text(p);
    default:
        return NULL;
    }
}

enum { VARS_A_STEP = 64 };

const char *parameter_get(struct proc *p, const char *name, size_t n)
{
    if (name[0] >= '0' && name[0] <= '9') {
        size_t i = 0;
        for (size_t at = 0; at < n && i < 1000000; at++)
            i = i * 10 + (size_t)(name[at] - '0');
        return positional(p, i);
    }
    if (n == 1 && strchr("#?$!-", name[0]))
        return special(p, name[0]);
    proc_charge(p, vars_count(p->vars) / VARS_A_STEP);
    if (n == 8 && !memcmp(name, "HOSTNAME", 8))
        variables_hostname(p);
    const struct var *var = vars_find(p->vars, name, n);
    if (var && n == 6 && !memcmp(name, "RANDOM", 6))
        return number(p, (int64_t)(proc_random(p) & 0x7fff)); /* ash's has 15 bits */
    if (var && n == 6 && !memcmp(name, "LINENO", 6))
        return number(p, p->interp->line);
    return var && !(var->flags & VAR_UNSET) ? var->text + var->n_name + 1 : NULL;
}

bool parameter_set(struct proc *p, const char *name, size_t n, const char *value)
{
    return variable_set(p, name, n, value, 0);
}

static const char *get(void *context, const char *name, size_t n)
{
    return parameter_get(context, name, n);
}

static bool set(void *context, const char *name, size_t n, const char *value)
{
    return parameter_set(context, name, n, value);
}

static const char *home(void *context, const char *user)
{
    struct proc *p = context;
    if (!*user)
        return vars_get(p->vars, "HOME");
    const char *found = proc_user_home(p, user);
    return found ? made(p, (char *)found) : NULL;
}

int parameter_arith(struct proc *p, const char *s, int64_t *ret)
{
    struct arith_scope scope = { p, get, set };
    const char *why;
    uint64_t work = 0;
    int e = arith_value(s, &p->memory, &scope, ret, &why, &work);
    proc_charge(p, work / 16);
    if (e && why)
        shell_fail(p, 2, "%s", why);
    return e;
}

/* In the order that ash keeps them; $- has them from the last to the first. */
static const struct {
    uint32_t flag;
    char letter;
} letters[] = {
    { FLAG_ERREXIT, 'e' }, { FLAG_NOGLOB, 'f' },    { FLAG_IGNOREEOF, 'I' }, { FLAG_INTERACTIVE, 'i' },
    { FLAG_MONITOR, 'm' }, { FLAG_NOEXEC, 'n' },    { FLAG_STDIN, 's' },     { FLAG_COMMAND, 'c' },
    { FLAG_XTRACE, 'x' },  { FLAG_VERBOSE, 'v' },   { FLAG_NOCLOBBER, 'C' }, { FLAG_ALLEXPORT, 'a' },
    { FLAG_NOTIFY, 'b' },  { FLAG_NOUNSET, 'u' },   { FLAG_ERRTRACE, 'E' },
};

const char *flags_text(struct proc *p)
{
    struct text s = text_of(&p->memory);
    text_add(&s, "", 0);
    for (size_t i = sizeof letters / sizeof *letters; i-- > 0;)
        if (p->interp->flags & letters[i].flag)
            text_char_add(&s, letters[i].letter);
    return made(p, s.data);
}

/* ---- Expanding ---- */

static int declares(void *context, char *const *words, size_t n)
{
    return command_declares(context, words, n);
}

struct expansion *expansion_of(struct proc *p, const struct word *words, enum expand_how how)
{
    struct expand_scope scope = {
        .context = p,
        .get = get,
        .set = set,
        .count = count,
        .positional = positional,
        .home = home,
        .declares = declares,
        .no_unset = p->interp->flags & FLAG_NOUNSET,
        .no_glob = p->interp->flags & FLAG_NOGLOB,
        .vfs = p->shell->vfs,
        .cwd = p->cwd,
        .uid = p->uid,
        .gid = p->gid,
    };
    return expand_make(&p->memory, &scope, words, how);
}

/* ---- $(...) ---- */

struct capture {
    struct expansion *x;
    struct file *reader;
    struct text output;
    uint32_t child;
};

/* <(...) and >(...): the other end of a pipe, under a name that whoever opens it finds. */
static bool connect(struct proc *p, struct expansion *x, bool reads)
{
    struct interp *in = p->interp;
    const struct node *tree = expand_tree(x);
    struct proc *child = in->n_ends < sizeof in->ends / sizeof *in->ends ? interp_fork(p) : NULL;
    if (!child)
        return false;
    struct file *writer, *reader = pipe_make(p->shell, &writer);
    int fd = descriptor_set(p, -1, 10, reads ? reader : writer, false);
    (void)!descriptor_set(child, reads ? 1 : 0, 0, reads ? writer : reader, false);
    file_drop(p->shell, reader);
    file_drop(p->shell, writer);
    child->background = true;
    if (fd >= 0)
        in->ends[in->n_ends++] = (int16_t)fd;
    char *path = memory_print(&p->memory, "/dev/fd/%d", fd);
    expand_captured(x, path, strlen(path));
    memory_give(&p->memory, path);
    return source_tree(child, tree, arena_running(p));
}

static bool capture_begin(struct proc *p, struct expansion *x)
{
    const struct node *tree = expand_tree(x);
    if (tree && expand_part(x) != PART_COMMAND)
        return connect(p, x, expand_part(x) == PART_READ_FROM);
    if (!tree) {
        expand_captured(x, "", 0);
        p->interp->substituted = 0;
        return true;
    }
    struct arena *arena = arena_running(p);
    struct frame *f = frame_push(p, FRAME_CAPTURE, NULL);
    if (!f)
        return false;
    struct capture *c = f->data = memory_take(&p->memory, sizeof *c);
    c->x = x;
    c->output.memory = &p->memory;
    struct proc *child = interp_fork(p);
    if (!child)
        return false;
    c->child = child->pid;
    struct file *writer;
    c->reader = pipe_make(p->shell, &writer);
    (void)!descriptor_set(child, 1, 0, writer, false);
    file_drop(p->shell, writer);
    return source_tree(child, tree, arena);
}

/* The reader has no descriptor, which the child would only have to close; it is waited for by its file. */
bool capture_step(struct proc *p, struct frame *f)
{
    struct capture *c = f->data;
    char piece[PIPE_ROOM];
    int64_t got = c->reader ? file_read(p, c->reader, piece, sizeof piece) : 0;
    if (got > 0) {
        proc_charge(p, (uint64_t)got / 64);
        text_add(&c->output, piece, (size_t)got);
        return true;
    }
    if (got == -EAGAIN) {
        p->waits = WAITS_PIPE;
        p->wait_file = c->reader;
        return false;
    }
    int status = proc_wait(p, c->child, NULL, NULL);
    if (status == -EAGAIN) {
        p->waits = WAITS_CHILD;
        return false;
    }
    expand_captured(c->x, c->output.data ? c->output.data : "", c->output.len);
    p->interp->substituted = status < 0 ? 127 : status;
    frame_pop(p);
    return true;
}

void capture_leave(struct proc *p, struct frame *f)
{
    struct capture *c = f->data;
    if (!c)
        return;
    file_drop(p->shell, c->reader);
    text_release(&c->output);
    memory_give(&p->memory, c);
}

enum expansion_state expansion_run(struct proc *p, struct expansion *x)
{
    int64_t steps = QUANTUM, before = steps;
    enum expand_next next = expand_run(x, &steps);
    proc_charge(p, (uint64_t)(before - steps));
    p->waits = WAITS_NOT;
    switch (next) {
    case EXPAND_DONE:
        return EXPANSION_DONE;
    case EXPAND_AGAIN:
        return EXPANSION_BUSY;
    case EXPAND_CAPTURE:
        (void)capture_begin(p, x);
        return EXPANSION_BUSY;
    case EXPAND_ERROR:
        break;
    }
    if (!p->interp->skip)
        shell_fail(p, 2, "%s", expand_error(x));
    return EXPANSION_FAILED;
}
