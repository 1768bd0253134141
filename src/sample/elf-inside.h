#pragma once
/*
 * What the files of the ELF reader share: elf.c leads, elf-header.c finds byte order, size and tables, elf-tables.c sections and
 * segments, elf-abi.c what a processor's flags and attributes say, elf-origin.c where it was made.
 */
#include "sample/elf.h"

enum {
    ELF_TABLE = 4096, /* sections, or segments, that are looked at */
    ELF_LEAST = 24,   /* bytes that tell a CPU: up to the version */
    SHT_NULL_ = 0, SHT_SYMTAB_ = 2, SHT_NOBITS_ = 8, SHT_DYNSYM_ = 11,
    PT_LOAD_ = 1, PT_DYNAMIC_ = 2, PT_INTERP_ = 3,
};

/* Numbers of e_machine that have a name here (gabi, "Machine"). */
enum elf_machine {
    EM_SPARC_ = 2, EM_386_ = 3, EM_68K_ = 4, EM_MIPS_ = 8, EM_MIPS_LE_ = 10, EM_SPARC32PLUS_ = 18, EM_PPC_ = 20, EM_PPC64_ = 21,
    EM_ARM_ = 40, EM_SH_ = 42, EM_SPARCV9_ = 43, EM_ARC_ = 45, EM_X86_64_ = 62, EM_ARC_COMPACT_ = 93, EM_XTENSA_ = 94,
    EM_AARCH64_ = 183, EM_ARC_COMPACT2_ = 195, EM_RISCV_ = 243, EM_LOONGARCH_ = 258,
};

struct elf_section {
    uint32_t name, type, link;
    uint64_t flags, address, offset, size;
};

struct elf_segment {
    uint32_t type, flags;
    uint64_t offset, address, file_size, memory_size;
};

struct elf {
    const uint8_t *data;
    size_t n;
    struct sample_report *report;
    bool wide, big;       /* as far as they are told, or else guessed */
    uint8_t os_abi;
    uint16_t type, machine;
    uint32_t flags;
    uint64_t entry, segments_at, sections_at;
    uint16_t header_size, segment_size, segments, section_size, names;
    uint32_t sections;
    struct elf_section *section; /* owned; those that could be read */
    size_t section_n;
    struct elf_segment *segment; /* owned */
    size_t segment_n;
};

/* ---- reading ---- */

/* Whether n bytes from an offset on lie in the file. */
static inline bool elf_has(const struct elf *e, uint64_t offset, uint64_t n)
{
    return offset <= e->n && n <= e->n - offset;
}
/* n bytes at an offset; poisoned where they are not all there. */
static inline struct rd elf_at(const struct elf *e, uint64_t offset, uint64_t n)
{
    struct rd r = rd_init(e->data, e->n);
    if (!elf_has(e, offset, n)) {
        rd_poison(&r);
        return r;
    }
    (void)rd_take(&r, (size_t)offset);
    return rd_sub(&r, (size_t)n);
}
static inline uint16_t elf_u16(const struct elf *e, struct rd *r)
{
    return e->big ? rd_be16(r) : rd_le16(r);
}
static inline uint32_t elf_u32(const struct elf *e, struct rd *r)
{
    return e->big ? rd_be32(r) : rd_le32(r);
}
static inline uint64_t elf_u64(const struct elf *e, struct rd *r)
{
    return e->big ? rd_be64(r) : rd_le64(r);
}
/* An address or offset. */
static inline uint64_t elf_word(const struct elf *e, struct rd *r)
{
    return e->wide ? elf_u64(e, r) : elf_u32(e, r);
}

/* The bytes that a section has in the file; empty where it has none, or lies outside. */
struct rd elf_section_data(const struct elf *e, const struct elf_section *s);
/* Its name, cut to SAMPLE_WORD; "" where there is none. */
const char *elf_section_name(const struct elf *e, const struct elf_section *s, char ret[static SAMPLE_WORD]);
/* NULL: there is none of that name. */
const struct elf_section *elf_section_find(const struct elf *e, const char *name);

/* ---- elf-header.c: 1 where too little is there to be read as ELF at all ---- */
int must_check elf_header(struct elf *e);
const char *elf_cpu(const struct elf *e, char ret[static SAMPLE_WORD]);
/* ---- elf-tables.c: reads them; tells of them ---- */
int must_check elf_tables(struct elf *e);
int must_check elf_tables_tell(const struct elf *e);
/* ---- elf-abi.c ---- */
void elf_abi(const struct elf *e, char ret[static SAMPLE_WORD]);
/* ---- elf-origin.c ---- */
void elf_origin(const struct elf *e);
