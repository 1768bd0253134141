#include "sample/magic.h"

#include "base/text.h"

#include <ctype.h>
#include <string.h>

struct sign {
    const char *format;
    uint16_t at;
    uint8_t n;
    const char *bytes;
};

#define SIGN(format, at, bytes) { format, at, sizeof(bytes) - 1, bytes }

/* The first that fits says it. Sources: the formats' own specifications. */
static const struct sign signs[] = {
    SIGN("elf", 0, "\177ELF"),
    SIGN("zip", 0, "PK\003\004"),
    SIGN("zip", 0, "PK\005\006"),
    SIGN("gzip", 0, "\037\213"),              /* RFC 1952 */
    SIGN("bzip2", 0, "BZh"),
    SIGN("xz", 0, "\3757zXZ\0"),
    SIGN("zstd", 0, "\050\265\057\375"),      /* RFC 8878 */
    SIGN("lzma", 0, "\135\0\0"),
    SIGN("7z", 0, "7z\274\257\047\034"),
    SIGN("rar", 0, "Rar!\032\007"),
    SIGN("tar", 257, "ustar"),
    SIGN("cpio", 0, "070701"),
    SIGN("cpio", 0, "070702"),
    SIGN("ar", 0, "!<arch>\n"),
    SIGN("compress", 0, "\037\235"),
    SIGN("macho", 0, "\376\355\372\316"),
    SIGN("macho", 0, "\376\355\372\317"),
    SIGN("macho", 0, "\316\372\355\376"),
    SIGN("macho", 0, "\317\372\355\376"),
    SIGN("dex", 0, "dex\n"),
    SIGN("wasm", 0, "\0asm"),
    SIGN("bflt", 0, "bFLT"),                  /* uClinux's flat binaries */
    SIGN("png", 0, "\211PNG\r\n\032\n"),
    SIGN("pdf", 0, "%PDF-"),
};

static bool begins(const void *data, size_t n, size_t at, const char *bytes, size_t length)
{
    return n >= length && at <= n - length && memcmp((const uint8_t *)data + at, bytes, length) == 0;
}

/* "MZ", and "PE" where its header says that it is (PE format, "MS-DOS Stub"). */
static bool is_pe(const void *data, size_t n)
{
    struct rd r = rd_init(data, n);
    if (rd_be16(&r) != 0x4d5a)
        return false;
    (void)rd_take(&r, 0x3c - 2);
    uint32_t at = rd_le32(&r);
    return rd_ok(&r) && begins(data, n, at, "PE\0\0", 4);
}

/* The line behind "#!": the program, or behind env(1) the one that it is to find. */
static void tell_interpreter(const char *line, size_t n, struct sample_report *r)
{
    char word[SAMPLE_WORD] = "";
    size_t at = 2, from;
    for (int words = 0; words < 2; words++) {
        while (at < n && (line[at] == ' ' || line[at] == '\t'))
            at++;
        from = at;
        while (at < n && !isspace((unsigned char)line[at]) && line[at])
            at++;
        size_t length = at - from < sizeof word - 1 ? at - from : sizeof word - 1;
        if (words && !length)
            break;
        memcpy(word, line + from, length);
        word[length] = '\0';
        const char *name = strrchr(word, '/');
        if (strcmp(name ? name + 1 : word, "env") != 0)
            break;
    }
    sample_set_word(r, WORD_INTERPRETER, word);
}

enum { LOOK = 4096 }; /* bytes that tell whether it is text */

static bool is_text(const uint8_t *data, size_t n)
{
    size_t look = n < LOOK ? n : LOOK, odd = 0;
    for (size_t i = 0; i < look; i++) {
        if (data[i] == 0)
            return false;
        odd += data[i] < 32 && !isspace(data[i]);
    }
    return odd * 50 < look;
}

static bool has_word(const uint8_t *data, size_t n, const char *word)
{
    return memmem(data, n < LOOK ? n : LOOK, word, strlen(word)) != NULL;
}

/* Without "#!", as loaders mostly are: commands that only a shell's text has. */
static bool is_shell(const uint8_t *data, size_t n)
{
    static const char *const words[] = { "wget ", "curl ", "tftp ", "ftpget ", "chmod ", "/bin/busybox", "cd /tmp", "rm -rf " };
    size_t met = 0;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        met += has_word(data, n, words[i]);
    return met >= 2;
}

static bool is_html(const uint8_t *data, size_t n)
{
    static const char *const begin[] = { "<!doctype html", "<html", "<head", "<body" };
    size_t at = 0;
    while (at < n && at < LOOK && isspace(data[at]))
        at++;
    for (size_t i = 0; i < sizeof begin / sizeof *begin; i++) {
        size_t length = strlen(begin[i]);
        if (n - at >= length && strncasecmp((const char *)data + at, begin[i], length) == 0)
            return true;
    }
    return false;
}

static const char *format_of(const void *data, size_t n)
{
    if (n == 0)
        return "empty";
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (begins(data, n, signs[i].at, signs[i].bytes, signs[i].n))
            return signs[i].format;
    if (is_pe(data, n))
        return "pe";
    if (!is_text(data, n))
        return begins(data, n, 0, "#!", 2) ? "script" : "data"; /* a script with a program behind it */
    if (begins(data, n, 0, "#!", 2) || is_shell(data, n))
        return "script";
    return is_html(data, n) ? "html" : "text";
}

void magic_tell(const void *data, size_t n, struct sample_report *r)
{
    const char *format = format_of(data, n);
    sample_set_word(r, WORD_FORMAT, format);
    if (begins(data, n, 0, "#!", 2)) {
        const char *end = memchr(data, '\n', n < 256 ? n : 256);
        tell_interpreter(data, end ? (size_t)(end - (const char *)data) : n < 256 ? n : 256, r);
    } else if (!strcmp(format, "script")) {
        sample_set_word(r, WORD_INTERPRETER, "sh");
    }
}
