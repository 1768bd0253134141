#include "shell/tar-header.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { SUM = 8, MAGIC = 5 };
enum { SUM_AT = 148, TYPE_AT = 156 };

/* ---- Numbers ---- */

static bool is_blank(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Octal digits after blanks and a sign, up to a blank or NUL: what strtoull() makes of it. */
static bool read_octal(const uint8_t *p, size_t n, uint64_t *ret)
{
    size_t i = 0;
    while (i < n && is_blank(p[i]))
        i++;
    bool negative = i < n && p[i] == '-';
    if (i < n && (p[i] == '-' || p[i] == '+'))
        i++;
    size_t first = i;
    uint64_t v = 0;
    for (; i < n && p[i] >= '0' && p[i] <= '7'; i++)
        v = v << 3 | (uint64_t)(p[i] - '0');
    *ret = negative ? 0 - v : v;
    if (i == first)
        i = 0;
    return i == n || p[i] == ' ' || p[i] == '\0';
}

/* GNU: the first bit says that the rest is binary; what does not fit is lost. */
static uint64_t read_binary(const uint8_t *p, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v = v << 8 | p[i];
    return v;
}

static uint64_t number(struct rd *r, size_t n, bool *bad)
{
    const uint8_t *at = rd_take(r, n);
    uint64_t v = 0;
    if (!at)
        *bad = true;
    else if (at[0] & 0x80)
        v = read_binary(at, n);
    else if (!read_octal(at, n, &v))
        *bad = true;
    return v;
}

/* In octal with a NUL, without it where it needs the room, and else in binary. */
static void write_number(uint8_t *to, size_t n, uint64_t v)
{
    char digits[32];
    int have = snprintf(digits, sizeof digits, "%0*llo", (int)n - 1, (unsigned long long)v);
    if ((size_t)have <= n) {
        memcpy(to, digits, (size_t)have);
        return;
    }
    for (size_t i = n; i-- > 0; v >>= 8)
        to[i] = (uint8_t)v;
    to[0] = 0x80;
}

/* ---- Reading ---- */

/* `to` has one byte more than the field. */
static void copy_text(struct rd *r, char *to, size_t n)
{
    rd_copy(r, to, n);
    to[n] = '\0';
    size_t have = strlen(to);
    memset(to + have, 0, n - have);
}

/* The field of the sum itself counts as blanks. */
static uint32_t sum_of(const uint8_t *block)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < TAR_BLOCK; i++)
        sum += i >= SUM_AT && i < SUM_AT + SUM ? ' ' : block[i];
    return sum;
}

static uint32_t kind_of(uint8_t type)
{
    switch (type) {
    case TAR_SYMLINK:
        return S_IFLNK;
    case TAR_CHARACTERS:
        return S_IFCHR;
    case TAR_BLOCKS:
        return S_IFBLK;
    case TAR_FOLDER:
        return S_IFDIR;
    case TAR_FIFO:
        return S_IFIFO;
    default:
        return S_IFREG;
    }
}

static bool has_size(uint8_t type)
{
    return type < TAR_LINK || type > TAR_FIFO;
}

static void read_fields(struct rd *r, struct tar_header *h, char *prefix, bool *bad)
{
    copy_text(r, h->name, TAR_NAME);
    h->mode = (uint32_t)number(r, 8, bad) & 07777;
    h->uid = (uint32_t)number(r, 8, bad);
    h->gid = (uint32_t)number(r, 8, bad);
    h->size = (int64_t)number(r, 12, bad);
    h->mtime = (int64_t)number(r, 12, bad);
    rd_take(r, SUM);
    h->type = rd_u8(r);
    copy_text(r, h->target, TAR_NAME);
    rd_take(r, 8);
    copy_text(r, h->user, TAR_USER);
    copy_text(r, h->group, TAR_USER);
    struct rd device = rd_sub(r, 16);
    if (rd_left(&device) && *device.p) {
        h->major = (uint32_t)number(&device, 8, bad);
        h->minor = (uint32_t)number(&device, 8, bad);
    }
    copy_text(r, prefix, TAR_PREFIX);
}

static void put_prefix(struct tar_header *h, const char *prefix)
{
    size_t n = strlen(prefix), n_name = strlen(h->name);
    if (!n)
        return;
    memmove(h->name + n + 1, h->name, n_name + 1);
    memcpy(h->name, prefix, n);
    h->name[n] = '/';
}

enum tar_verdict tar_header_read(const uint8_t block[static TAR_BLOCK], struct tar_header *ret)
{
    enum { PREFIX_AT = 345, MAGIC_AT = 257 };
    struct rd r = rd_init(block, TAR_BLOCK);
    struct rd sum = rd_init(block + SUM_AT, SUM);
    char prefix[TAR_PREFIX + 1];
    bool bad = false;
    *ret = (struct tar_header){ 0 };
    if (block[0] == '\0' && block[PREFIX_AT] == '\0')
        return TAR_ZERO;
    if (memcmp(block + MAGIC_AT, "ustar", MAGIC) != 0)
        return TAR_NO_MAGIC;
    uint64_t expected = number(&sum, SUM, &bad);
    if (bad)
        return TAR_BAD_NUMBER;
    if (expected != sum_of(block))
        return TAR_BAD_SUM;
    read_fields(&r, ret, prefix, &bad);
    if (bad || !rd_ok(&r))
        return TAR_BAD_NUMBER;
    put_prefix(ret, prefix);
    ret->mode |= kind_of(ret->type);
    if (!has_size(ret->type))
        ret->size = 0;
    return TAR_ENTRY;
}

/* ---- Writing ---- */

static void put_text(uint8_t *to, const char *s, size_t most)
{
    size_t n = strlen(s);
    memcpy(to, s, n < most ? n : most);
}

void tar_header_write(const struct tar_header *h, uint8_t block[static TAR_BLOCK])
{
    memset(block, 0, TAR_BLOCK);
    put_text(block, h->name, TAR_NAME);
    write_number(block + 100, 8, h->mode & 07777);
    write_number(block + 108, 8, h->uid);
    write_number(block + 116, 8, h->gid);
    write_number(block + 124, 12, (uint64_t)h->size);
    write_number(block + 136, 12, h->mtime > 0 ? (uint64_t)h->mtime : 0);
    block[TYPE_AT] = h->type;
    put_text(block + 157, h->target, TAR_NAME);
    memcpy(block + 257, "ustar  ", 8);
    put_text(block + 265, h->user, TAR_USER - 1);
    put_text(block + 297, h->group, TAR_USER - 1);
    if (h->type == TAR_CHARACTERS || h->type == TAR_BLOCKS) {
        write_number(block + 329, 8, h->major);
        write_number(block + 337, 8, h->minor);
    }
    write_number(block + SUM_AT, SUM - 1, sum_of(block));
    block[SUM_AT + SUM - 1] = ' ';
}

/* ---- Names and records ---- */

bool tar_pax_next(struct rd *r, const char **ret, size_t *ret_n)
{
    size_t most = rd_left(r), length = 0, i = 0;
    const uint8_t *at = r->p;
    *ret = NULL;
    if (!most)
        return true;
    for (; i < most && at[i] >= '0' && at[i] <= '9' && length <= most; i++)
        length = length * 10 + (size_t)(at[i] - '0');
    if (!i || i == most || at[i] != ' ' || length <= i)
        return false;
    struct rd record = rd_sub(r, length);
    rd_take(&record, i + 1);
    *ret = (const char *)record.p;
    *ret_n = rd_left(&record) - (rd_left(&record) > 0); /* its last is an end of line */
    return rd_ok(&record);
}

size_t tar_unsafe(const char *name)
{
    size_t safe = 0;
    for (const char *s = name; *s;) {
        size_t n = strcspn(s, "/");
        bool up = n == 2 && s[0] == '.' && s[1] == '.' && s[n] == '/';
        s += n + (s[n] == '/');
        if (up)
            safe = (size_t)(s - name);
    }
    return safe + strspn(name + safe, "/");
}

const char *tar_strip(const char *name, uint64_t count)
{
    for (; count; count--) {
        const char *slash = strchr(name, '/');
        if (!slash || !slash[1])
            return NULL;
        name = slash + 1;
    }
    return name;
}
