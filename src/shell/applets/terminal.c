/* stty, reset, mesg: a terminal's settings are shown as a login has them; changes are taken and
 * forgotten. */
#include "shell/applets/screen.h"
#include "shell/options.h"

#include <string.h>

enum flag_group { CONTROL, INPUT, OUTPUT, LOCAL, COMBINED };

/* state: how it is shown; a combination is not. sane: as stty sane has it. */
struct mode {
    const char *name;
    enum flag_group group;
    bool on, sane, reversible;
};

/* clang-format off */
static const struct mode modes[] = {
    { "parenb", CONTROL, false, false, true }, { "parodd", CONTROL, false, false, true },
    { "cmspar", CONTROL, false, false, true }, { "cs5", CONTROL, false, false, false },
    { "cs6", CONTROL, false, false, false }, { "cs7", CONTROL, false, false, false },
    { "cs8", CONTROL, true, true, false }, { "hupcl", CONTROL, false, false, true },
    { "cstopb", CONTROL, false, false, true }, { "cread", CONTROL, true, true, true },
    { "clocal", CONTROL, false, false, true }, { "crtscts", CONTROL, false, false, true },
    { "ignbrk", INPUT, false, false, true }, { "brkint", INPUT, false, true, true },
    { "ignpar", INPUT, false, false, true }, { "parmrk", INPUT, false, false, true },
    { "inpck", INPUT, false, false, true }, { "istrip", INPUT, false, false, true },
    { "inlcr", INPUT, false, false, true }, { "igncr", INPUT, false, false, true },
    { "icrnl", INPUT, true, true, true }, { "ixon", INPUT, true, true, true },
    { "ixoff", INPUT, false, false, true }, { "iuclc", INPUT, false, false, true },
    { "ixany", INPUT, false, false, true }, { "imaxbel", INPUT, false, true, true },
    { "iutf8", INPUT, false, false, true },
    { "opost", OUTPUT, true, true, true }, { "olcuc", OUTPUT, false, false, true },
    { "ocrnl", OUTPUT, false, false, true }, { "onlcr", OUTPUT, true, true, true },
    { "onocr", OUTPUT, false, false, true }, { "onlret", OUTPUT, false, false, true },
    { "ofill", OUTPUT, false, false, true }, { "ofdel", OUTPUT, false, false, true },
    { "nl0", OUTPUT, true, true, false }, { "nl1", OUTPUT, false, false, false },
    { "cr0", OUTPUT, true, true, false }, { "cr1", OUTPUT, false, false, false },
    { "cr2", OUTPUT, false, false, false }, { "cr3", OUTPUT, false, false, false },
    { "tab0", OUTPUT, true, true, false }, { "tab1", OUTPUT, false, false, false },
    { "tab2", OUTPUT, false, false, false }, { "tab3", OUTPUT, false, false, false },
    { "bs0", OUTPUT, true, true, false }, { "bs1", OUTPUT, false, false, false },
    { "vt0", OUTPUT, true, true, false }, { "vt1", OUTPUT, false, false, false },
    { "ff0", OUTPUT, true, true, false }, { "ff1", OUTPUT, false, false, false },
    { "isig", LOCAL, true, true, true }, { "icanon", LOCAL, true, true, true },
    { "iexten", LOCAL, true, true, true }, { "echo", LOCAL, true, true, true },
    { "echoe", LOCAL, true, true, true }, { "echok", LOCAL, true, true, true },
    { "echonl", LOCAL, false, false, true }, { "noflsh", LOCAL, false, false, true },
    { "xcase", LOCAL, false, false, true }, { "tostop", LOCAL, false, false, true },
    { "echoprt", LOCAL, false, false, true }, { "echoctl", LOCAL, true, true, true },
    { "echoke", LOCAL, true, true, true }, { "flusho", LOCAL, false, false, true },
    { "extproc", LOCAL, false, false, true },
    { "evenp", COMBINED, false, false, true }, { "parity", COMBINED, false, false, true },
    { "oddp", COMBINED, false, false, true }, { "nl", COMBINED, false, false, true },
    { "ek", COMBINED, false, false, false }, { "sane", COMBINED, false, false, false },
    { "cooked", COMBINED, false, false, true }, { "raw", COMBINED, false, false, true },
    { "pass8", COMBINED, false, false, true }, { "litout", COMBINED, false, false, true },
    { "cbreak", COMBINED, false, false, true }, { "crt", COMBINED, false, false, false },
    { "dec", COMBINED, false, false, false }, { "decctlq", COMBINED, false, false, true },
    { "tabs", COMBINED, false, false, true }, { "lcase", COMBINED, false, false, true },
    { "LCASE", COMBINED, false, false, true }, { "hup", COMBINED, false, false, true },
    { "prterase", COMBINED, false, false, true }, { "crterase", COMBINED, false, false, true },
    { "crtkill", COMBINED, false, false, true }, { "ctlecho", COMBINED, false, false, true },
    { "tandem", COMBINED, false, false, true },
};

static const struct {
    const char *name, *value;
} characters[] = {
    { "intr", "^C" }, { "quit", "^\\" }, { "erase", "^?" }, { "kill", "^U" }, { "eof", "^D" },
    { "eol", "<undef>" }, { "eol2", "<undef>" }, { "swtch", "<undef>" }, { "start", "^Q" }, { "stop", "^S" },
    { "susp", "^Z" }, { "rprnt", "^R" }, { "werase", "^W" }, { "lnext", "^V" }, { "flush", "^O" },
};
/* clang-format on */

#define COUNT_(a) (sizeof(a) / sizeof(a)[0])

/* Words are filled into lines as wide as the terminal. */
struct fill {
    struct proc *p;
    size_t column, most;
};

static void fill(struct fill *f, const char *word)
{
    size_t n = strlen(word);
    if (f->column && f->column + 1 + n >= f->most) {
        out_char(f->p, '\n');
        f->column = 0;
    }
    out_print(f->p, "%s%s", f->column ? " " : "", word);
    f->column += n + (f->column != 0);
}

static void end_line(struct fill *f)
{
    if (f->column)
        out_char(f->p, '\n');
    f->column = 0;
}

static void show_speed(struct fill *f, bool all)
{
    fill(f, "speed 38400 baud;");
    if (all) {
        fill(f, memory_print(proc_memory(f->p), "rows %u;", screen_size(f->p, 0).rows));
        fill(f, memory_print(proc_memory(f->p), "columns %u;", screen_size(f->p, 0).columns));
    }
    fill(f, "line = 0;");
    end_line(f);
    for (size_t i = 0; i < COUNT_(characters); i++)
        fill(f,
             memory_print(proc_memory(f->p), "%s = %s;", characters[i].name, characters[i].value));
    fill(f, "min = 1;");
    fill(f, "time = 0;");
    end_line(f);
}

static void show(struct proc *p, bool all)
{
    struct fill f = { p, 0, screen_size(p, 0).columns };
    show_speed(&f, all);
    for (size_t i = 0; i < COUNT_(modes); i++) {
        const struct mode *m = &modes[i];
        if (i && m->group != modes[i - 1].group)
            end_line(&f);
        if (m->group == COMBINED)
            break;
        if (all ? m->on || m->reversible : m->on != m->sane)
            fill(&f, memory_print(proc_memory(p), "%s%s", m->on ? "" : "-", m->name));
    }
    end_line(&f);
}

/* ---- What is to be changed ---- */

static bool number(const char *s)
{
    return *s && s[strspn(s, "0123456789")] == '\0';
}

static bool with_number(const char *word)
{
    static const char *const names[] = { "rows", "cols", "columns", "min",
                                         "time", "line", "ispeed",  "ospeed" };
    for (size_t i = 0; i < COUNT_(names); i++) {
        if (strcmp(names[i], word) == 0)
            return true;
    }
    return false;
}

static bool is_character(const char *word)
{
    for (size_t i = 0; i < COUNT_(characters); i++) {
        if (strcmp(characters[i].name, word) == 0)
            return true;
    }
    return false;
}

static bool is_mode(const char *word)
{
    bool off = *word == '-';
    for (size_t i = 0; i < COUNT_(modes); i++) {
        if (strcmp(modes[i].name, word + off) == 0)
            return !off || modes[i].reversible;
    }
    return false;
}

/* 36 numbers with colons between, as -g shows them. */
static bool is_saved(const char *word)
{
    return strchr(word, ':') && word[strspn(word, "0123456789abcdef:")] == '\0';
}

/* Returns the words used. */
static size_t check_setting(struct proc *p, char **argv)
{
    const char *word = argv[0], *value = argv[1];
    bool takes = with_number(word) || is_character(word);
    if (takes && !value)
        proc_die(p, "%s requires an argument", word);
    if (with_number(word) && !number(value))
        proc_die(p, "invalid number '%s'", value);
    if (is_character(word) && value[1] && value[0] != '^' && strcmp(value, "undef") != 0 &&
        !number(value))
        proc_die(p, "invalid number '%s'", value);
    if (takes)
        return 2;
    if (is_mode(word) || number(word) || is_saved(word) || strcmp(word, "size") == 0 ||
        strcmp(word, "speed") == 0)
        return 1;
    proc_die(p, *word == '-' ? "invalid argument '%s'" : "invalid number '%s'", word);
}

struct asked {
    bool all, saved, settings;
    const char *device;
};

static struct asked read_words(struct proc *p, char **argv)
{
    struct asked a = { .device = NULL };
    while (*argv) {
        if (strcmp(*argv, "-a") == 0) {
            a.all = true;
            argv++;
        } else if (strcmp(*argv, "-g") == 0) {
            a.saved = true;
            argv++;
        } else if (strcmp(*argv, "-") == 0) {
            argv++;
        } else if (strncmp(*argv, "-F", 2) == 0) {
            bool joined = (*argv)[2] != '\0';
            a.device = joined ? *argv + 2 : argv[1];
            if (!a.device)
                proc_die(p, "-F requires an argument");
            argv += joined ? 1 : 2;
        } else {
            a.settings = true;
            argv += check_setting(p, argv);
        }
    }
    if (a.all && a.saved)
        proc_die(p, "-a and -g are mutually exclusive");
    if ((a.all || a.saved) && a.settings)
        proc_die(p, "modes may not be set when -a or -g is used");
    return a;
}

static void check_terminal(struct proc *p, const char *device)
{
    int fd = device ? proc_open(p, device, 0, 0) : 0;
    struct vfs_stat st;
    if (fd < 0)
        proc_die_errno(p, fd, "can't open '%s'", device);
    if (!proc_isatty(p, fd))
        proc_die_errno(p, proc_fstat(p, fd, &st) < 0 ? EBADF : ENOTTY, "%s", device ? device : "standard input");
}

static void tell_settings(struct proc *p, char **argv)
{
    for (; *argv; argv++) {
        if (strcmp(*argv, "size") == 0)
            out_print(p, "%u %u\n", screen_size(p, 0).rows, screen_size(p, 0).columns);
        if (strcmp(*argv, "speed") == 0)
            out_text(p, "38400\n");
    }
}

static int stty_once(struct proc *p, int argc, char **argv)
{
    (void)argc;
    struct asked a = read_words(p, argv + 1);
    check_terminal(p, a.device);
    if (a.saved)
        out_text(p, "500:5:bf:8a3b:3:1c:7f:15:4:0:1:0:11:13:1a:0:12:f:17:16:0:0:0:0:0:0:0:0:0:0:0:"
                    "0:0:0:0:0\n");
    else if (a.settings)
        tell_settings(p, argv + 1);
    else
        show(p, a.all);
    return 0;
}

static int reset_once(struct proc *p, int argc, char **argv)
{
    (void)argc, (void)argv;
    if (proc_isatty(p, 1))
        out_text(p, "\033c\033(B\033[m\033[J\033[?25h");
    return 0;
}

static int mesg_once(struct proc *p, int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "";
    if (argc > 2 || (*word && *word != 'y' && *word != 'n'))
        proc_usage(p);
    if (!proc_isatty(p, 0))
        proc_die(p, "not a tty");
    if (argc < 2)
        out_text(p, "is y\n");
    return 0;
}

const struct applet applet_stty = { .name = "stty", .once = stty_once };
const struct applet applet_reset = { .name = "reset", .once = reset_once };
const struct applet applet_mesg = { .name = "mesg", .once = mesg_once };
