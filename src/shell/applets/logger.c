#include "shell/options.h"

#include <stdlib.h>
#include <string.h>

enum { LINE_MOST = 1024 };

struct logger {
    const char *tag;
    bool show; /* -s */
    struct text line;
};

/* RFC 3164, 4.1.1 */
static const char *const facilities[] = { "kern",     "user",   "mail",     "daemon", "auth",
                                          "syslog",   "lpr",    "news",     "uucp",   "cron",
                                          "authpriv", "ftp",    "security", "local0", "local1",
                                          "local2",   "local3", "local4",   "local5", "local6",
                                          "local7",   "mark" };
static const char *const levels[] = { "emerg", "panic",   "alert",  "crit", "err",   "error",
                                      "warn",  "warning", "notice", "info", "debug", "none" };

static bool among(const char *const *names, size_t n, const char *s)
{
    for (size_t i = 0; i < n; i++) {
        if (strcasecmp(names[i], s) == 0)
            return true;
    }
    return s[0] && s[strspn(s, "0123456789")] == '\0';
}

/* "user.err"; alone it is a level. */
static void check_priority(struct proc *p, const char *s)
{
    const char *dot = strchr(s, '.');
    const char *facility = dot ? memory_bytes(proc_memory(p), s, (size_t)(dot - s)) : NULL;
    if (facility && !among(facilities, sizeof facilities / sizeof facilities[0], facility))
        proc_die(p, "unknown facility name: %s", facility);
    if (!among(levels, sizeof levels / sizeof levels[0], dot ? dot + 1 : s))
        proc_die(p, "unknown priority name: %s", s);
}

static void put(struct proc *p, const struct logger *l, const char *message)
{
    if (l->show)
        err_print(p, "%s: %s\n", l->tag, message);
}

static void put_words(struct proc *p, struct logger *l, char **words)
{
    for (size_t i = 0; words[i]; i++)
        text_print(&l->line, "%s%s", i ? " " : "", words[i]);
    put(p, l, l->line.data);
    proc_exit(p, 0);
}

static void logger_start(struct proc *p, int argc, char **argv)
{
    enum { SHOW = 1 };
    struct logger *l = proc_state(p);
    const char *tag = NULL, *priority = NULL;
    uint32_t given = options_bits(p, argc, argv, "st:p:", &argv, &tag, &priority);
    const char *user = proc_user(p, proc_uid(p));
    l->show = given & SHOW;
    l->tag = tag ? tag : user ? user : "?";
    l->line = text_of(proc_memory(p));
    if (priority)
        check_priority(p, priority);
    if (*argv)
        put_words(p, l, argv);
}

static void end_line(struct proc *p, struct logger *l)
{
    if (l->line.len)
        put(p, l, l->line.data);
    l->line.len = 0;
}

static enum applet_next logger_step(struct proc *p)
{
    struct logger *l = proc_state(p);
    char piece[1024];
    int64_t n = proc_read(p, 0, piece, sizeof piece);
    if (n == -EAGAIN) {
        proc_waits_on(p, 0);
        return NEXT_INPUT;
    }
    for (int64_t i = 0; i < n; i++) {
        if (piece[i] == '\n')
            end_line(p, l);
        else if (l->line.len < LINE_MOST && piece[i])
            text_char_add(&l->line, piece[i]);
    }
    if (n > 0)
        return NEXT_AGAIN;
    end_line(p, l);
    proc_done(p, 0);
    return NEXT_DONE;
}

const struct applet applet_logger = {
    .name = "logger", .start = logger_start, .step = logger_step, .state = sizeof(struct logger)
};
