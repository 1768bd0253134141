/*
 * What gives a trap away, asked of every persona: the tests that are known against Cowrie and others, and what no two
 * devices, or no two hours of one, would have in common.
 */
#include "trap/persona-inside.h"
#include "trap/test-play.h"

enum { VISITOR = 0xc0000201, OTHER = 0xc6336401, DEVICE = 0xcb007105 };

/* A persona that lets in anybody. */
static struct persona open_to_all(const struct persona *p)
{
    struct persona open = *p;
    open.policy = POLICY_ANY;
    return open;
}

/* At the shell of the device of an address; p is the caller's to release. */
static void begin(struct play *p, const struct persona *persona, uint32_t device)
{
    play_init(p, persona->id);
    play_visit(p, persona, VISITOR, device);
    play_way_in(p, persona);
}

/* ---- What a device answers ---- */

struct question {
    const char *typed;
    const char *says[4]; /* each stands in the answer */
    const char *not[4];  /* none does */
    const char *applet;  /* where the device has none, it says so instead */
};

/* clang-format off */
static const struct question questions[] = {
    { "echo $((7*9))", { "63\r\n" } },
    { "echo -e \"\\x67\\x61\\x79\"", { "gay\r\n" }, { "\\x" } },
    { "/bin/busybox echo -en '\\x45\\x43\\x48\\x4f\\x44\\x4f\\x4e\\x45'; echo", { "ECHODONE\r\n" }, { "-en" } },
    { "/bin/busybox ECCHI", { "ECCHI: applet not found\r\n" } },
    { "busybox MIRAI", { "MIRAI: applet not found\r\n" } },
    { "/bin/busybox", { "BusyBox v1.", "multi-call", "cat" }, { "Debian", "v1.35" } },
    { "/bin/busybox cp; /bin/busybox ECCHI", { "BusyBox v1.", "Usage: cp", "ECCHI: applet not found" }, { "Debian", "v1.35" } },
    { "dd bs=52 count=1 if=/bin/echo", { "\177ELF", "1+0 records in\r\n1+0 records out\r\n" }, .applet = "dd" },
    { "/bin/busybox dd if=/bin/busybox bs=22 count=1", { "\177ELF", "1+0 records in" }, .applet = "dd" },
    { "cat /proc/self/exe", { "\177ELF" }, { "No such" } },
    { "cat /proc/version", { "Linux version ", "gcc" }, { "Debian", "Ubuntu" } },
    { "while read i; do echo $i; done < /proc/version", { "Linux version " } },
    { "uname -a", { "Linux " }, { "Debian", "Ubuntu" } },
    { "cat /proc/mounts", { " /proc proc ", " / " } },
    { "/bin/busybox cat /proc/mounts; /bin/busybox XYZZY", { " /proc proc ", "XYZZY: applet not found" } },
    { "cat /proc/cpuinfo", { " : " }, { "Xeon", "QEMU" } },
    { "ls -d /etc /proc /bin", { "/etc", "/proc", "/bin" } },
    { "ls /home", .not = { "richard", "phil" } },
    { "cat /etc/passwd", { ":0:0:", ":/bin/" }, { "richard", "phil:", "Debian" } },
    { "cat /etc/issue /etc/debian_version /etc/os-release 2>/dev/null", .not = { "Debian" } },
    { "ps", { "PID", " 1 ", "sh" }, { "cowrie", "python", "{-" } },
    { "cat /proc/$PPID/cmdline", { "netd" } },
    { "/bin/busybox ps; /bin/busybox TOKEN", { "PID", "TOKEN: applet not found" } },
    { "free", { "Mem:", "total" }, .applet = "free" },
    { "ifconfig", { "Link encap:Local Loopback", "127.0.0.1", "HWaddr " } },
    { "cat /proc/net/arp", { "IP address" } },
    { "cat /proc/sys/kernel/random/boot_id", { "-" }, { "No such" } },
    { "cat .nosuch || echo none", { "cat: can't open '.nosuch': No such file or directory\r\nnone\r\n" } },
    { "cd /tmp || cd /var/run || cd /dev; >.x; cat .x; echo r$?; cp /bin/echo .s; cat .s; rm .x .s; cd /", { "r0\r\n", "\177ELF" } },
    { "linuxshell", { "linuxshell: not found" } },
    { "/ip cloud print", { "not found" } },
    { "echo a b|while read x y; do echo $y$x; done", { "ba\r\n" } },
    { "(echo one; echo two) | tail -n 1; echo $?", { "two\r\n0\r\n" }, { "one" }, .applet = "tail" },
    { "f() { echo $1-$#; }; f x y", { "x-2\r\n" } },
    { "cd /nosuch", { "can't cd to /nosuch" } },
    { "for i in 1 2 3; do echo -n $i; done; echo", { "123\r\n" } },
    { "echo `echo $(echo deep)`", { "deep\r\n" } },
    { "/bin/busybox wget", { "BusyBox v1.", "Usage: wget" }, { "Debian", "v1.35" }, .applet = "wget" },
    { "/bin/busybox tftp", { "BusyBox v1.", "Usage: tftp" }, { "Debian", "v1.35" }, .applet = "tftp" },
    { "wget http://256.1.1.1/x", { "bad address '256.1.1.1'" }, .applet = "wget" },
    { "wget http://nosuch/x", { "bad address 'nosuch'" }, .applet = "wget" },
    { "wget http://no.such.invalid/x", { "bad address 'no.such.invalid'" }, .applet = "wget" },
    { "wget http://127.0.0.1/x", { "refused" }, .applet = "wget" },
    { "cd /tmp; wget -O .w http://www.example.com/x; ls -l .w; rm .w; cd /", { " 512 ", ".w\r\n" }, { "bad" }, .applet = "wget" },
    { "ping -c 1 www.example.com", { "PING www.example.com (198.51.100." }, .applet = "ping" },
    { "ping -c 1 nosuch", { "bad address 'nosuch'" }, .applet = "ping" },
    { "/bin/busybox nc", { "BusyBox v1.", "Usage: nc" }, { "Debian", "v1.35" }, .applet = "nc" },
};
/* clang-format on */

static bool has(const char *answer, size_t n, const char *word)
{
    return memmem(answer, n, word, strlen(word)) != NULL;
}

/* Without the NULs that a program's header has: where what was said since begins, and how much it is. */
static const char *ask(struct play *p, const char *line, size_t *ret_n)
{
    const char *answer = play_ask(p, line);
    if (p->state == CONN_ENDED)
        fail_msg("%s: %s: it has ended", p->name, line);
    *ret_n = (size_t)((const char *)p->said.data + p->said.len - answer);
    return answer;
}

static void check_answer(struct play *p, const struct machine *m, const struct question *q)
{
    static const char *const lacks[4] = { "not found" };
    const char *const *says = q->applet && !machine_has_applet(m, q->applet) ? lacks : q->says;
    size_t n;
    const char *answer = ask(p, q->typed, &n);
    for (size_t i = 0; i < 4 && says[i]; i++)
        if (!has(answer, n, says[i]))
            fail_msg("%s: %s: '%s' is not said, but:\n%.*s", p->name, q->typed, says[i], (int)n, answer);
    for (size_t i = 0; i < 4 && q->not[i]; i++)
        if (has(answer, n, q->not[i]))
            fail_msg("%s: %s: '%s' is said:\n%.*s", p->name, q->typed, q->not[i], (int)n, answer);
}

static void answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < personas.n; i++) {
        struct persona persona = open_to_all(personas.list[i]);
        struct play p;
        begin(&p, &persona, DEVICE);
        for (size_t k = 0; k < sizeof questions / sizeof questions[0]; k++)
            check_answer(&p, persona.machine, &questions[k]);
        play_release(&p);
    }
}

/* The header of its programs is of the CPU that uname and /proc/cpuinfo name. */
static void one_cpu(void **state)
{
    (void)state;
    for (size_t i = 0; i < personas.n; i++) {
        struct persona persona = open_to_all(personas.list[i]);
        const struct persona_cpu *cpu = persona_cpu_find(persona.cpu);
        struct play p;
        size_t n;
        begin(&p, &persona, DEVICE);
        const char *elf = ask(&p, "cat /bin/busybox", &n);
        assert_true(n > 20 && !memcmp(elf, "\177ELF", 4));
        bool big = elf[5] == 2;
        unsigned machine = (unsigned)(uint8_t)elf[big ? 19 : 18] | (unsigned)(uint8_t)elf[big ? 18 : 19] << 8;
        if (machine != cpu->machine || (elf[4] == 2) != cpu->wide || big != !strcmp(persona.order, "big"))
            fail_msg("%s: a program for machine %u", p.name, machine);
        char *name = play_ask(&p, "uname -m");
        name[strcspn(name, "\r")] = '\0';
        if (!persona_among(cpu->uname, name))
            fail_msg("%s: uname -m is '%s'", p.name, name);
        if (!strstr(play_ask(&p, "cat /proc/cpuinfo"), cpu->cpuinfo))
            fail_msg("%s: /proc/cpuinfo has no '%s'", p.name, cpu->cpuinfo);
        play_release(&p);
    }
}

/* Neighbours are where there can be some. */
static void neighbours(void **state)
{
    (void)state;
    for (size_t i = 0; i < personas.n; i++) {
        struct persona persona = open_to_all(personas.list[i]);
        struct play p;
        unsigned n = 0;
        begin(&p, &persona, DEVICE);
        char *arp = strdup(play_ask(&p, "cat /proc/net/arp")), *rest = arp, *line;
        while ((line = strsep(&rest, "\n"))) {
            char device[16], typed[40];
            if (sscanf(line, "%*s 0x%*s 0x%*s %*s %*s %15s", device) != 1)
                continue;
            snprintf(typed, sizeof typed, "ifconfig %s", device);
            const char *answer = play_ask(&p, typed);
            if (!strstr(answer, "HWaddr") || strstr(answer, "NOARP"))
                fail_msg("%s: a neighbour at %s: %s", p.name, device, answer);
            n++;
        }
        free(arp);
        if (!n)
            fail_msg("%s: no neighbour", p.name);
        play_release(&p);
    }
}

/* A loader's test of where it can write: each mount, by what /proc/mounts says of it. */
static void writes_where_it_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < personas.n; i++) {
        struct persona persona = open_to_all(personas.list[i]);
        struct play p;
        unsigned good = 0;
        begin(&p, &persona, DEVICE);
        char *mounts = strdup(play_ask(&p, "cat /proc/mounts")), *rest = mounts, *line;
        while ((line = strsep(&rest, "\n"))) {
            char path[64], type[32], options[200], typed[400], wanted[80];
            if (sscanf(line, "%*s %63s %31s %199s", path, type, options) != 3)
                continue;
            snprintf(typed, sizeof typed, "echo -e '\\x6b\\x61\\x6d\\x69%s' > %s/.nippon; cat %s/.nippon; rm -f %s/.nippon", path, path, path, path);
            snprintf(wanted, sizeof wanted, "kami%s\r\n", path);
            const char *answer = play_ask(&p, typed);
            bool wrote = !strcmp(answer, wanted), ro = !strncmp(options, "ro", 2);
            if (wrote ? ro : !strstr(answer, ro ? "Read-only file system" : "can't create"))
                fail_msg("%s: %s (%s %s): %s", p.name, path, type, options, answer);
            good += wrote;
        }
        free(mounts);
        if (!good)
            fail_msg("%s: nowhere to write", p.name);
        play_release(&p);
    }
}

/* ---- From session to session ---- */

/* What a visitor left is not there for the next, nor for the same when he comes again. */
static void nothing_is_left(void **state)
{
    (void)state;
    static const char write[] = "for d in /tmp /var /var/run /dev; do echo left > $d/.f 2>/dev/null; cat $d/.f 2>/dev/null; done";
    for (size_t i = 0; i < personas.n; i++) {
        struct persona persona = open_to_all(personas.list[i]);
        struct play p;
        begin(&p, &persona, DEVICE);
        assert_non_null(strstr(play_ask(&p, write), "left"));
        play_ask(&p, "rm /etc/passwd; cp /bin/echo /bin/ls; mkdir /tmp/d; kill -9 1");
        play_visit(&p, &persona, VISITOR, DEVICE);
        play_way_in(&p, &persona);
        assert_null(strstr(play_ask(&p, "cat /tmp/.f /var/.f /var/run/.f /dev/.f"), "left\r\n"));
        assert_non_null(strstr(play_ask(&p, "cat /etc/passwd"), ":0:0:"));
        play_release(&p);
    }
}

/* Each pair of a device that has some lets in, at the first try, to something that answers. */
static void pairs_let_in(void **state)
{
    (void)state;
    for (size_t i = 0; i < personas.n; i++) {
        const struct persona *persona = personas.list[i];
        for (size_t k = 0; persona->policy == POLICY_LISTED && k < persona->n_pairs; k++) {
            const struct persona_pair *pair = &persona->pairs[k];
            struct play p;
            char wanted[200];
            play_init(&p, persona->id);
            play_visit(&p, persona, VISITOR, DEVICE);
            if (*persona->login.user_prompt)
                play_ask(&p, pair->user);
            if (*pair->password || persona->login.asks_password_always)
                play_ask(&p, pair->password);
            snprintf(wanted, sizeof wanted, "login user=%s password=%s accepted=1 try=1", pair->user, pair->password);
            size_t n = strlen(play_ask(&p, "xyzzy"));
            if (!seen_next(&p, wanted) || !seen_next(&p, "unknown command=xyzzy") || !n)
                fail_at(&p, "not let in by", wanted);
            play_release(&p);
        }
    }
}

/* A pair that was wrong is wrong for everybody, however often it is tried. */
static void wrong_twice(void **state)
{
    (void)state;
    struct persona persona = *play_persona("hi3536-recorder");
    persona.policy = POLICY_AFTER;
    persona.after = 2;
    struct play p;
    play_init(&p, "wrong twice");
    for (unsigned i = 0; i < 4; i++) {
        play_visit(&p, &persona, i % 2 ? OTHER : VISITOR, DEVICE);
        play_ask(&p, "admin");
        play_ask(&p, "wrong");
        wait_until(&p, p.now + 4 * SECOND);
        assert_true(said_next(&p, "Login incorrect\r\n", 17));
        assert_true(seen_next(&p, i ? "login password=wrong accepted=0 remembered=1" : "login password=wrong accepted=0 remembered=0"));
    }
    play_ask(&p, "admin");
    play_ask(&p, "other");
    assert_true(seen_next(&p, "login password=other accepted=1 remembered=0"));
    play_visit(&p, &persona, 0xc6336402, DEVICE);
    play_ask(&p, "admin");
    play_ask(&p, "other");
    assert_true(seen_next(&p, "login password=other accepted=1 try=1 remembered=1"));
    play_release(&p);
}

/* What is asked of a steady device. */
static const char *const steady[] = { "hostname", "ifconfig", "cat /proc/uptime", "ps", "cat /proc/sys/kernel/random/boot_id",
                                      "cat /proc/net/arp", "cat /etc/passwd", "date", "free", "cat /proc/meminfo", "df",
                                      "cat /proc/loadavg", "netstat -an", "ls -l /", "ls -l /proc/self/", "cat /proc/stat", "echo $$",
                                      "cat /proc/interrupts", "uptime", "dmesg", "mount", "cat /proc/net/dev", "route -n" };

enum { N_STEADY = sizeof steady / sizeof steady[0] };

/* The same at the same time, whoever asks. */
static void steady_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < personas.n; i++) {
        struct persona persona = open_to_all(personas.list[i]);
        struct play first, second;
        begin(&first, &persona, DEVICE);
        begin(&second, &persona, DEVICE);
        for (size_t k = 0; k < N_STEADY; k++) {
            const char *a = play_ask(&first, steady[k]), *b = play_ask(&second, steady[k]);
            if (strcmp(a, b) || !*a)
                fail_msg("%s: %s: twice:\n%s%s", persona.id, steady[k], a, b);
        }
        play_release(&first);
        play_release(&second);
    }
}

static long behind(const char *answer, const char *word)
{
    const char *at = strstr(answer, word);
    return at ? strtol(at + strlen(word), NULL, 10) : -1;
}

/* What several programs tell at one time is one number. */
static void one_memory(void **state)
{
    (void)state;
    for (size_t i = 0; i < personas.n; i++) {
        struct persona persona = open_to_all(personas.list[i]);
        struct play p;
        begin(&p, &persona, DEVICE);
        const char *all = play_ask(&p, "cat /proc/meminfo; free; top -b -n 1");
        long unused = behind(all, "MemFree:"), total = behind(all, "MemTotal:");
        bool has_free = machine_has_applet(persona.machine, "free"), has_top = machine_has_applet(persona.machine, "top");
        char said[64];
        snprintf(said, sizeof said, "%ld ", unused);
        if (unused <= 0 || unused >= total || (has_free && !strstr(strstr(all, "Mem:"), said)))
            fail_msg("%s: %s", p.name, all);
        if (has_top && behind(all, "K used, ") != unused)
            fail_msg("%s: %s", p.name, all);
        play_release(&p);
    }
}

/* ---- From hour to hour ---- */

static double number_of(struct play *p, const char *line)
{
    return strtod(play_ask(p, line), NULL);
}

/* Processes as /proc has them, and as ps does. */
static void check_processes(struct play *p)
{
    char *pids = strdup(play_ask(p, "for p in /proc/[0-9]*; do echo $p/; done")), *list = strdup(play_ask(p, "ps")), *rest = list, *line;
    size_t n = 0, n_proc = 0;
    for (const char *at = pids; (at = strstr(at, "/proc/")); at++)
        n_proc++;
    while ((line = strsep(&rest, "\n"))) {
        char path[32];
        long pid = strtol(line, NULL, 10);
        snprintf(path, sizeof path, "/proc/%ld/", pid);
        if (pid <= 0 || strstr(line, " ps"))
            continue;
        if (!strstr(pids, path))
            fail_msg("%s: ps has %ld, /proc has not:\n%s%s", p->name, pid, line, pids);
        n++;
    }
    if (n != n_proc)
        fail_msg("%s: %zu of ps, %zu in /proc", p->name, n, n_proc);
    free(pids);
    free(list);
}

static int64_t booted_at(const struct persona *persona, uint32_t device, int64_t now)
{
    static const uint8_t key[16] = { 7 };
    struct persona_here here;
    struct addr address = addr_v4(device);
    persona_here_as(persona, key, &address, now, &here);
    return here.booted;
}

static void an_hour_later(void **state)
{
    (void)state;
    for (size_t i = 0; i < personas.n; i++) {
        struct persona persona = open_to_all(personas.list[i]);
        struct play p;
        uint32_t device = DEVICE;
        begin(&p, &persona, device);
        while (booted_at(&persona, device, p.now) != booted_at(&persona, device, p.now + 7200 * SECOND))
            device++;
        play_visit(&p, &persona, VISITOR, device);
        play_way_in(&p, &persona);
        int64_t then = p.now;
        double up = number_of(&p, "cat /proc/uptime");
        double day = up / 86400;
        if (day < 0 || day > persona.uptime_most + 1)
            fail_msg("%s: up for %.1f days", p.name, day);
        char *id = strdup(play_ask(&p, "cat /proc/sys/kernel/random/boot_id"));
        check_processes(&p);
        p.now = then + 3600 * SECOND;
        play_visit(&p, &persona, OTHER, device);
        play_way_in(&p, &persona);
        wait_until(&p, then + 3630 * SECOND);
        double now_up = number_of(&p, "cat /proc/uptime");
        if (now_up - up < 3629.9 || now_up - up > 3630.2)
            fail_msg("%s: up %.2f, then %.2f", p.name, up, now_up);
        assert_string_equal(play_ask(&p, "cat /proc/sys/kernel/random/boot_id"), id);
        check_processes(&p);
        free(id);
        play_release(&p);
    }
}

/* ---- From address to address ---- */

enum { DEVICES = 50 };

struct trait {
    const char *typed, *behind; /* the word behind this, else all of the answer */
    unsigned least, most;       /* how many there are of it among so many addresses */
};
static const struct trait traits[] = {
    { "cat /proc/sys/kernel/random/boot_id", NULL, DEVICES, DEVICES },
    { "cat /proc/uptime", NULL, DEVICES, DEVICES },
    { "ifconfig", "HWaddr ", DEVICES, DEVICES },
    { "cat /proc/net/arp", NULL, DEVICES, DEVICES },
    { "echo $$", NULL, DEVICES - 10, DEVICES },
    { "cat /proc/self/stat", NULL, DEVICES, DEVICES },
    { "cat /etc/passwd", NULL, 1, 1 },
    { "cat /proc/cpuinfo", NULL, 1, 1 },
    { "cat /proc/version", NULL, 1, 1 },
    { "cat /proc/mounts", NULL, 1, 1 },
    { "/bin/busybox", NULL, 1, 1 },
    { "date", NULL, 1, 1 },
};
enum { N_TRAITS = sizeof traits / sizeof traits[0] };

static unsigned kinds(char *said[DEVICES])
{
    unsigned n = 0;
    for (size_t i = 0; i < DEVICES; i++) {
        size_t k = 0;
        while (strcmp(said[k], said[i]))
            k++;
        n += k == i;
    }
    return n;
}

static char *trait_of(struct play *p, const struct trait *t)
{
    char *answer = play_ask(p, t->typed), *at = t->behind ? strstr(answer, t->behind) : answer;
    if (!at || !*at)
        fail_msg("%s: %s: %s", p->name, t->typed, answer);
    return t->behind ? strndup(at + strlen(t->behind), strcspn(at + strlen(t->behind), " \r\n")) : strdup(at);
}

/* What is one device's own differs, what the model shares does not. */
static void many_addresses(void **state)
{
    (void)state;
    static char *said[N_TRAITS + 1][DEVICES];
    static const struct trait name = { "hostname", NULL, 0, 0 };
    for (size_t i = 0; i < personas.n; i++) {
        struct persona persona = open_to_all(personas.list[i]);
        for (uint32_t k = 0; k < DEVICES; k++) {
            struct play p;
            begin(&p, &persona, 0xcb007100 + k);
            for (size_t t = 0; t < N_TRAITS; t++)
                said[t][k] = trait_of(&p, &traits[t]);
            said[N_TRAITS][k] = trait_of(&p, &name);
            play_release(&p);
        }
        for (size_t t = 0; t < N_TRAITS; t++) {
            unsigned n = kinds(said[t]);
            if (n < traits[t].least || n > traits[t].most)
                fail_msg("%s: %s: %u of %d differ:\n%s%s", persona.id, traits[t].typed, n, DEVICES, said[t][0], said[t][1]);
        }
        unsigned names = kinds(said[N_TRAITS]);
        if (strchr(persona.hostname, '%') ? names < DEVICES / 2 : names != 1)
            fail_msg("%s: %u host names", persona.id, names);
        for (size_t t = 0; t <= N_TRAITS; t++)
            for (size_t k = 0; k < DEVICES; k++)
                free(said[t][k]);
    }
}

/* ---- Its web servers ---- */

/* What is answered to a request, at a device. */
static char *asked(const struct persona *persona, uint32_t device, uint16_t port, const char *request)
{
    struct play p;
    play_init(&p, persona->id);
    play_visit_at(&p, persona, VISITOR, device, SERVICE_HTTP, port);
    type(&p, request, strlen(request));
    buf_u8(&p.said, '\0');
    char *said = strdup((char *)p.said.data);
    play_release(&p);
    return said;
}

static void check_server(const struct persona *persona, uint16_t port)
{
    static const char *const telltale[] = { "{{", "}}", "teiten", "honey", "cowrie", "glastopf", "conpot", "Python" };
    char *page = asked(persona, DEVICE, port, "GET / HTTP/1.0\r\nHost: a\r\n\r\n");
    char *again = asked(persona, DEVICE, port, "GET / HTTP/1.0\r\nHost: a\r\n\r\n");
    char *head = asked(persona, DEVICE, port, "HEAD / HTTP/1.0\r\nHost: a\r\n\r\n");
    char *none = asked(persona, DEVICE, port, "GET /cgi-bin/a1b2c3.php?x=y HTTP/1.0\r\nHost: a\r\n\r\n");
    char *odd = asked(persona, DEVICE, port, "GET / HTTP/1.0\r\n\r\n\x16\x03\x01");
    for (size_t i = 0; i < sizeof telltale / sizeof telltale[0]; i++)
        if (strstr(page, telltale[i]) || strstr(none, telltale[i]) || strstr(odd, telltale[i]))
            fail_msg("%s at %u: %s in %s%s", persona->id, port, telltale[i], page, none);
    if (strncmp(page, "HTTP/1.", 7) != 0 || strcmp(page, again) != 0)
        fail_msg("%s at %u: %s, then %s", persona->id, port, page, again);
    const char *end = strstr(head, "\r\n\r\n");
    if (!end || end[4] || strncmp(head, page, (size_t)(end - head)) != 0)
        fail_msg("%s at %u: HEAD is answered %s, GET %s", persona->id, port, head, page);
    if (!strncmp(none + 9, "20", 2) || !strncmp(none + 9, "50", 2))
        fail_msg("%s at %u: what is not there is answered %s", persona->id, port, none);
    free(page);
    free(again);
    free(head);
    free(none);
    free(odd);
}

/* What is not there is not found, HEAD is as GET, the same twice, and no word of what is behind it. */
static void web_servers(void **state)
{
    (void)state;
    size_t n = 0;
    for (size_t i = 0; i < personas.n; i++, n = 0) {
        for (; n < personas.list[i]->n_http_ports; n++)
            check_server(personas.list[i], personas.list[i]->http_ports[n]);
        if (!n)
            fail_msg("%s has no web server", personas.list[i]->id);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers),         cmocka_unit_test(one_cpu),       cmocka_unit_test(neighbours),
        cmocka_unit_test(writes_where_it_says), cmocka_unit_test(nothing_is_left), cmocka_unit_test(wrong_twice),
        cmocka_unit_test(pairs_let_in),            cmocka_unit_test(steady_answers),  cmocka_unit_test(one_memory),    cmocka_unit_test(an_hour_later),
        cmocka_unit_test(many_addresses), cmocka_unit_test(web_servers),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
