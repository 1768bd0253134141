#include "trap/vendor.h"

#include "trap/hold.h"
#include "trap/words.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS_MOST = 1024, WORDS_MOST = 16, ALL_LEVELS = 255 };
enum action { SAY, ENTER, PASSWORD, SHELL, EXIT, SAY_FILE, UNKNOWN };

struct row {
    uint8_t level, action, to; /* to: the level that it leads to */
    uint8_t n_words;
    bool rest; /* `...`: more words may follow */
    const char *words[WORDS_MOST];
    const char *text;
    const char *file; /* its bytes, NULL none */
};

struct vendor_cli {
    struct hold hold;
    struct row *rows;
    size_t n_rows;
    const char *prompts[VENDOR_LEVELS];
    size_t n_prompts;
    bool abbreviates;
};

/* ---- The table ---- */

struct reading {
    struct vendor_cli *cli;
    struct hold_lines lines;
    const char *folder;
};

#define wrong(r, ...) hold_wrong(&(r)->cli->hold, (r)->lines.file, (r)->lines.line, __VA_ARGS__)

static bool read_level(const struct reading *r, const char *s, uint8_t *ret)
{
    unsigned v = 0;
    for (size_t i = 0; s[i]; i++) {
        if (s[i] < '0' || s[i] > '9' || i >= 2)
            return false;
        v = v * 10 + (unsigned)(s[i] - '0');
    }
    *ret = (uint8_t)v;
    return *s && v < r->cli->n_prompts;
}

static int read_pattern(struct reading *r, struct row *row, char *text)
{
    char *rest = text, *word;
    while ((word = strsep(&rest, " "))) {
        if (!*word)
            continue;
        if (row->rest || row->n_words >= WORDS_MOST)
            return wrong(r, "the pattern goes on behind ... or has too many words");
        row->rest = strcmp(word, "...") == 0;
        if (!row->rest)
            row->words[row->n_words++] = word;
    }
    return row->n_words || row->rest ? 0 : wrong(r, "there is no pattern");
}

/* A text file has LF, a terminal wants CR LF. */
static const char *with_returns(struct hold *h, const char *s)
{
    struct text t = text_of(&h->memory);
    text_say(&t, "");
    for (; *s; s++) {
        if (*s == '\n')
            text_char_add(&t, '\r');
        text_char_add(&t, *s);
    }
    return t.data ? t.data : "";
}

static int read_file(struct reading *r, struct row *row, const char *name)
{
    struct hold *h = &r->cli->hold;
    char *data;
    size_t n;
    if (!r->folder || !*name || *name == '.' || strchr(name, '/'))
        return wrong(r, "'%.60s' is no file of the folder", name);
    int e = hold_file(h, memory_print(&h->memory, "%s/%s", r->folder, name), &data, &n);
    if (e || strlen(data) != n)
        return wrong(r, "%.60s: %s", name, e ? strerror(-e) : "a NUL");
    row->file = with_returns(h, data);
    return 0;
}

static const struct {
    const char *name;
    enum action action;
    bool level;
} actions[] = { { "say", SAY, false },          { "enter", ENTER, true },
                { "password", PASSWORD, true }, { "shell", SHELL, false },
                { "exit", EXIT, false },        { "file", SAY_FILE, false },
                { "unknown", UNKNOWN, false } };

static int read_action(struct reading *r, struct row *row, char *text)
{
    char *argument = text;
    const char *name = strsep(&argument, " ");
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        if (strcmp(actions[i].name, name) != 0)
            continue;
        row->action = (uint8_t)actions[i].action;
        if (actions[i].level)
            return argument && read_level(r, argument, &row->to)
                       ? 0
                       : wrong(r, "%s: no such level", name);
        if (actions[i].action == SAY_FILE)
            return read_file(r, row, argument ? argument : "");
        return argument ? wrong(r, "%s takes nothing more", name) : 0;
    }
    return wrong(r, "there is no action '%.40s'", name);
}

static int read_row(struct reading *r, char *line)
{
    struct vendor_cli *c = r->cli;
    char *rest = line, *cells[4];
    struct row row = { .level = ALL_LEVELS };
    for (size_t i = 0; i < 4; i++)
        cells[i] = rest ? strsep(&rest, "\t") : NULL;
    if (!cells[2] || rest)
        return wrong(r, "4 columns are needed");
    if (strcmp(cells[0], "*") != 0 && !read_level(r, cells[0], &row.level))
        return wrong(r, "there is no level '%.40s' with a prompt", cells[0]);
    if (cells[3] && !words_unescape(cells[3]))
        return wrong(r, "the text has an escape that is none");
    row.text = cells[3] ? cells[3] : "";
    int e = read_pattern(r, &row, cells[1]);
    e = e ? e : read_action(r, &row, cells[2]);
    if (e)
        return e;
    if (c->n_rows >= ROWS_MOST)
        return wrong(r, "more than %d commands", ROWS_MOST);
    c->rows = memory_array(&c->hold.memory, c->rows, c->n_rows + 1, sizeof *c->rows);
    c->rows[c->n_rows++] = row;
    return 0;
}

static int read_prompts(struct vendor_cli *c, const char *text)
{
    char *rest = memory_text(&c->hold.memory, text), *prompt;
    while ((prompt = strsep(&rest, "|"))) {
        if (c->n_prompts >= VENDOR_LEVELS || !words_unescape(prompt))
            return hold_wrong(&c->hold, "persona.ini", 0, "prompts cannot be '%.60s'", text);
        c->prompts[c->n_prompts++] = prompt;
    }
    return 0;
}

static int read_all(struct reading *r, const struct vendor_style *style)
{
    char *line;
    int e = read_prompts(r->cli, style->prompts);
    while (!e && (line = hold_line(&r->cli->hold, &r->lines, &e))) {
        if (*line && *line != '#')
            e = read_row(r, line);
    }
    return e;
}

static int make(struct vendor_cli **ret, const struct vendor_style *style, char *why)
{
    struct vendor_cli *c = calloc(1, sizeof *c);
    if (!c)
        return -ENOMEM;
    hold_init(&c->hold, (char(*)[HOLD_WHY])(void *)why);
    c->abbreviates = style->abbreviates;
    *ret = c;
    return 0;
}

static int read_guarded(struct reading *r, const struct vendor_style *style)
{
    return setjmp(r->cli->hold.full) ? -ENOMEM : read_all(r, style);
}

static int finish(struct vendor_cli **ret, struct vendor_cli *c, int e)
{
    c->hold.why = NULL;
    if (e)
        vendor_free(c);
    else
        *ret = c;
    return e;
}

int vendor_read(struct vendor_cli **ret, const void *data, size_t n, const char *folder,
                const struct vendor_style *style, char ret_why[static 200])
{
    struct vendor_cli *c;
    int e = make(&c, style, ret_why);
    if (e)
        return e;
    struct reading r = { .cli = c,
                         .lines = { "cli.tsv", data, (const char *)data + n, 0 },
                         .folder = folder };
    return finish(ret, c, read_guarded(&r, style));
}

static int load_guarded(struct reading *r, const struct vendor_style *style)
{
    struct hold *h = &r->cli->hold;
    char *data;
    size_t n;
    if (setjmp(h->full))
        return -ENOMEM;
    int e = hold_file(h, memory_print(&h->memory, "%s/cli.tsv", r->folder), &data, &n);
    if (e)
        return hold_wrong(h, "cli.tsv", 0, "%s", strerror(-e));
    r->lines = (struct hold_lines){ "cli.tsv", data, data + n, 0 };
    return read_all(r, style);
}

int vendor_load(struct vendor_cli **ret, const char *folder, const struct vendor_style *style,
                char ret_why[static 200])
{
    struct vendor_cli *c;
    int e = make(&c, style, ret_why);
    if (e)
        return e;
    struct reading r = { .cli = c, .folder = folder };
    return finish(ret, c, load_guarded(&r, style));
}

void vendor_free(struct vendor_cli *c)
{
    if (!c)
        return;
    hold_release(&c->hold);
    free(c);
}

bool vendor_has_shell(const struct vendor_cli *c)
{
    for (size_t i = 0; i < c->n_rows; i++) {
        if (c->rows[i].action == SHELL)
            return true;
    }
    return false;
}

size_t vendor_levels(const struct vendor_cli *c)
{
    return c->n_prompts;
}

const char *vendor_prompt(const struct vendor_cli *c, size_t level)
{
    return c->prompts[level];
}

/* ---- A visitor ---- */

struct typed {
    const char *word[WORDS_MOST];
    size_t length[WORDS_MOST], n;
    bool more; /* than WORDS_MOST */
};

static void split(const char *line, size_t n, struct typed *ret)
{
    ret->n = 0;
    ret->more = false;
    for (size_t at = 0; at < n;) {
        size_t end = at;
        while (end < n && line[end] != ' ' && line[end] != '\t')
            end++;
        if (end > at && ret->n == WORDS_MOST) {
            ret->more = true;
            return;
        }
        if (end > at) {
            ret->word[ret->n] = line + at;
            ret->length[ret->n++] = end - at;
        }
        at = end + 1;
    }
}

static bool fits_word(const char *pattern, const char *word, size_t n, bool begins)
{
    size_t length = strlen(pattern);
    if (strcmp(pattern, "*") == 0)
        return true;
    return (begins ? length >= n : length == n) && memcmp(pattern, word, n) == 0;
}

static bool fits(const struct row *row, const struct typed *t, bool begins)
{
    if (t->n < row->n_words || ((t->n > row->n_words || t->more) && !row->rest))
        return false;
    for (size_t i = 0; i < row->n_words; i++) {
        if (!fits_word(row->words[i], t->word[i], t->length[i], begins))
            return false;
    }
    return true;
}

static const struct row *find(const struct vendor_at *at, const struct typed *t, bool begins)
{
    const struct vendor_cli *c = at->cli;
    const struct row *found = NULL;
    for (size_t i = 0; i < c->n_rows; i++) {
        const struct row *row = &c->rows[i];
        bool here = row->level == ALL_LEVELS || row->level == at->level;
        if (!here || (begins && (row->action == UNKNOWN || !row->n_words)) || !fits(row, t, begins))
            continue;
        if (!begins)
            return row;
        if (found)
            return NULL;
        found = row;
    }
    return found;
}

/* What was typed whole before what was abbreviated, and that before what is said of all the rest.
 */
static const struct row *row_for(const struct vendor_at *at, const struct typed *t)
{
    const struct row *row = find(at, t, false);
    bool vague = !row || row->action == UNKNOWN || !row->n_words;
    const struct row *shorter = vague && at->cli->abbreviates ? find(at, t, true) : NULL;
    return shorter ? shorter : row;
}

static void prompt(struct vendor_at *at, struct buf *out)
{
    at->column = (uint8_t)(words_say(out, at->cli->prompts[at->level], at->hostname) & 7);
}

static enum vendor_next act(struct vendor_at *at, const struct row *row, struct buf *out)
{
    switch (row->action) {
    case SHELL:
        return VENDOR_SHELL;
    case EXIT:
        return VENDOR_LEAVES;
    case PASSWORD: /* the text was its prompt */
        at->asked = (uint8_t)(row->to + 1);
        return VENDOR_READS;
    case ENTER:
        at->level = row->to;
        break;
    default:
        break;
    }
    prompt(at, out);
    return VENDOR_READS;
}

void vendor_begin(struct vendor_at *at, const struct vendor_cli *c, const char *hostname,
                  struct buf *out)
{
    *at = (struct vendor_at){ .cli = c, .hostname = hostname };
    prompt(at, out);
}

enum vendor_next vendor_line(struct vendor_at *at, const char *line, size_t n, struct buf *out,
                             bool *ret_unknown)
{
    struct typed t;
    *ret_unknown = false;
    if (at->asked) {
        at->level = (uint8_t)(at->asked - 1);
        at->asked = 0;
        buf_put(out, "\r\n", 2);
        prompt(at, out);
        return VENDOR_READS;
    }
    n = n > VENDOR_LINE ? VENDOR_LINE : n;
    split(line, n, &t);
    const struct row *row = t.n ? row_for(at, &t) : NULL;
    *ret_unknown = t.n && (!row || row->action == UNKNOWN);
    if (!row) {
        prompt(at, out);
        return VENDOR_READS;
    }
    if (row->file)
        buf_put(out, row->file, strlen(row->file));
    words_answer(out, row->text, at->hostname, line, n);
    return act(at, row, out);
}

void vendor_back(struct vendor_at *at, struct buf *out)
{
    prompt(at, out);
}
