#include "wire.h"

#include "base/hash.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SHOWN = 400 }; /* bytes of a file that are shown; of more there is a hash */

static char *read_bytes(size_t n)
{
    char *bytes = malloc(n + 1);
    if (bytes && fread(bytes, 1, n, stdin) != n) {
        free(bytes);
        return NULL;
    }
    if (bytes)
        bytes[n] = '\0';
    return bytes;
}

int wire_order(struct wire_order *ret)
{
    char line[200];
    if (!fgets(line, sizeof line, stdin))
        return 1;
    *ret = (struct wire_order){ 0 };
    if (sscanf(line, "RUN %ld %" SCNu32 " %c %" SCNd64 " %zu %zu %zu", &ret->id, &ret->uid,
               &ret->way, &ret->steps, &ret->n_script, &ret->n_input, &ret->n_arguments) != 7)
        return -EBADMSG;
    ret->script = read_bytes(ret->n_script);
    ret->input = read_bytes(ret->n_input);
    ret->arguments = read_bytes(ret->n_arguments);
    return ret->script && ret->input && ret->arguments ? 0 : -EBADMSG;
}

void wire_order_release(struct wire_order *o)
{
    free(o->script);
    free(o->input);
    free(o->arguments);
    *o = (struct wire_order){ 0 };
}

char **wire_arguments(const struct wire_order *o)
{
    size_t n = 0;
    for (size_t i = 0; i < o->n_arguments; i++)
        n += o->arguments[i] == '\0';
    char **list = calloc(n + 1, sizeof *list);
    char *at = o->arguments;
    for (size_t i = 0; list && i < n; i++) {
        list[i] = at;
        at += strlen(at) + 1;
    }
    return list;
}

void wire_answer_init(struct wire_answer *a)
{
    *a = (struct wire_answer){ 0 };
    buf_init(&a->out, WIRE_OUTPUT);
    buf_init(&a->err, WIRE_OUTPUT);
    buf_init(&a->tree, WIRE_TREE);
}

void wire_answer_release(struct wire_answer *a)
{
    buf_release(&a->out);
    buf_release(&a->err);
    buf_release(&a->tree);
}

static int write_all(const void *data, size_t n)
{
    for (size_t done = 0; done < n;) {
        ssize_t got = write(STDOUT_FILENO, (const char *)data + done, n - done);
        if (got < 0 && errno != EINTR)
            return -errno;
        if (got > 0)
            done += (size_t)got;
    }
    return 0;
}

int wire_answer(long id, const struct wire_answer *a)
{
    char line[200];
    int n = snprintf(line, sizeof line, "ANS %ld %d %d %" PRIu64 " %zu %zu %zu\n", id, a->status,
                     a->late, a->steps, a->out.len, a->err.len, a->tree.len);
    TRY(write_all(line, (size_t)n));
    TRY(write_all(a->out.data, a->out.len));
    TRY(write_all(a->err.data, a->err.len));
    return write_all(a->tree.data, a->tree.len);
}

static void put_escaped(struct buf *to, const void *data, size_t n)
{
    const uint8_t *p = data;
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '\n')
            buf_text(to, "\\n");
        else if (p[i] < ' ' || p[i] >= 0x7f || p[i] == '\\')
            buf_print(to, "\\x%02x", p[i]);
        else
            buf_u8(to, p[i]);
    }
}

static char type_letter(uint32_t mode)
{
    static const struct {
        uint32_t type;
        char letter;
    } types[] = { { S_IFREG, 'f' }, { S_IFDIR, 'd' }, { S_IFLNK, 'l' }, { S_IFCHR, 'c' },
                  { S_IFBLK, 'b' }, { S_IFIFO, 'p' }, { S_IFSOCK, 's' } };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if ((mode & S_IFMT) == types[i].type)
            return types[i].letter;
    }
    return '?';
}

void wire_entry(struct buf *to, const struct wire_entry *e)
{
    put_escaped(to, e->path, strlen(e->path));
    char type = type_letter(e->mode);
    buf_print(to, "\t%c\t", type);
    if (type == 'c' || type == 'b') {
        buf_print(to, "%" PRIu32 ":%" PRIu32 "\n", e->major, e->minor);
        return;
    }
    buf_print(to, "%" PRIo32 "\t%" PRIu32 "\t%" PRIu32 "\t%" PRIu32 "\t%" PRIu64 "\t",
              e->mode & 07777, e->uid, e->gid, e->links, e->size);
    if (e->time < WIRE_OLD)
        buf_print(to, "%" PRId64 "\t", e->time);
    else
        buf_text(to, "now\t");
    if (e->content && e->n_content > SHOWN)
        buf_print(to, "#%016" PRIx64, hash64(e->content, e->n_content, 0));
    else if (e->content)
        put_escaped(to, e->content, e->n_content);
    buf_u8(to, '\n');
}
