/* echo */
#include "shell/applet.h"
#include "shell/applets/escape.h"

#include <string.h>

/* A word of options has but these letters. */
static bool is_options(const char *s)
{
    return s[0] == '-' && s[1] && !s[1 + strspn(s + 1, "neE")];
}

/* false: \c, after which nothing comes. */
static bool add_escaped(struct text *t, const char *s)
{
    while (*s) {
        size_t n = strcspn(s, "\\");
        text_add(t, s, n);
        s += n;
        if (!*s)
            break;
        if (s[1] == 'c')
            return false;
        char c;
        s = escape_read(s + 1, true, &c);
        text_char_add(t, c);
    }
    return true;
}

static void add_words(struct text *t, char **words, bool escapes, bool line)
{
    for (; *words; words++) {
        if (!escapes)
            text_say(t, *words);
        else if (!add_escaped(t, *words))
            return;
        if (words[1])
            text_char_add(t, ' ');
    }
    if (line)
        text_char_add(t, '\n');
}

/* In one piece, so that what becomes of it is known. */
static int echo(struct proc *p, int argc, char **argv)
{
    struct text t = text_of(proc_memory(p));
    bool escapes = false, line = true;
    (void)argc;
    for (argv++; *argv && is_options(*argv); argv++) {
        escapes |= strchr(*argv, 'e') != NULL;
        line &= strchr(*argv, 'n') == NULL;
    }
    add_words(&t, argv, escapes, line);
    if (!t.len)
        return 0;
    int64_t e = proc_write(p, 1, t.data, t.len);
    if (e < 0)
        proc_perror(p, (int)e, "write error");
    return e < 0;
}

const struct applet applet_echo = { .name = "echo", .once = echo, .unwritten = UNWRITTEN_WRITE };
