#include "shell/applets/busybox-head.h"

#include "shell/since.h"

#include <string.h>

/* What older ones say differently than the reference, whose text this begins with. */
static const struct {
    enum change until;
    const char *what, *with;
} edits[] = {
    { SINCE_SHOW_OPTION, "   or: busybox --show SCRIPT\n", "" },
    { SINCE_INSTALL_OPTION, "   or: busybox --install [-s] [DIR]\n", "" },
    { SINCE_LIST_OPTION, "   or: busybox --list[-full]\n", "" },
    { SINCE_MANY_AUTHORS, "busybox [function [arguments]...]", "busybox [function] [arguments]..." },
    { SINCE_NOTICE, "or: function [arguments]...", "or: [function] [arguments]..." },
    { SINCE_WIDE_LIST, "invoked as.", "invoked as!" },
};

static char *replaced(struct proc *p, char *text, const char *what, const char *with)
{
    char *at = strstr(text, what);
    return at ? memory_print(proc_memory(p), "%.*s%s%s", (int)(at - text), text, with, at + strlen(what)) : text;
}

/* Who finds commands by PATH alone says what links are for; the reference, which needs none, says that. */
static char *with_links(struct proc *p, char *text)
{
    char *at = strstr(text, "The shell in this build");
    return at ? memory_print(proc_memory(p), "%.*s%s", (int)(at - text), text,
                             "Most people will create a\n\tlink to busybox for each function they wish to use and "
                             "BusyBox\n\twill act like whatever it was invoked as.")
              : text;
}

static const char *notice(struct proc *p)
{
    const struct machine *m = proc_machine(p);
    if (!machine_since(m, SINCE_NOTICE))
        return "";
    return memory_print(proc_memory(p),
                        machine_since(m, SINCE_MANY_AUTHORS)
                            ? "BusyBox is copyrighted by many authors between 1998-%s.\nLicensed under GPLv2. See "
                              "source distribution for detailed\ncopyright notices.\n"
                            : "Copyright (C) 1998-%s Erik Andersen, Rob Landley, Denys Vlasenko\nand others. Licensed "
                              "under GPLv2.\nSee source distribution for full notice.\n",
                        machine_year(m));
}

void busybox_head(struct proc *p)
{
    const struct machine *m = proc_machine(p);
    const char *learned = applet_usage("busybox"), *usage = learned ? strstr(learned, "\nUsage: ") : NULL;
    out_print(p, "%s\n%s", m->banner, notice(p));
    if (!usage)
        return;
    char *text = memory_text(proc_memory(p), usage);
    if (!m->standalone)
        text = with_links(p, text);
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        if (!machine_since(m, edits[i].until))
            text = replaced(p, text, edits[i].what, edits[i].with);
    }
    out_print(p, "%s\n", text);
}
