/* The first byte says what the rest is: persona.ini, cli.tsv with a line typed behind a NUL, or a
 * program. */
#include "trap/persona-inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void ini(const char *data, size_t n)
{
    char why[1][HOLD_WHY] = { "" };
    struct persona_hold *h = calloc(1, sizeof *h);
    if (!h)
        return;
    hold_init(&h->hold, why);
    if (!setjmp(h->hold.full)) {
        int e = persona_read_ini(h, data, n);
        const struct persona *p = &h->persona;
        assert(e == 0 || (e == 1 && (*why)[0]));
        assert(e || (p->dialect && p->n_ports && p->weight && p->uptime_least <= p->uptime_most &&
                     *p->name));
        assert(e || (p->login.banner && p->login.timed_out && p->login.tries <= 200));
    }
    hold_release(&h->hold);
    free(h);
}

static void commands(const char *data, size_t n, bool abbreviates)
{
    const struct vendor_style style = { "%h> |%h# |", abbreviates };
    const char *typed = memchr(data, '\0', n);
    struct vendor_cli *c = NULL;
    char why[HOLD_WHY] = "";
    int e = vendor_read(&c, data, typed ? (size_t)(typed - data) : n, NULL, &style, why);
    assert(e == 0 || (e == 1 && why[0]));
    struct vendor_at at;
    struct buf out;
    buf_init(&out, 1 << 20);
    if (!e)
        vendor_begin(&at, c, "dvr", &out);
    for (const char *end = data + n; !e && typed && typed < end;) {
        bool unknown;
        const char *stop = memchr(typed, '\n', (size_t)(end - typed));
        vendor_line(&at, typed, (size_t)((stop ? stop : end) - typed), &out, &unknown);
        assert(at.level < vendor_levels(c) && at.asked <= vendor_levels(c));
        typed = stop ? stop + 1 : NULL;
    }
    buf_release(&out);
    vendor_free(c);
}

static void program(const void *data, size_t n)
{
    struct elf_facts f = elf_read(data, n);
    assert(memchr(f.loader, '\0', sizeof f.loader));
    assert(f.is || !f.loader[0]);
}

static void name(const char *data, size_t n)
{
    static const uint8_t mac[6] = { 0, 0, 0x5e, 1, 2, 3 };
    char pattern[64], to[PERSONA_HOSTNAME];
    n = n < sizeof pattern ? n : sizeof pattern - 1;
    memcpy(pattern, data, n);
    pattern[n] = '\0';
    (void)persona_hostname(pattern, 0x123456789abcdef0, mac, to);
    assert(memchr(to, '\0', sizeof to));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    const char *rest = (const char *)data + 1;
    size_t n = size - 1;
    switch (data[0] & 3) {
    case 0:
        ini(rest, n);
        break;
    case 1:
        commands(rest, n, data[0] & 4);
        break;
    case 2:
        program(rest, n);
        break;
    default:
        name(rest, n);
    }
    return 0;
}
