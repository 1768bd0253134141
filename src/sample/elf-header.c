#include "sample/elf-inside.h"

#include <stdio.h>
#include <string.h>

enum { IDENT = 16, CLASS_32 = 1, CLASS_64 = 2, LITTLE = 1, BIG = 2, CURRENT = 1, HEADER_32 = 52, HEADER_64 = 64,
       SEGMENT_32 = 32, SEGMENT_64 = 56, SECTION_32 = 40, SECTION_64 = 64 };

static const struct machine {
    uint16_t number;
    const char *cpu, *wide; /* wide: of 64 bits; NULL: the same */
} machines[] = {
    { EM_ARM_, "arm", NULL },          { EM_AARCH64_, "aarch64", NULL },     { EM_MIPS_, "mips", "mips64" },
    { EM_MIPS_LE_, "mips", "mips64" }, { EM_PPC_, "powerpc", NULL },         { EM_PPC64_, "powerpc64", NULL },
    { EM_SH_, "superh", NULL },        { EM_SPARC_, "sparc", NULL },         { EM_SPARC32PLUS_, "sparc", NULL },
    { EM_SPARCV9_, "sparc64", NULL },  { EM_68K_, "m68k", NULL },            { EM_ARC_, "arc", NULL },
    { EM_ARC_COMPACT_, "arc", NULL },  { EM_ARC_COMPACT2_, "arc", NULL },    { EM_386_, "x86", NULL },
    { EM_X86_64_, "x86-64", NULL },    { EM_RISCV_, "riscv", NULL },         { EM_LOONGARCH_, "loongarch", NULL },
    { EM_XTENSA_, "xtensa", NULL },
};

static const struct machine *machine_find(uint16_t number)
{
    for (size_t i = 0; i < sizeof machines / sizeof *machines; i++)
        if (machines[i].number == number)
            return &machines[i];
    return NULL;
}

const char *elf_cpu(const struct elf *e, char ret[static SAMPLE_WORD])
{
    const struct machine *m = machine_find(e->machine);
    if (!m)
        snprintf(ret, SAMPLE_WORD, "machine %u", e->machine);
    else
        snprintf(ret, SAMPLE_WORD, "%s", e->wide && m->wide ? m->wide : m->cpu);
    return ret;
}

/* ---- byte order and size, also where the header lies about them ---- */

static uint16_t u16_at(const struct elf *e, size_t at, bool big)
{
    unsigned first = e->data[at], second = e->data[at + 1];
    return (uint16_t)(big ? first << 8 | second : second << 8 | first);
}

/* How many of the fields that are known make sense in that order: the type, a machine that has a name, the version. */
static int sense_of(const struct elf *e, bool big)
{
    uint16_t type = u16_at(e, 16, big), machine = u16_at(e, 18, big);
    bool version = u16_at(e, big ? 22 : 20, big) == CURRENT && u16_at(e, big ? 20 : 22, big) == 0;
    return (type >= 1 && type <= 4) + 2 * (machine_find(machine) != NULL) + version;
}

static int tell_order(struct elf *e)
{
    uint8_t told = e->data[5];
    int little = sense_of(e, false), big = sense_of(e, true);
    e->big = told == BIG;
    if (told != LITTLE && told != BIG) {
        e->big = big > little;
        return sample_add_finding(e->report, "elf-data-encoding", 5, "byte order %u is none; %s fits", told, e->big ? "big" : "little");
    }
    /* Where nothing makes sense as it is told, and all does the other way round. */
    if ((e->big ? big : little) < 2 && (e->big ? little : big) >= 3) {
        e->big = !e->big;
        return sample_add_finding(e->report, "elf-data-encoding", 5, "byte order %u is told; %s fits", told, e->big ? "big" : "little");
    }
    return 0;
}

/* The size of the header that it tells of, at either place. */
static bool header_size_is(const struct elf *e, size_t at, uint16_t size)
{
    return e->n >= at + 2 && u16_at(e, at, e->big) == size;
}

static int tell_class(struct elf *e)
{
    uint8_t told = e->data[4];
    bool wide = header_size_is(e, 52, HEADER_64), narrow = header_size_is(e, 40, HEADER_32);
    e->wide = told == CLASS_64;
    bool odd = told != CLASS_32 && told != CLASS_64, lies = e->wide ? !wide && narrow : !narrow && wide;
    if (!odd && !lies)
        return 0;
    e->wide = wide || (!narrow && e->machine == EM_X86_64_);
    return sample_add_finding(e->report, "elf-class", 4, "class %u is told; %u bits fit", told, e->wide ? 64 : 32);
}

static int tell_ident(struct elf *e)
{
    if (e->data[6] != CURRENT)
        TRY(sample_add_finding(e->report, "elf-ident-version", 6, "version %u", e->data[6]));
    for (size_t i = 9; i < IDENT; i++)
        if (e->data[i]) /* padding (gabi): some tools sign with it */
            return sample_add_finding(e->report, "elf-ident-padding", i, "bytes where there are to be zeros");
    e->os_abi = e->data[7];
    /* ARM's own (97), SysV, GNU, BSDs... up to 18; 64 and on are the processors'. */
    if ((e->os_abi > 18 && e->os_abi < 64) || e->data[8] > 3)
        return sample_add_finding(e->report, "elf-os-abi", 7, "ABI %u, version %u", e->os_abi, e->data[8]);
    return 0;
}

/* ---- the rest of the header ---- */

static void read_rest(struct elf *e)
{
    struct rd r = rd_init(e->data, e->n);
    (void)rd_take(&r, IDENT);
    e->type = elf_u16(e, &r);
    e->machine = elf_u16(e, &r);
    (void)elf_u32(e, &r);
    e->entry = elf_word(e, &r);
    e->segments_at = elf_word(e, &r);
    e->sections_at = elf_word(e, &r);
    e->flags = elf_u32(e, &r);
    e->header_size = elf_u16(e, &r);
    e->segment_size = elf_u16(e, &r);
    e->segments = elf_u16(e, &r);
    e->section_size = elf_u16(e, &r);
    e->sections = elf_u16(e, &r);
    e->names = elf_u16(e, &r);
}

static int check_version(const struct elf *e)
{
    struct rd r = elf_at(e, 20, 4);
    uint32_t version = elf_u32(e, &r);
    return version == CURRENT ? 0 : sample_add_finding(e->report, "elf-version", 20, "version %u", version);
}

static int check_sizes(struct elf *e)
{
    uint16_t header = e->wide ? HEADER_64 : HEADER_32, segment = e->wide ? SEGMENT_64 : SEGMENT_32,
             section = e->wide ? SECTION_64 : SECTION_32;
    if (e->header_size != header)
        TRY(sample_add_finding(e->report, "elf-header-size", e->wide ? 52 : 40, "%u bytes, not %u", e->header_size, header));
    if (e->segments && e->segment_size != segment)
        TRY(sample_add_finding(e->report, "elf-segment-size", e->wide ? 54 : 42, "%u bytes, not %u", e->segment_size, segment));
    if (e->sections && e->section_size != section)
        TRY(sample_add_finding(e->report, "elf-section-size", e->wide ? 58 : 46, "%u bytes, not %u", e->section_size, section));
    /* As they must be, whatever is told. */
    e->segment_size = segment;
    e->section_size = section;
    return 0;
}

static int check_machine(const struct elf *e)
{
    static const uint16_t narrow_only[] = { EM_ARM_, EM_386_, EM_PPC_, EM_SH_, EM_68K_, EM_SPARC_, EM_SPARC32PLUS_, EM_XTENSA_,
                                            EM_ARC_, EM_ARC_COMPACT_ };
    static const uint16_t wide_only[] = { EM_PPC64_, EM_SPARCV9_ };
    if (!machine_find(e->machine))
        TRY(sample_add_finding(e->report, "elf-machine", 18, "machine %u", e->machine));
    if (e->type < 1 || e->type > 4)
        TRY(sample_add_finding(e->report, "elf-type", 16, "type %u", e->type));
    for (size_t i = 0; i < sizeof narrow_only / sizeof *narrow_only; i++)
        if (e->machine == narrow_only[i] && e->wide)
            return sample_add_finding(e->report, "elf-class-machine", 4, "machine %u has no 64 bits", e->machine);
    for (size_t i = 0; i < sizeof wide_only / sizeof *wide_only; i++)
        if (e->machine == wide_only[i] && !e->wide)
            return sample_add_finding(e->report, "elf-class-machine", 4, "machine %u has no 32 bits", e->machine);
    return 0;
}

int elf_header(struct elf *e)
{
    if (e->n < HEADER_32) {
        TRY(sample_add_finding(e->report, "elf-header-short", 0, "%zu bytes", e->n));
        if (e->n < ELF_LEAST)
            return 1;
        TRY(tell_order(e));
        e->wide = e->data[4] == CLASS_64;
        e->machine = u16_at(e, 18, e->big);
        e->type = u16_at(e, 16, e->big);
        return 1;
    }
    TRY(tell_order(e));
    e->machine = u16_at(e, 18, e->big);
    TRY(tell_class(e));
    if (e->wide && e->n < HEADER_64) {
        TRY(sample_add_finding(e->report, "elf-header-short", 0, "%zu bytes", e->n));
        return 1;
    }
    read_rest(e);
    TRY(tell_ident(e));
    TRY(check_version(e));
    TRY(check_machine(e));
    return check_sizes(e);
}
