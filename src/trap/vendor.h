#pragma once
/*
 * A vendor's command line before, or in place of, the shell: prompts, levels, a table of commands whose
 * answers are data (personas/NAME/cli.tsv):
 *
 *   level <tab> command pattern <tab> action <tab> text
 *
 * level: a number (0 is where a visitor begins), or `*` for all of them. pattern: words, `*` a word, `...` the rest, if any; a
 * unique beginning of a word will do where the device takes abbreviations, but for rows that say a word whole. The first
 * row that fits is the one. action:
 *
 *   say          the text, and the prompt again
 *   enter LEVEL  the text; commands of that level from now on
 *   password LEVEL  the text asks for a password; whatever is said is right
 *   shell        the text; the device's sh begins
 *   exit         the text; the connection ends
 *   file NAME    the file of the persona's folder is said (no path; LF becomes CR LF), then the text
 *   unknown      the text is said of a line that no row before fits; its pattern is `...`
 *
 * Text is words (trap/words.h); %c is the line that was typed. `#` begins a comment, an empty line is none. A line
 * of nothing is answered by the prompt.
 */
#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct vendor_cli;      /* a table; shared, read-only */

enum vendor_next { VENDOR_READS, VENDOR_SHELL, VENDOR_LEAVES };
enum { VENDOR_LINE = 256, VENDOR_LEVELS = 16 }; /* bytes of a line that are looked at */

struct vendor_style {
    const char *prompts; /* one a level, separated by |, with %h */
    bool abbreviates;
};

/* 0; -errno; or 1 with why ("cli.tsv:12: ..."). The style's bytes are copied. */
int must_check vendor_load(struct vendor_cli **ret, const char *folder, const struct vendor_style *style,
                           char ret_why[static 200]);
/* The same of a table's bytes; folder: where its files are, NULL there are none. For tests. */
int must_check vendor_read(struct vendor_cli **ret, const void *data, size_t n, const char *folder,
                           const struct vendor_style *style, char ret_why[static 200]);
void vendor_free(struct vendor_cli *c); /* NULL is fine */
/* Whether any command leads to the device's sh; how many levels have a prompt; the prompt of one, as words. */
bool vendor_has_shell(const struct vendor_cli *c);
size_t vendor_levels(const struct vendor_cli *c);
const char *vendor_prompt(const struct vendor_cli *c, size_t level);

struct vendor_at {
    const struct vendor_cli *cli;
    const char *hostname; /* borrowed */
    uint8_t level;
    uint8_t asked;        /* level that a password is asked for, + 1: what is typed is not echoed; 0: none is */
    uint8_t column;       /* where the line begins, for its editor (shell/line.h) */
};
void vendor_begin(struct vendor_at *at, const struct vendor_cli *c, const char *hostname, struct buf *out);
/* One line, without its end. unknown: set where the table has no such command. */
enum vendor_next vendor_line(struct vendor_at *at, const char *line, size_t n, struct buf *out, bool *ret_unknown);
/* The shell that it gave was left. */
void vendor_back(struct vendor_at *at, struct buf *out);
