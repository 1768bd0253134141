/* How long a program took. What it took of the machine is made up, since it took none. */
#include "shell/applet.h"
#include "shell/options.h"

#include <fcntl.h>
#include <string.h>

enum { SECOND = 1000000, HUNDREDTH = SECOND / 100, NOT_RUN = 126, NOT_FOUND = 127, PAGE = 4096 };

static const char usual[] = "real\t%E\nuser\t%u\nsys\t%T", posix[] = "real %e\nuser %U\nsys %S",
                  verbose[] = "\tCommand being timed: \"%C\"\n"
                              "\tUser time (seconds): %U\n"
                              "\tSystem time (seconds): %S\n"
                              "\tPercent of CPU this job got: %P\n"
                              "\tElapsed (wall clock) time (h:mm:ss or m:ss): %E\n"
                              "\tAverage shared text size (kbytes): %X\n"
                              "\tAverage unshared data size (kbytes): %D\n"
                              "\tAverage stack size (kbytes): %p\n"
                              "\tAverage total size (kbytes): %K\n"
                              "\tMaximum resident set size (kbytes): %M\n"
                              "\tAverage resident set size (kbytes): %t\n"
                              "\tMajor (requiring I/O) page faults: %F\n"
                              "\tMinor (reclaiming a frame) page faults: %R\n"
                              "\tVoluntary context switches: %w\n"
                              "\tInvoluntary context switches: %c\n"
                              "\tSwaps: %W\n"
                              "\tFile system inputs: %I\n"
                              "\tFile system outputs: %O\n"
                              "\tSocket messages sent: %s\n"
                              "\tSocket messages received: %r\n"
                              "\tSignals delivered: %k\n"
                              "\tPage size (bytes): %Z\n"
                              "\tExit status: %x";

struct times {
    const char *format;
    char **argv;
    int fd;
    uint32_t child;
    int64_t began;
    int error; /* why the program could not be run */
};

static void start(struct proc *p, int argc, char **argv)
{
    struct times *t = proc_state(p);
    struct options o;
    const char *file = NULL;
    bool append = false;
    t->format = usual;
    t->fd = 2;
    options_begin(&o, p, argc, argv, "+vpao:f:", NULL);
    for (int c; (c = options_next(&o)) >= 0;) {
        if (c == 'v')
            t->format = verbose;
        else if (c == 'p')
            t->format = posix;
        else if (c == 'f')
            t->format = o.argument;
        else if (c == 'o')
            file = o.argument;
        else
            append = true;
    }
    t->argv = argv + o.index;
    if (!*t->argv)
        proc_usage(p);
    if (file) {
        t->fd = proc_open(p, file, O_WRONLY | O_CREAT | (append ? O_APPEND : O_TRUNC), 0666);
        if (t->fd < 0)
            proc_die_errno(p, t->fd, "can't open '%s'", file);
    }
    t->began = proc_now(p);
    int pid = proc_spawn(p, t->argv, -1, -1);
    if (pid < 0) {
        proc_perror(p, pid, "can't execute '%s'", *t->argv);
        t->error = pid == -ENOENT ? NOT_FOUND : NOT_RUN;
    } else {
        t->child = (uint32_t)pid;
    }
}

/* ---- The report ---- */

struct report {
    struct text text;
    const struct times *times;
    uint64_t hundredths;
    int status;
};

static void add_clock(struct report *r, uint64_t hundredths)
{
    enum { MINUTE = 6000, HOUR = 60 * MINUTE };
    uint64_t hours = hundredths / HOUR, minutes = hundredths / MINUTE % 60;
    if (hours)
        text_print(&r->text, "%lluh ", (unsigned long long)hours);
    text_print(&r->text, hours ? "%llum %02llus" : "%llum %llu", (unsigned long long)minutes,
               (unsigned long long)(hundredths % MINUTE / 100));
    if (!hours)
        text_print(&r->text, ".%02us", (unsigned)(hundredths % 100));
}

static void add_seconds(struct report *r, uint64_t hundredths)
{
    text_print(&r->text, "%llu.%02u", (unsigned long long)(hundredths / 100),
               (unsigned)(hundredths % 100));
}

static void add_command(struct report *r)
{
    for (char **at = r->times->argv; *at; at++)
        text_print(&r->text, "%s%s", at == r->times->argv ? "" : " ", *at);
}

/* Numbers that a small program usually has. */
static const struct {
    char letter;
    unsigned value;
} numbers[] = {
    { 'D', 0 },  { 'F', 0 }, { 'I', 0 }, { 'K', 0 },    { 'M', 1024 }, { 'O', 0 },
    { 'R', 40 }, { 'W', 0 }, { 'X', 0 }, { 'Z', PAGE }, { 'c', 1 },    { 'k', 0 },
    { 'p', 0 },  { 'r', 0 }, { 's', 0 }, { 't', 0 },    { 'w', 1 },
};

/* What a letter stands for; unknown ones are nothing. */
static void add_item(struct report *r, char letter)
{
    switch (letter) {
    case 'C':
        add_command(r);
        return;
    case 'E':
        add_clock(r, r->hundredths);
        return;
    case 'T':
    case 'u':
        add_clock(r, 0);
        return;
    case 'e':
        add_seconds(r, r->hundredths);
        return;
    case 'S':
    case 'U':
        add_seconds(r, 0);
        return;
    case 'P':
        text_say(&r->text, r->hundredths ? "0%" : "?%");
        return;
    case 'x':
        text_print(&r->text, "%d", r->status);
        return;
    default:
        break;
    }
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (numbers[i].letter == letter)
            text_print(&r->text, "%u", numbers[i].value);
    }
}

static void report(struct proc *p, const struct times *t, int status, int signal)
{
    struct report r = { .text = text_of(proc_memory(p)), .times = t, .status = status };
    int64_t took = proc_now(p) - t->began;
    r.hundredths = took > 0 ? (uint64_t)took / HUNDREDTH : 0;
    if (signal)
        text_print(&r.text, "Command terminated by signal %d\n", signal);
    else if (status)
        text_print(&r.text, "Command exited with non-zero status %d\n", status);
    for (const char *s = t->format; *s; s++) {
        if (*s == '%' && s[1])
            add_item(&r, *++s);
        else if (*s != '%' && *s != '\\')
            text_char_add(&r.text, *s);
    }
    text_char_add(&r.text, '\n');
    (void)!proc_write(p, t->fd, r.text.data, r.text.len);
}

static enum applet_next step(struct proc *p)
{
    struct times *t = proc_state(p);
    int signal = 0, status = t->error;
    if (t->child)
        status = proc_wait(p, t->child, NULL, &signal);
    if (status == -EAGAIN)
        return NEXT_CHILD;
    report(p, t, status, signal);
    proc_done(p, signal ? signal : status);
    return NEXT_DONE;
}

const struct applet applet_time = {
    .name = "time", .start = start, .step = step, .state = sizeof(struct times)
};
