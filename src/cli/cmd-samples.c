#include "cli/samples.h"

#include "base/log.h"
#include "base/sha256.h"
#include "base/time.h"

#include <stdio.h>
#include <string.h>

/* clang-format off */
const struct option_def samples_options[] = {
    { "cpu", OPTION_TEXT, "NAME", "Only of this CPU: arm, mips, powerpc..." },
    { "format", OPTION_TEXT, "NAME", "Only of this format: elf, script..." },
    { "family", OPTION_TEXT, "NAME", "Only of this family" },
    { "group", OPTION_TEXT, "ID", "Only of this group of programs that are alike" },
    { "session", OPTION_TEXT, "ID", "Only those that this session brought" },
    { "from", OPTION_TIME, "TIME", "Only those that were met first then or later" },
    { "to", OPTION_TIME, "TIME", "Only those that were met first before" },
    { "limit", OPTION_INT, "N", "At most N rows (else 20; 0: all)" },
    { 0 },
};

const char samples_details[] =
    "A row a program that an attack delivered, or that 'teiten sample add' took in, the newest first. What triage\n"
    "cannot tell is null, and so is what it has not told yet. family is what a YARA rule names; group is of those that\n"
    "are alike by their strings and imports, whatever CPU they are built for. kept tells whether the vault has it.\n"
    "'teiten sample SHA256' tells one in full.";

static const struct column columns[] = {
    { "sha256", COLUMN_TEXT, "Sample", 0, false },
    { "size", COLUMN_INT, "Size", 0, false },
    { "format", COLUMN_TEXT, "Format", 0, false },
    { "cpu", COLUMN_TEXT, "CPU", 0, false },
    { "order", COLUMN_TEXT, "Order", 0, false },
    { "bits", COLUMN_INT, "Bits", 0, true },
    { "abi", COLUMN_TEXT, "ABI", 0, false },
    { "linking", COLUMN_TEXT, "Linking", 0, true },
    { "stripped", COLUMN_BOOL, "Stripped", 0, true },
    { "packer", COLUMN_TEXT, "Packer", 0, false },
    { "family", COLUMN_TEXT, "Family", 0, false },
    { "group", COLUMN_TEXT, "Group", 0, false },
    { "first_seen", COLUMN_TIME, "First seen", 0, false },
    { "last_seen", COLUMN_TIME, "Last seen", 0, true },
    { "times", COLUMN_INT, "Times", 0, false },
    { "kept", COLUMN_BOOL, "Kept", 0, true },
};
/* clang-format on */

enum { LIMIT = 20, SHORT = 16 };

struct rows {
    struct out out;
    bool table;
};

static void put_word(struct out *o, const char *word)
{
    out_text(o, *word ? word : NULL);
}

static int put_row(void *context, const struct sample_facts *f)
{
    struct rows *r = context;
    struct out *o = &r->out;
    char hex[SHA256_HEX];
    sha256_hex(f->sha256, hex);
    if (r->table) /* as much as one types */
        hex[SHORT] = '\0';
    out_text(o, hex);
    out_count(o, f->size);
    put_word(o, f->word[WORD_FORMAT]);
    put_word(o, f->word[WORD_CPU]);
    put_word(o, f->word[WORD_ORDER]);
    if (f->bits)
        out_int(o, f->bits);
    else
        out_null(o);
    put_word(o, f->word[WORD_ABI]);
    put_word(o, f->word[WORD_LINKING]);
    if (f->stripped == TRI_UNKNOWN)
        out_null(o);
    else
        out_bool(o, f->stripped == TRI_YES);
    put_word(o, f->word[WORD_PACKER]);
    put_word(o, f->word[WORD_FAMILY]);
    put_word(o, f->group);
    out_time(o, f->first / US_A_S);
    out_time(o, f->last / US_A_S);
    out_count(o, f->times);
    out_bool(o, f->kept);
    return 0;
}

static int filter(const struct cli *cli, struct sample_filter *ret)
{
    const char *session = cli_value(cli, "session");
    *ret = (struct sample_filter){ .cpu = cli_value(cli, "cpu"),
                                   .format = cli_value(cli, "format"),
                                   .family = cli_value(cli, "family"),
                                   .group = cli_value(cli, "group"),
                                   .since = cli_time(cli, "from", 0),
                                   .until = cli_time(cli, "to", 0),
                                   .limit = (size_t)cli_int(cli, "limit", LIMIT) };
    if (session && session_name_parse(session, &ret->session))
        return cli_usage(cli, session, "is no session (16 hexadecimal digits, as 'teiten sessions' shows them)");
    return CLI_DONE;
}

int samples_failed(const struct cli *cli, struct store *s, int err)
{
    if (err == STORE_REFUSED) {
        say_error(cli->n_arguments ? cli->arguments[0] : cli_state_dir(cli), store_why(s), NULL);
        return CLI_TROUBLE;
    }
    return cli_trouble(cli_state_dir(cli), err, *store_why(s) ? store_why(s) : NULL);
}

int cmd_samples(struct cli *cli)
{
    struct sample_filter f;
    struct store *s;
    struct rows r = { .table = cli->format == OUT_TABLE };
    int code = filter(cli, &f);
    if (!code)
        code = commands_open_store(cli, STORE_READ, &s);
    if (code)
        return code;
    cli_rows(cli, &r.out, columns, sizeof columns / sizeof columns[0]);
    int err = store_samples(s, &f, put_row, &r);
    uint64_t n = r.out.rows;
    code = cli_rows_end(&r.out);
    if (err)
        code = samples_failed(cli, s, err);
    else if (!code && r.table && n == 0)
        puts("No such sample was met.");
    else if (!code && r.table && f.limit && n == f.limit)
        printf("\nThe first %zu; --limit 0 shows all.\n", f.limit);
    store_close(s);
    return code;
}
