#include "shell/regex-inside.h"

#include <string.h>

static const char *const faults[] = {
    [FAULT_PATTERN] = "Invalid regular expression",
    [FAULT_COLLATION] = "Invalid collation character",
    [FAULT_CLASS] = "Invalid character class name",
    [FAULT_BACKSLASH] = "Trailing backslash",
    [FAULT_REFERENCE] = "Invalid back reference",
    [FAULT_BRACKET] = "Unmatched [, [^, [:, [., or [=",
    [FAULT_PAREN] = "Unmatched ( or \\(",
    [FAULT_BRACE] = "Unmatched \\{",
    [FAULT_INTERVAL] = "Invalid content of \\{\\}",
    [FAULT_RANGE] = "Invalid range end",
    [FAULT_REPEAT] = "Invalid preceding regular expression",
    [FAULT_SIZE] = "Regular expression too big",
};

struct regex *regex_make(struct memory *m, const char *s, size_t n, unsigned flags,
                         const char **ret_why)
{
    struct regex_tree tree = { .memory = m };
    enum regex_fault fault = regex_parse(&tree, s, n, flags);
    struct regex *r = memory_take(m, sizeof *r);
    r->flags = flags;
    if (!fault && !regex_write(r, m, &tree))
        fault = FAULT_SIZE;
    if (!fault) {
        r->groups = tree.groups;
        r->references = tree.references;
        r->sets = tree.sets;
        tree.sets = NULL;
        regex_study(r, m);
    }
    regex_tree_free(&tree);
    if (!fault)
        return r;
    regex_free(m, r);
    *ret_why = faults[fault];
    return NULL;
}

void regex_free(struct memory *m, struct regex *r)
{
    if (!r)
        return;
    regex_captures_free(r, m);
    memory_give(m, r->ops);
    memory_give(m, r->sets);
    memory_give(m, r->literal);
    memory_give(m, r->now.pc);
    memory_give(m, r->now.start);
    memory_give(m, r->then.pc);
    memory_give(m, r->then.start);
    memory_give(m, r->marks);
    memory_give(m, r->stack);
    memory_give(m, r);
}

size_t regex_groups(const struct regex *r)
{
    return r->groups;
}

/* Nothing but a literal: where it stands is where it matches. */
static enum regex_verdict literal(struct regex *r, struct regex_text *t, size_t from,
                                  struct regex_span *ret)
{
    int64_t at = regex_candidate(r, t, from);
    if (at < 0)
        return REGEX_NONE;
    *ret = (struct regex_span){ at, at + (int64_t)r->literal_n };
    return REGEX_MATCH;
}

static enum regex_verdict search(struct regex *r, struct memory *m, struct regex_text *t,
                                 size_t from, struct regex_span spans[REGEX_GROUPS], bool groups)
{
    enum regex_verdict verdict;
    if (r->references)
        return regex_paths_run(r, m, t, from, spans);
    verdict = r->whole ? literal(r, t, from, spans) : regex_threads_run(r, m, t, from, spans);
    if (verdict != REGEX_MATCH || !groups || r->groups == 0)
        return verdict;
    return regex_captures_run(r, m, t, spans);
}

enum regex_verdict regex_search(struct regex *r, struct memory *m, const char *s, size_t n,
                                size_t from, bool not_bol, struct regex_span spans[REGEX_GROUPS],
                                uint64_t *work)
{
    struct regex_text t = {
        .s = n ? s : "", .n = n, .not_bol = not_bol, .work = 1, .work_most = REGEX_WORK
    };
    struct regex_span own[REGEX_GROUPS];
    if (r->references)
        t.work_most = REGEX_WORK_PATHS;
    for (size_t i = 0; i < REGEX_GROUPS; i++)
        own[i] = (struct regex_span){ -1, -1 };
    enum regex_verdict verdict = from > n ? REGEX_NONE : search(r, m, &t, from, own, spans != NULL);
    if (spans)
        memcpy(spans, own, sizeof own);
    if (work)
        *work += t.work;
    return verdict;
}
