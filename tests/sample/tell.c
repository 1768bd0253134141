/*
 * usage: tell FILE...
 *
 * What triage tells of each file, a line of JSON; `file` is its name. TELL_RULES: a folder of rules. No worker, no store: for tests.
 */
#include "base/sha256.h"
#include "event/sample-json.h"
#include "sample/triage.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int tell(struct triage *t, const char *name)
{
    struct stat st;
    struct json j;
    struct sample_report r;
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0 || st.st_size > SAMPLE_BYTES)
        return 1;
    /* A block of just its length: reading past its end is seen. */
    uint8_t *data = malloc(st.st_size ? (size_t)st.st_size : 1);
    if (!data || read(fd, data, (size_t)st.st_size) != st.st_size)
        return 1;
    close(fd);
    sample_report_init(&r);
    struct sha256 hash; /* which the vault knows, else */
    sha256_begin(&hash);
    sha256_add(&hash, data, (size_t)st.st_size);
    sha256_end(&hash, r.sha256);
    if (triage_run(t, data, (size_t)st.st_size, &r))
        return 1;
    json_begin_object(&j);
    json_text(&j, "file", name);
    json_count(&j, "took", r.took);
    json_count(&j, "features", r.signature.features);
    sample_json(&j, &r);
    int err = json_write(&j, stdout);
    putchar('\n');
    json_release(&j);
    sample_report_release(&r);
    free(data);
    return err ? 1 : 0;
}

int main(int argc, char **argv)
{
    struct triage *t;
    const char *folder = getenv("TELL_RULES");
    int rules = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1, bad = 0;
    if (triage_make(&t, &rules, 1))
        return 1;
    for (int i = 1; i < argc; i++)
        if (tell(t, argv[i])) {
            fprintf(stderr, "tell: %s\n", argv[i]);
            bad = 1;
        }
    triage_free(t);
    if (rules >= 0)
        close(rules);
    return bad;
}
