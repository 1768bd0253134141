#include "sample/elf-inside.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const uint8_t *find(const struct elf *e, const char *text)
{
    return memmem(e->data, e->n, text, strlen(text));
}

/* ---- the C library ---- */

/* By the loader that a program asks for, or by what only that library has in it. The path is as the projects build it;
 * uClibc's line is the set of conversions of its vfprintf(). */
static const struct {
    const char *libc, *loader, *text;
} libraries[] = {
    { "uclibc", "ld-uClibc", NULL },  { "musl", "ld-musl-", NULL },     { "bionic", "/system/bin/linker", NULL },
    { "glibc", "/ld-linux", NULL },   { "glibc", "/lib/ld.so.1", NULL }, { "glibc", "/lib64/ld64.so", NULL },
    { "uclibc", NULL, "__uClibc_main" }, { "uclibc", NULL, "npxXoudifFeEgGaACScs" },
    { "glibc", NULL, "GLIBC_2." },    { "glibc", NULL, "GNU C Library" }, { "glibc", NULL, "__gconv_transform" }, { "glibc", NULL, "FATAL: kernel too old\n" },
    { "musl", NULL, "/etc/ld-musl-" }, { "musl", NULL, "GCC: (GNU) musl" }, { "bionic", NULL, "libc_malloc_debug" },
    { "dietlibc", NULL, "diet libc" },
};

static const char *libc_of(const struct elf *e)
{
    const char *loader = e->report->word[WORD_INTERPRETER];
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++)
        if (libraries[i].loader ? strstr(loader, libraries[i].loader) != NULL : find(e, libraries[i].text) != NULL)
            return libraries[i].libc;
    return "";
}

/* ---- the compiler ---- */

/* "4.1.2": numbers and dots, behind the last space of a bracket or of a word. */
static bool take_version(const char *at, const char *end, char ret[static SAMPLE_WORD])
{
    size_t n = 0;
    while (at < end && n < 24 && (isdigit((unsigned char)*at) || *at == '.'))
        ret[n++] = *at++;
    while (n && ret[n - 1] == '.')
        n--;
    ret[n] = '\0';
    return n > 0 && strchr(ret, '.');
}

/* "GCC: (Debian 12.2.0-14) 12.2.0": the version is behind the bracket. */
static bool tell_gcc(const char *at, const char *end, char ret[static SAMPLE_WORD])
{
    const char *bracket = memchr(at, ')', (size_t)(end - at));
    char version[SAMPLE_WORD];
    if (!bracket || bracket + 2 >= end || !take_version(bracket + 2, end, version))
        return false;
    snprintf(ret, SAMPLE_WORD, "gcc %.40s", version);
    return true;
}

static bool tell_behind(const char *name, const char *at, const char *end, char ret[static SAMPLE_WORD])
{
    char version[SAMPLE_WORD];
    if (!take_version(at, end, version))
        return false;
    snprintf(ret, SAMPLE_WORD, "%.16s %.40s", name, version);
    return true;
}

static const struct {
    const char *sign, *name;
} compilers[] = {
    { "rustc version ", "rustc" }, { "clang version ", "clang" },
};

static bool compiler_of(const struct elf *e, char ret[static SAMPLE_WORD])
{
    enum { LINE = 120 };
    const char *all = (const char *)e->data + e->n;
    for (size_t i = 0; i < sizeof compilers / sizeof *compilers; i++) {
        const char *at = (const char *)find(e, compilers[i].sign);
        if (at && tell_behind(compilers[i].name, at + strlen(compilers[i].sign), all, ret))
            return true;
    }
    if (elf_section_find(e, ".gopclntab") || find(e, "\xff Go buildinf:") || find(e, "Go build ID: \"")) {
        snprintf(ret, SAMPLE_WORD, "go");
        return true;
    }
    const char *at = (const char *)find(e, "GCC: (");
    return at && tell_gcc(at, all - at > LINE ? at + LINE : all, ret);
}

void elf_origin(const struct elf *e)
{
    char compiler[SAMPLE_WORD];
    sample_set_word(e->report, WORD_LIBC, libc_of(e));
    if (compiler_of(e, compiler))
        sample_set_word(e->report, WORD_COMPILER, compiler);
}
