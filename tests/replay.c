/*
 * The main of a fuzz target outside a fuzzer: gives it every file that is named, each in a block of its
 * own size, so that a read past the end is seen by ASan.
 */
#include "base/own.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *path)
{
    auto_file FILE *f = fopen(path, "rb");
    struct stat st;
    if (!f || fstat(fileno(f), &st) || !S_ISREG(st.st_mode))
        return -1;
    size_t n = (size_t)st.st_size;
    auto_free uint8_t *data = malloc(n ? n : 1);
    if (!data || fread(data, 1, n, f) != n)
        return -1;
    LLVMFuzzerTestOneInput(data, n);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: %s FILE...\n", argv[0]);
        return 2;
    }
    for (int i = 1; i < argc; i++) {
        if (replay(argv[i])) {
            fprintf(stderr, "%s: cannot be read\n", argv[i]);
            return 1;
        }
    }
    printf("%d inputs\n", argc - 1);
    return 0;
}
