#include "shell/tree.h"

/* What the reference shows of a command is short of it: assignments, redirections of compound
 * commands, groups and the ends of background commands are missing, and of a case's patterns but
 * the first is there. */

static void word_text(const struct word *w, struct text *to);

/* Single quotes are shown as double ones, which is why a $ in them has a backslash. */
static void quoted_text(const struct part *p, struct text *to)
{
    for (size_t i = 0; i < p->n; i++) {
        if (p->single && p->text[i] == '$' && p->n > 1)
            text_char_add(to, '\\');
        text_char_add(to, p->text[i]);
    }
}

static void variable_text(const struct part *p, struct text *to)
{
    /* The reference's table has no names for the last ones. */
    static const char *const ops[] = {
        [OP_DEFAULT] = "-",
        [OP_ASSIGN] = "=",
        [OP_ERROR] = "?",
        [OP_ALTERNATIVE] = "+",
        [OP_CUT_LEFT] = "#",
        [OP_CUT_RIGHT] = "%",
        [OP_CUT_LEFT_MOST] = "##",
        [OP_CUT_RIGHT_MOST] = "%%",
        [OP_SLICE] = "//",
        [OP_LENGTH] = ":",
        [OP_BAD] = "",
    };
    text_say(to, p->op == OP_LENGTH ? "${#" : "${");
    text_add(to, p->text, p->n);
    if (p->colon)
        text_char_add(to, ':');
    if (p->op < sizeof ops / sizeof *ops && ops[p->op])
        text_say(to, ops[p->op]);
    if (p->argument)
        word_text(p->argument, to);
    if (p->second) {
        text_char_add(to, p->op == OP_SLICE ? ':' : '/');
        word_text(p->second, to);
    }
    text_char_add(to, '}');
}

static void part_text(const struct part *p, struct text *to)
{
    switch (p->type) {
    case PART_TEXT:
        quoted_text(p, to);
        break;
    case PART_VARIABLE:
        variable_text(p, to);
        break;
    case PART_COMMAND:
        text_say(to, "$(...)");
        break;
    case PART_READ_FROM:
        text_say(to, "<(...)");
        break;
    case PART_WRITE_TO:
        text_say(to, ">(...)");
        break;
    case PART_ARITH:
        text_say(to, "$((");
        for (p = p->argument->parts; p; p = p->next)
            part_text(p, to);
        text_say(to, "))");
        break;
    case PART_TILDE:
        text_char_add(to, '~');
        text_add(to, p->text, p->n);
        break;
    }
}

/* Of a backslash's character nothing is shown but itself. */
static bool shown_quoted(const struct part *p)
{
    return p->quoted && !(p->type == PART_TEXT && p->single && p->n == 1);
}

static void word_text(const struct word *w, struct text *to)
{
    bool quoted = false;
    for (const struct part *p = w->parts; p; p = p->next) {
        if (shown_quoted(p) != quoted)
            text_char_add(to, '"');
        quoted = shown_quoted(p);
        part_text(p, to);
    }
    if (quoted)
        text_char_add(to, '"');
}

static void words_text(const struct word *w, struct text *to)
{
    for (; w; w = w->next) {
        word_text(w, to);
        text_say(to, w->next ? " " : "");
    }
}

static void redirect_text(const struct redirect *r, struct text *to)
{
    static const char *const signs[] = {
        [REDIRECT_IN] = "<",       [REDIRECT_OUT] = ">",        [REDIRECT_CLOBBER] = ">|",
        [REDIRECT_APPEND] = ">>",  [REDIRECT_BOTH] = "<>",      [REDIRECT_DUP_IN] = "<&",
        [REDIRECT_DUP_OUT] = ">&", [REDIRECT_OUT_ERROR] = ">&",
    };
    if (r->type == REDIRECT_HERE) {
        text_say(to, "<<...");
        return;
    }
    text_print(to, "%d%s", r->fd, signs[r->type]);
    word_text(r->target, to);
}

static void command_text(const struct node *n, struct text *to)
{
    words_text(n->words, to);
    for (const struct redirect *r = n->redirects; r; r = r->next) {
        text_say(to, n->words || r != n->redirects ? " " : "");
        redirect_text(r, to);
    }
}

static void if_text(const struct node *n, struct text *to)
{
    size_t ends = 1;
    for (;; ends++) {
        text_say(to, "if ");
        node_text(n->first, to);
        text_say(to, "; then ");
        node_text(n->second, to);
        n = n->third;
        if (!n)
            break;
        text_say(to, "; else ");
        if (n->type != NODE_IF) {
            node_text(n, to);
            break;
        }
    }
    while (ends--)
        text_say(to, "; fi");
}

static void loop_text(const char *name, const struct node *condition, const struct node *body,
                      struct text *to)
{
    text_say(to, name);
    if (condition)
        node_text(condition, to);
    text_say(to, "; do ");
    node_text(body, to);
    text_say(to, "; done");
}

static void for_text(const struct node *n, struct text *to)
{
    text_print(to, "for %s in ", n->name);
    if (n->words_given)
        words_text(n->words, to);
    else
        text_say(to, "\"${@}\"");
    loop_text("", NULL, n->first, to);
}

static void case_text(const struct node *n, struct text *to)
{
    text_say(to, "case ");
    word_text(n->subject, to);
    text_say(to, " in ");
    for (const struct case_item *i = n->items; i; i = i->next) {
        word_text(i->patterns, to);
        text_say(to, ") ");
        if (i->body)
            node_text(i->body, to);
        text_say(to, ";; ");
    }
    text_say(to, "esac");
}

static void pipe_text(const struct node *n, struct text *to)
{
    for (const struct node *stage = n->first; stage; stage = stage->next) {
        node_text(stage, to);
        text_say(to, stage->next ? " | " : "");
    }
}

static const char *between(enum node_type type)
{
    switch (type) {
    case NODE_AND:
        return " && ";
    case NODE_OR:
        return " || ";
    case NODE_SEQUENCE:
        return "; ";
    default:
        return NULL;
    }
}

static void one_text(const struct node *n, struct text *to)
{
    switch (n->type) {
    case NODE_COMMAND:
        command_text(n, to);
        break;
    case NODE_PIPE:
        pipe_text(n, to);
        break;
    case NODE_NOT:
        text_char_add(to, '!');
        node_text(n->first, to);
        break;
    case NODE_BACKGROUND:
    case NODE_GROUP:
        node_text(n->first, to);
        break;
    case NODE_SUBSHELL:
        text_char_add(to, '(');
        node_text(n->first, to);
        text_char_add(to, ')');
        break;
    case NODE_IF:
        if_text(n, to);
        break;
    case NODE_WHILE:
        loop_text("while ", n->first, n->second, to);
        break;
    case NODE_UNTIL:
        loop_text("until ", n->first, n->second, to);
        break;
    case NODE_FOR:
        for_text(n, to);
        break;
    case NODE_CASE:
        case_text(n, to);
        break;
    case NODE_FUNCTION:
        text_print(to, "%s() { ... }", n->name);
        break;
    default:
        break;
    }
}

void node_text(const struct node *n, struct text *to)
{
    for (const char *sign; (sign = between(n->type)); n = n->second) {
        node_text(n->first, to);
        text_say(to, sign);
    }
    one_text(n, to);
}
