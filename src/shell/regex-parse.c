#include "shell/regex-inside.h"

#include <string.h>

enum token {
    TOKEN_END,
    TOKEN_BYTE,
    TOKEN_ANY,
    TOKEN_SET, /* \w \W \s \S; which: byte */
    TOKEN_BRACKET,
    TOKEN_PLACE,
    TOKEN_REFERENCE,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_OR,
    TOKEN_STAR,
    TOKEN_PLUS,
    TOKEN_OPTIONAL,
    TOKEN_INTERVAL,
};

struct parser {
    struct regex_tree *tree;
    const uint8_t *s;
    size_t n, at; /* at: behind the token */
    unsigned flags;
    enum token token;
    uint8_t byte;      /* of the token: byte, place, digit */
    uint32_t complete; /* groups that a reference may mean here, a bit each */
    unsigned depth;
};

static bool extended(const struct parser *p)
{
    return p->flags & REGEX_EXTENDED;
}

static bool grep(const struct parser *p)
{
    return p->flags & REGEX_GREP;
}

/* ---- Tokens ---- */

static enum token token_of(struct parser *p, enum token token, uint8_t byte)
{
    p->byte = byte;
    return p->token = token;
}

/* What \ and a letter mean in both grammars. */
static const struct {
    char letter;
    uint8_t token, byte;
} escapes[] = {
    { '<', TOKEN_PLACE, PLACE_WORD_START },
    { '>', TOKEN_PLACE, PLACE_WORD_END },
    { 'b', TOKEN_PLACE, PLACE_WORD_EDGE },
    { 'B', TOKEN_PLACE, PLACE_NO_EDGE },
    { '`', TOKEN_PLACE, PLACE_TEXT_START },
    { '\'', TOKEN_PLACE, PLACE_TEXT_END },
    { 'w', TOKEN_SET, 'w' },
    { 'W', TOKEN_SET, 'W' },
    { 's', TOKEN_SET, 's' },
    { 'S', TOKEN_SET, 'S' },
};

/* Operators, which the basic grammar writes with a \ and the extended one without; the braces' end
 * is read with the interval. */
static const struct {
    char letter;
    uint8_t token;
} operators[] = {
    { '(', TOKEN_OPEN }, { ')', TOKEN_CLOSE },    { '|', TOKEN_OR },
    { '+', TOKEN_PLUS }, { '?', TOKEN_OPTIONAL }, { '{', TOKEN_INTERVAL },
};

static enum token operator_of(uint8_t c)
{
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (operators[i].letter == (char)c)
            return operators[i].token;
    return TOKEN_BYTE;
}

/* glibc does not fold what follows a backslash, and so does not find it in a folded text either. */
static enum token escaped(struct parser *p, uint8_t c)
{
    for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++)
        if (escapes[i].letter == (char)c)
            return token_of(p, escapes[i].token, escapes[i].byte);
    if (c >= '1' && c <= '9')
        return token_of(p, TOKEN_REFERENCE, (uint8_t)(c - '0'));
    return token_of(p, extended(p) ? TOKEN_BYTE : operator_of(c), c);
}

/* Whether a $ that stands before `at` ends something in the basic grammar. */
static bool ends_here(const struct parser *p)
{
    return p->at == p->n || (p->n - p->at >= 2 && p->s[p->at] == '\\' &&
                             (p->s[p->at + 1] == ')' || p->s[p->at + 1] == '|'));
}

static enum token plain(struct parser *p, uint8_t c, bool start)
{
    if (c == '.')
        return token_of(p, TOKEN_ANY, c);
    if (c == '*')
        return token_of(p, TOKEN_STAR, c);
    if (c == '[')
        return token_of(p, TOKEN_BRACKET, c);
    if (c == '^' && (extended(p) || start))
        return token_of(p, TOKEN_PLACE, PLACE_LINE_START);
    if (c == '$' && (extended(p) || ends_here(p)))
        return token_of(p, TOKEN_PLACE, PLACE_LINE_END);
    return token_of(p, extended(p) ? operator_of(c) : TOKEN_BYTE, regex_fold(p->flags, c));
}

/* start: a ^ would stand at the beginning of something. */
static enum regex_fault next(struct parser *p, bool start)
{
    if (p->at == p->n) {
        token_of(p, TOKEN_END, 0);
        return FAULT_NONE;
    }
    uint8_t c = p->s[p->at++];
    if (c != '\\') {
        plain(p, c, start);
        return FAULT_NONE;
    }
    if (p->at == p->n)
        return FAULT_BACKSLASH;
    escaped(p, p->s[p->at++]);
    return FAULT_NONE;
}

/* ---- Nodes ---- */

regex_ref regex_node(struct regex_tree *t, enum regex_kind kind)
{
    if (t->n >= REGEX_NODES_MOST)
        return 0;
    if (t->n + 1 >= t->room) {
        t->room = t->room ? t->room * 2 : 16;
        t->nodes = memory_array(t->memory, t->nodes, t->room, sizeof *t->nodes);
    }
    t->n++;
    t->nodes[t->n] = (struct regex_node){ .kind = (uint8_t)kind };
    return t->n;
}

/* The same sets are often used again, soon. */
uint32_t regex_set_add(struct regex_tree *t, const struct regex_set *s)
{
    for (uint32_t i = t->sets_n; i-- > 0 && t->sets_n - i <= 8;)
        if (memcmp(&t->sets[i], s, sizeof *s) == 0)
            return i;
    if (t->sets_n == t->sets_room) {
        t->sets_room = t->sets_room ? t->sets_room * 2 : 4;
        t->sets = memory_array(t->memory, t->sets, t->sets_room, sizeof *t->sets);
    }
    t->sets[t->sets_n] = *s;
    return t->sets_n++;
}

void regex_tree_free(struct regex_tree *t)
{
    memory_give(t->memory, t->nodes);
    memory_give(t->memory, t->sets);
}

static enum regex_fault make(struct parser *p, enum regex_kind kind, uint8_t byte, uint32_t value,
                             regex_ref *ret)
{
    *ret = regex_node(p->tree, kind);
    if (!*ret)
        return FAULT_SIZE;
    p->tree->nodes[*ret].byte = byte;
    p->tree->nodes[*ret].value = value;
    p->tree->nodes[*ret].empty = kind == NODE_PLACE || kind == NODE_REFERENCE || kind == NODE_LIST;
    return FAULT_NONE;
}

static enum regex_fault make_set(struct parser *p, const struct regex_set *set, regex_ref *ret)
{
    return make(p, NODE_SET, 0, regex_set_add(p->tree, set), ret);
}

static bool is_letter(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A byte as the folded text has it. */
static enum regex_fault make_byte(struct parser *p, uint8_t c, regex_ref *ret)
{
    struct regex_set set = { 0 };
    if (!(p->flags & REGEX_ICASE) || !is_letter(c))
        return make(p, NODE_BYTE, c, 0, ret);
    for (unsigned i = 0; i < 256; i++)
        if (regex_fold(p->flags, (uint8_t)i) == c)
            set_add(&set, (uint8_t)i);
    return make_set(p, &set, ret);
}

/* RE_DOT_NOT_NULL */
static enum regex_fault make_any(struct parser *p, regex_ref *ret)
{
    struct regex_set set;
    memset(&set, 0xff, sizeof set);
    if (!grep(p))
        set.bits[0] &= ~UINT64_C(1);
    if (p->flags & REGEX_NEWLINE)
        set.bits[0] &= ~(UINT64_C(1) << '\n');
    return make_set(p, &set, ret);
}

static bool is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static enum regex_fault make_class(struct parser *p, uint8_t letter, regex_ref *ret)
{
    struct regex_set set = { 0 };
    bool negated = letter == 'W' || letter == 'S';
    for (unsigned c = 0; c < 256; c++) {
        bool in = letter == 'w' || letter == 'W' ? regex_is_word((uint8_t)c) : is_space((uint8_t)c);
        if (in != negated)
            set_add(&set, (uint8_t)c);
    }
    return make_set(p, &set, ret);
}

static enum regex_fault make_bracket(struct parser *p, regex_ref *ret)
{
    struct regex_set set;
    enum regex_fault fault = regex_bracket(p->s, p->n, &p->at, p->flags, &set);
    return fault ? fault : make_set(p, &set, ret);
}

static enum regex_fault make_reference(struct parser *p, regex_ref *ret)
{
    if (!(p->complete & 1u << p->byte))
        return FAULT_REFERENCE;
    p->tree->references = true;
    return make(p, NODE_REFERENCE, p->byte, 0, ret);
}

/* ---- Repetitions ---- */

enum { NO_INTERVAL = -2 };

/* Digits before a , or the closing brace, which p->at is at then. -1: there are none; -2: something
 * else stands there, or nothing ends it. */
static int32_t number(struct parser *p)
{
    int32_t n = -1;
    while (p->at < p->n) {
        bool escape = p->s[p->at] == '\\' && p->n - p->at > 1;
        uint8_t c = p->s[p->at + escape];
        if (c == ',' || (c == '}' && escape != extended(p)))
            return n;
        if (escape || c < '0' || c > '9' || n == -2)
            n = -2;
        else
            n = n < 0 ? c - '0' : n * 10 + c - '0';
        if (n > REGEX_REPEATS_MOST)
            n = REGEX_REPEATS_MOST + 1;
        p->at += 1 + escape;
    }
    return -2;
}

static bool skip(struct parser *p, const char *what)
{
    size_t n = strlen(what);
    if (p->n - p->at < n || memcmp(p->s + p->at, what, n) != 0)
        return false;
    p->at += n;
    return true;
}

/* POSIX 9.3.6, 9.4.6; {,n} is {0,n} here. To grep -E what is no interval begins with a byte
 * (RE_INVALID_INTERVAL_ORD). */
static enum regex_fault interval(struct parser *p, int32_t *ret_least, int32_t *ret_most)
{
    size_t start = p->at;
    int32_t least = number(p), most = least;
    if (least != -2 && (skip(p, ",") || skip(p, "\\,"))) {
        least = least == -1 ? 0 : least;
        most = number(p);
    }
    if (least == -2 || most == -2) {
        *ret_least = NO_INTERVAL;
        if (grep(p) && extended(p)) {
            p->at = start;
            return FAULT_NONE;
        }
        return p->at == p->n ? FAULT_BRACE : FAULT_INTERVAL;
    }
    if (least == -1 || (most != -1 && least > most) || !skip(p, extended(p) ? "}" : "\\}"))
        return FAULT_INTERVAL;
    if ((most == -1 ? least : most) > REGEX_REPEATS_MOST)
        return FAULT_SIZE;
    *ret_least = least;
    *ret_most = most;
    return FAULT_NONE;
}

/* A node around another (0: around nothing), as deep as REGEX_DEPTH. */
static enum regex_fault wrap(struct parser *p, enum regex_kind kind, uint32_t value,
                             regex_ref child, regex_ref *ret)
{
    enum regex_fault fault = make(p, kind, 0, value, ret);
    if (fault)
        return fault;
    struct regex_node *nodes = p->tree->nodes;
    nodes[*ret].child = child;
    nodes[*ret].empty = !child || nodes[child].empty;
    nodes[*ret].height = (uint16_t)(child ? nodes[child].height + 1 : 1);
    return nodes[*ret].height > REGEX_DEPTH ? FAULT_SIZE : FAULT_NONE;
}

static enum regex_fault repeat(struct parser *p, int32_t least, int32_t most, regex_ref *node)
{
    regex_ref child = *node;
    *node = 0;
    if (!child || most == 0)
        return FAULT_NONE;
    enum regex_fault fault = wrap(p, NODE_REPEAT, (uint32_t)least, child, node);
    if (fault)
        return fault;
    p->tree->nodes[*node].most = most;
    p->tree->nodes[*node].empty |= least == 0;
    return FAULT_NONE;
}

static bool is_repetition(enum token token)
{
    return token == TOKEN_STAR || token == TOKEN_PLUS || token == TOKEN_OPTIONAL ||
           token == TOKEN_INTERVAL;
}

/* The repetitions behind a node, of which the basic grammar does not allow * and \{ twice. */
static enum regex_fault repetitions(struct parser *p, regex_ref *node)
{
    enum regex_fault fault = FAULT_NONE;
    for (bool again = false; !fault && is_repetition(p->token); again = true) {
        int32_t least = p->token == TOKEN_PLUS, most = p->token == TOKEN_OPTIONAL ? 1 : -1;
        if (again && !extended(p) && !grep(p) &&
            (p->token == TOKEN_STAR || p->token == TOKEN_INTERVAL))
            return FAULT_REPEAT;
        if (p->token == TOKEN_INTERVAL)
            fault = interval(p, &least, &most);
        if (!fault && least == NO_INTERVAL) {
            token_of(p, TOKEN_BYTE, '{');
            return FAULT_NONE;
        }
        if (!fault)
            fault = repeat(p, least, most, node);
        if (!fault)
            fault = next(p, false);
    }
    return fault;
}

/* ---- The grammar ---- */

static enum regex_fault choice(struct parser *p, bool inside, regex_ref *ret);

static enum regex_fault group(struct parser *p, regex_ref *ret)
{
    regex_ref inside = 0;
    uint32_t number = ++p->tree->groups;
    if (++p->depth > REGEX_DEPTH)
        return FAULT_SIZE;
    enum regex_fault fault = next(p, true);
    if (!fault && p->token != TOKEN_CLOSE)
        fault = choice(p, true, &inside);
    if (fault)
        return fault;
    if (p->token != TOKEN_CLOSE)
        return FAULT_PAREN;
    p->depth--;
    if (number <= REGEX_REFS)
        p->complete |= 1u << number;
    return wrap(p, NODE_GROUP, number, inside, ret);
}

/* A repetition where nothing stands before it: the byte itself in the basic grammar, but of \{. */
static enum regex_fault repetition_first(struct parser *p, regex_ref *ret)
{
    if (extended(p) || (p->token == TOKEN_INTERVAL && !grep(p)))
        return FAULT_REPEAT;
    return make_byte(p, p->byte, ret);
}

static enum regex_fault atom(struct parser *p, regex_ref *ret)
{
    switch (p->token) {
    case TOKEN_ANY:
        return make_any(p, ret);
    case TOKEN_SET:
        return make_class(p, p->byte, ret);
    case TOKEN_BRACKET:
        return make_bracket(p, ret);
    case TOKEN_REFERENCE:
        return make_reference(p, ret);
    case TOKEN_OPEN:
        return group(p, ret);
    case TOKEN_CLOSE: /* of no group: a byte of the extended grammar */
        return extended(p) ? make_byte(p, p->byte, ret) : FAULT_PAREN;
    case TOKEN_STAR:
    case TOKEN_PLUS:
    case TOKEN_OPTIONAL:
    case TOKEN_INTERVAL:
        return repetition_first(p, ret);
    default:
        return make_byte(p, p->byte, ret);
    }
}

/* What asks for a place cannot be repeated. grep -E passes over repetitions of nothing. */
static enum regex_fault piece(struct parser *p, regex_ref *ret)
{
    enum regex_fault fault = FAULT_NONE;
    *ret = 0;
    while (!fault && grep(p) && extended(p) && is_repetition(p->token))
        fault = next(p, false);
    if (fault || p->token == TOKEN_END || p->token == TOKEN_OR)
        return fault;
    if (p->token == TOKEN_PLACE) {
        fault = make(p, NODE_PLACE, p->byte, 0, ret);
        return fault ? fault : next(p, false);
    }
    fault = atom(p, ret);
    if (!fault)
        fault = next(p, false);
    return fault ? fault : repetitions(p, ret);
}

/* Puts a node behind the others of a list or choice. */
static void append(struct regex_tree *t, regex_ref list, regex_ref *last, regex_ref node)
{
    struct regex_node *to = &t->nodes[list], *more = &t->nodes[node];
    if (to->kind == NODE_LIST)
        to->empty = to->empty && more->empty;
    else
        to->empty = to->empty || more->empty;
    if (to->height < more->height)
        to->height = more->height;
    if (*last)
        t->nodes[*last].next = node;
    else
        t->nodes[list].child = node;
    *last = node;
}

static bool branch_ends(const struct parser *p, bool inside)
{
    return p->token == TOKEN_END || p->token == TOKEN_OR || (inside && p->token == TOKEN_CLOSE);
}

static enum regex_fault branch(struct parser *p, bool inside, regex_ref *ret)
{
    regex_ref last = 0, node;
    enum regex_fault fault = make(p, NODE_LIST, 0, 0, ret);
    while (!fault && !branch_ends(p, inside)) {
        fault = piece(p, &node);
        if (!fault && node)
            append(p->tree, *ret, &last, node);
    }
    return fault;
}

/* glibc tries an empty first branch after the second. */
static void empty_is_second(struct regex_tree *t, regex_ref choice)
{
    regex_ref first = t->nodes[choice].child, second = t->nodes[first].next;
    if (t->nodes[first].child || !second)
        return;
    t->nodes[first].next = t->nodes[second].next;
    t->nodes[second].next = first;
    t->nodes[choice].child = second;
}

/* Groups of one branch are not for references of another, but for those behind the choice. */
static enum regex_fault choice(struct parser *p, bool inside, regex_ref *ret)
{
    regex_ref last = 0, node;
    uint32_t before = p->complete;
    enum regex_fault fault = branch(p, inside, &node);
    if (fault || p->token != TOKEN_OR) {
        *ret = node;
        return fault;
    }
    fault = make(p, NODE_CHOICE, 0, 0, ret);
    uint32_t complete = 0;
    while (!fault) {
        append(p->tree, *ret, &last, node);
        complete |= p->complete;
        if (p->token != TOKEN_OR)
            break;
        p->complete = before;
        fault = next(p, true);
        if (!fault)
            fault = branch(p, inside, &node);
    }
    p->complete = complete;
    empty_is_second(p->tree, *ret);
    return fault;
}

enum regex_fault regex_parse(struct regex_tree *t, const char *s, size_t n, unsigned flags)
{
    struct parser p = { .tree = t, .s = (const uint8_t *)s, .n = n, .flags = flags };
    enum regex_fault fault = next(&p, true);
    return fault ? fault : choice(&p, false, &t->top);
}
