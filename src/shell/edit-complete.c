#include "shell/edit.h"

#include "shell/builtin.h"
#include "shell/interp.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { NAMES_MOST = 4096 };

/* What stands in the last word's place. */
enum place { PLACE_COMMAND, PLACE_FOLDER /* of cd */, PLACE_FILE };

struct typed {
    struct text text; /* without its quotes */
    size_t from;      /* where it begins in the line, behind an opening quote */
    size_t part;      /* where its last path part begins in the line */
    char quote;
    enum place place;
};

struct collecting {
    struct proc *p;
    struct completion *to;
    size_t room;
};

/* ---- The word ---- */

static void begin_word(struct typed *w, size_t at)
{
    w->from = w->part = at;
    w->text.len = 0;
    text_add(&w->text, "", 0);
    w->quote = '\0';
}

static bool separates(char c)
{
    return c && strchr(";|&(`\n", c);
}

/* The word at the end of the line, and whether it is a command's name, or that of cd's folder. */
static struct typed find_word(struct proc *p, const char *line, size_t n)
{
    struct typed w = { .text = text_of(&p->memory), .place = PLACE_COMMAND };
    bool redirected = false, any = false;
    begin_word(&w, 0);
    for (size_t i = 0; i < n; i++) {
        char c = line[i];
        if (c == '\\' && w.quote != '\'' && i + 1 < n) {
            text_char_add(&w.text, line[++i]);
            any = true;
        } else if (w.quote ? c == w.quote : c == '\'' || c == '"') {
            w.quote = w.quote ? '\0' : c;
            if (w.quote && !any)
                w.from = w.part = i + 1;
            any = true;
        } else if (w.quote) {
            text_char_add(&w.text, c);
            w.part = c == '/' ? i + 1 : w.part;
        } else if (separates(c) || c == ' ' || c == '\t' || c == '<' || c == '>') {
            if (any && !redirected && w.place == PLACE_COMMAND)
                w.place = w.text.len == 2 && !memcmp(w.text.data, "cd", 2) ? PLACE_FOLDER : PLACE_FILE;
            redirected = c == '<' || c == '>' || (redirected && !any);
            if (separates(c)) {
                w.place = PLACE_COMMAND;
                redirected = false;
            }
            begin_word(&w, i + 1);
            any = false;
        } else {
            text_char_add(&w.text, c);
            w.part = c == '/' ? i + 1 : w.part;
            any = true;
        }
    }
    if (redirected)
        w.place = PLACE_FILE;
    return w;
}

/* ---- The names ---- */

static void add(struct collecting *c, const char *name, const char *end)
{
    struct completion *to = c->to;
    if (to->n == NAMES_MOST)
        return;
    if (to->n == c->room) {
        c->room = c->room * 2 + 16;
        to->names = memory_array(&c->p->memory, to->names, c->room, sizeof *to->names);
    }
    to->names[to->n++] = memory_print(&c->p->memory, "%s%s", name, end);
}

static bool begins(const char *name, const char *with)
{
    return !strncmp(name, with, strlen(with));
}

static void add_file(struct collecting *c, const char *folder, const char *name, enum place place)
{
    struct vfs_stat st;
    char *path = proc_join(c->p, folder, name);
    bool there = !proc_stat(c->p, path, &st);
    memory_give(&c->p->memory, path);
    if (!there)
        return;
    bool is_folder = S_ISDIR(st.mode);
    if (!is_folder && (place == PLACE_FOLDER || (place == PLACE_COMMAND && !S_ISREG(st.mode))))
        return;
    add(c, name, is_folder ? "/" : "");
}

static void add_files(struct collecting *c, const char *folder, const char *prefix, enum place place)
{
    char **names;
    size_t n;
    if (proc_list(c->p, folder, &names, &n))
        return;
    if (*prefix == '.') {
        for (const char *dots = ".."; *dots; dots++)
            if (begins(dots, prefix))
                add_file(c, folder, dots, place);
    }
    for (size_t i = 0; i < n; i++) {
        if (begins(names[i], prefix))
            add_file(c, folder, names[i], place);
        memory_give(&c->p->memory, names[i]);
    }
    memory_give(&c->p->memory, names);
    proc_charge(c->p, n + 1);
}

static void add_path_files(struct collecting *c, const char *prefix)
{
    const char *path = vars_get(c->p->vars, "PATH");
    for (const char *at = path ? path : ""; *at;) {
        size_t n = strcspn(at, ":");
        char *folder = memory_bytes(&c->p->memory, n ? at : ".", n ? n : 1);
        add_files(c, folder, prefix, PLACE_COMMAND);
        memory_give(&c->p->memory, folder);
        at += n + (at[n] == ':');
    }
}

static void add_commands(struct collecting *c, const char *prefix)
{
    const struct machine *m = proc_machine(c->p);
    const char *name;
    for (size_t i = 0; (name = builtin_name(i)); i++)
        if (begins(name, prefix))
            add(c, name, "");
    for (size_t i = 0; m->standalone && i < m->n_applets; i++)
        if (begins(m->applets[i], prefix))
            add(c, m->applets[i], "");
    add_path_files(c, prefix);
}

static void add_users(struct collecting *c, const char *prefix)
{
    char *text, *rest, *line;
    size_t n;
    if (proc_read_file(c->p, "/etc/passwd", 65536, &text, &n))
        return;
    for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        line[strcspn(line, ":")] = '\0';
        if (begins(line, prefix))
            add(c, line, "/");
    }
    memory_give(&c->p->memory, text);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort(struct completion *c)
{
    size_t kept = 0;
    if (!c->n)
        return;
    qsort(c->names, c->n, sizeof *c->names, by_name);
    for (size_t i = 1; i < c->n; i++)
        if (strcmp(c->names[i], c->names[kept]))
            c->names[++kept] = c->names[i];
    c->n = kept + 1;
}

/* ---- All of it ---- */

/* The folder that a path's part before the last slash names: ~ is the user's own. */
static char *folder_of(struct proc *p, const char *path, size_t n)
{
    struct memory *m = &p->memory;
    if (*path != '~')
        return memory_bytes(m, path, n);
    char *user = memory_bytes(m, path + 1, strcspn(path + 1, "/"));
    const char *own = proc_user(p, p->uid), *home = proc_user_home(p, *user ? user : own ? own : "");
    return home ? memory_print(m, "%s%.*s", home, (int)(n - 1 - strlen(user)), path + 1 + strlen(user)) : memory_bytes(m, path, n);
}

void complete(struct proc *p, const char *line, size_t n, struct completion *ret)
{
    struct collecting c = { p, ret, 0 };
    struct typed w = find_word(p, line, n);
    const char *slash = strrchr(w.text.data, '/');
    *ret = (struct completion){ .from = w.part, .quote = w.quote };
    if (slash) {
        char *folder = folder_of(p, w.text.data, (size_t)(slash + 1 - w.text.data));
        add_files(&c, folder, slash + 1, w.place);
        memory_give(&p->memory, folder);
    } else if (*w.text.data == '~') {
        ret->from++;
        add_users(&c, w.text.data + 1);
    } else if (w.place == PLACE_COMMAND) {
        if (w.text.len)
            add_commands(&c, w.text.data);
    } else {
        add_files(&c, ".", w.text.data, w.place);
    }
    text_release(&w.text);
    sort(ret);
}
