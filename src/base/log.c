#include "base/log.h"

#include "base/text.h"
#include "base/time.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MOST = 8192 };

static const struct {
    const char *name;
    int priority; /* syslog(3) */
} levels[] = {
    [LOG_LEVEL_ERROR] = { "error", 3 },
    [LOG_LEVEL_WARNING] = { "warning", 4 },
    [LOG_LEVEL_INFO] = { "info", 6 },
    [LOG_LEVEL_DEBUG] = { "debug", 7 },
};

static enum log_level limit = LOG_LEVEL_INFO;

void log_limit(enum log_level most)
{
    limit = most;
}

const char *errno_text(int e)
{
    return strerror(e < 0 ? -e : e);
}

/* Takes the line; a line too long, or without memory, is not written at all. */
static void write_line(struct buf *line)
{
    buf_u8(line, '\n');
    const uint8_t *at = line->data;
    size_t left = buf_ok(line) ? line->len : 0;
    while (left > 0) {
        ssize_t n = write(STDERR_FILENO, at, left);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        at += n;
        left -= (size_t)n;
    }
    buf_release(line);
}

static void put_head(struct buf *line, enum log_level level, const char *event)
{
    char text[TIME_TEXT];
    if (getenv("JOURNAL_STREAM"))
        buf_print(line, "<%d>%s", levels[level].priority, event);
    else
        buf_print(line, "%s %s %s", time_text(time_now(), text), levels[level].name, event);
}

/* Bare where that reads back as it was, else in quotes. */
static void put_text(struct buf *line, const char *text)
{
    if (!text) {
        buf_u8(line, '-');
        return;
    }
    bool bare = *text && strcmp(text, "-") != 0 && !strpbrk(text, " =\"\\");
    if (!bare)
        buf_u8(line, '"');
    text_escape(line, text, strnlen(text, LINE_MOST / 8), TEXT_QUOTED);
    if (!bare)
        buf_u8(line, '"');
}

static void put_field(struct buf *line, const struct log_field *f)
{
    char text[TIME_TEXT];
    buf_print(line, " %s=", f->key);
    switch (f->type) {
    case LOG_FIELD_TEXT:
        put_text(line, f->text);
        break;
    case LOG_FIELD_INT:
        buf_print(line, "%lld", (long long)f->number);
        break;
    case LOG_FIELD_TIME:
        buf_text(line, time_text(f->number, text));
        break;
    case LOG_FIELD_ERRNO:
        put_text(line, errno_text((int)f->number));
        break;
    }
}

void log_write(enum log_level level, const char *event, const struct log_field *fields, size_t n)
{
    if (level > limit)
        return;
    int saved = errno;
    struct buf line;
    buf_init(&line, LINE_MOST);
    put_head(&line, level, event);
    for (size_t i = 0; i < n; i++)
        put_field(&line, &fields[i]);
    write_line(&line);
    errno = saved;
}

static void put_part(struct buf *line, const char *before, const char *part)
{
    if (!part || !*part)
        return;
    size_t n = strlen(part), most = LINE_MOST / 16;
    buf_text(line, before);
    text_escape(line, part, n < most ? n : most, TEXT_PLAIN);
}

static void say(const char *begin, const char *what, const char *why, const char *remedy)
{
    struct buf line;
    buf_init(&line, LINE_MOST);
    put_part(&line, begin, what);
    put_part(&line, ": ", why);
    put_part(&line, "; ", remedy);
    write_line(&line);
}

void say_error(const char *what, const char *why, const char *remedy)
{
    say("teiten: ", what, why, remedy);
}

void say_warning(const char *what, const char *why, const char *remedy)
{
    say("teiten: warning: ", what, why, remedy);
}
