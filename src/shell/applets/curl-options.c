#include "shell/applets/curl.h"

#include <string.h>

struct choice {
    char letter; /* 0: none */
    const char *name;
    bool argument;
    void (*take)(struct proc *p, struct curl *c,
                 const char *argument); /* NULL: accepted, without a use here */
};

static void __attribute__((noreturn)) leave(struct proc *p)
{
    err_print(p, "curl: try 'curl --help' or 'curl --manual' for more information\n");
    proc_exit(p, 2);
}

static void __attribute__((noreturn)) wrong(struct proc *p, const char *option, const char *why)
{
    err_print(p, "curl: option %s%s\n", option, why);
    leave(p);
}

static void add_out(struct curl *c, const char *out)
{
    if (c->n_outs < CURL_URLS)
        c->outs[c->n_outs++] = out;
}

static void take_output(struct proc *p, struct curl *c, const char *argument)
{
    (void)p;
    add_out(c, strcmp(argument, "-") == 0 ? NULL : argument);
}

static void take_remote_name(struct proc *p, struct curl *c, const char *argument)
{
    (void)p, (void)argument;
    add_out(c, "");
}

static void take_url(struct proc *p, struct curl *c, const char *argument)
{
    (void)p;
    if (c->n_urls < CURL_URLS)
        c->urls[c->n_urls++] = argument;
}

static void take_data(struct proc *p, struct curl *c, const char *argument)
{
    char *data = NULL;
    size_t n = strlen(argument);
    if (*argument == '@' && proc_read_file(p, argument + 1, CURL_SENT_MOST, &data, &n) != 0)
        n = 0;
    if (c->sent.len)
        text_char_add(&c->sent, '&');
    text_add(&c->sent, data ? data : argument, *argument == '@' && !data ? 0 : n);
    c->method = c->method ? c->method : "POST";
}

static void take_user(struct proc *p, struct curl *c, const char *argument)
{
    const char *colon = strchr(argument, ':');
    size_t n = colon ? (size_t)(colon - argument) : strlen(argument);
    c->user = memory_bytes(proc_memory(p), argument, n);
    c->password = colon ? colon + 1 : "";
}

static void take_method(struct proc *p, struct curl *c, const char *argument)
{
    (void)p;
    c->method = argument;
}

static void take_write_out(struct proc *p, struct curl *c, const char *argument)
{
    (void)p;
    c->write_out = argument;
}

static void take_upload(struct proc *p, struct curl *c, const char *argument)
{
    (void)p;
    c->upload = argument;
}

#define SETS_(field)                                                                               \
    static void take_##field(struct proc *p, struct curl *c, const char *argument)                 \
    {                                                                                              \
        (void)p, (void)argument;                                                                   \
        c->field = true;                                                                           \
    }
SETS_(silent)
SETS_(show_errors)
SETS_(fail)
SETS_(head)
SETS_(include)
SETS_(verbose)
SETS_(bar)
SETS_(insecure)
SETS_(remote_all)

static void take_version(struct proc *p, struct curl *c, const char *argument)
{
    (void)c, (void)argument;
    const char *cpu = proc_machine(p)->machine;
    out_print(
        p,
        "curl 7.40.0 (%s-unknown-linux-gnu) libcurl/7.40.0\nProtocols: file ftp http https tftp \n"
        "Features: IPv6 Largefile SSL \n",
        cpu);
    proc_exit(p, 0);
}

static void take_help(struct proc *p, struct curl *c, const char *argument)
{
    (void)c, (void)argument;
    static const char *const rows[] = {
        "Usage: curl [options...] <url>",
        " -d, --data <data>          HTTP POST data",
        " -f, --fail                 Fail fast with no output on HTTP errors",
        " -h, --help <category>      Get help for commands",
        " -i, --include              Include protocol response headers in the output",
        " -o, --output <file>        Write to file instead of stdout",
        " -O, --remote-name          Write output to a file named as the remote file",
        " -s, --silent               Silent mode",
        " -T, --upload-file <file>   Transfer local FILE to destination",
        " -u, --user <user:password> Server user and password",
        " -A, --user-agent <name>    Send User-Agent <name> to server",
        " -v, --verbose              Make the operation more talkative",
        " -V, --version              Show version number and quit",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        out_print(p, "%s\n", rows[i]);
    proc_exit(p, 0);
}

/* clang-format off */
static const struct choice choices[] = {
    { '#', "progress-bar", false, take_bar },
    { '0', "http1.0", false, NULL },
    { '1', "tlsv1", false, NULL },
    { '2', "sslv2", false, NULL },
    { '3', "sslv3", false, NULL },
    { '4', "ipv4", false, NULL },
    { '6', "ipv6", false, NULL },
    { 'A', "user-agent", true, NULL },
    { 'b', "cookie", true, NULL },
    { 'c', "cookie-jar", true, NULL },
    { 'C', "continue-at", true, NULL },
    { 'd', "data", true, take_data },
    { 'D', "dump-header", true, NULL },
    { 'e', "referer", true, NULL },
    { 'E', "cert", true, NULL },
    { 'f', "fail", false, take_fail },
    { 'F', "form", true, NULL },
    { 'g', "globoff", false, NULL },
    { 'G', "get", false, NULL },
    { 'h', "help", false, take_help },
    { 'H', "header", true, NULL },
    { 'i', "include", false, take_include },
    { 'I', "head", false, take_head },
    { 'j', "junk-session-cookies", false, NULL },
    { 'J', "remote-header-name", false, NULL },
    { 'k', "insecure", false, take_insecure },
    { 'K', "config", true, NULL },
    { 'l', "list-only", false, NULL },
    { 'L', "location", false, NULL },
    { 'm', "max-time", true, NULL },
    { 'n', "netrc", false, NULL },
    { 'N', "no-buffer", false, NULL },
    { 'o', "output", true, take_output },
    { 'O', "remote-name", false, take_remote_name },
    { 'p', "proxytunnel", false, NULL },
    { 'P', "ftp-port", true, NULL },
    { 'q', "disable", false, NULL },
    { 'Q', "quote", true, NULL },
    { 'r', "range", true, NULL },
    { 'R', "remote-time", false, NULL },
    { 's', "silent", false, take_silent },
    { 'S', "show-error", false, take_show_errors },
    { 't', "telnet-option", true, NULL },
    { 'T', "upload-file", true, take_upload },
    { 'u', "user", true, take_user },
    { 'U', "proxy-user", true, NULL },
    { 'v', "verbose", false, take_verbose },
    { 'V', "version", false, take_version },
    { 'w', "write-out", true, take_write_out },
    { 'x', "proxy", true, NULL },
    { 'X', "request", true, take_method },
    { 'y', "speed-time", true, NULL },
    { 'Y', "speed-limit", true, NULL },
    { 'z', "time-cond", true, NULL },
    { 'Z', "parallel", false, NULL },
    { 0, "ciphers", true, NULL },
    { 0, "compressed", false, NULL },
    { 0, "connect-timeout", true, NULL },
    { 0, "create-dirs", false, NULL },
    { 0, "data-ascii", true, take_data },
    { 0, "data-binary", true, take_data },
    { 0, "data-raw", true, take_data },
    { 0, "data-urlencode", true, take_data },
    { 0, "interface", true, NULL },
    { 0, "limit-rate", true, NULL },
    { 0, "max-redirs", true, NULL },
    { 0, "no-progress-meter", false, NULL },
    { 0, "remote-name-all", false, take_remote_all },
    { 0, "resolve", true, NULL },
    { 0, "retry", true, NULL },
    { 0, "retry-delay", true, NULL },
    { 0, "retry-max-time", true, NULL },
    { 0, "socks5", true, NULL },
    { 0, "url", true, take_url },
};
/* clang-format on */

enum { N_CHOICES = sizeof choices / sizeof choices[0] };

static const struct choice *by_letter(char c)
{
    for (size_t i = 0; i < N_CHOICES; i++) {
        if (choices[i].letter == c)
            return &choices[i];
    }
    return NULL;
}

static const struct choice *by_name(const char *name)
{
    for (size_t i = 0; i < N_CHOICES; i++) {
        if (strcmp(choices[i].name, name) == 0)
            return &choices[i];
    }
    return NULL;
}

static void take(struct proc *p, struct curl *c, const struct choice *o, const char *argument)
{
    if (o->take)
        o->take(p, c, argument);
}

/* A word of letters: "-sSo" and its argument, in the word or after it. Returns the words used. */
static int take_letters(struct proc *p, struct curl *c, const char *s, const char *next)
{
    for (; *s; s++) {
        const struct choice *o = by_letter(*s);
        const char shown[3] = { '-', *s, '\0' };
        if (!o)
            wrong(p, shown, ": is unknown");
        if (o->argument && !s[1] && !next)
            wrong(p, shown, ": requires parameter");
        take(p, c, o, o->argument ? (s[1] ? s + 1 : next) : NULL);
        if (o->argument)
            return s[1] ? 1 : 2;
    }
    return 1;
}

static int take_long(struct proc *p, struct curl *c, const char *word, const char *next)
{
    const struct choice *o = by_name(word + 2);
    if (!o && strncmp(word, "--no-", 5) == 0 && by_name(word + 5))
        return 1;
    if (!o)
        wrong(p, word, ": is unknown");
    if (o->argument && !next)
        wrong(p, word, ": requires parameter");
    take(p, c, o, o->argument ? next : NULL);
    return o->argument ? 2 : 1;
}

void curl_options(struct proc *p, struct curl *c, int argc, char **argv)
{
    bool over = false;
    c->sent = text_of(proc_memory(p));
    c->user = c->password = "";
    for (int i = 1; i < argc;) {
        const char *word = argv[i], *next = argv[i + 1];
        if (over || word[0] != '-' || !word[1]) {
            take_url(p, c, word);
            i++;
        } else if (strcmp(word, "--") == 0) {
            over = true;
            i++;
        } else {
            i += word[1] == '-' ? take_long(p, c, word, next) : take_letters(p, c, word + 1, next);
        }
    }
    if (!c->n_urls && argc > 1)
        err_print(p, "curl: no URL specified!\n");
    if (!c->n_urls)
        leave(p);
}
