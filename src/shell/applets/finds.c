#include "shell/applets/finds.h"

#include <string.h>

enum { COMM_MOST = 15 };

const char *find_word(const char *command, size_t *ret_n)
{
    size_t n = strcspn(command, " ");
    const char *slash = memrchr(command, '/', n);
    *ret_n = slash ? n - (size_t)(slash + 1 - command) : n;
    return slash ? slash + 1 : command;
}

/* The kernel keeps 15 characters of a name; where that is not enough the command line decides. */
static bool has_name(const struct proc_info *x, const char *name)
{
    size_t n = strlen(name), word_n;
    if (!n)
        return false;
    if (n < COMM_MOST && strcmp(x->comm, name) == 0)
        return true;
    if (x->command[0] == '[')
        return n >= COMM_MOST && strncmp(x->comm, name, COMM_MOST) == 0 && n == COMM_MOST;
    const char *word = find_word(x->command, &word_n);
    return word_n == n && memcmp(word, name, n) == 0;
}

size_t find_named(struct proc *p, const char *name, uint32_t pids[static FINDS_MOST])
{
    struct proc_info info;
    size_t n = 0;
    for (size_t i = 0; proc_info(p, i, &info) && n < FINDS_MOST; i++) {
        if (has_name(&info, name))
            pids[n++] = info.pid;
    }
    for (size_t i = 0; i < n / 2; i++) {
        uint32_t other = pids[n - 1 - i];
        pids[n - 1 - i] = pids[i];
        pids[i] = other;
    }
    return n;
}
