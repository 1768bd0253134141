#include "sample/upx.h"

#include <string.h>

enum { L_INFO = 12, P_INFO = 12, B_INFO = 12, MAGIC = 0x21585055 /* "UPX!", little endian */ };

struct heads {
    uint32_t magic;          /* as it lies there */
    uint8_t version, format;
    uint32_t file_size, block_size, unpacked, packed;
    uint8_t method;
};

static uint32_t u32(struct rd *r, bool big)
{
    return big ? rd_be32(r) : rd_le32(r);
}

static bool read_heads(const void *data, size_t n, bool big, uint64_t at, struct heads *ret)
{
    struct rd r = rd_init(data, n);
    if (at > n)
        return false;
    (void)rd_take(&r, (size_t)at);
    (void)u32(&r, big); /* a checksum */
    ret->magic = rd_le32(&r);
    (void)rd_take(&r, 2); /* the loader's size */
    ret->version = rd_u8(&r);
    ret->format = rd_u8(&r);
    (void)u32(&r, big); /* an identification */
    ret->file_size = u32(&r, big);
    ret->block_size = u32(&r, big);
    ret->unpacked = u32(&r, big);
    ret->packed = u32(&r, big);
    ret->method = rd_u8(&r);
    return rd_ok(&r);
}

/* NRV2B, 2D, 2E in their widths, LZMA, deflate, zstd. */
static bool is_method(uint8_t m)
{
    return (m >= 2 && m <= 10) || m == 14 || m == 15 || m == 16;
}

/* Formats of Linux: i386, amd64, ARM, MIPS... below 128, those of big-endian CPUs above, beginning anew (132 is PowerPC). */
static bool is_format(uint8_t f)
{
    return (f >= 5 && f <= 45) || (f >= 130 && f <= 160);
}

static bool sizes_fit(const struct heads *h, size_t n)
{
    enum { LARGEST = 1 << 28 };
    return h->unpacked > 0 && h->unpacked <= h->block_size && h->packed > 0 && h->packed <= h->unpacked && h->packed <= n &&
           h->file_size >= n / 2 && h->file_size <= LARGEST && h->block_size <= LARGEST;
}

/* Where file and block size were zeroed, too, the first block still tells. */
static bool is_shaped(const struct heads *h, size_t n)
{
    bool sizes = sizes_fit(h, n);
    bool zeroed = h->file_size == 0 && h->block_size == 0 && h->unpacked > 0 && h->packed <= h->unpacked && h->packed <= n &&
                  h->packed > 0 && h->unpacked < 1 << 28;
    return (sizes || zeroed) && is_method(h->method) && is_format(h->format) && h->version >= 9 && h->version <= 14;
}

/* Of the header at the end. */
static bool has_trailer(const void *data, size_t n)
{
    enum { LOOK = 128 };
    size_t look = n < LOOK ? n : LOOK;
    return memmem((const uint8_t *)data + n - look, look, "UPX!", 4) != NULL;
}

int upx_tell(const void *data, size_t n, bool big, uint64_t after, struct sample_report *r)
{
    struct heads h;
    bool has = read_heads(data, n, big, after, &h), shaped = has && is_shaped(&h, n), trailer = has_trailer(data, n);
    bool whole = shaped && sizes_fit(&h, n);
    if (has && h.magic == MAGIC && whole && trailer) {
        sample_set_word(r, WORD_PACKER, "upx");
        return sample_add_finding(r, "packed", after, "UPX %u, method %u, %u bytes to be %u", h.version, h.method, h.packed, h.unpacked);
    }
    if (!shaped && !(has && h.magic == MAGIC))
        return 0;
    sample_set_word(r, WORD_PACKER, "upx-altered");
    return sample_add_finding(r, "packed-altered", after,
                              "UPX headers whose %s: method %u, %u bytes to be %u",
                              h.magic != MAGIC ? "magic was overwritten" : whole ? "trailer is gone" : "sizes were overwritten",
                              h.method, h.packed, h.unpacked);
}
