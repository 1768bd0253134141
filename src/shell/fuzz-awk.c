/* An awk program, a NUL, and what it reads. Whatever they are, the session ends within its limits,
 * and says the same with turns of some steps as with turns of many. */
#include "shell/fuzz-session.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 4096)
        return 0;
    size_t n;
    char *program = fuzz_text(data, size, &n);
    char *const arguments[] = { program, NULL };
    struct fuzz_said many = fuzz_command("awk \"$1\"", arguments, data + n, size - n, 1 << 20);
    struct fuzz_said few = fuzz_command("awk \"$1\"", arguments, data + n, size - n, 100);
    fuzz_same(&many, &few);
    free(program);
    return 0;
}
