/* u8: which of those who read packed bytes or text (all the rest) it is. */
#include "shell/fuzz-session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const commands[] = {
    "gunzip -c",
    "zcat; echo $?",
    "cat >/tmp/x.gz; gunzip /tmp/x.gz; cat /tmp/x; gzip -t /tmp/x.gz",
    "gzip | gunzip | cmp - /dev/null",
    "gzip -9 | tee /tmp/x.gz | head -c 10 >/dev/null; gzip -dc /tmp/x.gz",
    "cat >/tmp/x; gzip -kf /tmp/x; zcat /tmp/x.gz | cmp - /tmp/x || echo differs",
    "base64 -d | gunzip -f",
    "base64 -d | sh",
    "xxd -r",
    "xxd -r -p",
    "uudecode -o -",
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size || size > 8192)
        return 0;
    const char *command = commands[data[0] % (sizeof commands / sizeof *commands)];
    struct fuzz_said many = fuzz_command(command, NULL, data + 1, size - 1, 1 << 20);
    struct fuzz_said few = fuzz_command(command, NULL, data + 1, size - 1, 3);
    fuzz_same(&many, &few);
    return 0;
}
