/* Files of vi, and the commands behind a colon. */
#include "shell/applets/vi.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MOST = 1 << 20 };

static void start_text(struct vi *v)
{
    text_release(&v->text.bytes);
    v->text = (struct vi_text){ .bytes = text_of(proc_memory(v->p)) };
    v->top = 0;
}

void vi_open(struct vi *v, const char *file)
{
    char *data;
    size_t n;
    start_text(v);
    v->file = file;
    int e = file ? proc_read_file(v->p, file, FILE_MOST, &data, &n) : -ENOENT;
    if (e == 0) {
        text_add(&v->text.bytes, data, n);
        memory_give(proc_memory(v->p), data);
        if (n)
            vi_finish(&v->text);
        v->read_only = v->read_only || proc_access(v->p, file, 2) < 0;
        return;
    }
    vi_finish(&v->text);
    if (file && e != -ENOENT)
        vi_say(v, true, "'%.60s' %s", file, errno_text(e));
}

bool vi_write(struct vi *v, const char *file)
{
    const char *to = file ? file : v->file;
    if (!to) {
        vi_say(v, true, "No current filename");
        return false;
    }
    if (v->read_only && !file) {
        vi_say(v, true, "'%.60s' is read only", to);
        return false;
    }
    int fd = proc_open(v->p, to, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (fd < 0) {
        vi_say(v, true, "'%.60s' %s", to, errno_text(fd));
        return false;
    }
    int64_t e = proc_write(v->p, fd, v->text.bytes.data, v->text.bytes.len);
    proc_close(v->p, fd);
    if (e < 0) {
        vi_say(v, true, "'%.60s' %s", to, errno_text((int)e));
        return false;
    }
    vi_say(v, false, "'%.60s' %zuL, %zuC", to, vi_lines(&v->text, v->text.bytes.len),
           v->text.bytes.len);
    v->text.modified = false;
    return true;
}

static void quit(struct vi *v, bool anyway)
{
    if (v->text.modified && !anyway)
        vi_say(v, true, "No write since last change (:q! overrides)");
    else
        v->over = true;
}

static void write_command(struct vi *v, const char *file, bool and_quit, bool anyway)
{
    char *name = *file ? memory_text(proc_memory(v->p), file) : NULL;
    if (vi_write(v, name) && and_quit)
        v->over = true;
    if (!v->file && name)
        v->file = name;
    (void)anyway;
}

/* :x of what was not changed says that it wrote nothing. */
static void leave_unchanged(struct vi *v)
{
    if (v->file)
        vi_say(v, false, "'%.60s' %zuL, 0C", v->file, vi_lines(&v->text, v->text.bytes.len));
    v->over = true;
}

static void edit_command(struct vi *v, const char *file, bool anyway)
{
    if (v->text.modified && !anyway)
        vi_say(v, true, "No write since last change (:edit! overrides)");
    else
        vi_open(v, *file ? memory_text(proc_memory(v->p), file) : v->file);
}

static void next_command(struct vi *v, bool anyway)
{
    if (v->text.modified && !anyway)
        vi_say(v, true, "No write since last change (:next! overrides)");
    else if (!*v->files)
        vi_say(v, true, "No more files to edit");
    else
        vi_open(v, *v->files++);
}

static void go_to_line(struct vi *v, const char *number)
{
    size_t n = *number == '$' ? SIZE_MAX : (size_t)strtoul(number, NULL, 10);
    v->text.dot = vi_line_number(&v->text, n ? n : 1);
}

static bool is(const char *word, size_t n, const char *whole, size_t least)
{
    return n >= least && n <= strlen(whole) && strncmp(word, whole, n) == 0;
}

void vi_colon(struct vi *v, const char *command)
{
    while (isspace((unsigned char)*command) || *command == ':')
        command++;
    size_t n = 0;
    while (isalpha((unsigned char)command[n]))
        n++;
    bool anyway = command[n] == '!';
    const char *rest = command + n + anyway;
    while (isspace((unsigned char)*rest))
        rest++;
    if (*command == '\0')
        return;
    if (isdigit((unsigned char)*command) || *command == '$')
        go_to_line(v, command);
    else if (is(command, n, "quit", 1))
        quit(v, anyway);
    else if (is(command, n, "write", 1))
        write_command(v, rest, false, anyway);
    else if (is(command, n, "wq", 2) || (is(command, n, "xit", 1) && (v->text.modified || *rest)))
        write_command(v, rest, true, anyway);
    else if (is(command, n, "xit", 1))
        leave_unchanged(v);
    else if (is(command, n, "edit", 1))
        edit_command(v, rest, anyway);
    else if (is(command, n, "next", 1))
        next_command(v, anyway);
    else if (is(command, n, "set", 2))
        vi_say(v, true,
               *rest ? "bad option: %.60s"
                     : "%snoautoindent noexpandtab noflash noignorecase noshowmatch tabstop=8",
               *rest ? rest : "");
    else
        vi_say(v, true, "'%.60s' is not implemented", command);
}
