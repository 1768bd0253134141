#include "sample/similar.h"

#include "base/hash.h"
#include "sample/elf.h"
#include "sample/strings.h"

#include <ctype.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

enum { STRING_LEAST = 6, FEATURES_MOST = 8192, LIBRARY = 1024, FEW = 8 };

/* ---- what libraries say ---- */

/* Hashes of texts that a C library has of its own, sorted. */
static uint64_t library[LIBRARY];
static size_t library_n;

static uint64_t hash_of(const char *s, size_t n)
{
    return hash64(s, n, 0);
}

static void learn(const char *s)
{
    if (s && library_n < LIBRARY)
        library[library_n++] = hash_of(s, strlen(s));
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* As the libraries word what has no function here. */
static const char *const others[] = {
    "/dev/null", "/dev/tty", "/dev/console", "/dev/zero", "/dev/urandom", "/dev/random", "/dev/log", "/bin/sh", "/etc/resolv.conf",
    "/etc/hosts", "/etc/config/hosts", "/etc/services", "/etc/protocols", "/etc/passwd", "/etc/group", "/etc/shadow", "/etc/localtime",
    "/etc/TZ", "/etc/nsswitch.conf", "/etc/host.conf", "/proc/self/exe", "/proc/self/maps", "/proc/self/fd/", "/proc/cpuinfo",
    "/proc/meminfo", "/usr/share/zoneinfo/", "/usr/lib/locale", "/lib/tls/", "0123456789abcdef", "0123456789ABCDEF",
    "0123456789abcdefghijklmnopqrstuvwxyz", "npxXoudifFeEgGaACScs", "hlLjztqI", "(null)", "nameserver", "domain", "search",
    "options", "localhost", "in-addr.arpa", "ip6.arpa", "Unknown error ", "Unknown signal ", "%s%s%s:%u: %s%sAssertion `%s' failed.",
    "free(): invalid pointer", "malloc(): corrupted top size", "double free or corruption", "stack smashing detected",
    "Abnormal termination!", "GLIBC_PRIVATE", "__libc_start_main", "__gmon_start__", "_ITM_deregisterTMCloneTable",
    "_ITM_registerTMCloneTable", "__cxa_finalize", "__stack_chk_fail", "__uClibc_main", "_GLOBAL_OFFSET_TABLE_", "__libc_csu_init",
    "__libc_csu_fini", "frame_dummy", "__do_global_dtors_aux", "deregister_tm_clones", "register_tm_clones", "completed.0",
    "__JCR_LIST__", "crtstuff.c", "__dso_handle", "__bss_start", "_edata", "__data_start", "data_start", "__TMC_END__",
};

void similar_prepare(void)
{
    library_n = 0;
    for (int i = 0; i < 200; i++)
        learn(strerror(i));
    for (int i = 1; i < 65; i++)
        learn(strsignal(i));
    for (int i = -20; i < 0; i++)
        learn(gai_strerror(i));
    for (int i = 0; i < 5; i++)
        learn(hstrerror(i));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        learn(others[i]);
    qsort(library, library_n, sizeof *library, compare);
}

/* ---- features ---- */

struct signing {
    struct sample_signature *s;
    bool text; /* a script's lines count as they are */
};

/* One hash a place in the signature: rotations of a mixed one, each times another odd number. */
static void add(struct sample_signature *s, uint64_t h)
{
    if (s->features >= FEATURES_MOST)
        return;
    if (s->features++ == 0)
        memset(s->least, 0xff, sizeof s->least);
    for (uint64_t i = 0; i < SAMPLE_SIGNATURE; i++) {
        uint64_t x = (h ^ (i * UINT64_C(0x9e3779b97f4a7c15))) * (2 * i + UINT64_C(0xbf58476d1ce4e5b9));
        uint32_t top = (uint32_t)((x ^ x >> 29) >> 32);
        if (top < s->least[i])
            s->least[i] = top;
    }
}

static void add_text(struct sample_signature *s, const char *text, size_t n)
{
    uint64_t h = hash_of(text, n);
    if (!bsearch(&h, library, library_n, sizeof *library, compare))
        add(s, h);
}

/* Words and sentences: at least two thirds of it are letters, digits and spaces. */
static bool is_wordy(const char *s, size_t n)
{
    size_t words = 0;
    for (size_t i = 0; i < n; i++)
        words += isalnum((unsigned char)s[i]) || s[i] == ' ' || s[i] == '/' || s[i] == '.' || s[i] == '%';
    return words * 3 >= n * 2;
}

/* Names of sections, and what compilers write of themselves, tell of tools. */
static bool is_of_tools(const char *s, size_t n)
{
    return s[0] == '.' || (n > 4 && !memcmp(s, "GCC: ", 5)) || memmem(s, n, "clang version", 13) || memmem(s, n, "Linker: ", 8);
}

static int take_string(void *context, const struct found_string *f)
{
    struct signing *g = context;
    if (g->text || (f->alone && is_wordy(f->text, f->n) && !is_of_tools(f->text, f->n)))
        add_text(g->s, f->text, f->n);
    return 0;
}

static int take_import(void *context, const char *name, size_t n)
{
    struct signing *g = context;
    add_text(g->s, name, n);
    return 0;
}

void similar_sign(const void *data, size_t n, struct sample_report *r)
{
    const char *format = r->word[WORD_FORMAT];
    struct signing g = { .s = &r->signature, .text = !strcmp(format, "script") || !strcmp(format, "text") };
    r->signature = (struct sample_signature){ 0 };
    (void)!strings_each(data, n, STRING_LEAST, take_string, &g);
    if (!strcmp(format, "elf"))
        (void)!elf_imports(data, n, take_import, &g);
    if (r->signature.features < FEW) /* too few to be like anything else by more than chance */
        r->signature = (struct sample_signature){ 0 };
}
