/* u8: bit 0 is -r; a script of sed. It is commands or a fault; what they name is there. */
#include "shell/applets/sed.h"

#include <assert.h>
#include <setjmp.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *read_lines(struct sed_script *s, const char *text)
{
    for (;;) {
        const char *end = strchrnul(text, '\n');
        const char *why = sed_script_line(s, text, (size_t)(end - text));
        if (why || !*end)
            return why;
        text = end + 1;
    }
}

static jmp_buf full;

static void __attribute__((noreturn)) no_memory(struct memory *m)
{
    (void)m;
    longjmp(full, 1);
}

static void check_command(const struct sed_command *c)
{
    assert(c->letter && strchr("saicrw:btTydDgGhHlnNpPqx={}", c->letter));
    assert(!strchr("saicbtT:", c->letter) || c->text);
    assert(!strchr("rw", c->letter) || (c->file_name && *c->file_name));
    assert(c->letter != 'y' || c->map);
    assert(c->from.where != WHERE_MATCH || c->from.regex);
    assert(c->to.where != WHERE_MATCH || c->to.regex);
    assert(c->to.where != WHERE_LATER || c->to.line >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct memory_account account = { .most = 8 << 20 };
    struct memory m = { .account = &account, .exhausted = no_memory };
    if (setjmp(full) == 0) {
        struct sed_script s = { .memory = &m, .extended = data[0] & 1 };
        const char *text = memory_bytes(&m, data + 1, size - 1);
        const char *why = read_lines(&s, text);
        if (!why)
            why = sed_script_end(&s);
        assert(!why || *why);
        for (size_t i = 0; i < s.n; i++)
            check_command(&s.commands[i]);
    }
    memory_clear(&m);
    assert(account.used == 0);
    return 0;
}
