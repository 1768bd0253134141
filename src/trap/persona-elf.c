#include "trap/persona-inside.h"

#include "base/rd.h"

#include <string.h>

/* The System V ABI's numbers. */
enum { CLASS_64 = 2, DATA_BIG = 2, INTERPRETER = 3, HEADERS_MOST = 64 };

static uint16_t half(struct rd *r, bool big)
{
    return big ? rd_be16(r) : rd_le16(r);
}

static uint32_t word(struct rd *r, bool big)
{
    return big ? rd_be32(r) : rd_le32(r);
}

static uint64_t address(struct rd *r, const struct elf_facts *f)
{
    return f->wide ? f->big ? rd_be64(r) : rd_le64(r) : word(r, f->big);
}

struct table {
    uint64_t at;
    uint16_t size, n;
};

static struct table read_header(struct rd *r, struct elf_facts *f)
{
    struct table t;
    (void)half(r, f->big); /* e_type */
    f->machine = half(r, f->big);
    (void)word(r, f->big); /* e_version */
    (void)address(r, f);   /* e_entry */
    t.at = address(r, f);
    (void)address(r, f); /* e_shoff */
    f->flags = word(r, f->big);
    (void)half(r, f->big); /* e_ehsize */
    t.size = half(r, f->big);
    t.n = half(r, f->big);
    return t;
}

/* The name that an interpreter's program header points at. */
static void read_loader(struct rd r, struct rd file, struct elf_facts *f)
{
    if (word(&r, f->big) != INTERPRETER)
        return;
    if (f->wide)
        (void)word(&r, f->big); /* p_flags */
    uint64_t at = address(&r, f);
    (void)address(&r, f); /* p_vaddr */
    (void)address(&r, f); /* p_paddr */
    uint64_t n = address(&r, f);
    if (!rd_ok(&r) || n < 2 || n > sizeof f->loader || at > rd_left(&file))
        return;
    (void)rd_take(&file, (size_t)at);
    rd_copy(&file, f->loader, (size_t)n);
    f->loader[n - 1] = '\0';
}

struct elf_facts elf_read(const void *data, size_t n)
{
    struct rd file = rd_init(data, n), r = file;
    struct elf_facts f = { 0 };
    const uint8_t *ident = rd_take(&r, 16);
    if (!ident || memcmp(ident, "\177ELF", 4) != 0)
        return f;
    f.wide = ident[4] == CLASS_64;
    f.big = ident[5] == DATA_BIG;
    struct table t = read_header(&r, &f);
    f.is = rd_ok(&r);
    struct rd headers = file;
    if (!f.is || t.at > n)
        return f;
    (void)rd_take(&headers, (size_t)t.at);
    for (unsigned i = 0; i < t.n && i < HEADERS_MOST && rd_ok(&headers); i++)
        read_loader(rd_sub(&headers, t.size), file, &f);
    return f;
}

/* e_machine by the registry of the ABI; uname by the kernel's architectures; what /proc/cpuinfo
 * tells by their cpuinfo. */
static const struct persona_cpu cpus[] = {
    { "arm", 40, false, "little big", "armv4l armv4tl armv5l armv5tel armv5tejl armv6l armv7l",
      "CPU architecture" },
    { "aarch64", 183, true, "little big", "aarch64", "CPU architecture" },
    { "mips", 8, false, "little big", "mips rlx", "cpu model" },
    { "mips64", 8, true, "little big", "mips64", "cpu model" },
    { "powerpc", 20, false, "little big", "ppc", "cpu" },
    { "powerpc64", 21, true, "little big", "ppc64 ppc64le", "cpu" },
    { "superh", 42, false, "little big", "sh2 sh2a sh3 sh4 sh4a", "cpu type" },
    { "sparc", 2, false, "big", "sparc", "type" },
    { "sparc64", 43, true, "big", "sparc64", "type" },
    { "m68k", 4, false, "big", "m68k", "CPU" },
    { "arc", 93, false, "little big", "arc", "Processor Family" },
    { "x86", 3, false, "little", "i386 i486 i586 i686", "vendor_id" },
    { "x86-64", 62, true, "little", "x86_64", "vendor_id" },
    { "riscv", 243, true, "little", "riscv64", "isa" },
    { "loongarch", 258, true, "little", "loongarch64", "CPU Family" },
    { "xtensa", 94, false, "little big", "xtensa", "core ID" },
};

const struct persona_cpu *persona_cpu_at(size_t i)
{
    return i < sizeof cpus / sizeof cpus[0] ? &cpus[i] : NULL;
}

const struct persona_cpu *persona_cpu_find(const char *cpu)
{
    const struct persona_cpu *c;
    for (size_t i = 0; (c = persona_cpu_at(i)); i++) {
        if (strcmp(c->cpu, cpu) == 0)
            return c;
    }
    return NULL;
}

bool persona_among(const char *list, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = list; *at; at += strcspn(at, " "), at += strspn(at, " ")) {
        if (n && strcspn(at, " ") == n && memcmp(at, word, n) == 0)
            return true;
    }
    return false;
}
