/* vi: keys. */
#include "shell/applets/vi.h"
#include "shell/options.h"

#include <ctype.h>
#include <string.h>

enum { ESCAPE = 27, RUBOUT = 127, CONTROL = 0x1f, COUNT_MOST = 100000 };

static void remember(struct vi *v)
{
    v->before.len = 0;
    text_add(&v->before, v->text.bytes.data, v->text.bytes.len);
    v->before_dot = v->text.dot;
}

/* The cursor stands on a character, or at the start of an empty line. */
static void settle(struct vi *v)
{
    struct vi_text *t = &v->text;
    if (t->dot >= t->bytes.len)
        t->dot = t->bytes.len ? t->bytes.len - 1 : 0;
    if (v->mode == VI_COMMAND && t->dot == vi_line_end(t, t->dot) &&
        t->dot > vi_line_start(t, t->dot))
        t->dot--;
}

static void yank(struct vi *v, size_t from, size_t to, bool lines)
{
    v->yanked.len = 0;
    if (to > from)
        text_add(&v->yanked, v->text.bytes.data + from, to - from);
    v->yanked_lines = lines;
}

static void insert_mode(struct vi *v, size_t at)
{
    v->text.dot = at;
    v->mode = VI_INSERT;
}

static void open_line(struct vi *v, bool above)
{
    struct vi_text *t = &v->text;
    size_t at = above ? vi_line_start(t, t->dot) : vi_line_end(t, t->dot);
    vi_insert(t, at, "\n", 1);
    insert_mode(v, above ? at : at + 1);
}

static void put_yanked(struct vi *v, bool behind)
{
    struct vi_text *t = &v->text;
    size_t at = t->dot;
    if (!v->yanked.len)
        return;
    if (v->yanked_lines)
        at = behind ? vi_line_next(t, at) : vi_line_start(t, at);
    else if (behind && at < vi_line_end(t, at))
        at++;
    vi_insert(t, at, v->yanked.data, v->yanked.len);
    t->dot = v->yanked_lines ? at : at + v->yanked.len - 1;
}

static void undo(struct vi *v)
{
    struct text now = v->text.bytes;
    if (!v->before.data) {
        vi_say(v, true, "Already at oldest change");
        return;
    }
    v->text.bytes = v->before;
    v->before = now;
    v->text.dot = v->before_dot;
    v->text.modified = true;
}

static void join(struct vi *v)
{
    struct vi_text *t = &v->text;
    size_t end = vi_line_end(t, t->dot), next = end + 1;
    if (next >= t->bytes.len)
        return;
    while (next < t->bytes.len && (t->bytes.data[next] == ' ' || t->bytes.data[next] == '\t'))
        next++;
    vi_delete(t, end, next);
    vi_insert(t, end, " ", 1);
    t->dot = end;
}

static size_t first_word(const struct vi_text *t, size_t at)
{
    at = vi_line_start(t, at);
    while (at < t->bytes.len && (t->bytes.data[at] == ' ' || t->bytes.data[at] == '\t'))
        at++;
    return at;
}

static size_t lines_down(const struct vi_text *t, size_t n)
{
    size_t at = t->dot, column = vi_column(t, at);
    while (n-- > 0 && vi_line_next(t, at) < t->bytes.len)
        at = vi_line_next(t, at);
    return vi_at_column(t, vi_line_start(t, at), column);
}

static size_t lines_up(const struct vi_text *t, size_t n)
{
    size_t at = t->dot, column = vi_column(t, at);
    while (n-- > 0 && vi_line_start(t, at) > 0)
        at = vi_line_before(t, at);
    return vi_at_column(t, vi_line_start(t, at), column);
}

/* Where a key of movement leads; false: it is none. */
static bool moves(const struct vi *v, int key, size_t *ret)
{
    const struct vi_text *t = &v->text;
    size_t at = t->dot, n = v->count ? v->count : 1, start = vi_line_start(t, at),
           end = vi_line_end(t, at);
    switch (key) {
    case 'h':
    case '\b':
    case RUBOUT:
        *ret = at - (at - start < n ? at - start : n);
        return true;
    case 'l':
    case ' ':
        *ret = at + n < end ? at + n : end;
        return true;
    case 'j':
    case '\n':
    case 'N' & CONTROL:
        *ret = lines_down(t, n);
        return true;
    case 'k':
    case 'P' & CONTROL:
        *ret = lines_up(t, n);
        return true;
    case 'F' & CONTROL:
        *ret = lines_down(t, VI_ROWS - 2);
        return true;
    case 'B' & CONTROL:
        *ret = lines_up(t, VI_ROWS - 2);
        return true;
    case 'D' & CONTROL:
        *ret = lines_down(t, VI_ROWS / 2);
        return true;
    case 'U' & CONTROL:
        *ret = lines_up(t, VI_ROWS / 2);
        return true;
    case '0':
        *ret = start;
        return true;
    case '^':
        *ret = first_word(t, at);
        return true;
    case '$':
        *ret = end;
        return true;
    case '+':
    case '\r':
        *ret = first_word(t, lines_down(t, n));
        return true;
    case '-':
        *ret = first_word(t, lines_up(t, n));
        return true;
    case 'G':
        *ret = vi_line_number(t, v->count ? v->count : SIZE_MAX);
        return true;
    case 'w':
    case 'b':
    case 'e':
        for (*ret = at; n-- > 0;)
            *ret = key == 'w'   ? vi_word_next(t, *ret)
                   : key == 'b' ? vi_word_before(t, *ret)
                                : vi_word_end(t, *ret);
        return true;
    default:
        return false;
    }
}

void vi_search(struct vi *v, const char *what)
{
    struct vi_text *t = &v->text;
    if (*what)
        memcpy(v->found, what, strlen(what) + 1);
    size_t n = strlen(v->found), from = t->dot + 1 < t->bytes.len ? t->dot + 1 : 0;
    const char *at = n ? memmem(t->bytes.data + from, t->bytes.len - from, v->found, n) : NULL;
    if (!at && n)
        at = memmem(t->bytes.data, t->bytes.len, v->found, n);
    if (at)
        t->dot = (size_t)(at - t->bytes.data);
    else
        vi_say(v, true, "Pattern not found");
}

/* d, y or c, and a movement or itself. */
static void operate(struct vi *v, char operator, int key)
{
    struct vi_text *t = &v->text;
    size_t from = t->dot, to;
    bool lines = key == operator|| key == 'j' || key == 'k' || key == 'G';
    if (key == operator) {
        from = vi_line_start(t, from);
        to = from;
        for (size_t n = v->count ? v->count : 1; n > 0 && to < t->bytes.len; n--)
            to = vi_line_next(t, to);
    } else if (moves(v, key, &to)) {
        size_t low = from < to ? from : to, high = from < to ? to : from;
        from = lines ? vi_line_start(t, low) : low;
        to = lines ? vi_line_next(t, high) : high + (key == 'e');
        /* cw leaves the blanks behind a word. */
        while (operator== 'c' && key == 'w' && to> from + 1 &&
               isspace((unsigned char)t->bytes.data[to - 1]))
            to--;
    } else {
        out_char(v->p, '\a');
        return;
    }
    yank(v, from, to, lines);
    if (operator== 'y') {
        t->dot = from;
        return;
    }
    remember(v);
    if (operator== 'c' && lines && to> from && t->bytes.data[to - 1] == '\n')
        to--;
    if (lines && operator== 'd')
        vi_say(v, false, "Delete %zu lines (%zu chars) from [D]",
               vi_lines(t, to) - vi_lines(t, from), to - from);
    vi_delete(t, from, to);
    vi_finish(t);
    t->dot = from;
    if (operator== 'c')
        v->mode = VI_INSERT;
}

static void replace_char(struct vi *v, int key)
{
    if (v->text.dot < vi_line_end(&v->text, v->text.dot)) {
        remember(v);
        v->text.bytes.data[v->text.dot] = (char)(key == '\r' ? '\n' : key);
        v->text.modified = true;
    }
}

/* The second key of a command that has two. */
static void second_key(struct vi *v, char first, int key)
{
    v->pending = '\0';
    if (first == 'r')
        replace_char(v, key);
    else if (first == 'g' && key == 'g')
        v->text.dot = vi_line_number(&v->text, v->count);
    else if (first == 'Z' && key == 'Z')
        v->over = !v->text.modified || vi_write(v, NULL);
    else if (first == 'Z' && key == 'Q')
        v->over = true;
    else if (strchr("dyc", first))
        operate(v, first, key);
    else
        out_char(v->p, '\a');
}

static void start_insert(struct vi *v, int key)
{
    struct vi_text *t = &v->text;
    size_t end = vi_line_end(t, t->dot);
    remember(v);
    switch (key) {
    case 'i':
        insert_mode(v, t->dot);
        break;
    case 'I':
        insert_mode(v, first_word(t, t->dot));
        break;
    case 'a':
        insert_mode(v, t->dot < end ? t->dot + 1 : t->dot);
        break;
    case 'A':
        insert_mode(v, end);
        break;
    case 'R':
        v->mode = VI_REPLACE;
        break;
    default:
        open_line(v, key == 'O');
        break;
    }
}

static void to_end_of_line(struct vi *v, bool change)
{
    struct vi_text *t = &v->text;
    remember(v);
    yank(v, t->dot, vi_line_end(t, t->dot), false);
    vi_delete(t, t->dot, vi_line_end(t, t->dot));
    if (change)
        v->mode = VI_INSERT;
}

static void delete_chars(struct vi *v, bool before)
{
    struct vi_text *t = &v->text;
    size_t n = v->count ? v->count : 1,
           left = before ? vi_column(t, t->dot) : vi_line_end(t, t->dot) - t->dot;
    n = n < left ? n : left;
    remember(v);
    size_t from = before ? t->dot - n : t->dot;
    yank(v, from, from + n, false);
    vi_delete(t, from, from + n);
    t->dot = from;
}

static void change_case(struct vi *v)
{
    char *c = &v->text.bytes.data[v->text.dot];
    if (v->text.dot < vi_line_end(&v->text, v->text.dot)) {
        *c = (char)(isupper((unsigned char)*c) ? tolower((unsigned char)*c)
                                               : toupper((unsigned char)*c));
        v->text.modified = true;
        v->text.dot++;
    }
}

/* Those that change something at once; false: it is none. */
static bool changes(struct vi *v, int key)
{
    switch (key) {
    case 'i':
    case 'I':
    case 'a':
    case 'A':
    case 'o':
    case 'O':
    case 'R':
        start_insert(v, key);
        return true;
    case 'x':
    case 'X':
        delete_chars(v, key == 'X');
        return true;
    case 'D':
    case 'C':
        to_end_of_line(v, key == 'C');
        return true;
    case 'J':
        remember(v);
        join(v);
        return true;
    case 'p':
    case 'P':
        remember(v);
        put_yanked(v, key == 'p');
        return true;
    case 'u':
        undo(v);
        return true;
    case '~':
        remember(v);
        change_case(v);
        return true;
    default:
        return false;
    }
}

static void command_key(struct vi *v, int key)
{
    size_t to;
    if (v->pending) {
        second_key(v, v->pending, key);
    } else if (isdigit(key) && (key != '0' || v->count)) {
        if (v->count < COUNT_MOST)
            v->count = v->count * 10 + (unsigned)(key - '0');
        return;
    } else if (key == ':' || key == '/') {
        v->mode = VI_COLON;
        v->colon[0] = (char)key;
        v->n_colon = 1;
    } else if (moves(v, key, &to)) {
        v->text.dot = to;
    } else if (key && strchr("dycgrZ", key)) {
        v->pending = (char)key;
        return;
    } else if (key == 'n') {
        vi_search(v, "");
    } else if (key != ESCAPE && !changes(v, key)) {
        vi_say(v, true, "'%c' is not implemented", isprint(key) ? key : '?');
    }
    v->count = 0;
}

static void insert_key(struct vi *v, int key)
{
    struct vi_text *t = &v->text;
    char c = (char)(key == '\r' ? '\n' : key);
    if (key == ESCAPE || key == 3) {
        v->mode = VI_COMMAND;
        if (t->dot > vi_line_start(t, t->dot))
            t->dot--;
    } else if (key == RUBOUT || key == '\b') {
        if (t->dot > vi_line_start(t, t->dot)) {
            t->dot--;
            vi_delete(t, t->dot, t->dot + 1);
        }
    } else {
        if (v->mode == VI_REPLACE && c != '\n' && t->dot < vi_line_end(t, t->dot))
            vi_delete(t, t->dot, t->dot + 1);
        vi_insert(t, t->dot++, &c, 1);
        vi_finish(t);
    }
}

static void colon_key(struct vi *v, int key)
{
    if (key == '\n' || key == '\r') {
        v->colon[v->n_colon] = '\0';
        v->mode = VI_COMMAND;
        if (v->colon[0] == '/')
            vi_search(v, v->colon + 1);
        else
            vi_colon(v, v->colon + 1);
    } else if (key == ESCAPE || ((key == RUBOUT || key == '\b') && v->n_colon == 1)) {
        v->mode = VI_COMMAND;
    } else if (key == RUBOUT || key == '\b') {
        v->n_colon--;
    } else if (v->n_colon + 1 < VI_COMMAND_MOST) {
        v->colon[v->n_colon++] = (char)key;
    }
}

/* ESC [ A is an arrow, whatever the mode; other answers of a terminal mean nothing here. */
static bool take_escape(struct vi *v, int key)
{
    static const char arrows[] = "ABCDHF", meant[] = "kjlh0$";
    if (v->escape == 0)
        return false;
    if (v->escape == 1) {
        v->escape = key == '[' || key == 'O' ? 2 : 0;
        return v->escape != 0;
    }
    if (isdigit(key) || key == ';')
        return true;
    v->escape = 0;
    const char *arrow = key ? strchr(arrows, key) : NULL;
    if (arrow)
        command_key(v, meant[arrow - arrows]);
    return true;
}

static void take_key(struct vi *v, int key)
{
    if (!take_escape(v, key)) {
        if (key == ESCAPE)
            v->escape = 1;
        if (v->mode == VI_COLON)
            colon_key(v, key);
        else if (v->mode == VI_COMMAND)
            command_key(v, key);
        else
            insert_key(v, key);
    }
    settle(v);
}

static void start(struct proc *p, int argc, char **argv)
{
    struct vi *v = proc_state(p);
    const char *first = NULL;
    unsigned given = options_bits(p, argc, argv, "c:RH", &v->files, &first);
    if (given & 4) {
        out_text(p, applet_usage("vi -H") ? applet_usage("vi -H") : "");
        proc_usage(p);
    }
    v->p = p;
    v->read_only = given & 2;
    v->yanked = v->before = text_of(proc_memory(p));
    v->text.bytes = text_of(proc_memory(p));
    vi_open(v, *v->files ? *v->files++ : NULL);
    vi_begin(v);
    if (first)
        vi_colon(v, first);
    vi_refresh(v);
}

static enum applet_next finish(struct vi *v, int status)
{
    vi_end(v);
    out_text(v->p, "\033[?1049l");
    proc_done(v->p, status);
    return NEXT_DONE;
}

static enum applet_next step(struct proc *p)
{
    struct vi *v = proc_state(p);
    if (v->over)
        return finish(v, 0);
    int key = screen_key(p, 0);
    if (key == KEY_WAIT) {
        if (v->touched)
            vi_refresh(v);
        v->touched = false;
        return NEXT_INPUT;
    }
    if (key == KEY_END) {
        vi_end(v);
        proc_die(p, "can't read user input");
    }
    take_key(v, key);
    v->touched = true;
    if (v->over)
        vi_refresh(v);
    proc_charge(p, v->text.bytes.len / 16);
    return NEXT_AGAIN;
}

const struct applet applet_vi = {
    .name = "vi", .start = start, .step = step, .state = sizeof(struct vi)
};
