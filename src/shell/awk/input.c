/* Records, out of files and commands. */
#include "shell/awk/run.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum { READ_LEAST = 4096, READ_MOST = 65536 };

/* What ends a record: where it is, and up to where it goes. */
struct ending {
    size_t start, end;
};

static bool end_char(const struct awk *a, struct awk_stream *s, struct ending *e)
{
    const char *from = s->data + s->searched;
    size_t n = s->len - s->searched;
    const char *at = n ? memchr(from, a->records_by.c, n) : NULL;
    const char *nul = n ? memchr(from, '\0', at ? (size_t)(at - from) : n) : NULL;
    if (nul)
        at = nul;
    s->searched = s->len;
    if (!at)
        return false;
    e->start = (size_t)(at - s->data);
    e->end = e->start + 1;
    return true;
}

/* RS is empty: one empty line and more. Those before a record are skipped. */
static bool end_paragraph(struct awk_stream *s, struct ending *e)
{
    while (s->at < s->len && s->data[s->at] == '\n')
        s->at++;
    size_t i = s->at > s->searched ? s->at : s->searched;
    for (; i + 1 < s->len; i++) {
        if (s->data[i] == '\n' && s->data[i + 1] == '\n')
            break;
    }
    s->searched = i;
    if (i + 1 >= s->len)
        return false;
    e->start = i;
    while (i < s->len && s->data[i] == '\n')
        i++;
    e->end = i;
    return i < s->len || s->ended;
}

/* A match that reaches to the end of what has come may go on in what has not. */
static bool end_regex(struct awk *a, struct awk_stream *s, struct ending *e)
{
    struct regex_span spans[REGEX_GROUPS];
    size_t n = s->len - s->at;
    if (!s->ended && s->searched == s->len)
        return false;
    s->searched = s->len;
    if (n == 0 || !awk_regex_find(a, a->records_by.regex, s->data + s->at, n, false, spans))
        return false;
    e->start = s->at + (size_t)spans[0].start;
    e->end = s->at + (size_t)spans[0].end;
    return e->end > e->start && (e->end < s->len || s->ended);
}

static bool find_end(struct awk *a, struct awk_stream *s, struct ending *e)
{
    switch (a->records_by.kind) {
    case SPLIT_EACH:
        return end_paragraph(s, e);
    case SPLIT_REGEX:
        return end_regex(a, s, e);
    default:
        return end_char(a, s, e);
    }
}

/* More bytes behind those that are there, twice as many each time, so that a long record is not
 * looked through for each piece of it. */
static enum awk_wait fill(struct awk *a, struct awk_stream *s, int *ret_error)
{
    *ret_error = 0;
    if (s->at > 0) {
        memmove(s->data, s->data + s->at, s->len - s->at);
        s->len -= s->at;
        s->searched -= s->at < s->searched ? s->at : s->searched;
        s->at = 0;
    }
    size_t want = s->len < READ_LEAST ? READ_LEAST : s->len > READ_MOST ? READ_MOST : s->len;
    if (s->room - s->len < want) {
        s->room = s->len + want;
        s->data = memory_more(a->m, s->data, s->room);
    }
    int64_t got = proc_read(a->p, s->fd, s->data + s->len, s->room - s->len);
    if (got == -EAGAIN) {
        a->waits_on = s->fd;
        return AWK_INPUT;
    }
    if (got <= 0) {
        s->ended = true;
        *ret_error = (int)-got;
        return AWK_GO;
    }
    s->len += (size_t)got;
    a->steps -= got / 64;
    return AWK_GO;
}

static struct awk_value take_record(struct awk *a, struct awk_stream *s, const struct ending *e)
{
    struct awk_str *end = awk_str_make(&a->pool, s->data + e->start, e->end - e->start);
    awk_set_special(a, V_RT, value_string(end));
    const char *from = s->data + s->at;
    size_t n = e->start - s->at;
    const char *nul = memchr(from, '\0', n);
    struct awk_value v = value_user(awk_str_make(&a->pool, from, nul ? (size_t)(nul - from) : n));
    s->at = s->searched = e->end;
    return v;
}

enum awk_wait awk_read_record(struct awk *a, struct awk_stream *s, enum awk_got *ret,
                              struct awk_value *ret_value)
{
    struct ending e;
    *ret = GOT_END;
    if (s->kind != STREAM_FILE_IN && s->kind != STREAM_COMMAND) {
        *ret = GOT_ERROR;
        awk_set_special(a, V_ERRNO, value_number(EBADF));
        return AWK_GO;
    }
    while (s->len == s->at || !find_end(a, s, &e)) {
        if (s->ended) {
            if (s->len == s->at)
                return AWK_GO;
            e = (struct ending){ s->len, s->len };
            break;
        }
        if (a->steps <= 0)
            return AWK_AGAIN;
        int error;
        enum awk_wait w = fill(a, s, &error);
        if (error) {
            awk_set_special(a, V_ERRNO, value_number(error));
            *ret = GOT_ERROR;
        }
        if (w != AWK_GO || error)
            return w;
    }
    *ret_value = take_record(a, s, &e);
    *ret = GOT_RECORD;
    return AWK_GO;
}

static struct awk_str *argument(struct awk *a, size_t i)
{
    char digits[24];
    size_t n = awk_number_whole((double)i, digits);
    struct awk_item *item =
        awk_array_find(&a->pool, awk_array_of(a, VAR_GLOBAL(V_ARGV)), digits, n);
    return item ? awk_str_of(a, &item->value) : awk_str_make(&a->pool, "", 0);
}

static void open_input(struct awk *a, struct awk_str *name)
{
    a->input = awk_stream_main(a, name);
    a->any_file = true;
    awk_set_special(a, V_FNR, value_number(0));
}

/* The next argument that names a file, or standard input where none did. */
static bool next_input(struct awk *a)
{
    int count = awk_number_int(value_num(&a->globals[V_ARGC].value));
    while (++a->arg < (size_t)(count < 0 ? 0 : count)) {
        struct awk_str *name = argument(a, a->arg);
        bool is_file = name->len > 0 && !awk_assign_text(a, name->data);
        if (is_file) {
            awk_set_special(a, V_ARGIND, value_number((double)a->arg));
            open_input(a, name);
            awk_set_special(a, V_FILENAME, value_user(str_keep(name)));
        }
        str_drop(&a->pool, name);
        if (is_file)
            return true;
    }
    if (a->any_file)
        return false;
    struct awk_str *name = awk_str_make(&a->pool, "-", 1);
    open_input(a, name);
    awk_set_special(a, V_FILENAME, value_user(name));
    return true;
}

static void count(struct awk *a, enum awk_special v)
{
    awk_set_special(a, v, value_number(value_num(&a->globals[v].value) + 1));
}

static enum awk_wait read_input(struct awk *a, enum awk_got *ret, struct awk_value *ret_value)
{
    enum awk_wait w = awk_read_record(a, a->input, ret, ret_value);
    if (w != AWK_GO)
        return w;
    if (*ret == GOT_ERROR)
        awk_fail(a, errno_text(awk_number_int(value_num(&a->globals[V_ERRNO].value))));
    if (*ret == GOT_RECORD) {
        count(a, V_NR);
        count(a, V_FNR);
    }
    return AWK_GO;
}

enum awk_wait awk_read_here(struct awk *a, enum awk_got *ret, struct awk_value *ret_value)
{
    *ret = GOT_ERROR;
    if (!a->input && !next_input(a))
        return AWK_GO;
    return read_input(a, ret, ret_value);
}

enum awk_wait awk_read_main(struct awk *a, enum awk_got *ret, struct awk_value *ret_value)
{
    *ret = GOT_END;
    while (a->input || next_input(a)) {
        enum awk_wait w = a->next_file ? AWK_GO : read_input(a, ret, ret_value);
        if (w != AWK_GO || (!a->next_file && *ret == GOT_RECORD))
            return w;
        int ignored;
        a->next_file = false;
        if (awk_stream_close(a, a->input, &ignored) != AWK_GO)
            return AWK_CHILD;
        a->input = NULL;
    }
    *ret = GOT_END;
    return AWK_GO;
}
