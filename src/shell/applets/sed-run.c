#include "shell/applets/sed.h"

#include <string.h>

enum { COMMANDS_A_STEP = 100 };

/* ---- Which lines ---- */

static bool pattern_matches(struct proc *p, struct sed *s, struct regex *r)
{
    return sed_matches(p, s, r, s->pattern.text.data, s->pattern.text.len, false, NULL);
}

/* A line number counts once; of a range also where its line was passed over. */
static bool begins(struct proc *p, struct sed *s, struct sed_command *c)
{
    switch (c->from.where) {
    case WHERE_LAST:
        return !s->has_next;
    case WHERE_MATCH:
        return pattern_matches(p, s, c->from.regex);
    case WHERE_LINE:
        if (c->spent || (c->to.where ? c->from.line > s->number : c->from.line != s->number))
            return false;
        c->spent = true;
        return true;
    default:
        return false;
    }
}

/* was_inside: an expression is not asked for the line that the range begins with. */
static bool ends(struct proc *p, struct sed *s, struct sed_command *c, bool was_inside)
{
    switch (c->to.where) {
    case WHERE_LINE:
        return c->to.line <= s->number;
    case WHERE_LAST:
        return !s->has_next;
    case WHERE_MATCH:
        return was_inside && pattern_matches(p, s, c->to.regex);
    case WHERE_LATER:
        if (!was_inside)
            c->end = s->number + c->to.line;
        return c->end <= s->number;
    default:
        return true;
    }
}

static bool selects(struct proc *p, struct sed *s, struct sed_command *c)
{
    bool was_inside = c->inside;
    if (c->from.where == WHERE_NONE && c->to.where == WHERE_NONE)
        return true;
    if (!was_inside && !begins(p, s, c))
        return false;
    c->inside = !ends(p, s, c, was_inside);
    return true;
}

/* ---- Where it goes on ---- */

/* Behind the brace that ends the block whose { stands at pc. */
static size_t behind_block(struct proc *p, struct sed *s, size_t pc)
{
    size_t depth = 0;
    for (; pc < s->script.n; pc++) {
        char letter = s->script.commands[pc].letter;
        depth += letter == '{';
        depth -= letter == '}' && depth;
        if (depth == 0)
            return pc + 1;
    }
    sed_give_up(p, s);
    proc_die(p, "unterminated {");
}

static void jump(struct proc *p, struct sed *s, const struct sed_command *c)
{
    if (c->n == 0) {
        s->pc = s->script.n;
        return;
    }
    for (size_t i = 0; i < s->script.n; i++) {
        const struct sed_command *label = &s->script.commands[i];
        if (label->letter == ':' && label->n == c->n && memcmp(label->text, c->text, c->n) == 0) {
            proc_charge(p, i / 8);
            s->pc = i;
            return;
        }
    }
    sed_give_up(p, s);
    proc_die(p, "can't find label for jump to '%s'", c->text);
}

/* ---- Commands ---- */

enum did {
    DID_NEXT,   /* the next command */
    DID_STAY,   /* s->pc was set, or the same command goes on */
    DID_DELETE, /* the cycle ends without a print */
    DID_END,    /* the cycle ends */
    DID_QUIT,
};

static void say_pattern(struct proc *p, struct sed *s)
{
    sed_say(p, &s->out, s->pattern.text.data, s->pattern.text.len, s->pattern.end);
}

static size_t first_line(const struct sed *s)
{
    const char *end =
        s->pattern.text.len ? memchr(s->pattern.text.data, '\n', s->pattern.text.len) : NULL;
    return end ? (size_t)(end - s->pattern.text.data) : s->pattern.text.len;
}

static enum did delete_first_line(struct sed *s)
{
    size_t n = first_line(s);
    if (n == s->pattern.text.len)
        return DID_DELETE;
    s->pattern.text.len -= n + 1;
    memmove(s->pattern.text.data, s->pattern.text.data + n + 1, s->pattern.text.len);
    s->again = true;
    return DID_DELETE;
}

static enum did next_line(struct proc *p, struct sed *s, bool add)
{
    if (!add && !s->quiet)
        say_pattern(p, s);
    if (!s->has_next)
        return add ? DID_END : DID_DELETE;
    sed_say_appends(p, s);
    sed_take(p, s, add);
    return DID_NEXT;
}

static void copy(struct proc *p, struct text *to, const struct text *from, bool add)
{
    if (!to->memory)
        *to = text_of(proc_memory(p));
    if (add)
        text_char_add(to, '\n');
    else
        to->len = 0;
    text_add(to, from->data, from->len);
    proc_charge(p, from->len / 64);
}

static void exchange(struct proc *p, struct sed *s)
{
    struct text had = s->pattern.text;
    s->pattern.text = s->hold.text;
    s->hold.text = had;
    if (!s->pattern.text.memory)
        s->pattern.text = text_of(proc_memory(p));
    text_add(&s->pattern.text, "", 0);
    s->pattern.end = END_NEWLINE;
}

static void translate(struct sed *s, const struct sed_command *c)
{
    for (size_t i = 0; i < s->pattern.text.len; i++)
        s->pattern.text.data[i] = (char)c->map[(uint8_t)s->pattern.text.data[i]];
}

static void say_number(struct proc *p, struct sed *s)
{
    char *number = memory_print(proc_memory(p), "%lld", (long long)s->number);
    sed_say(p, &s->out, number, strlen(number), END_NEWLINE);
    memory_give(proc_memory(p), number);
}

static enum did branch(struct proc *p, struct sed *s, const struct sed_command *c)
{
    bool go = c->letter == 'b' || s->substituted == (c->letter == 't');
    if (c->letter != 'b')
        s->substituted = false;
    if (!go)
        return DID_NEXT;
    jump(p, s, c);
    return DID_STAY;
}

static enum did run_space(struct proc *p, struct sed *s, const struct sed_command *c)
{
    switch (c->letter) {
    case 'g':
        copy(p, &s->pattern.text, &s->hold.text, false);
        break;
    case 'G':
        copy(p, &s->pattern.text, &s->hold.text, true);
        s->pattern.end = END_NEWLINE;
        break;
    case 'h':
        copy(p, &s->hold.text, &s->pattern.text, false);
        break;
    case 'H':
        copy(p, &s->hold.text, &s->pattern.text, true);
        break;
    case 'x':
        exchange(p, s);
        break;
    default:
        translate(s, c);
    }
    return DID_NEXT;
}

static enum did run_output(struct proc *p, struct sed *s, const struct sed_command *c)
{
    switch (c->letter) {
    case 'a':
    case 'r':
        sed_append(p, s, c);
        break;
    case 'i':
        sed_say(p, &s->out, c->text, c->n, END_NEWLINE);
        break;
    case 'p':
        sed_say(p, &s->out, s->pattern.text.data, s->pattern.text.len, END_NEWLINE);
        break;
    case 'P':
        sed_say(p, &s->out, s->pattern.text.data, first_line(s), END_NEWLINE);
        break;
    case 'w':
        sed_say(p, c->file, s->pattern.text.data, s->pattern.text.len, s->pattern.end);
        break;
    default:
        say_number(p, s);
    }
    return DID_NEXT;
}

static enum did run_command(struct proc *p, struct sed *s, const struct sed_command *c)
{
    switch (c->letter) {
    case 's':
        return sed_subst(p, s, c) ? DID_NEXT : DID_STAY;
    case 'c': /* of a range, at its end */
        if (!c->inside)
            sed_say(p, &s->out, c->text, c->n, END_NEWLINE);
        return DID_DELETE;
    case 'd':
        return DID_DELETE;
    case 'D':
        return delete_first_line(s);
    case 'n':
    case 'N':
        return next_line(p, s, c->letter == 'N');
    case 'q':
        return DID_QUIT;
    case 'b':
    case 't':
    case 'T':
        return branch(p, s, c);
    case ':':
    case '{':
    case '}':
    case 'l': /* the reference knows it, and does nothing */
        return DID_NEXT;
    default:
        return strchr("gGhHxy", c->letter) ? run_space(p, s, c) : run_output(p, s, c);
    }
}

/* One command, or what is left of an s. */
static enum did advance(struct proc *p, struct sed *s)
{
    if (s->pc == s->script.n)
        return DID_END;
    struct sed_command *c = &s->script.commands[s->pc];
    proc_charge(p, 1);
    if (!s->work.busy && selects(p, s, c) == c->negated) {
        s->pc = c->letter == '{' ? behind_block(p, s, s->pc) : s->pc + 1;
        return DID_STAY;
    }
    enum did did = run_command(p, s, c);
    s->pc += did == DID_NEXT;
    return did;
}

/* ---- Cycles ---- */

static void end_cycle(struct proc *p, struct sed *s, enum did did)
{
    if (did != DID_DELETE && !s->quiet)
        say_pattern(p, s);
    sed_say_appends(p, s);
    s->over = did == DID_QUIT;
    s->phase = PHASE_BEGIN;
}

enum applet_next sed_run(struct proc *p, struct sed *s)
{
    s->spent = 0;
    for (int i = 0; i < COMMANDS_A_STEP && s->spent < SED_SPENT_MOST && !out_full(p); i++) {
        if (!sed_know_next(p, s))
            return NEXT_INPUT;
        enum did did = advance(p, s);
        if (did != DID_NEXT && did != DID_STAY) {
            end_cycle(p, s, did);
            break;
        }
    }
    return NEXT_AGAIN;
}
