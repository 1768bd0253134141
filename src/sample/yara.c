#include "sample/yara.h"

#include "base/log.h"
#include "base/text.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yara.h>

enum { FILES_MOST = 1024, FILE_MOST = 4 << 20 };

struct yara {
    YR_RULES *rules; /* NULL: there are none */
    size_t n;
};

/* ---- compiling ---- */

struct source {
    char name[SAMPLE_WORD];
    char *text; /* owned, NUL-ended */
};

static void said(int level, const char *file, int line, const YR_RULE *rule, const char *message, void *context)
{
    const struct source *s = context;
    (void)file;
    (void)rule;
    if (level == YARA_ERROR_LEVEL_ERROR)
        log_warning("rules-left-out", LOG_TEXT("file", s->name), LOG_INT("line", line), LOG_TEXT("why", message));
}

/* A compiler that met an error is of no use any more: so each file is tried alone first. */
static bool compiles(struct source *s)
{
    YR_COMPILER *c;
    if (yr_compiler_create(&c) != ERROR_SUCCESS)
        return false;
    yr_compiler_set_callback(c, said, s);
    yr_compiler_set_include_callback(c, NULL, NULL, NULL); /* nothing is read but what lies in the folder */
    int errors = yr_compiler_add_string(c, s->text, s->name);
    yr_compiler_destroy(c);
    return errors == 0;
}

static bool is_rules(const char *name)
{
    const char *dot = strrchr(name, '.');
    return name[0] != '.' && dot && (!strcmp(dot, ".yar") || !strcmp(dot, ".yara"));
}

static char *read_text(int folder, const char *name)
{
    struct stat st;
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char *text = NULL;
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= FILE_MOST && (text = malloc((size_t)st.st_size + 1))) {
        ssize_t got = read(fd, text, (size_t)st.st_size);
        text[got > 0 ? got : 0] = '\0';
    }
    if (fd >= 0)
        close(fd);
    return text;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct source *)a)->name, ((const struct source *)b)->name);
}

/* In the order of their names, so that two runs tell the same. */
static size_t read_folder(int folder, struct source *ret, size_t room)
{
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    size_t n = 0;
    if (!d) {
        if (fd >= 0)
            close(fd);
        return 0;
    }
    for (const struct dirent *e; n < room && (e = readdir(d));)
        if (is_rules(e->d_name) && (ret[n].text = read_text(folder, e->d_name)))
            text_copy(ret[n++].name, sizeof ret->name, e->d_name);
    closedir(d);
    qsort(ret, n, sizeof *ret, by_name);
    return n;
}

/* A name once: another rule of the same one is left out with its file, as the compiler says itself. */
static int compile(struct yara *y, struct source *s, size_t n)
{
    YR_COMPILER *c;
    YR_RULE *rule;
    if (yr_compiler_create(&c) != ERROR_SUCCESS)
        return -ENOMEM;
    yr_compiler_set_include_callback(c, NULL, NULL, NULL);
    for (size_t i = 0; i < n; i++)
        if (compiles(&s[i])) {
            yr_compiler_set_callback(c, said, &s[i]);
            (void)yr_compiler_add_string(c, s[i].text, s[i].name); /* a namespace of its own */
        }
    int err = yr_compiler_get_rules(c, &y->rules) == ERROR_SUCCESS ? 0 : -ENOMEM;
    yr_compiler_destroy(c);
    if (!err)
        yr_rules_foreach(y->rules, rule)
            y->n++;
    return err;
}

static int make(struct yara *y, const int *folder, size_t n)
{
    struct source *s = calloc(FILES_MOST, sizeof *s);
    size_t files = 0;
    if (!s)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        if (folder[i] >= 0)
            files += read_folder(folder[i], s + files, FILES_MOST - files);
    int err = files ? compile(y, s, files) : 0;
    for (size_t i = 0; i < files; i++)
        free(s[i].text);
    free(s);
    return err;
}

int yara_make(struct yara **ret, const int *folder, size_t n)
{
    if (yr_initialize() != ERROR_SUCCESS)
        return -ENOMEM;
    struct yara *y = calloc(1, sizeof *y);
    int err = y ? make(y, folder, n) : -ENOMEM;
    if (err) {
        yara_free(y);
        return err;
    }
    *ret = y;
    return 0;
}

void yara_free(struct yara *y)
{
    if (!y)
        return;
    if (y->rules)
        yr_rules_destroy(y->rules);
    free(y);
    yr_finalize();
}

size_t yara_rules(const struct yara *y)
{
    return y->n;
}

/* ---- scanning ---- */

struct scan {
    struct sample_report *report;
    int err;
};

static void tell_family(struct sample_report *r, struct sample_rule *x, YR_RULE *rule)
{
    YR_META *meta;
    yr_rule_metas_foreach(rule, meta)
    {
        if (meta->type == META_TYPE_STRING && !strcmp(meta->identifier, "family"))
            text_copy(x->family, sizeof x->family, meta->string);
    }
    if (x->family[0] && !r->word[WORD_FAMILY][0])
        sample_set_word(r, WORD_FAMILY, x->family);
}

static int matched(YR_SCAN_CONTEXT *context, int message, void *data, void *user)
{
    struct scan *s = user;
    YR_RULE *rule = data;
    struct sample_rule x = { 0 };
    (void)context;
    if (message != CALLBACK_MSG_RULE_MATCHING)
        return CALLBACK_CONTINUE;
    text_copy(x.name, sizeof x.name, rule->identifier);
    text_copy(x.origin, sizeof x.origin, rule->ns->name);
    tell_family(s->report, &x, rule);
    s->err = sample_add_rule(s->report, &x);
    return s->err ? CALLBACK_ABORT : CALLBACK_CONTINUE;
}

int yara_scan(struct yara *y, const void *data, size_t n, int seconds, struct sample_report *r)
{
    struct scan s = { .report = r };
    if (!y->rules)
        return 0;
    int got = yr_rules_scan_mem(y->rules, data, n, SCAN_FLAGS_REPORT_RULES_MATCHING, matched, &s, seconds);
    TRY(s.err);
    if (got == ERROR_SCAN_TIMEOUT)
        return sample_add_finding(r, "yara-time", 0, "the rules took longer than %d s", seconds);
    if (got == ERROR_INSUFFICIENT_MEMORY)
        return -ENOMEM;
    return got == ERROR_SUCCESS ? 0 : sample_add_finding(r, "yara-error", 0, "libyara says %d", got);
}
