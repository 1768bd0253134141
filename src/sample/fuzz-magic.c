/* What a file is by its first bytes: always something, "empty" only where there are none; an interpreter is one word. */
#include "sample/magic.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sample_report r;
    sample_report_init(&r);
    magic_tell(data, size, &r);
    const char *format = r.word[WORD_FORMAT];
    if (!format[0] || (size == 0) != !strcmp(format, "empty"))
        abort();
    if (r.word[WORD_INTERPRETER][0] && memchr(r.word[WORD_INTERPRETER], '\n', strlen(r.word[WORD_INTERPRETER])))
        abort();
    sample_report_release(&r);
    return 0;
}
