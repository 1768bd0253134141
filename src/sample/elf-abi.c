#include "sample/elf-inside.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Words with a space between them, as many as fit. */
static void add(char text[static SAMPLE_WORD], const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(char text[static SAMPLE_WORD], const char *format, ...)
{
    size_t n = strlen(text);
    va_list args;
    if (n && n < SAMPLE_WORD - 1)
        text[n++] = ' ';
    va_start(args, format);
    vsnprintf(text + n, SAMPLE_WORD - n, format, args);
    va_end(args);
}

struct numbered {
    uint32_t number;
    const char *name;
};

static const char *name_of(const struct numbered *table, size_t n, uint32_t number)
{
    for (size_t i = 0; i < n; i++)
        if (table[i].number == number)
            return table[i].name;
    return NULL;
}
#define NAME_OF(table, number) name_of(table, sizeof(table) / sizeof *(table), number)

/* ---- build attributes ("Addenda to the ABI for the Arm Architecture", section 2; .gnu.attributes has the same shape) ---- */

enum { ATTRIBUTES = 72 };
struct attributes {
    bool has[ATTRIBUTES];
    uint32_t value[ATTRIBUTES];
};

/* Which have a text: below 32 few, from there on the odd ones; 32 has a number and a text. */
static bool is_text(bool arm, uint64_t tag)
{
    if (arm && tag < 32)
        return tag == 4 || tag == 5;
    return tag & 1;
}

static void skip_text(struct rd *r)
{
    const uint8_t *end = memchr(r->p, '\0', rd_left(r));
    (void)rd_take(r, end ? (size_t)(end - r->p) + 1 : rd_left(r) + 1);
}

static void read_list(struct rd r, bool arm, struct attributes *ret)
{
    enum { COMPATIBILITY = 32 };
    while (rd_left(&r)) {
        uint64_t tag = rd_varint(&r);
        if (is_text(arm, tag)) {
            skip_text(&r);
            continue;
        }
        uint64_t value = rd_varint(&r);
        if (tag == COMPATIBILITY)
            skip_text(&r);
        if (!rd_ok(&r))
            return;
        if (tag < ATTRIBUTES) {
            ret->has[tag] = true;
            ret->value[tag] = value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
        }
    }
}

/* Of one vendor: parts for the whole file, or for some of its sections or symbols, which are passed over. */
static void read_vendor(const struct elf *e, struct rd r, bool arm, struct attributes *ret)
{
    enum { TAG_FILE = 1, HEAD = 5 };
    while (rd_left(&r) >= HEAD) {
        uint8_t tag = rd_u8(&r);
        uint32_t size = elf_u32(e, &r);
        struct rd part = rd_sub(&r, size >= HEAD ? size - HEAD : rd_left(&r) + 1);
        if (!rd_ok(&r))
            return;
        if (tag == TAG_FILE)
            read_list(part, arm, ret);
    }
}

static void read_attributes(const struct elf *e, const char *section, const char *vendor, struct attributes *ret)
{
    const struct elf_section *s = elf_section_find(e, section);
    *ret = (struct attributes){ 0 };
    if (!s)
        return;
    struct rd r = elf_section_data(e, s);
    if (rd_u8(&r) != 'A')
        return;
    while (rd_left(&r) > 4) {
        uint32_t size = elf_u32(e, &r);
        struct rd part = rd_sub(&r, size >= 4 ? size - 4 : rd_left(&r) + 1);
        size_t name = strlen(vendor) + 1;
        if (!rd_ok(&r))
            break;
        if (rd_left(&part) >= name && !memcmp(part.p, vendor, name)) {
            (void)rd_take(&part, name);
            read_vendor(e, part, !strcmp(vendor, "aeabi"), ret);
        }
    }
}

/* ---- ARM: "ELF for the Arm Architecture", section 5.2; attributes' Tag_CPU_arch ---- */

static void tell_arm(const struct elf *e, char *text)
{
    static const struct numbered arch[] = {
        { 0, "armv3" },    { 1, "armv4" },    { 2, "armv4t" },   { 3, "armv5t" },   { 4, "armv5te" },  { 5, "armv5tej" }, { 6, "armv6" },
        { 7, "armv6kz" },  { 8, "armv6t2" },  { 9, "armv6k" },   { 10, "armv7" },   { 11, "armv6-m" }, { 12, "armv6s-m" },
        { 13, "armv7e-m" }, { 14, "armv8" },  { 15, "armv8-r" }, { 16, "armv8-m.base" }, { 17, "armv8-m.main" },
        { 21, "armv8.1-m.main" }, { 22, "armv9" },
    };
    enum { CPU_ARCH = 6, VFP_ARGS = 28, VFP_REGISTERS = 1, EABI_SHIFT = 24, HARD = 0x400, SOFT = 0x200, BE8 = 0x00800000 };
    struct attributes a;
    read_attributes(e, ".ARM.attributes", "aeabi", &a);
    const char *name = a.has[CPU_ARCH] ? NAME_OF(arch, a.value[CPU_ARCH]) : NULL;
    uint32_t eabi = e->flags >> EABI_SHIFT;
    if (name)
        add(text, "%s", name);
    if (eabi)
        add(text, "eabi%u", eabi);
    else
        add(text, "oabi");
    if (e->flags & BE8)
        add(text, "be8");
    if ((eabi >= 5 && e->flags & HARD) || (a.has[VFP_ARGS] && a.value[VFP_ARGS] == VFP_REGISTERS))
        add(text, "hard-float");
    else if (e->flags & SOFT)
        add(text, "soft-float");
}

/* ---- MIPS: its supplement; .MIPS.abiflags as binutils describes it ---- */

static const char *mips_isa(uint32_t flags)
{
    static const struct numbered isa[] = { { 0, "mips1" },    { 1, "mips2" },    { 2, "mips3" },      { 3, "mips4" },
                                           { 4, "mips5" },    { 5, "mips32" },   { 6, "mips64" },     { 7, "mips32r2" },
                                           { 8, "mips64r2" }, { 9, "mips32r6" }, { 10, "mips64r6" } };
    return NAME_OF(isa, flags >> 28);
}

static const char *mips_abi(const struct elf *e)
{
    static const struct numbered abi[] = { { 1, "o32" }, { 2, "o64" }, { 3, "eabi32" }, { 4, "eabi64" } };
    enum { N32 = 0x20 };
    if (e->wide)
        return "n64";
    return e->flags & N32 ? "n32" : NAME_OF(abi, e->flags >> 12 & 0xf);
}

/* Its floating point ABI: of .MIPS.abiflags, or of the older attribute of the same numbers; -1: it is not told. */
static int mips_float(const struct elf *e)
{
    enum { FP_AT = 7, FLAGS_SIZE = 24, TAG_FP = 4 };
    const struct elf_section *s = elf_section_find(e, ".MIPS.abiflags");
    struct rd r = s ? elf_section_data(e, s) : rd_init(e->data, 0);
    if (rd_left(&r) >= FLAGS_SIZE)
        return r.p[FP_AT];
    struct attributes a;
    read_attributes(e, ".gnu.attributes", "gnu", &a);
    return a.has[TAG_FP] ? (int)(a.value[TAG_FP] & 0xff) : -1;
}

static void tell_mips(const struct elf *e, char *text)
{
    enum { SOFT = 3, HARD_LEAST = 1, HARD_MOST = 7 };
    const char *isa = mips_isa(e->flags), *abi = mips_abi(e);
    int fp = mips_float(e);
    if (isa)
        add(text, "%s", isa);
    if (abi)
        add(text, "%s", abi);
    if (fp == SOFT)
        add(text, "soft-float");
    else if (fp >= HARD_LEAST && fp <= HARD_MOST)
        add(text, "hard-float");
}

/* ---- the others ---- */

static void tell_powerpc(const struct elf *e, char *text)
{
    enum { TAG_FP = 4, FP_MASK = 3, HARD = 1, SOFT = 2, SINGLE = 3, EMB = 0x80000000u, ABI = 3 };
    struct attributes a;
    if (e->machine == EM_PPC64_ && e->flags & ABI)
        add(text, "elfv%u", e->flags & ABI);
    if (e->machine == EM_PPC_ && e->flags & EMB)
        add(text, "embedded");
    read_attributes(e, ".gnu.attributes", "gnu", &a);
    if (!a.has[TAG_FP])
        return;
    uint32_t fp = a.value[TAG_FP] & FP_MASK;
    if (fp)
        add(text, fp == SOFT ? "soft-float" : fp == SINGLE ? "single-float" : "hard-float");
}

static void tell_superh(const struct elf *e, char *text)
{
    static const struct numbered variants[] = {
        { 1, "sh1" },   { 2, "sh2" },   { 3, "sh3" },   { 4, "sh-dsp" },      { 5, "sh3-dsp" },     { 6, "sh4al-dsp" },
        { 8, "sh3e" },  { 9, "sh4" },   { 10, "sh5" },  { 11, "sh2e" },       { 12, "sh4a" },       { 13, "sh2a" },
        { 16, "sh4-nofpu" }, { 17, "sh4a-nofpu" }, { 18, "sh4-nommu-nofpu" }, { 19, "sh2a-nofpu" }, { 20, "sh3-nommu" },
        { 21, "sh2a-nofpu-or-sh4-nommu-nofpu" }, { 22, "sh2a-nofpu-or-sh3-nommu" }, { 23, "sh2a-or-sh4" }, { 24, "sh2a-or-sh3e" },
    };
    enum { FDPIC = 0x8000, VARIANT = 0x1f };
    const char *name = NAME_OF(variants, e->flags & VARIANT);
    if (name)
        add(text, "%s", name);
    if (e->flags & FDPIC)
        add(text, "fdpic");
}

static void tell_sparc(const struct elf *e, char *text)
{
    enum { MEMORY_MODEL = 3, PLUS = 0x100 };
    static const char *const models[] = { "tso", "pso", "rmo" };
    add(text, e->machine == EM_SPARC_ ? "v8" : e->machine == EM_SPARC32PLUS_ ? "v8plus" : "v9");
    if (e->machine == EM_SPARCV9_ && (e->flags & MEMORY_MODEL) < 3)
        add(text, "%s", models[e->flags & MEMORY_MODEL]);
}

static void tell_m68k(const struct elf *e, char *text)
{
    enum { M68000 = 0x01000000, CPU32 = 0x00810000, FIDO = 0x02000000, COLDFIRE = 0xff };
    static const struct numbered isa[] = { { 1, "coldfire isa-a-nodiv" }, { 2, "coldfire isa-a" }, { 3, "coldfire isa-a+" },
                                           { 4, "coldfire isa-b-nousp" }, { 5, "coldfire isa-b" }, { 6, "coldfire isa-c" } };
    const char *name = NAME_OF(isa, e->flags & 0xf);
    if (e->flags & M68000)
        add(text, "68000");
    else if ((e->flags & CPU32) == CPU32)
        add(text, "cpu32");
    else if (e->flags & FIDO)
        add(text, "fido");
    else if (e->flags & COLDFIRE && name)
        add(text, "%s", name);
    else if (e->flags == 0)
        add(text, "68020");
}

static void tell_arc(const struct elf *e, char *text)
{
    static const struct numbered machines[] = { { 2, "arc600" }, { 3, "arc700" }, { 4, "arc601" }, { 5, "arcv2em" }, { 6, "arcv2hs" } };
    const char *name = NAME_OF(machines, e->flags & 0xff);
    if (name)
        add(text, "%s", name);
}

static void tell_riscv(const struct elf *e, char *text)
{
    enum { RVC = 1, RVE = 8 };
    static const char *const floats[] = { "soft-float", "single-float", "double-float", "quad-float" };
    add(text, e->wide ? "rv64" : "rv32");
    add(text, "%s", floats[e->flags >> 1 & 3]);
    if (e->flags & RVC)
        add(text, "rvc");
    if (e->flags & RVE)
        add(text, "rve");
}

static void tell_loongarch(const struct elf *e, char *text)
{
    static const struct numbered floats[] = { { 1, "soft-float" }, { 2, "single-float" }, { 3, "double-float" } };
    const char *name = NAME_OF(floats, e->flags & 7);
    add(text, e->wide ? "la64" : "la32");
    if (name)
        add(text, "%s", name);
}

static void tell_x86(const struct elf *e, char *text)
{
    if (e->machine == EM_X86_64_)
        add(text, e->wide ? "x86-64" : "x32");
    else
        add(text, "i386");
}

void elf_abi(const struct elf *e, char ret[static SAMPLE_WORD])
{
    static const struct {
        uint16_t machine;
        void (*tell)(const struct elf *e, char *text);
    } tellers[] = {
        { EM_ARM_, tell_arm },       { EM_MIPS_, tell_mips },     { EM_MIPS_LE_, tell_mips },    { EM_PPC_, tell_powerpc },
        { EM_PPC64_, tell_powerpc }, { EM_SH_, tell_superh },     { EM_SPARC_, tell_sparc },     { EM_SPARC32PLUS_, tell_sparc },
        { EM_SPARCV9_, tell_sparc }, { EM_68K_, tell_m68k },      { EM_ARC_, tell_arc },         { EM_ARC_COMPACT_, tell_arc },
        { EM_ARC_COMPACT2_, tell_arc }, { EM_RISCV_, tell_riscv }, { EM_LOONGARCH_, tell_loongarch }, { EM_386_, tell_x86 },
        { EM_X86_64_, tell_x86 },
    };
    ret[0] = '\0';
    for (size_t i = 0; i < sizeof tellers / sizeof *tellers; i++)
        if (tellers[i].machine == e->machine)
            tellers[i].tell(e, ret);
}
