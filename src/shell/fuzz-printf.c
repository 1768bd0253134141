/* Texts that end in NUL: a format and its values, as all who know formats take them. */
#include "shell/fuzz-session.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { VALUES = 8 };

static const char *const commands[] = {
    "printf -- \"$@\"",
    "echo -ne \"$1\"; echo -e \"$2\" \"$3\"",
    "awk 'BEGIN { printf ARGV[1], ARGV[2], ARGV[3], ARGV[4] }' \"$@\"",
    "awk 'BEGIN { OFMT = CONVFMT = ARGV[1]; x = ARGV[2] + 0.5; print x, x \"\", 1 / 3 }' \"$@\"",
    "awk 'BEGIN { print strftime(ARGV[1], ARGV[2]), mktime(ARGV[3]) }' \"$@\"",
    "date -d \"$2\" \"+$1\"; date -u -D \"$1\" -d \"$2\"; date -I -d \"@$3\"; TZ=$4 date \"+$1\"",
    "stat -c \"$1\" / /bin/busybox; stat -f -c \"$1\" /; time -f \"$1\" true",
    "hexdump -e \"$1\" -e \"$2\"",
    "od -t \"$1\" -N \"$2\"; find / -maxdepth 1 -perm \"$1\"; dd bs=\"$1\" count=\"$2\"",
    "xxd -g \"$1\" -c \"$2\" -l \"$3\"; touch -d \"$1\" /tmp/x; touch -t \"$2\" /tmp/x; stat -c %y /tmp/x",
    "seq \"$1\" \"$2\" \"$3\"; seq -w \"$1\" \"$2\"; cal \"$1\" \"$2\"",
    "PS1=$1 PS4=$2; set -x; : \"$@\"; umask \"$1\"; ulimit -n \"$2\"; trap -- \"$1\" \"$2\"; trap; set",
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size || size > 2048)
        return 0;
    const char *command = commands[data[0] % (sizeof commands / sizeof *commands)];
    char *values[VALUES + 1] = { NULL };
    size_t at = 1, n;
    for (size_t i = 0; i < VALUES && at < size; i++, at += n)
        values[i] = fuzz_text(data + at, size - at, &n);
    struct fuzz_said many = fuzz_command(command, values, data + 1, size - 1, 1 << 20);
    struct fuzz_said few = fuzz_command(command, values, data + 1, size - 1, 7);
    fuzz_same(&many, &few);
    for (size_t i = 0; i < VALUES; i++)
        free(values[i]);
    return 0;
}
