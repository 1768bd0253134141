/* Blocks of an archive: what is read of one is text and in its bounds, and what is written anew reads the same. The
 * rest that fills no block is the records of an extended header. */
#include "shell/tar-header.h"

#include <assert.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_name(const char *name)
{
    size_t unsafe = tar_unsafe(name);
    assert(unsafe <= strlen(name));
    const char *rest = name + unsafe;
    assert(*rest != '/' && tar_unsafe(rest) == 0 && strncmp(rest, "../", 3) != 0 && !strstr(rest, "/../"));
    for (uint64_t i = 0; i < 4; i++) {
        const char *stripped = tar_strip(rest, i);
        assert(!stripped || (stripped >= rest && stripped <= rest + strlen(rest)));
    }
    assert(!tar_strip(rest, UINT64_MAX));
}

static void check_anew(const struct tar_header *h)
{
    uint8_t block[TAR_BLOCK];
    struct tar_header again, wanted = *h;
    bool device = h->type == TAR_CHARACTERS || h->type == TAR_BLOCKS;
    tar_header_write(h, block);
    enum tar_verdict verdict = tar_header_read(block, &again);
    if (!*h->name) {
        assert(verdict == TAR_ZERO);
        return;
    }
    assert(verdict == TAR_ENTRY);
    wanted.name[TAR_NAME] = '\0';
    wanted.user[TAR_USER - 1] = wanted.group[TAR_USER - 1] = '\0';
    wanted.mtime = h->mtime > 0 ? h->mtime : 0;
    assert(!strcmp(again.name, wanted.name) && !strcmp(again.target, wanted.target));
    assert(!strcmp(again.user, wanted.user) && !strcmp(again.group, wanted.group));
    assert(again.mode == h->mode && again.uid == h->uid && again.gid == h->gid && again.type == h->type);
    assert(again.size == h->size && again.mtime == wanted.mtime);
    assert(again.major == (device ? h->major : 0) && again.minor == (device ? h->minor : 0));
}

static void check_block(const uint8_t *block)
{
    struct tar_header h;
    enum tar_verdict verdict = tar_header_read(block, &h);
    assert(verdict <= TAR_BAD_NUMBER);
    if (verdict != TAR_ENTRY)
        return;
    assert(memchr(h.name, '\0', sizeof h.name) && memchr(h.target, '\0', sizeof h.target));
    assert(memchr(h.user, '\0', sizeof h.user) && memchr(h.group, '\0', sizeof h.group));
    assert((h.mode & ~(uint32_t)(S_IFMT | 07777)) == 0);
    assert(h.size == 0 || h.type < TAR_LINK || h.type > TAR_FIFO);
    check_name(h.name);
    check_anew(&h);
}

static void check_records(const uint8_t *data, size_t size)
{
    struct rd r = rd_init(data, size);
    const char *record;
    size_t n, left = size;
    while (tar_pax_next(&r, &record, &n) && record) {
        assert((const uint8_t *)record >= data && (const uint8_t *)record + n <= data + size);
        assert(rd_left(&r) < left);
        left = rd_left(&r);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (; size >= TAR_BLOCK; data += TAR_BLOCK, size -= TAR_BLOCK)
        check_block(data);
    check_records(data, size);
    return 0;
}
