#include "sample/elf-inside.h"

#include "base/text.h"
#include "sample/entropy.h"

#include <stdlib.h>
#include <string.h>

enum { FLAG_EXECUTE = 1, FLAG_WRITE = 2, FLAG_READ = 4, SHF_WRITE_ = 1, SHF_ALLOC_ = 2, SHF_EXECINSTR_ = 4, SHN_XINDEX_ = 0xffff };

/* ---- finding one's way ---- */

struct rd elf_section_data(const struct elf *e, const struct elf_section *s)
{
    struct rd r = s->type == SHT_NOBITS_ ? rd_init(e->data, 0) : elf_at(e, s->offset, s->size);
    return rd_ok(&r) ? r : rd_init(e->data, 0);
}

const char *elf_section_name(const struct elf *e, const struct elf_section *s, char ret[static SAMPLE_WORD])
{
    ret[0] = '\0';
    if (e->names >= e->section_n)
        return ret;
    struct rd names = elf_section_data(e, &e->section[e->names]);
    if (!rd_take(&names, s->name))
        return ret;
    size_t n = strnlen((const char *)names.p, rd_left(&names) < SAMPLE_WORD - 1 ? rd_left(&names) : SAMPLE_WORD - 1);
    memcpy(ret, names.p, n);
    ret[n] = '\0';
    return ret;
}

const struct elf_section *elf_section_find(const struct elf *e, const char *name)
{
    char own[SAMPLE_WORD];
    for (size_t i = 0; i < e->section_n; i++)
        if (!strcmp(elf_section_name(e, &e->section[i], own), name))
            return &e->section[i];
    return NULL;
}

/* ---- reading the tables ---- */

static struct elf_section section_of(const struct elf *e, struct rd *r)
{
    struct elf_section s = { .name = elf_u32(e, r) };
    s.type = elf_u32(e, r);
    s.flags = elf_word(e, r);
    s.address = elf_word(e, r);
    s.offset = elf_word(e, r);
    s.size = elf_word(e, r);
    s.link = elf_u32(e, r);
    (void)elf_u32(e, r); /* more of it, its alignment, the size of an entry */
    (void)elf_word(e, r);
    (void)elf_word(e, r);
    return s;
}

static struct elf_segment segment_of(const struct elf *e, struct rd *r)
{
    struct elf_segment s = { .type = elf_u32(e, r) };
    if (e->wide)
        s.flags = elf_u32(e, r);
    s.offset = elf_word(e, r);
    s.address = elf_word(e, r);
    (void)elf_word(e, r); /* the physical address */
    s.file_size = elf_word(e, r);
    s.memory_size = elf_word(e, r);
    if (!e->wide)
        s.flags = elf_u32(e, r);
    (void)elf_word(e, r); /* the alignment */
    return s;
}

/* What of a table lies in the file. */
static size_t entries_there(const struct elf *e, uint64_t at, uint64_t count, uint64_t size)
{
    uint64_t room = at < e->n ? (e->n - at) / size : 0;
    uint64_t n = count < room ? count : room;
    return (size_t)(n < ELF_TABLE ? n : ELF_TABLE);
}

/* More than 65,278 sections, or a far table of names, stand in section 0 (gabi, "e_shnum"). */
static void read_extended(struct elf *e)
{
    struct rd r = elf_at(e, e->sections_at, e->section_size);
    struct elf_section first = section_of(e, &r);
    if (!rd_ok(&r))
        return;
    if (e->sections == 0)
        e->sections = first.size > UINT32_MAX ? UINT32_MAX : (uint32_t)first.size;
    if (e->names == SHN_XINDEX_ && first.link < UINT16_MAX)
        e->names = (uint16_t)first.link;
}

static int read_sections(struct elf *e)
{
    if (e->sections_at == 0) {
        if (e->sections)
            TRY(sample_add_finding(e->report, "elf-section-table", e->wide ? 40 : 32, "%u sections, but no table", e->sections));
        return 0;
    }
    if (e->sections == 0 || e->names == SHN_XINDEX_)
        read_extended(e);
    size_t n = entries_there(e, e->sections_at, e->sections, e->section_size);
    if (n < e->sections)
        TRY(sample_add_finding(e->report, "elf-section-table", e->wide ? 40 : 32, "%zu of %u sections are in the file", n, e->sections));
    e->section = calloc(n + 1, sizeof *e->section);
    if (!e->section)
        return -ENOMEM;
    struct rd r = elf_at(e, e->sections_at, (uint64_t)n * e->section_size);
    for (; e->section_n < n && rd_ok(&r); e->section_n++)
        e->section[e->section_n] = section_of(e, &r);
    if (e->names >= e->section_n && n)
        return sample_add_finding(e->report, "elf-section-names", e->wide ? 62 : 50, "section %u is to have them", e->names);
    return 0;
}

static int read_segments(struct elf *e)
{
    if (e->segments == 0)
        return e->type == 2 || e->type == 3 ? sample_add_finding(e->report, "elf-no-segments", e->wide ? 56 : 44, "nothing is loaded") : 0;
    size_t n = entries_there(e, e->segments_at, e->segments, e->segment_size);
    if (n < e->segments)
        TRY(sample_add_finding(e->report, "elf-segment-table", e->wide ? 32 : 28, "%zu of %u segments are in the file", n, e->segments));
    e->segment = calloc(n + 1, sizeof *e->segment);
    if (!e->segment)
        return -ENOMEM;
    struct rd r = elf_at(e, e->segments_at, (uint64_t)n * e->segment_size);
    for (; e->segment_n < n && rd_ok(&r); e->segment_n++)
        e->segment[e->segment_n] = segment_of(e, &r);
    return 0;
}

/* ---- what stands out ---- */

static int check_segment(const struct elf *e, const struct elf_segment *s, size_t i)
{
    uint64_t at = e->segments_at + (uint64_t)i * e->segment_size;
    if (!elf_has(e, s->offset, s->file_size))
        TRY(sample_add_finding(e->report, "elf-segment-outside", at, "segment %zu lies outside of the file", i));
    if (s->type == PT_LOAD_ && s->memory_size < s->file_size)
        TRY(sample_add_finding(e->report, "elf-segment-memory", at, "segment %zu is larger than its memory", i));
    if (s->type == PT_LOAD_ && (s->flags & (FLAG_WRITE | FLAG_EXECUTE)) == (FLAG_WRITE | FLAG_EXECUTE))
        TRY(sample_add_finding(e->report, "elf-segment-rwx", at, "segment %zu can be written and run", i));
    return 0;
}

static int check_segments(const struct elf *e)
{
    bool loads = false;
    for (size_t i = 0; i < e->segment_n; i++) {
        loads |= e->segment[i].type == PT_LOAD_;
        TRY(check_segment(e, &e->segment[i], i));
    }
    if (e->segment_n && !loads && e->type != 4)
        return sample_add_finding(e->report, "elf-no-load", e->segments_at, "nothing is loaded");
    return 0;
}

static int check_sections(const struct elf *e)
{
    for (size_t i = 0; i < e->section_n; i++) {
        const struct elf_section *s = &e->section[i];
        uint64_t at = e->sections_at + (uint64_t)i * e->section_size;
        if (s->type != SHT_NOBITS_ && s->type != SHT_NULL_ && !elf_has(e, s->offset, s->size))
            TRY(sample_add_finding(e->report, "elf-section-outside", at, "section %zu lies outside of the file", i));
    }
    return 0;
}

/* Where it begins to run. */
static int check_entry(const struct elf *e)
{
    if (e->type != 2 && !(e->type == 3 && e->entry))
        return 0;
    for (size_t i = 0; i < e->segment_n; i++) {
        const struct elf_segment *s = &e->segment[i];
        /* PowerPC64's first ABI enters by a descriptor, which is data. */
        bool run = s->flags & FLAG_EXECUTE || e->machine == EM_PPC64_;
        if (s->type == PT_LOAD_ && run && e->entry >= s->address && e->entry - s->address < s->memory_size)
            return 0;
    }
    if (!e->segment_n)
        return 0;
    return sample_add_finding(e->report, "elf-entry", 24, "0x%llx is in no segment that can be run", (unsigned long long)e->entry);
}

/* What the tables and what they tell of reach up to. */
static uint64_t end_of(const struct elf *e)
{
    uint64_t end = e->sections_at + (uint64_t)e->section_n * e->section_size, table = e->segments_at + (uint64_t)e->segment_n * e->segment_size;
    end = e->section_n && end <= e->n ? end : 0;
    end = table <= e->n && table > end ? table : end;
    for (size_t i = 0; i < e->section_n; i++) {
        const struct elf_section *s = &e->section[i];
        if (s->type != SHT_NOBITS_ && elf_has(e, s->offset, s->size) && s->offset + s->size > end)
            end = s->offset + s->size;
    }
    for (size_t i = 0; i < e->segment_n; i++) {
        const struct elf_segment *s = &e->segment[i];
        if (elf_has(e, s->offset, s->file_size) && s->offset + s->file_size > end)
            end = s->offset + s->file_size;
    }
    return end;
}

static int check_overlay(const struct elf *e)
{
    enum { PADDING = 16 };
    uint64_t end = end_of(e);
    if (end == 0 || end >= e->n || e->n - end <= PADDING)
        return 0;
    uint16_t even = entropy(e->data + end, (size_t)(e->n - end));
    return sample_add_finding(e->report, "elf-overlay", end, "%llu bytes behind all that is told of, entropy %u.%02u",
                              (unsigned long long)(e->n - end), even / 100u, even % 100u);
}

/* ---- parts ---- */

static const char *segment_name(uint32_t type)
{
    static const struct {
        uint32_t type;
        const char *name;
    } names[] = {
        { 0, "null" },   { 1, "load" },     { 2, "dynamic" }, { 3, "interp" },   { 4, "note" },        { 5, "shlib" },
        { 6, "phdr" },   { 7, "tls" },      { 0x6474e550, "gnu-eh-frame" },       { 0x6474e551, "gnu-stack" },
        { 0x6474e552, "gnu-relro" },        { 0x6474e553, "gnu-property" },       { 0x70000000, "processor-0" },
        { 0x70000001, "processor-1" },      { 0x70000003, "processor-3" },
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].type == type)
            return names[i].name;
    return "other";
}

/* In a sound file some segments lie within others, and sections in segments; thousands that each hold all of it are there to
 * cost time. What is left of the bytes to be counted, for all of them; past that a part's entropy stays 0. */
enum { TIMES_COUNTED = 8 };

static int tell_entropy(const struct elf *e, struct sample_part *p, uint64_t *left)
{
    uint64_t there = p->offset < e->n ? e->n - p->offset : 0, n = p->size < there ? p->size : there;
    if (e->report->parts >= SAMPLE_ITEMS) /* it is not kept, only counted */
        return 0;
    if (n > *left)
        return sample_add_finding(e->report, "elf-parts-overlap", 0, "sections and segments tell of more than %d times the file",
                                  TIMES_COUNTED);
    *left -= n;
    p->entropy = n ? entropy(e->data + p->offset, (size_t)n) : 0;
    return 0;
}

static int add_segments(const struct elf *e, uint64_t *left)
{
    for (size_t i = 0; i < e->segment_n; i++) {
        const struct elf_segment *s = &e->segment[i];
        struct sample_part p = { .segment = true, .offset = s->offset, .size = s->file_size, .address = s->address,
                                 .flags = (uint8_t)((s->flags & FLAG_READ ? PART_READ : 0) | (s->flags & FLAG_WRITE ? PART_WRITE : 0) |
                                                    (s->flags & FLAG_EXECUTE ? PART_EXECUTE : 0)) };
        text_copy(p.name, sizeof p.name, segment_name(s->type));
        TRY(tell_entropy(e, &p, left));
        TRY(sample_add_part(e->report, &p));
    }
    return 0;
}

static int add_sections(const struct elf *e, uint64_t *left)
{
    for (size_t i = 0; i < e->section_n; i++) {
        const struct elf_section *s = &e->section[i];
        struct sample_part p = { .offset = s->offset, .size = s->size, .address = s->address,
                                 .flags = (uint8_t)((s->flags & SHF_ALLOC_ ? PART_READ : 0) | (s->flags & SHF_WRITE_ ? PART_WRITE : 0) |
                                                    (s->flags & SHF_EXECINSTR_ ? PART_EXECUTE : 0)) };
        if (s->type == SHT_NULL_)
            continue;
        elf_section_name(e, s, p.name);
        if (s->type != SHT_NOBITS_)
            TRY(tell_entropy(e, &p, left));
        TRY(sample_add_part(e->report, &p));
    }
    return 0;
}

/* ---- words ---- */

static bool has_type(const struct elf *e, uint32_t type)
{
    for (size_t i = 0; i < e->section_n; i++)
        if (e->section[i].type == type)
            return true;
    return false;
}

/* PT_INTERP's path. */
static void tell_interpreter(const struct elf *e)
{
    char path[SAMPLE_WORD];
    for (size_t i = 0; i < e->segment_n; i++) {
        if (e->segment[i].type != PT_INTERP_)
            continue;
        struct rd r = elf_at(e, e->segment[i].offset, e->segment[i].file_size);
        size_t n = rd_left(&r) < sizeof path - 1 ? rd_left(&r) : sizeof path - 1;
        rd_copy(&r, path, n);
        path[n] = '\0';
        sample_set_word(e->report, WORD_INTERPRETER, path);
        return;
    }
}

/* Whether it wants libraries, or says that it is a program though it can lie anywhere (DF_1_PIE). */
static void read_dynamic(const struct elf *e, bool *ret_needs, bool *ret_program)
{
    enum { DT_NULL_ = 0, DT_NEEDED_ = 1, DT_FLAGS_1_ = 0x6ffffffb, PIE = 0x08000000, ENTRIES = 4096 };
    *ret_needs = *ret_program = false;
    for (size_t i = 0; i < e->segment_n; i++) {
        if (e->segment[i].type != PT_DYNAMIC_)
            continue;
        struct rd r = elf_at(e, e->segment[i].offset, e->segment[i].file_size);
        for (int k = 0; k < ENTRIES && rd_left(&r); k++) {
            uint64_t tag = elf_word(e, &r), value = elf_word(e, &r);
            if (!rd_ok(&r) || tag == DT_NULL_)
                break;
            *ret_needs |= tag == DT_NEEDED_;
            *ret_program |= tag == DT_FLAGS_1_ && value & PIE;
        }
    }
}

static void tell_words(const struct elf *e)
{
    static const char *const types[] = { "", "relocatable", "executable", "shared", "core" };
    struct sample_report *r = e->report;
    bool needs, program;
    tell_interpreter(e);
    read_dynamic(e, &needs, &program);
    bool loaded = r->word[WORD_INTERPRETER][0] != '\0';
    const char *type = e->type < 5 ? types[e->type] : "";
    sample_set_word(r, WORD_TYPE, e->type == 3 && (loaded || program) ? "executable" : type);
    if (e->type == 2 || e->type == 3)
        sample_set_word(r, WORD_LINKING, needs || loaded ? "dynamic" : "static");
    r->stripped = has_type(e, SHT_SYMTAB_) ? TRI_NO : TRI_YES;
}

int elf_tables(struct elf *e)
{
    TRY(read_segments(e));
    return read_sections(e);
}

int elf_tables_tell(const struct elf *e)
{
    tell_words(e);
    TRY(check_segments(e));
    TRY(check_sections(e));
    TRY(check_entry(e));
    TRY(check_overlay(e));
    uint64_t left = (uint64_t)e->n * TIMES_COUNTED;
    TRY(add_segments(e, &left));
    return add_sections(e, &left);
}
