#include "trap/persona-inside.h"

#include "base/test-folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- persona.ini ---- */

#define GOOD                                                                                       \
    "[persona]\nname = A recorder\nclass = recorder\ncpu = arm\norder = little\nsource = "         \
    "here\n[telnet]\ndialect = busybox-1.19\n"

/* clang-format off */
static const struct {
    const char *text, *why; /* NULL: nothing is wrong */
} files[] = {
    { GOOD, NULL },
    { "# nothing\n; here\n" GOOD "[login]\nbanner = \"x\\r\\n \"\npolicy = after:3\n[persona]\nvendor =\n", NULL },
    { "", "persona.ini: [persona] must have name" },
    { "x = y\n", "persona.ini:1: [] has no item 'x'" },
    { "[nosuch]\n", "persona.ini:1: there is no section '[nosuch]'" },
    { "[login\n", "persona.ini:1: there is no section '[login'" },
    { "[login]\nbanner\n", "persona.ini:2: neither [section] nor item = value" },
    { "[login]\nfoo = 1\n", "persona.ini:2: [login] has no item 'foo'" },
    { "[login]\nbanner = \\x\n", "persona.ini:2: banner has an escape that is none" },
    { "[login]\ntries = 3\ntries = 3\n", "persona.ini:3: tries stands twice" },
    { "[login]\ntries = 201\n", "persona.ini:2: tries cannot be '201'" },
    { "[login]\nfail_delay = -1\n", "persona.ini:2: fail_delay cannot be '-1'" },
    { "[login]\nflushes = maybe\n", "persona.ini:2: flushes cannot be 'maybe'" },
    { "[login]\npolicy = after:0\n", "persona.ini:2: policy cannot be 'after:0'" },
    { "[login]\npolicy = some\n", "persona.ini:2: policy cannot be 'some'" },
    { "[login]\npair =\n", "persona.ini:2: pair cannot be ''" },
    { GOOD "[login]\npolicy = listed\n", "persona.ini: policy is listed, but no pair is" },
    { GOOD "[login]\nuser_prompt =\nuser_only_once = yes\n", "persona.ini: user_only_once, but no user is asked for" },
    { "[persona]\nclass = toaster\n", "persona.ini:2: class cannot be 'toaster'" },
    { "[persona]\ncpu = z80\n", "persona.ini:2: cpu cannot be 'z80'" },
    { "[persona]\norder = middle\n", "persona.ini:2: order cannot be 'middle'" },
    { "[persona]\nname =\n", "persona.ini:2: name cannot be ''" },
    { "[persona]\nweight = 0\n", "persona.ini:2: weight cannot be '0'" },
    { "[persona]\nports = 23, 65536\n", "persona.ini:2: ports cannot be '65536'" },
    { "[persona]\nports = ,\n", "persona.ini:2: ports cannot be ''" },
    { "[persona]\nports = 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n", "persona.ini:2: ports cannot be '17'" },
    { "[telnet]\ndialect = busybox-2\n", "persona.ini:2: dialect cannot be 'busybox-2'" },
    { "[address]\noui = 00:00:5E\n", "persona.ini:2: oui cannot be '00:00:5E'" },
    { "[address]\noui = 01:00:5e\n", "persona.ini:2: oui cannot be '01:00:5e'" },
    { "[address]\noui = 00:00:5e:00\n", "persona.ini:2: oui cannot be '00:00:5e:00'" },
    { "[address]\noui = 00:0\n", "persona.ini:2: oui cannot be '00:0'" },
    { "[address]\nuptime = 5\n", "persona.ini:2: uptime is two numbers of days, least and most" },
    { "[address]\nuptime = 5 4\n", "persona.ini:2: uptime is two numbers of days, least and most" },
    { "[address]\nuptime = 0 4\n", "persona.ini:2: uptime is two numbers of days, least and most" },
    { "[address]\nhostname = a%4\n", "persona.ini:2: hostname cannot be 'a%4'" },
    { "[address]\nhostname = %0x\n", "persona.ini:2: hostname cannot be '%0x'" },
    { "[address]\nhostname =\n", "persona.ini:2: hostname cannot be ''" },
    { "[address]\nhostname = %9x%9x%9x%9x\n", "persona.ini:2: hostname cannot be '%9x%9x%9x%9x'" },
};
/* clang-format on */

static void hold_make(struct persona_hold *h, char (*why)[HOLD_WHY])
{
    *h = (struct persona_hold){ 0 };
    hold_init(&h->hold, why);
}

static void check_file(const char *text, const char *wanted)
{
    struct persona_hold *h = malloc(sizeof *h);
    char why[1][HOLD_WHY] = { "" };
    hold_make(h, why);
    if (setjmp(h->hold.full))
        fail_msg("no memory");
    assert_int_equal(persona_read_ini(h, text, strlen(text)), wanted != NULL);
    assert_string_equal(*why, wanted ? wanted : "");
    hold_release(&h->hold);
    free(h);
}

static void test_ini(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        check_file(files[i].text, files[i].why);
}

static void test_values(void **state)
{
    (void)state;
    static const char text[] = GOOD "[persona]\nports = 23, 2323 80\nweight = 7\n[login]\nbanner = "
                                    "\"a\\r\\n \"\nfail_delay = 2\ntimeout = 0\n"
                                    "pair = root 12345\npair = admin\npair = a b  c \npolicy = "
                                    "listed\n[cli]\nprompts = \"> |# \"\n"
                                    "[address]\nuptime = 2 9\n[session]\nidle = 61\n";
    struct persona_hold *h = malloc(sizeof *h);
    const struct persona *p = &h->persona;
    char why[1][HOLD_WHY] = { "" };
    hold_make(h, why);
    if (setjmp(h->hold.full))
        fail_msg("no memory");
    assert_int_equal(persona_read_ini(h, text, sizeof text - 1), 0);
    assert_string_equal(p->name, "A recorder");
    assert_int_equal(p->n_ports, 3);
    assert_int_equal(p->ports[1], 2323);
    assert_int_equal(p->weight, 7);
    assert_string_equal(p->dialect->name, "busybox-1.14");
    assert_string_equal(p->login.banner, "a\r\n ");
    assert_string_equal(p->login.user_prompt, "%h login: ");
    assert_string_equal(p->login.failed, "Login incorrect\r\n");
    assert_true(p->login.fail_delay == 2000000 && p->login.timeout == 0 && p->idle == 61000000);
    assert_true(p->login.asks_password_always && p->login.flushes && !p->login.echoes_password);
    assert_int_equal(p->login.name_most, 61);
    assert_int_equal(p->policy, POLICY_LISTED);
    assert_int_equal(p->n_pairs, 3);
    assert_string_equal(p->pairs[0].password, "12345");
    assert_string_equal(p->pairs[1].password, "");
    assert_string_equal(p->pairs[2].password, "b  c");
    assert_true(h->has_cli);
    assert_string_equal(p->cli_style.prompts, "> |# ");
    assert_int_equal(p->uptime_least, 2);
    assert_int_equal(p->uptime_most, 9);
    assert_string_equal(p->hostname, "(none)");
    hold_release(&h->hold);
    free(h);
}

/* ---- The device at an address ---- */

#define DAY (INT64_C(86400) * 1000000)
static const uint8_t key[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
static struct machine machine = { .pid_first = 900 };

static struct persona made(const char *id, uint32_t weight)
{
    return (struct persona){ .id = id,
                             .weight = weight,
                             .machine = &machine,
                             .hostname = "DVR-%4X",
                             .oui = "00:00:5e",
                             .uptime_least = 3,
                             .uptime_most = 40 };
}

static struct persona_here here(struct persona **list, size_t n, uint32_t address, int64_t now)
{
    const struct personas all = { list, n };
    struct addr a = addr_v4(address);
    struct persona_here h;
    persona_here(&all, key, &a, now, &h);
    return h;
}

static void test_choice(void **state)
{
    (void)state;
    struct persona one = made("one", 10), two = made("two", 30), three = made("three", 60),
                   four = made("four", 100);
    struct persona *list[] = { &one, &two, &three, &four };
    size_t counts[3] = { 0 }, moved = 0;
    for (uint32_t i = 0; i < 20000; i++) {
        const struct persona *p = here(list, 3, 0xc6120000 + i, 0).persona,
                             *q = here(list, 4, 0xc6120000 + i, 0).persona;
        for (size_t k = 0; k < 3; k++)
            counts[k] += p == list[k];
        assert_true(q == p || q == &four); /* what is new takes, and changes nothing else */
        moved += q != p;
    }
    assert_in_range(counts[0], 1800, 2200);
    assert_in_range(counts[1], 5700, 6300);
    assert_in_range(moved, 9600, 10400);
}

static void test_names(void **state)
{
    (void)state;
    static const uint8_t mac[6] = { 0, 0, 0x5e, 0xab, 0xcd, 0xef };
    char name[PERSONA_HOSTNAME];
    assert_true(persona_hostname("DVR-%4x.%2X", 0x123456789abcdefe, mac, name));
    assert_string_equal(name, "DVR-defe.FE");
    assert_true(persona_hostname("r%5d-%6m-%3M", 1234567, mac, name));
    assert_string_equal(name, "r34567-abcdef-DEF");
    assert_true(persona_hostname("aaaaaaaaaaaaaaaaaaaaaaaaaaa%4x", 0, mac, name));
    assert_false(persona_hostname("aaaaaaaaaaaaaaaaaaaaaaaaaaaa%4x", 0, mac, name));
    assert_false(persona_hostname("a\tb", 0, mac, name));
}

static void test_steady(void **state)
{
    (void)state;
    struct persona one = made("one", 10);
    struct persona *list[] = { &one };
    struct addr v6;
    struct persona_here a = here(list, 1, 0xc6120001, 50 * DAY),
                        b = here(list, 1, 0xc6120001, 50 * DAY);
    assert_memory_equal(&a.mac, &b.mac, 6);
    assert_string_equal(a.hostname, b.hostname);
    assert_int_equal(a.pid_first, b.pid_first);
    b = here(list, 1, 0xc6120002, 50 * DAY);
    assert_memory_not_equal(a.mac + 3, b.mac + 3, 3);
    assert_memory_equal(a.mac, "\0\0\x5e", 3);
    assert_string_not_equal(a.hostname, b.hostname);
    assert_true(a.booted != b.booted);
    assert_in_range(a.pid_first, 900, 9900);
    assert_int_equal(addr_parse("2001:db8::1", &v6), 0);
    persona_here_as(&one, key, &v6, 50 * DAY, &b);
    assert_ptr_equal(b.persona, &one);
    persona_here_as(&one, (const uint8_t *)"another key of 16", &v6, 50 * DAY, &a);
    assert_memory_not_equal(a.mac + 3, b.mac + 3, 3);
}

/* It has started in the past, not too long ago; an hour later it has an hour more, or has started
 * anew since; and starts are as far apart as is said. */
static void follow(struct persona *p, uint32_t address)
{
    struct persona *list[] = { p };
    int64_t now = 20000 * DAY, was = 0;
    size_t starts = 0;
    for (size_t i = 0; i < 24 * 400; i++, now += DAY / 24) {
        int64_t booted = here(list, 1, address, now).booted;
        assert_true(booted <= now && now - booted <= p->uptime_most * DAY);
        if (was && booted != was) {
            assert_true(booted > now - DAY / 24);
            assert_true(booted - was >= p->uptime_least * DAY &&
                        booted - was <= p->uptime_most * DAY);
            starts++;
        }
        was = booted;
    }
    assert_in_range(starts, 400 / p->uptime_most, 400 / p->uptime_least + 1);
}

static void test_uptime(void **state)
{
    (void)state;
    struct persona p = made("p", 1), even = made("q", 1), odd = made("r", 1);
    even.uptime_least = even.uptime_most = 7;
    odd.uptime_least = 1;
    odd.uptime_most = 2;
    for (uint32_t i = 0; i < 12; i++) {
        follow(&p, 0xc6120000 + i);
        follow(&even, 0xc6120000 + i);
        follow(&odd, 0xc6120000 + i);
    }
    struct persona *list[] = { &p };
    assert_true(here(list, 1, 1, 0).booted <= 0);
}

/* ---- A folder, and whether it agrees with itself ---- */

/* The header of a little-endian program for ARM, with one program header: its loader. */
static const uint8_t program[] =
    "\177ELF\1\1\1\0\0\0\0\0\0\0\0\0"
    "\2\0\050\0\1\0\0\0\0\x80\0\0\064\0\0\0\0\0\0\0\2\0\0\5\064\0\040\0\1\0\0\0\0\0\0\0"
    "\3\0\0\0\x54\0\0\0\0\0\0\0\0\0\0\0\020\0\0\0\020\0\0\0\4\0\0\0\1\0\0\0"
    "/lib/ld-uC.so.0";

static const struct {
    const char *name, *text;
} good[] = {
    { "persona.ini", GOOD },
    { "machine.ini", "[busybox]\nversion = v1.19.4 (2014-11-06 14:09:49 CST)\napplets = ash sh cat "
                     "telnetd busybox\n[system]\nmachine = armv5tejl\n"
                     "release = 3.0.8\nversion = #1 Thu Nov 6 14:07:12 CST 2014\n[user]\nhome = "
                     "/root\n[hardware]\npid_first = 400\n" },
    { "root.tsv", "/bin/sh\tl\t777\t0\t0\t0\tbusybox\n/bin/ash\tl\t777\t0\t0\t0\tbusybox\n/bin/"
                  "cat\tl\t777\t0\t0\t0\tbusybox\n"
                  "/bin/telnetd\tl\t777\t0\t0\t0\tbusybox\n" },
    { "root/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n" },
    { "root/lib/ld-uC.so.0", "" },
    { "proc/cpuinfo", "Processor\t: ARM926EJ-S rev 5 (v5l)\nCPU architecture: 5TEJ\n" },
    { "proc/version", "Linux version 3.0.8 (a@b) (gcc) #1 Thu Nov 6 14:07:12 CST 2014\n" },
    { "proc/filesystems", "nodev\ttmpfs\n\tjffs2\n" },
    { "mounts.tsv", "/dev/root\t/\tjffs2\trw\t0\t0\n" },
    { "processes.tsv",
      "1\t0\t0\t100\t50\tS\tinit\tinit\n50\t1\t0\t100\t50\tS\ttelnetd\ttelnetd\n" },
    { "sockets.tsv", "tcp\t0.0.0.0:23\t0.0.0.0:*\tLISTEN\t50\n" },
};

#define BANNER_FAULT                                                                               \
    "persona.ini: the banner is not what BusyBox's telnetd says: \\r\\r\\n, and the lines of "     \
    "/etc/issue.net with \\r\\n\\r behind each"

#define SITE "[server]\nports = 23\nsource = x\n"

/* One file other than above, and what is said of it. */
static const struct {
    const char *name, *text, *fault;
} broken[] = {
    { "persona.ini",
      "[persona]\nname = x\nclass = other\ncpu = arm\norder = big\nsource = x\n[telnet]\ndialect = "
      "busybox-1.19\n",
      "root/bin/busybox: a program of the other byte order" },
    { "persona.ini",
      "[persona]\nname = x\nclass = other\ncpu = mips\norder = little\nsource = "
      "x\n[telnet]\ndialect = busybox-1.19\n",
      "machine.ini: the uname of mips is none of mips rlx, but 'armv5tejl'" },
    { "persona.ini",
      "[persona]\nname = x\nclass = other\ncpu = arm\norder = little\nsource = "
      "x\n[telnet]\ndialect = busybox-1.00\n",
      "persona.ini: busybox-1.00 is not how a BusyBox v1.19.4 (2014-11-06 14:09:49 CST) speaks "
      "Telnet" },
    { "persona.ini",
      "[persona]\nname = x\nclass = other\ncpu = arm\norder = little\n[telnet]\ndialect = "
      "busybox-1.19\n",
      "persona.ini: where its banner is noted is not said (source)" },
    { "persona.ini", GOOD "[login]\ntimeout = 30\n",
      "persona.ini: timed_out does not tell the timeout" },
    { "persona.ini", GOOD "[login]\ntries = 0\nlock = 9\n",
      "persona.ini: it locks out, but after no number of tries" },
    { "persona.ini", GOOD "[persona]\nports = 23 80\n",
      "sockets.tsv: nobody listens on 80, which is one of its ports" },
    { "persona.ini", GOOD "[login]\npair = admin x\n",
      "root/etc/passwd: no user admin, who may log in" },
    { "persona.ini", GOOD "[login]\npair = root\nasks_password_always = no\n",
      "root/etc/passwd: that root has a password is not what persona.ini says" },
    { "root.tsv",
      "/bin/sh\tl\t777\t0\t0\t0\tbusybox\n/bin/ash\tl\t777\t0\t0\t0\tbusybox\n/bin/"
      "telnetd\tl\t777\t0\t0\t0\tbusybox\n",
      "machine.ini: the applet cat has no link in root" },
    { "root.tsv",
      "/bin/sh\tl\t777\t0\t0\t0\tbusybox\n/bin/ash\tl\t777\t0\t0\t0\tbusybox\n/bin/"
      "cat\tl\t777\t0\t0\t0\tbusybox\n"
      "/bin/telnetd\tl\t777\t0\t0\t0\tbusybox\n/bin/wget\tl\t777\t0\t0\t0\tbusybox\n",
      "root/bin/wget: BusyBox has no such applet" },
    { "root/etc/passwd", "root:x:0:0:root:/:/bin/sh\n",
      "root/etc/passwd: no root with the home /root and the shell /bin/sh" },
    { "proc/cpuinfo", "system type\t: x\n",
      "proc/cpuinfo: no line 'CPU architecture', as one of arm has" },
    { "proc/cpuinfo", "CPU architecture: 7\n",
      "proc/cpuinfo: the architecture is not that of armv5tejl" },
    { "proc/cpuinfo", "processor\t: 0\nprocessor\t: 1\nCPU architecture: 5\n",
      "proc/cpuinfo: 2 processors, machine.ini has 1" },
    { "proc/version", "Linux version 3.0.80 #1 Thu Nov 6 14:07:12 CST 2014\n",
      "proc/version: the kernel is not that of uname, 3.0.8" },
    { "proc/version", "Linux version 3.0.8 #2\n",
      "proc/version: uname has '#1 Thu Nov 6 14:07:12 CST 2014'" },
    { "dmesg", "<5>Linux version 2.6.31 (x)\n", "dmesg: the kernel is not that of uname, 3.0.8" },
    { "mounts.tsv", "/dev/root\t/\text4\trw\t0\t0\n",
      "mounts.tsv: / is of type ext4, which proc/filesystems has not" },
    { "processes.tsv", "1\t0\t0\t1\t1\tS\tinit\tinit\n50\t1\t0\t1\t1\tS\tx\tx\n",
      "processes.tsv: there is no telnetd" },
    { "processes.tsv", "1\t0\t0\t1\t1\tS\tinit\tinit\n500\t1\t0\t1\t1\tS\ttelnetd\ttelnetd\n",
      "processes.tsv: 500 is not below pid_first" },
    { "processes.tsv", "50\t7\t0\t1\t1\tS\ttelnetd\ttelnetd\n",
      "processes.tsv: the parent of 50, 7, is missing" },
    { "sockets.tsv", "tcp\t0.0.0.0:23\t0.0.0.0:*\tLISTEN\t51\n",
      "sockets.tsv: 0.0.0.0:23 is of process 51, which there is not" },
    { "interfaces.tsv", "eth0\t-\t-\t-\t00:11:22:33:44:55\tUP\t1500\t1\t0\t1\t2\t3\t4\n",
      "interfaces.tsv: no address of the maker's, 00:00:5e" },
    { "persona.ini", GOOD "[login]\nbanner = \"Welcome\\r\\n\"\n", BANNER_FAULT },
    { "root/etc/issue.net", "Welcome\n", BANNER_FAULT },
    { "persona.ini", GOOD "[cli]\nname = x\n", "persona.ini: [cli] has a name, but no prompts" },
    { "http.ini", "[server]\nports = 80\nsource = x\n", "http.ini: 80 is none of its ports" },
    { "http.ini", "[server]\nports = 23\n", "http.ini: where the words of the server at 23 are noted is not said (source)" },
    { "http.ini", SITE "guard = basic\n", "http.ini: the server at 23 asks for Basic, but has no realm or no header for it" },
    { "http.ini", SITE "realm = x\npage = GET / digest =200\nheader = WWW-Authenticate: Basic realm=\"{{realm}}\"\n",
      "http.ini: the server at 23 asks for Digest, but has no realm or no header for it" },
    { "http.ini", SITE "page = GET / form =200\ncookie = a={{token}}\n",
      "http.ini: the server at 23 has pages behind a log-in, but no cookie for it" },
    { "http.ini", SITE "page = GET / open >/x\n", "http.ini: the server at 23 has no header for /x" },
    { "http.ini", SITE "header = A: {{date}} {{b}}\n", "http.ini: a header has the mark '{{b}}', which is none" },
    { "modules.tsv", "a\t1\t2\t-\n", "root/lib/modules: nothing of the kernel 3.0.8" },
};

static void write_file(const char *folder, const char *name, const void *data, size_t n)
{
    char path[FOLDER_PATH + 64];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static void make_folder(const char *folder)
{
    static const char *const names[] = { "root",     "root/bin",         "root/etc",
                                         "root/lib", "root/lib/modules", "root/proc",
                                         "proc" };
    char path[FOLDER_PATH + 64];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        assert_int_equal(mkdir(path, 0755), 0);
    }
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        write_file(folder, good[i].name, good[i].text, strlen(good[i].text));
    write_file(folder, "root/bin/busybox", program, sizeof program);
}

struct said {
    char first[400];
    const char *wanted;
    bool was;
};

static void note(void *context, const char *line)
{
    struct said *s = context;
    if (!s->first[0])
        snprintf(s->first, sizeof s->first, "%s", line);
    s->was = s->was || (s->wanted && strcmp(s->wanted, line) == 0);
}

static int check(const char *folder, struct said *said)
{
    struct persona *p = NULL;
    char why[200] = "";
    int e = persona_load(&p, folder, "x", why);
    if (e)
        fail_msg("%d %s", e, why);
    e = persona_check(p, note, said);
    persona_free(p);
    return e;
}

static void test_check(void **state)
{
    (void)state;
    char folder[FOLDER_PATH], path[FOLDER_PATH + 64];
    assert_int_equal(folder_make(folder, "persona"), 0);
    make_folder(folder);
    struct said said = { "" };
    assert_int_equal(check(folder, &said), 0);
    assert_string_equal(said.first, "");
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        said = (struct said){ .wanted = broken[i].fault };
        write_file(folder, broken[i].name, broken[i].text, strlen(broken[i].text));
        if (check(folder, &said) <= 0 || !said.was)
            fail_msg("wanted '%s', but the first was '%s'", said.wanted, said.first);
        snprintf(path, sizeof path, "%s/%s", folder, broken[i].name);
        assert_int_equal(unlink(path), 0);
        for (size_t k = 0; k < sizeof good / sizeof good[0]; k++)
            write_file(folder, good[k].name, good[k].text, strlen(good[k].text));
    }
    said = (struct said){ .wanted = "root/lib/modules/2.6.31: the kernel is 3.0.8" };
    snprintf(path, sizeof path, "%s/root/lib/modules/2.6.31", folder);
    assert_int_equal(mkdir(path, 0755), 0);
    write_file(folder, "modules.tsv", "a\t1\t2\t-\n", 8);
    assert_int_equal(check(folder, &said), 1);
    assert_true(said.was);
    assert_int_equal(rmdir(path), 0);
    write_file(folder, "root/lib/modules/a.ko", "", 0);
    assert_int_equal(check(folder, &said), 0);
    said = (struct said){ .wanted = "root/bin/busybox: its loader /lib/ld-uC.so.0 is missing" };
    snprintf(path, sizeof path, "%s/root/lib/ld-uC.so.0", folder);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(check(folder, &said), 1);
    assert_true(said.was);
    folder_remove(folder);
}

/* inetd starts a telnetd, and a telnetd of the maker's says what it will. */
static void test_other_daemons(void **state)
{
    (void)state;
    static const char inetd[] = "1\t0\t0\t1\t1\tS\tinit\tinit\n50\t1\t0\t1\t1\tS\tinetd\tinetd\n",
                      conf[] = "telnet stream tcp nowait root /bin/telnetd telnetd -i\n",
                      links[] = "/bin/sh\tl\t777\t0\t0\t0\tbusybox\n/bin/ash\tl\t777\t0\t0\t0\tbusybox\n/bin/"
                                "cat\tl\t777\t0\t0\t0\tbusybox\n",
                      ini[] = GOOD "[login]\nbanner = hello\n";
    char folder[FOLDER_PATH];
    struct said said = { "" };
    assert_int_equal(folder_make(folder, "persona"), 0);
    make_folder(folder);
    write_file(folder, "processes.tsv", inetd, sizeof inetd - 1);
    assert_int_equal(check(folder, &said), 1);
    write_file(folder, "root/etc/inetd.conf", conf, sizeof conf - 1);
    assert_int_equal(check(folder, &said), 0);
    write_file(folder, "persona.ini", ini, sizeof ini - 1);
    assert_int_equal(check(folder, &said), 1);
    write_file(folder, "root.tsv", links, sizeof links - 1);
    write_file(folder, "root/bin/telnetd", program, sizeof program);
    assert_int_equal(check(folder, &said), 0);
    folder_remove(folder);
}

static void print_fault(void *context, const char *line)
{
    print_error("%s: %s\n", (const char *)context, line);
}

/* Every persona that is shipped can be played, and agrees with itself. */
static void test_shipped(void **state)
{
    (void)state;
    struct personas all;
    char why[200] = "";
    int faults = 0;
    if (personas_load(&all, PERSONAS, why))
        fail_msg("%s", why);
    assert_true(all.n >= 16);
    for (size_t i = 0; i < all.n; i++) {
        int n = persona_check(all.list[i], print_fault, (void *)all.list[i]->id);
        faults += n < 0 ? 1 : n;
    }
    assert_int_equal(faults, 0);
    personas_release(&all);
}

static void test_folders(void **state)
{
    (void)state;
    struct personas all;
    char folder[FOLDER_PATH], one[FOLDER_PATH + 8], why[200] = "";
    assert_int_equal(folder_make(folder, "personas"), 0);
    assert_int_equal(personas_load(&all, folder, why), 1);
    assert_non_null(strstr(why, "no persona.ini in any folder of it"));
    for (char c = 'b'; c >= 'a'; c--) {
        snprintf(one, sizeof one, "%s/%c", folder, c);
        assert_int_equal(mkdir(one, 0755), 0);
        make_folder(one);
    }
    snprintf(one, sizeof one, "%s/generic", folder);
    assert_int_equal(mkdir(one, 0755), 0);
    assert_int_equal(personas_load(&all, folder, why), 0);
    assert_int_equal(all.n, 2);
    assert_string_equal(all.list[0]->id, "a");
    assert_ptr_equal(personas_find(&all, "b"), all.list[1]);
    assert_null(personas_find(&all, "generic"));
    assert_non_null(all.list[0]->device);
    personas_release(&all);
    snprintf(one, sizeof one, "%s/b", folder);
    write_file(one, "persona.ini", "[x]\n", 4);
    assert_int_equal(personas_load(&all, folder, why), 1);
    assert_string_equal(why, "b/persona.ini:1: there is no section '[x]'");
    assert_int_equal(all.n, 0);
    write_file(one, "persona.ini", GOOD "[cli]\nprompts = >\n", sizeof GOOD - 1 + 18);
    assert_int_equal(personas_load(&all, folder, why), 1);
    assert_string_equal(why, "b/cli.tsv: No such file or directory");
    write_file(one, "cli.tsv", "0\tsh\tshell\n", 11);
    assert_int_equal(personas_load(&all, folder, why), 0);
    assert_true(vendor_has_shell(all.list[1]->cli));
    personas_release(&all);
    folder_remove(folder);
}

/* ---- Headers of programs ---- */

static void test_elf(void **state)
{
    (void)state;
    struct elf_facts f = elf_read(program, sizeof program);
    assert_true(f.is && !f.big && !f.wide);
    assert_int_equal(f.machine, 40);
    assert_int_equal(f.flags, 0x5000002);
    assert_string_equal(f.loader, "/lib/ld-uC.so.0");
    for (size_t n = 0; n < sizeof program; n++) {
        uint8_t *copy = malloc(n + 1);
        memcpy(copy, program, n);
        f = elf_read(copy, n);
        assert_int_equal(f.is, n >= 46);
        assert_int_equal(f.loader[0], n >= 100 ? '/' : 0);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ini),   cmocka_unit_test(test_values),  cmocka_unit_test(test_choice),
        cmocka_unit_test(test_names), cmocka_unit_test(test_steady),  cmocka_unit_test(test_uptime),
        cmocka_unit_test(test_check), cmocka_unit_test(test_folders), cmocka_unit_test(test_elf),
        cmocka_unit_test(test_other_daemons), cmocka_unit_test(test_shipped),
    };
    return cmocka_run_group_tests_name("trap/persona", tests, NULL, NULL);
}
