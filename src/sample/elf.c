#include "sample/elf-inside.h"

#include "sample/upx.h"

#include <stdlib.h>
#include <string.h>

static void tell_cpu(const struct elf *e)
{
    char text[SAMPLE_WORD];
    struct sample_report *r = e->report;
    sample_set_word(r, WORD_CPU, elf_cpu(e, text));
    sample_set_word(r, WORD_ORDER, e->big ? "big" : "little");
    r->bits = e->wide ? 64 : 32;
}

static int tell(struct elf *e)
{
    char text[SAMPLE_WORD];
    int short_of = elf_header(e);
    TRY(short_of);
    if (e->n >= ELF_LEAST)
        tell_cpu(e);
    if (short_of)
        return 0;
    TRY(elf_tables(e));
    TRY(elf_tables_tell(e));
    elf_abi(e, text);
    sample_set_word(e->report, WORD_ABI, text);
    elf_origin(e);
    return upx_tell(e->data, e->n, e->big, e->segments_at + (uint64_t)e->segments * e->segment_size, e->report);
}

static void release(struct elf *e)
{
    free(e->section);
    free(e->segment);
}

int elf_tell(const void *data, size_t n, struct sample_report *r)
{
    struct elf e = { .data = data, .n = n, .report = r };
    int err = tell(&e);
    release(&e);
    return err;
}

/* ---- imports ---- */

enum { SYMBOLS = 8192, NAME_MOST = 512 };

/* `left`: symbols that may be looked at yet, in all tables together. */
static int take_symbols(const struct elf *e, const struct elf_section *s, size_t *left,
                        int (*take)(void *context, const char *name, size_t length), void *context)
{
    if (s->link >= e->section_n)
        return 0;
    struct rd names = elf_section_data(e, &e->section[s->link]), r = elf_section_data(e, s);
    for (; *left && rd_left(&r); --*left) {
        uint32_t name = elf_u32(e, &r);
        struct rd rest = rd_sub(&r, e->wide ? 20 : 12);
        if (!rd_ok(&r))
            break;
        /* The section that it is in lies behind info and other, and of 32 bits behind value and size. */
        (void)rd_take(&rest, e->wide ? 2 : 10);
        bool wanted = elf_u16(e, &rest) == 0;
        struct rd text = names;
        if (!wanted || !name || !rd_take(&text, name))
            continue;
        size_t most = rd_left(&text) < NAME_MOST ? rd_left(&text) : NAME_MOST, length = strnlen((const char *)text.p, most);
        int err = length && length < most ? take(context, (const char *)text.p, length) : 0;
        if (err)
            return err;
    }
    return 0;
}

int elf_imports(const void *data, size_t n, int (*take)(void *context, const char *name, size_t length), void *context)
{
    struct sample_report unused;
    sample_report_init(&unused);
    struct elf e = { .data = data, .n = n, .report = &unused };
    size_t left = SYMBOLS;
    int err = elf_header(&e);
    if (!err)
        err = elf_tables(&e);
    for (size_t i = 0; !err && i < e.section_n; i++)
        if (e.section[i].type == SHT_DYNSYM_)
            err = take_symbols(&e, &e.section[i], &left, take, context);
    release(&e);
    sample_report_release(&unused);
    return err > 0 ? 0 : err;
}
