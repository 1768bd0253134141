#include "shell/awk/builtin.h"

#include <string.h>

/* In the order of enum awk_builtin. */
/* clang-format off */
const struct builtin awk_builtins[] = {
    { "and", 2, BUILTIN_ANY, 0 },      { "atan2", 2, BUILTIN_ANY, 0 },  { "close", 1, 1, 0 },
    { "compl", 1, BUILTIN_ANY, 0 },    { "cos", 1, 1, 0 },              { "exp", 1, 1, 0 },
    { "fflush", 0, 1, 0 },             { "gensub", 3, BUILTIN_ANY, 1 }, { "gsub", 2, BUILTIN_ANY, 1 },
    { "index", 2, BUILTIN_ANY, 0 },    { "int", 1, 1, 0 },              { "length", 0, 1, 0 },
    { "log", 1, 1, 0 },                { "lshift", 2, BUILTIN_ANY, 0 }, { "match", 2, BUILTIN_ANY, 2 },
    { "mktime", 0, BUILTIN_ANY, 0 },   { "or", 2, BUILTIN_ANY, 0 },     { "rand", 0, 0, 0 },
    { "rshift", 2, BUILTIN_ANY, 0 },   { "sin", 1, 1, 0 },              { "split", 2, BUILTIN_ANY, 3 },
    { "sprintf", 0, BUILTIN_ANY, 0 },  { "sqrt", 1, 1, 0 },             { "srand", 0, 1, 0 },
    { "strftime", 0, BUILTIN_ANY, 0 }, { "sub", 2, BUILTIN_ANY, 1 },    { "substr", 2, BUILTIN_ANY, 0 },
    { "system", 1, 1, 0 },             { "systime", 0, 0, 0 },          { "tolower", 1, BUILTIN_ANY, 0 },
    { "toupper", 1, BUILTIN_ANY, 0 },  { "xor", 2, BUILTIN_ANY, 0 },
};
/* clang-format on */

int awk_builtin_find(const char *name, size_t n)
{
    for (int i = 0; i <= B_XOR; i++) {
        if (strlen(awk_builtins[i].name) == n && memcmp(awk_builtins[i].name, name, n) == 0)
            return i;
    }
    return -1;
}
