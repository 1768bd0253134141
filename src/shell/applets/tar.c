#include "shell/applets/tar.h"

#include "shell/applets/chmod-mode.h"
#include "shell/applets/stat-text.h"
#include "shell/options.h"
#include "shell/pattern.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { PAX_MOST = 1 << 20, MATCH_MOST = 1 << 20 };

/* ---- Words ---- */

enum { STRIP = 256, FLAT, NUMBERS, MASKED, OVER, COMMAND, LZMA };

static const struct option_long longs[] = {
    { "list", 0, 't' },
    { "extract", 0, 'x' },
    { "create", 0, 'c' },
    { "directory", 1, 'C' },
    { "file", 1, 'f' },
    { "to-stdout", 0, 'O' },
    { "no-same-owner", 0, 'o' },
    { "same-permissions", 0, 'p' },
    { "keep-old", 0, 'k' },
    { "touch", 0, 'm' },
    { "verbose", 0, 'v' },
    { "gzip", 0, 'z' },
    { "bzip2", 0, 'j' },
    { "xz", 0, 'J' },
    { "lzma", 0, LZMA },
    { "compress", 0, 'Z' },
    { "auto-compress", 0, 'a' },
    { "dereference", 0, 'h' },
    { "no-recursion", 0, FLAT },
    { "strip-components", 1, STRIP },
    { "numeric-owner", 0, NUMBERS },
    { "no-same-permissions", 0, MASKED },
    { "overwrite", 0, OVER },
    { "to-command", 1, COMMAND },
    { NULL, 0, 0 },
};

static const struct {
    int letter;
    uint32_t bit;
} flags[] = {
    { 'c', TAR_CREATE }, { 'x', TAR_EXTRACT }, { 't', TAR_LIST },      { 'O', TAR_OUTPUT },  { 'm', TAR_NOW },
    { 'o', TAR_OWN },    { 'k', TAR_KEEP },    { 'h', TAR_FOLLOW },    { 'a', TAR_BY_NAME }, { FLAT, TAR_FLAT },
    { OVER, TAR_OVER },  { MASKED, TAR_MASKED }, { NUMBERS, TAR_NUMBERS },
};

/* Of several the last of the table is taken. */
static const struct tar_packer packers[] = {
    { 'Z', "compress", NULL, NULL, NULL, NULL },
    { 'z', "gzip", "gz", NULL, NULL, NULL },
    { 'j', "bzip2", "bz2", "bunzip2", "BZh", "invalid magic" },
    { LZMA, "lzma", "lzma", "unlzma", "]", NULL },
    { 'J', "xz", "xz", "unxz", "\xfd" "7zXZ", NULL },
};
enum { PACKERS = sizeof packers / sizeof *packers };

static void choose_packer(struct tar *t, const struct tar_packer *packer)
{
    if (!t->packer || t->packer < packer)
        t->packer = packer;
}

static void take_letter(struct tar *t, int c)
{
    bool list_again = c == 't' && t->bits & TAR_LIST; /* says the same as -v */
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (flags[i].letter == c)
            t->bits |= flags[i].bit;
    for (size_t i = 0; i < PACKERS; i++)
        if (packers[i].letter == c)
            choose_packer(t, &packers[i]);
    if (c == 'v' || list_again)
        t->bits |= t->bits & TAR_VERBOSE ? TAR_MORE : TAR_VERBOSE;
}

static void take_option(struct proc *p, struct tar *t, int c, const char *argument)
{
    if (c == 'f')
        t->file = argument;
    else if (c == 'C')
        t->folder = argument;
    else if (c == COMMAND)
        t->command = argument;
    else if (c == STRIP)
        t->strip = options_number(p, argument, 0, UINT32_MAX, NULL);
    else
        take_letter(t, c);
}

/* The first word needs no dash; then its f comes last, whatever stands behind it. */
static char *first_word(struct proc *p, char *word)
{
    if (*word == '-')
        return word;
    const char *f = strchr(word, 'f');
    if (!f)
        return memory_print(proc_memory(p), "-%s", word);
    return memory_print(proc_memory(p), "-%.*s%sf", (int)(f - word), word, f + 1);
}

static void read_words(struct proc *p, struct tar *t, int argc, char **argv)
{
    struct options o;
    if (argc > 1)
        argv[1] = first_word(p, argv[1]);
    options_begin(&o, p, argc, argv, "txcC:f:OopkmvzjJZah", longs);
    for (int c; (c = options_next(&o)) != -1;)
        take_option(p, t, c, o.argument);
    t->words = argv + o.index;
    uint32_t does = t->bits & (TAR_CREATE | TAR_EXTRACT | TAR_LIST);
    if (!does || does & (does - 1))
        proc_usage(p);
}

static void pack_by_name(struct tar *t)
{
    size_t n = t->file ? strlen(t->file) : 0;
    for (size_t i = 0; i < PACKERS; i++) {
        size_t n_ending = packers[i].ending ? strlen(packers[i].ending) : n + 1;
        if (n >= n_ending && !strcmp(t->file + n - n_ending, packers[i].ending))
            choose_packer(t, &packers[i]);
    }
}

static size_t count_words(char **words)
{
    size_t n = 0;
    while (words[n])
        n++;
    return n;
}

/* "d/" asks for d. */
static void cut_slashes(struct proc *p, char **words)
{
    for (; *words; words++) {
        size_t n = strlen(*words);
        if (n > 1 && (*words)[n - 1] == '/')
            *words = memory_bytes(proc_memory(p), *words, n - 1);
    }
}

static void open_archive(struct proc *p, struct tar *t)
{
    bool create = t->bits & TAR_CREATE;
    t->archive = create ? 1 : 0;
    if (t->file && strcmp(t->file, "-") != 0)
        t->archive = proc_open(p, t->file, create ? O_WRONLY | O_CREAT | O_TRUNC : O_RDONLY, 0666);
    if (t->archive < 0)
        proc_die_errno(p, t->archive, "can't open '%s'", t->file);
}

static void start(struct proc *p, int argc, char **argv)
{
    struct tar *t = proc_state(p);
    read_words(p, t, argc, argv);
    cut_slashes(p, t->words);
    if (t->bits & TAR_CREATE && !*t->words)
        proc_die(p, "empty archive");
    if (t->bits & TAR_CREATE && t->bits & TAR_BY_NAME)
        pack_by_name(t);
    open_archive(p, t);
    int e = t->folder ? proc_chdir(p, t->folder) : 0;
    if (e)
        proc_die_errno(p, e, "can't change directory to '%s'", t->folder);
    if (t->bits & TAR_CREATE) {
        tar_create(p, t);
        return;
    }
    t->found = memory_array(proc_memory(p), NULL, count_words(t->words) + 1, sizeof *t->found);
    memset(t->found, 0, (count_words(t->words) + 1) * sizeof *t->found);
    t->later_end = &t->later;
    tar_input_begin(&t->in, p, t->archive, t->packer);
}

/* ---- Names ---- */

const char *tar_safe_name(struct proc *p, struct tar *t, const char *name)
{
    size_t n = tar_unsafe(name);
    if (n && !t->warned) {
        t->warned = true;
        proc_error(p, "removing leading '%.*s' from member names", (int)n, name);
    }
    return name + n;
}

/* What is longer than names are is none; how much a match may cost is a stranger's choice. */
static bool matches(const char *pattern, size_t n_pattern, const char *s, size_t n)
{
    return n_pattern <= MATCH_MOST && n <= MATCH_MOST && n_pattern * n <= MATCH_MOST &&
           pattern_match(pattern, n_pattern, s, n, 0);
}

/* A word names also all that is below; a star and its like do not reach over a slash more than it has. */
static bool word_asks_for(const char *word, const char *name, size_t n)
{
    size_t slashes = 0, end = 0;
    for (const char *s = word; *s; s++)
        slashes += *s == '/';
    for (; end < n; end++)
        if (name[end] == '/' && !slashes--)
            break;
    return matches(word, strlen(word), name, end);
}

/* A word was found where a name says the same; as it happens the name is the pattern then. */
static bool is_asked_for(struct proc *p, struct tar *t)
{
    size_t n = strlen(t->name), n_plain = n;
    bool asked = !*t->words;
    n_plain -= n > 1 && t->name[n - 1] == '/';
    for (char **word = t->words; *word && !asked; word++) {
        proc_charge(p, n / 64 + 1);
        asked = word_asks_for(*word, t->name, n);
    }
    for (size_t i = 0; asked && t->words[i]; i++)
        t->found[i] |= matches(t->name, n_plain, t->words[i], strlen(t->words[i]));
    return asked;
}

/* ---- What is shown ---- */

static const char *name_or_number(char *name, size_t room, uint32_t number)
{
    if (!*name)
        snprintf(name, room, "%u", number);
    return name;
}

static void show_long(struct proc *p, const struct tar *t)
{
    struct tar_header copy = t->header, *h = &copy;
    char mode[11];
    struct date_time time;
    local_time(p, h->mtime, &time);
    out_print(p, "%s %s/%s %9llu %4lld-%02d-%02d %02d:%02d:%02d %s", mode_text(h->mode, mode),
              name_or_number(h->user, sizeof h->user, h->uid), name_or_number(h->group, sizeof h->group, h->gid),
              (unsigned long long)h->size, (long long)time.year, time.month + 1, time.day, time.hour,
              time.minute, time.second, t->name);
    if (*t->target)
        out_print(p, " -> %s", t->target);
    out_char(p, '\n');
}

static void show(struct proc *p, const struct tar *t)
{
    uint32_t long_one = t->bits & TAR_LIST ? TAR_VERBOSE : TAR_MORE;
    if (t->bits & long_one)
        show_long(p, t);
    else if (t->bits & (TAR_LIST | TAR_VERBOSE))
        out_print(p, "%s\n", t->name);
}

/* ---- The way through an archive ---- */

/* And then to the next block. */
static enum applet_next pass(struct proc *p, struct tar *t, uint64_t n)
{
    t->lenient = (int64_t)n < 0;
    t->left = tar_input_skip(&t->in, p, n);
    t->now = TAR_PASSES;
    return NEXT_AGAIN;
}

/* Block by block, whatever the size says. */
static enum applet_next pass_blocks(struct tar *t, uint64_t size)
{
    t->lenient = false;
    t->left = (size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
    t->now = TAR_PASSES;
    return NEXT_AGAIN;
}

/* The end, where the archive may have said it or not. */
static enum applet_next end_archive(struct proc *p, struct tar *t)
{
    if (t->in.failed)
        t->status = 1;
    reader_end(&t->in.from, p);
    t->now = TAR_LINKS;
    return NEXT_AGAIN;
}

static enum applet_next end_input(struct proc *p, struct tar *t)
{
    if (t->have)
        proc_die(p, "short read");
    if (!t->begun)
        proc_error(p, "short read");
    if (!t->good)
        t->status = 1;
    return end_archive(p, t);
}

static enum applet_next copy(struct tar *t)
{
    t->lenient = t->header.size < 0 || t->child;
    t->left = t->header.size < 0 ? 0 - (uint64_t)t->header.size : (uint64_t)t->header.size;
    t->now = TAR_COPIES;
    return NEXT_AGAIN;
}

static enum applet_next take_entry(struct proc *p, struct tar *t)
{
    memory_give(proc_memory(p), t->name);
    memory_give(proc_memory(p), t->target);
    const char *name = tar_safe_name(p, t, t->long_name ? t->long_name : t->header.name);
    t->name = memory_text(proc_memory(p), name);
    t->target = t->long_target ? t->long_target : memory_text(proc_memory(p), t->header.target);
    memory_give(proc_memory(p), t->long_name);
    t->long_name = t->long_target = NULL;
    t->offset += (uint64_t)t->header.size;
    t->good = true;
    if (!is_asked_for(p, t))
        return pass(p, t, (uint64_t)t->header.size);
    show(p, t);
    tar_extract(p, t);
    return t->out < 0 ? pass(p, t, (uint64_t)t->header.size) : copy(t);
}

static bool is_pax(uint8_t type)
{
    return type == TAR_PAX || type == TAR_PAX_ALL;
}

static enum applet_next take_other(struct proc *p, struct tar *t)
{
    uint64_t size = (uint64_t)t->header.size;
    uint8_t type = t->header.type;
    bool is_long = type == TAR_LONG_NAME || type == TAR_LONG_TARGET;
    if (is_long && size >= TAR_LONG_MOST)
        proc_die(p, "bad archive");
    if (!is_long && !(is_pax(type) && size < PAX_MOST)) {
        proc_error(p, "warning: skipping header '%c'", type);
        return pass_blocks(t, size);
    }
    t->offset += size;
    t->body = memory_take(proc_memory(p), size + 1);
    t->n_body = 0;
    t->now = TAR_TAKES;
    return NEXT_AGAIN;
}

static enum applet_next take_header(struct proc *p, struct tar *t)
{
    static const char *const wrong[] = {
        [TAR_NO_MAGIC] = "invalid tar magic",
        [TAR_BAD_SUM] = "invalid tar header checksum",
        [TAR_BAD_NUMBER] = "corrupted octal value in tar header",
    };
    enum tar_verdict verdict = tar_header_read(t->block, &t->header);
    uint8_t type = t->header.type;
    if (verdict == TAR_ZERO && (t->long_name || t->long_target))
        verdict = TAR_NO_MAGIC;
    if (verdict > TAR_ZERO)
        proc_die(p, "%s", wrong[verdict]);
    if (verdict == TAR_ZERO) {
        t->now = t->zero ? TAR_DRAINS : TAR_READS;
        t->zero = t->good = true;
        return NEXT_AGAIN;
    }
    t->zero = false;
    if (type == TAR_OLD_FILE || (type >= TAR_FILE && type <= TAR_WHOLE))
        return take_entry(p, t);
    if (!is_pax(type) && type != TAR_LONG_NAME && type != TAR_LONG_TARGET && type != TAR_VOLUME)
        proc_die(p, "unknown typeflag: 0x%x", type);
    return take_other(p, t);
}

/* Bytes of the archive, up to n of them, or none at its end. */
static size_t give(struct tar *t, size_t n)
{
    n = n < t->in.n ? n : t->in.n;
    t->in.data += n;
    t->in.n -= n;
    return n;
}

static enum applet_next read_block(struct proc *p, struct tar *t)
{
    const uint8_t *data = t->in.data;
    size_t n = give(t, TAR_BLOCK - t->have);
    if (!n)
        return end_input(p, t);
    memcpy(t->block + t->have, data, n);
    t->have += n;
    if (t->have < TAR_BLOCK)
        return NEXT_AGAIN;
    t->have = 0;
    t->begun = true;
    t->offset += TAR_BLOCK;
    return take_header(p, t);
}

static void keep_text(struct proc *p, char **to, const char *text, size_t n)
{
    memory_give(proc_memory(p), *to);
    *to = memory_bytes(proc_memory(p), text, n);
}

/* Only where it leads and what it is called are taken from one entry's. */
static void use_pax(struct proc *p, struct tar *t)
{
    struct rd r = rd_init(t->body, t->n_body);
    const char *record;
    size_t n;
    bool good;
    while ((good = tar_pax_next(&r, &record, &n)) && record && t->header.type == TAR_PAX) {
        if (n >= 5 && !memcmp(record, "path=", 5))
            keep_text(p, &t->long_name, record + 5, n - 5);
        else if (n >= 9 && !memcmp(record, "linkpath=", 9))
            keep_text(p, &t->long_target, record + 9, n - 9);
    }
    while (good && record)
        good = tar_pax_next(&r, &record, &n);
    if (!good)
        proc_error(p, "malformed extended header, skipped");
}

static void use_body(struct proc *p, struct tar *t)
{
    if (is_pax(t->header.type))
        use_pax(p, t);
    else
        keep_text(p, t->header.type == TAR_LONG_NAME ? &t->long_name : &t->long_target, (char *)t->body, t->n_body);
    memory_give(proc_memory(p), t->body);
    t->body = NULL;
}

static enum applet_next take_body(struct proc *p, struct tar *t)
{
    const uint8_t *data = t->in.data;
    size_t want = (size_t)t->header.size - t->n_body, n = give(t, want);
    if (want && !n)
        proc_die(p, "short read");
    memcpy(t->body + t->n_body, data, n);
    t->n_body += n;
    if (n < want)
        return NEXT_AGAIN;
    use_body(p, t);
    return pass(p, t, 0);
}

/* The command of --to-command: the next entry waits for its end. */
static void end_command(struct proc *p, struct tar *t)
{
    proc_close(p, t->out);
    proc_ignore(p, SIGPIPE, false);
    t->now = TAR_WAITS;
}

static enum applet_next end_copy(struct proc *p, struct tar *t)
{
    if (t->child) {
        end_command(p, t);
        return NEXT_AGAIN;
    }
    if (t->out > 1)
        tar_extracted(p, t);
    return pass(p, t, 0);
}

static enum applet_next copy_piece(struct proc *p, struct tar *t)
{
    const uint8_t *data = t->in.data;
    size_t n = give(t, t->left < SIZE_MAX ? (size_t)t->left : SIZE_MAX);
    if (t->left && !n && (!t->lenient || t->child))
        proc_die(p, "short read");
    int64_t e = n ? proc_write(p, t->out, data, n) : 0;
    if (e < 0 && !t->lenient)
        proc_die_errno(p, (int)e, "write error");
    t->left -= n;
    return t->left && n ? NEXT_AGAIN : end_copy(p, t);
}

static enum applet_next pass_piece(struct proc *p, struct tar *t)
{
    size_t n = give(t, t->left < SIZE_MAX ? (size_t)t->left : SIZE_MAX);
    if (t->left && !n && !t->lenient)
        proc_die(p, "short read");
    t->left -= n;
    if (t->left && n)
        return NEXT_AGAIN;
    if (t->offset % TAR_BLOCK == 0) {
        t->now = TAR_READS;
        return NEXT_AGAIN;
    }
    uint64_t rest = -t->offset % TAR_BLOCK;
    t->offset += rest;
    return pass(p, t, rest);
}

static enum applet_next drain(struct proc *p, struct tar *t)
{
    return give(t, SIZE_MAX) ? NEXT_AGAIN : end_archive(p, t);
}

static enum applet_next read_on(struct proc *p, struct tar *t)
{
    enum applet_next next = t->now == TAR_READS || t->left || t->now >= TAR_DRAINS || t->now == TAR_TAKES
                                ? tar_input_fill(&t->in, p)
                                : NEXT_DONE;
    if (next != NEXT_DONE)
        return next;
    switch (t->now) {
    case TAR_TAKES:
        return take_body(p, t);
    case TAR_COPIES:
        return copy_piece(p, t);
    case TAR_PASSES:
        return pass_piece(p, t);
    case TAR_DRAINS:
        return drain(p, t);
    default:
        return read_block(p, t);
    }
}

/* ---- The end ---- */

static enum applet_next finish(struct proc *p, struct tar *t)
{
    for (size_t i = 0; t->words[i]; i++)
        if (!t->found[i])
            proc_die(p, "%s: not found in archive", t->words[i]);
    proc_done(p, t->status);
    return NEXT_DONE;
}

static enum applet_next wait_for_child(struct proc *p, struct tar *t)
{
    int signal, status = proc_wait(p, t->child, NULL, &signal);
    if (status == -EAGAIN)
        return NEXT_CHILD;
    t->child = 0;
    if (t->bits & TAR_CREATE) {
        proc_done(p, t->status || status ? 1 : 0);
        return NEXT_DONE;
    }
    if (signal)
        proc_die(p, "'%s' terminated by signal %d", t->command, signal);
    if (status)
        proc_die(p, "'%s' returned status %d", t->command, status);
    return pass(p, t, 0);
}

static enum applet_next step(struct proc *p)
{
    struct tar *t = proc_state(p);
    if (out_full(p))
        return NEXT_AGAIN;
    proc_charge(p, 1);
    if (t->now == TAR_WAITS)
        return wait_for_child(p, t);
    if (t->now == TAR_LINKS)
        return tar_extract_later(p, t) ? NEXT_AGAIN : finish(p, t);
    return t->now >= TAR_WALKS ? tar_create_step(p, t) : read_on(p, t);
}

const struct applet applet_tar = { .name = "tar", .start = start, .step = step, .state = sizeof(struct tar) };
