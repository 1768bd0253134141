/* awk: see awk/run.h for the machine that runs the program. */
#include "shell/awk/lex.h"
#include "shell/awk/run.h"
#include "shell/awk/stack.h"
#include "shell/options.h"

#include <fcntl.h>
#include <string.h>

enum { PROGRAM_MOST = 1 << 20 };

struct state {
    struct awk *awk;
    struct text program;   /* of the standard input, while it is being read */
    char **files, **texts; /* -f, -e; NULL-ended */
    char **assignments;    /* -v */
    char **operands;
    const char *separator; /* -F, or NULL */
    bool begun;
};

static void list_add(struct proc *p, char ***list, const char *word)
{
    size_t n = 0;
    while (*list && (*list)[n])
        n++;
    *list = memory_array(proc_memory(p), *list, n + 2, sizeof(char *));
    (*list)[n] = memory_text(proc_memory(p), word);
    (*list)[n + 1] = NULL;
}

static void read_words(struct proc *p, struct state *s, int argc, char **argv)
{
    struct options o;
    int c;
    options_begin(&o, p, argc, argv, "+F:v:f:e:W:", NULL);
    while ((c = options_next(&o)) != -1) {
        switch (c) {
        case 'F':
            s->separator = o.argument;
            break;
        case 'v':
            list_add(p, &s->assignments, o.argument);
            break;
        case 'f':
            list_add(p, &s->files, o.argument);
            break;
        case 'e':
            list_add(p, &s->texts, o.argument);
            break;
        default:
            proc_error(p, "warning: option -W is ignored");
            break;
        }
    }
    s->operands = argv + o.index;
    if (!s->files && !s->texts) {
        if (!*s->operands)
            proc_usage(p);
        list_add(p, &s->texts, *s->operands++);
    }
}

static void start(struct proc *p, int argc, char **argv)
{
    struct state *s = proc_state(p);
    read_words(p, s, argc, argv);
    s->program = text_of(proc_memory(p));
    s->awk = memory_take(proc_memory(p), sizeof *s->awk);
    s->awk->p = p;
    s->awk->m = proc_memory(p);
    awk_pool_init(&s->awk->pool, s->awk->m);
    awk_program_init(&s->awk->program, &s->awk->pool);
}

static bool is_input(const char *file)
{
    return strcmp(file, "-") == 0 || strcmp(file, "/dev/stdin") == 0;
}

/* 0; or -EAGAIN: the standard input, which the program is on, has not ended. */
static int read_input(struct proc *p, struct state *s)
{
    char data[1024];
    int64_t n;
    while ((n = proc_read(p, 0, data, sizeof data)) > 0) {
        if (s->program.len > PROGRAM_MOST)
            proc_die(p, "out of memory");
        text_add(&s->program, data, (size_t)n);
    }
    return n == -EAGAIN ? -EAGAIN : 0;
}

static int add_file(struct proc *p, struct state *s, const char *file)
{
    char *text = NULL;
    size_t n;
    if (is_input(file)) {
        if (read_input(p, s) == -EAGAIN)
            return -EAGAIN;
        text = memory_bytes(proc_memory(p), s->program.data, s->program.len);
        text_release(&s->program);
    } else {
        int e = proc_read_file(p, file, PROGRAM_MOST, &text, &n);
        if (e < 0)
            proc_die_errno(p, e, "can't open '%s'", file);
    }
    awk_program_add(&s->awk->program, p, file, text);
    return 0;
}

static void set_text(struct awk *a, enum awk_special v, const char *text)
{
    awk_set_special(a, v, value_string(awk_str_make(&a->pool, text, strlen(text))));
}

static void set_element(struct awk *a, enum awk_special array, const char *key, size_t n,
                        const char *text)
{
    struct awk_value v = value_user(awk_str_make(&a->pool, text, strlen(text)));
    awk_array_set(&a->pool, awk_array_of(a, VAR_GLOBAL(array)), key, n, v);
}

static void set_arguments(struct awk *a, char **operands)
{
    char digits[24];
    size_t i = 1;
    set_element(a, V_ARGV, "0", 1, "awk");
    for (; operands[i - 1]; i++) {
        size_t n = awk_number_whole((double)i, digits);
        set_element(a, V_ARGV, digits, n, operands[i - 1]);
    }
    awk_set_special(a, V_ARGC, value_number((double)i));
}

static void set_environment(struct awk *a)
{
    for (char **e = proc_environ(a->p); *e; e++) {
        const char *value = strchr(*e, '=');
        if (value)
            set_element(a, V_ENVIRON, *e, (size_t)(value - *e), value + 1);
    }
}

static void set_variables(struct awk *a)
{
    static const struct {
        enum awk_special v;
        const char *text;
    } first[] = {
        { V_CONVFMT, "%.6g" }, { V_OFMT, "%.6g" }, { V_FS, " " },
        { V_OFS, " " },        { V_ORS, "\n" },    { V_RS, "\n" },
        { V_RT, "" },          { V_FILENAME, "" }, { V_SUBSEP, "\034" },
    };
    for (size_t i = 0; i < sizeof first / sizeof *first; i++)
        set_text(a, first[i].v, first[i].text);
    for (enum awk_special v = V_FNR; v <= V_NF; v++)
        a->globals[v].value = value_number(0);
    awk_set_special(a, V_ARGIND, value_number(0));
}

static void begin(struct proc *p, struct state *s)
{
    struct awk *a = s->awk;
    struct awk_program *g = &a->program;
    a->rstart = awk_program_global(g, "RSTART", 6);
    a->rlength = awk_program_global(g, "RLENGTH", 7);
    a->n_globals = g->n_globals;
    a->globals = memory_take(a->m, a->n_globals * sizeof *a->globals);
    a->ranges = memory_take(a->m, g->n_ranges);
    a->record.whole_valid = true;
    awk_stack_grow(a);
    a->seed = 1;
    set_variables(a);
    set_arguments(a, s->operands);
    set_environment(a);
    if (s->separator) {
        size_t n = strlen(s->separator);
        char *text = memory_take(a->m, n + 1);
        awk_lex_unescape(text, s->separator, s->separator + n, false);
        set_text(a, V_FS, text);
    }
    for (char **v = s->assignments; v && *v; v++) {
        if (!awk_assign_text(a, *v))
            proc_usage(p);
    }
}

static enum applet_next step(struct proc *p)
{
    struct state *s = proc_state(p);
    if (s->begun)
        return awk_run(s->awk);
    for (; s->files && *s->files; s->files++) {
        if (add_file(p, s, *s->files) == -EAGAIN) {
            proc_waits_on(p, 0);
            return NEXT_INPUT;
        }
    }
    for (; s->texts && *s->texts; s->texts++)
        awk_program_add(&s->awk->program, p, "cmd. line", *s->texts);
    begin(p, s);
    s->begun = true;
    return NEXT_AGAIN;
}

const struct applet applet_awk = {
    .name = "awk", .start = start, .step = step, .state = sizeof(struct state)
};
