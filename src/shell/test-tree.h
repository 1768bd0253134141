#pragma once
/* Trees in a short printed form, for tests: [cmd 'quoted' $x "$y"] (a && b) if(a,b,c) ... */
#include "shell/tree.h"

static void show_tree(struct text *t, const struct node *n);
static void show_words(struct text *t, const struct word *w);

static void show_argument(struct text *t, const char *before, const struct word *w)
{
    if (!w)
        return;
    text_say(t, before);
    show_words(t, w);
}

static void show_variable(struct text *t, const struct part *p)
{
    static const char *const ops[] = { "",   "#", "-",  "=", "?", "+",  "#",
                                       "##", "%", "%%", ":", "/", "//", "BAD" };
    if (p->op == OP_LENGTH) {
        text_print(t, "${#%.*s}", (int)p->n, p->text);
        return;
    }
    if (p->op == OP_NONE) {
        text_print(t, "$%.*s", (int)p->n, p->text);
        return;
    }
    text_print(t, "${%.*s%s", (int)p->n, p->text, p->colon ? ":" : "");
    show_argument(t, ops[p->op], p->argument);
    show_argument(t, p->op == OP_SLICE ? ":" : "/", p->second);
    text_say(t, "}");
}

static void show_part(struct text *t, const struct part *p)
{
    static const char *const quotes[] = { "", "\"" };
    if (p->type == PART_TEXT) {
        text_print(t, p->quoted ? "'%.*s'" : "%.*s", (int)p->n, p->text);
        return;
    }
    text_say(t, quotes[p->quoted]);
    switch (p->type) {
    case PART_VARIABLE:
        show_variable(t, p);
        break;
    case PART_ARITH:
        show_argument(t, "$((", p->argument);
        text_say(t, "))");
        break;
    case PART_TILDE:
        text_print(t, p->declared ? "{~%.*s}" : "<~%.*s>", (int)p->n, p->text);
        break;
    default:
        text_say(t, p->type == PART_COMMAND ? "$(" : p->type == PART_READ_FROM ? "<(" : ">(");
        show_tree(t, p->tree);
        text_say(t, ")");
    }
    text_say(t, quotes[p->quoted]);
}

static void show_words(struct text *t, const struct word *w)
{
    for (; w; w = w->next) {
        if (w->parts && w->plain)
            text_say(t, "_");
        for (const struct part *p = w->parts; p; p = p->next)
            show_part(t, p);
        if (w->next)
            text_say(t, " ");
    }
}

static void show_redirects(struct text *t, const struct redirect *r)
{
    static const char *const types[] = { "<", ">", ">|", ">>", "<>", "<&", ">&", "&>", "<<" };
    for (; r; r = r->next) {
        text_print(t, " %d%s", r->fd, types[r->type]);
        show_words(t, r->target);
    }
}

static void show_pair(struct text *t, const struct node *n, const char *between)
{
    text_say(t, "(");
    show_tree(t, n->first);
    text_say(t, between);
    show_tree(t, n->second);
    text_say(t, ")");
}

static void show_three(struct text *t, const struct node *n, const char *name)
{
    text_print(t, "%s(", name);
    show_tree(t, n->first);
    if (n->second || n->third) {
        text_say(t, ",");
        show_tree(t, n->second);
    }
    if (n->third) {
        text_say(t, ",");
        show_tree(t, n->third);
    }
    text_say(t, ")");
}

static void show_command(struct text *t, const struct node *n)
{
    text_say(t, "[");
    for (const struct assignment *a = n->assignments; a; a = a->next) {
        text_print(t, "%.*s=", (int)a->n_name, a->name);
        show_words(t, a->value);
        text_say(t, a->next || n->words ? " " : "");
    }
    show_words(t, n->words);
    show_redirects(t, n->redirects);
    text_say(t, "]");
}

static void show_case(struct text *t, const struct node *n)
{
    text_say(t, "case(");
    show_words(t, n->subject);
    for (const struct case_item *i = n->items; i; i = i->next) {
        text_say(t, ", ");
        show_words(t, i->patterns);
        text_say(t, ": ");
        show_tree(t, i->body);
    }
    text_say(t, ")");
}

static void show_tree(struct text *t, const struct node *n)
{
    if (!n)
        return;
    switch (n->type) {
    case NODE_COMMAND:
        show_command(t, n);
        return;
    case NODE_PIPE:
        text_say(t, "(");
        for (const struct node *stage = n->first; stage; stage = stage->next) {
            show_tree(t, stage);
            text_say(t, stage->next ? " | " : ")");
        }
        return;
    case NODE_NOT:
        show_three(t, n, "!");
        return;
    case NODE_AND:
        show_pair(t, n, " && ");
        return;
    case NODE_OR:
        show_pair(t, n, " || ");
        return;
    case NODE_SEQUENCE:
        show_pair(t, n, " ; ");
        return;
    case NODE_BACKGROUND:
        show_three(t, n, "&");
        return;
    case NODE_SUBSHELL:
        show_three(t, n, "sub");
        break;
    case NODE_GROUP:
        show_three(t, n, "group");
        break;
    case NODE_IF:
        show_three(t, n, "if");
        break;
    case NODE_WHILE:
        show_three(t, n, "while");
        break;
    case NODE_UNTIL:
        show_three(t, n, "until");
        break;
    case NODE_FOR:
        text_print(t, "for(%s", n->name);
        show_argument(t, " in ", n->words_given && n->words ? n->words : NULL);
        text_say(t, n->words_given && !n->words ? " in" : "");
        show_three(t, n, ",");
        text_say(t, ")");
        break;
    case NODE_CASE:
        show_case(t, n);
        break;
    case NODE_FUNCTION:
        show_three(t, n, n->name);
        break;
    }
    show_redirects(t, n->redirects);
}
