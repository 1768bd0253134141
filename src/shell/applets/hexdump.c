#include "shell/applets/hexdump.h"

#include "shell/applets/reader.h"
#include "shell/filter.h"
#include "shell/options.h"

#include <fcntl.h>
#include <string.h>

struct hexdump {
    struct dump dump;
    char **files;
    const char *name;   /* of the file being read, or NULL after standard input alone */
    const char *broken; /* what standard input is called where it cannot be read */
    bool reading, verbose;
    struct reader from;
    uint64_t skip, left, address;
    uint8_t *block, *before; /* what is shown next, what was last */
    size_t n;
    bool same, starred;
    int status;
};

static const struct option {
    char letter;
    const char *formats[4];
} formats[] = {
    { 'b', { "\"%07.7_Ax\n\"", "\"%07.7_ax \" 16/1 \"%03o \" \"\n\"" } },
    { 'c', { "\"%07.7_Ax\n\"", "\"%07.7_ax \" 16/1 \"%3_c \" \"\n\"" } },
    { 'd', { "\"%07.7_Ax\n\"", "\"%07.7_ax \" 8/2 \"  %05u \" \"\n\"" } },
    { 'o', { "\"%07.7_Ax\n\"", "\"%07.7_ax \" 8/2 \" %06o \" \"\n\"" } },
    { 'x', { "\"%07.7_Ax\n\"", "\"%07.7_ax \" 8/2 \"   %04x \" \"\n\"" } },
    { 'C',
      { "\"%08.8_Ax\n\"", "\"%08.8_ax  \" 8/1 \"%02x \" \"  \" 8/1 \"%02x \" ", "\"  |\" 16/1 \"%_p\" \"|\n\"" } },
    { '\0', { "\"%07.7_Ax\n\"", "\"%07.7_ax \" 8/2 \"%04x \" \"\n\"" } },
};

static void add_formats(struct proc *p, struct dump *d, char letter)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        for (size_t j = 0; formats[i].letter == letter && formats[i].formats[j]; j++)
            dump_add(d, p, formats[i].formats[j]);
}

enum { FORMAT_FILE_MOST = 1 << 16 };

static void read_format_file(struct proc *p, struct dump *d, const char *path)
{
    char *text;
    size_t n;
    int e = proc_read_file(p, path, FORMAT_FILE_MOST, &text, &n);
    if (e)
        proc_die_errno(p, e, "can't open '%s'", path);
    while (text) {
        char *line = text;
        text = strchr(text, '\n');
        if (text)
            *text++ = '\0';
        if (*line && *line != '#')
            dump_add(d, p, line);
    }
}

static const struct options_suffix suffixes[] = { { "b", 512 }, { "k", 1024 }, { "m", 1 << 20 }, { "", 0 } };

static void start(struct proc *p, int argc, char **argv)
{
    struct hexdump *h = proc_state(p);
    struct options o;
    bool given = false;
    h->left = UINT64_MAX;
    dump_begin(&h->dump);
    if (!strcmp(proc_name(p), "hd")) {
        add_formats(p, &h->dump, 'C');
        given = true;
    }
    options_begin(&o, p, argc, argv, "bcdoxCe:f:n:s:v", NULL);
    o.short_only = true;
    for (int letter; (letter = options_next(&o)) != -1;) {
        if (letter == 'e')
            dump_add(&h->dump, p, o.argument);
        else if (letter == 'f')
            read_format_file(p, &h->dump, o.argument);
        else if (letter == 'n')
            h->left = options_number(p, o.argument, 0, INT32_MAX, NULL);
        else if (letter == 's')
            h->skip = options_number_any(p, o.argument, 0, INT64_MAX, suffixes);
        else if (letter == 'v')
            h->verbose = true;
        else
            add_formats(p, &h->dump, (char)letter);
        given |= letter != 'n' && letter != 's' && letter != 'v';
    }
    if (!given)
        add_formats(p, &h->dump, '\0');
    dump_ready(&h->dump, p);
    h->block = memory_take(proc_memory(p), h->dump.block + 1);
    h->before = memory_take(proc_memory(p), h->dump.block + 1);
    h->files = argv + o.index;
    h->broken = argv[o.index - 1];
    if (!*h->files) {
        h->name = "stdin";
        h->files = NULL;
    }
}

/* A regular file that is shorter than what is to be passed over is passed over whole. */
static bool pass_over(struct proc *p, struct hexdump *h, int fd)
{
    struct vfs_stat st;
    if (!h->skip)
        return true;
    if (!proc_fstat(p, fd, &st) && S_ISREG(st.mode) && h->skip >= st.size) {
        h->skip -= st.size;
        h->address += st.size;
        return false;
    }
    int64_t at = proc_seek(p, fd, (int64_t)h->skip, SEEK_SET);
    if (at < 0)
        proc_die_errno(p, (int)at, "%s", h->name);
    h->address += h->skip;
    h->skip = 0;
    return true;
}

static bool open_next(struct proc *p, struct hexdump *h)
{
    int fd = 0;
    if (h->files) {
        if (!*h->files)
            return false;
        h->name = *h->files++;
        fd = strcmp(h->name, "-") ? proc_open(p, h->name, O_RDONLY, 0) : 0;
    } else if (!h->name) {
        return false;
    }
    if (fd < 0) {
        proc_perror(p, fd, "%s", h->name);
        h->status = 1;
        return true;
    }
    h->reading = pass_over(p, h, fd);
    if (h->reading)
        reader_begin(&h->from, p, fd);
    else if (fd > 0)
        proc_close(p, fd);
    if (!h->reading && !h->files)
        h->name = NULL;
    return true;
}

static void show(struct proc *p, struct hexdump *h)
{
    size_t n = h->dump.block;
    bool same = !h->verbose && h->same && !memcmp(h->block, h->before, n);
    if (!same)
        dump_block(&h->dump, p, h->block, h->address, UINT64_MAX);
    else if (!h->starred)
        out_text(p, "*\n");
    h->starred = same;
    h->same = true;
    uint8_t *block = h->before;
    h->before = h->block;
    h->block = block;
}

static enum applet_next finish(struct proc *p, struct hexdump *h)
{
    uint64_t end = h->address + h->n;
    if (h->n) {
        if (h->same && !h->starred && !h->verbose && !memcmp(h->block, h->before, h->n))
            out_text(p, "*\n");
        memset(h->block + h->n, 0, h->dump.block - h->n);
        dump_block(&h->dump, p, h->block, h->address, end);
    }
    if (end)
        dump_end(&h->dump, p, end);
    proc_done(p, h->status);
    return NEXT_DONE;
}

static void take(struct proc *p, struct hexdump *h)
{
    struct reader *r = &h->from;
    size_t n = r->n - r->at, room = h->dump.block - h->n;
    n = n < room ? n : room;
    n = n < h->left ? n : (size_t)h->left;
    memcpy(h->block + h->n, r->data + r->at, n);
    r->at += n;
    h->n += n;
    h->left -= n;
    if (h->n == h->dump.block) {
        show(p, h);
        h->address += h->n;
        h->n = 0;
    }
}

static enum applet_next step(struct proc *p)
{
    struct hexdump *h = proc_state(p);
    if (out_full(p))
        return NEXT_AGAIN;
    if (!h->left || !h->dump.block)
        return finish(p, h);
    if (!h->reading)
        return open_next(p, h) ? NEXT_AGAIN : finish(p, h);
    enum applet_next next = reader_fill(&h->from, p);
    if (next != NEXT_DONE)
        return next;
    while (h->from.at < h->from.n && h->left && !out_full(p))
        take(p, h);
    if (h->from.ended) {
        if (h->from.error)
            proc_perror(p, h->from.error, "%s", h->files ? h->name : h->broken);
        reader_end(&h->from, p);
        h->reading = false;
        if (!h->files)
            h->name = NULL;
    }
    return NEXT_AGAIN;
}

const struct applet applet_hexdump = {
    .name = "hexdump",
    .start = start,
    .step = step,
    .state = sizeof(struct hexdump),
};
const struct applet applet_hd = { .name = "hd", .start = start, .step = step, .state = sizeof(struct hexdump) };
