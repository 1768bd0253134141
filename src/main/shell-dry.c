#include "main/shell-dry.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "shell/dry.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SCRIPT_MOST = 16 << 20, SAID_MOST = 256 << 20, PIECE = 65536 };

/* ---- In and out: standard input and output are all that the program has then ---- */

static int trouble(const char *what, const char *why)
{
    fprintf(stderr, "teiten: shell: %s: %s\n", what, why);
    return 1;
}

/* 0 or -errno. */
static int read_script(struct buf *b)
{
    for (;;) {
        if (!buf_reserve(b, PIECE))
            return -EFBIG;
        ssize_t n = read(STDIN_FILENO, b->data + b->len, PIECE);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : 0;
        b->len += (size_t)n;
    }
}

static int write_all(const void *data, size_t size)
{
    for (const char *at = data, *end = at + size; at < end;) {
        ssize_t n = write(STDOUT_FILENO, at, (size_t)(end - at));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -EIO;
        at += n;
    }
    return 0;
}

/* ---- Lines ---- */

static void put(struct buf *b, const char *before, const char *s, const char *after)
{
    buf_text(b, before);
    text_escape(b, s, strlen(s), TEXT_PLAIN);
    buf_text(b, after);
}

static void found_line(void *context, const struct dry_found *f)
{
    static const char *const words[] = { [DRY_COMMAND] = "command", [DRY_RUN] = "run", [DRY_FETCH] = "fetch" };
    struct buf *b = context;
    buf_print(b, "%-8s", words[f->kind]);
    if (f->kind != DRY_FETCH) {
        put(b, "", f->name, "\n");
        return;
    }
    put(b, "", f->url, "");
    put(b, " by ", f->applet, "");
    if (*f->save)
        put(b, f->upload ? " from " : " to ", f->save, "");
    buf_text(b, f->upload ? " (sent)\n" : "\n");
}

static int say_lines(const struct buf *script)
{
    struct buf said;
    buf_init(&said, SAID_MOST);
    const struct dry d = { .context = &said, .found = found_line };
    int cut = dry_walk(&d, script->data, script->len);
    int e = buf_ok(&said) ? write_all(said.data, said.len) : -ENOMEM;
    buf_release(&said);
    return e ? e : cut;
}

/* ---- JSON ---- */

static void found_fetch(struct json *j, const struct dry_found *f)
{
    json_text(j, "applet", f->applet);
    json_text(j, "url", f->url);
    json_text(j, "scheme", f->scheme);
    json_text(j, "host", f->host);
    if (f->port)
        json_int(j, "port", f->port);
    else
        json_nothing(j, "port");
    json_text(j, "path", f->path);
    json_text(j, "save", *f->save ? f->save : NULL);
    json_bool(j, "upload", f->upload);
}

static void found_json(void *context, const struct dry_found *f)
{
    static const char *const words[] = { [DRY_COMMAND] = "command", [DRY_RUN] = "run", [DRY_FETCH] = "fetch" };
    struct json *j = context;
    json_open_object(j, NULL);
    json_text(j, "what", words[f->kind]);
    if (f->kind == DRY_FETCH)
        found_fetch(j, f);
    else
        json_text(j, "name", f->name);
    json_close(j);
}

static int write_json(const struct json *j)
{
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    if (!f)
        return -ENOMEM;
    int e = json_write_pretty(j, f);
    if (fclose(f) && !e)
        e = -ENOMEM;
    e = e ? e : write_all(text, n);
    free(text);
    return e;
}

static int say_json(const struct buf *script)
{
    struct json j;
    json_begin_object(&j);
    json_open_list(&j, "found");
    const struct dry d = { .context = &j, .found = found_json };
    int cut = dry_walk(&d, script->data, script->len);
    json_close(&j);
    json_bool(&j, "whole", cut == 0);
    int e = write_json(&j);
    json_release(&j);
    return e ? e : cut;
}

/* ---- The whole ---- */

void shell_dry_begin(void)
{
    struct json j;
    json_begin_object(&j); /* the first seeds the library's tables with random numbers */
    json_release(&j);
}

int shell_dry(bool json)
{
    struct buf script;
    buf_init(&script, SCRIPT_MOST);
    int e = read_script(&script);
    if (e)
        e = trouble("the script", e == -EFBIG ? "is larger than 16 MB" : strerror(-e));
    else if ((e = json ? say_json(&script) : say_lines(&script)) < 0)
        e = trouble("what was found", strerror(-e));
    else if (e)
        e = trouble("the script", "there is more to it than is walked; what was found until then is told");
    buf_release(&script);
    return e;
}
