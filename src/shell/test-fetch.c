/*
 * The applets that fetch, over a network of our own: what they say is what the reference said of
 * the same servers in a namespace of its own, and what is made up (times, headers) is looked at
 * apart.
 */
#include "shell/test-machine.h"

#include <string.h>

static struct machine *machine;
static struct shell_device *device;

struct world {
    struct shell *shell;
    struct buf out, err;
    int64_t now;
    unsigned asked; /* the first question of each is put off */
    char sent[64], last[256];
};

static void output(void *context, int stream, const void *data, size_t n)
{
    struct world *w = context;
    buf_put(stream == 2 ? &w->err : &w->out, data, n);
}

static const struct {
    const char *host, *path; /* NULL: any */
    unsigned port;           /* 0: any */
    enum fetch_answer answer;
    const char *content, *address;
} network[] = {
    { "unknown.example.com", NULL, 0, FETCH_UNRESOLVED, NULL, "" },
    { "203.0.113.1", NULL, 0, FETCH_UNREACHABLE, NULL, "" },
    { "198.51.100.9", NULL, 0, FETCH_TIMEOUT, NULL, "" },
    { NULL, NULL, 81, FETCH_REFUSED, NULL, "" },
    { "::1", NULL, 0, FETCH_REFUSED, NULL, "" },
    { NULL, "/nope", 0, FETCH_MISSING, NULL, "" },
    { NULL, "nope", 0, FETCH_MISSING, NULL, "" },
    { NULL, "/forb", 0, FETCH_FORBIDDEN, NULL, "" },
    { NULL, "secret", 0, FETCH_FORBIDDEN, NULL, "" },
    { NULL, "/empty", 0, FETCH_FOUND, "", "" },
    { "host.example.com", NULL, 0, FETCH_FOUND, "hello world\n", "192.0.2.1" },
    { NULL, NULL, 23, FETCH_FOUND, "\xff\xfd\x01\xff\xfb\x01\xff\xfb\x03login: ", "" },
    { NULL, NULL, 0, FETCH_FOUND, "hello world\n", "" },
};

static void fetch(void *context, const struct shell_fetch *what, struct shell_fetched *ret)
{
    struct world *w = context;
    if (w->asked++ % 2 == 0) {
        *ret = (struct shell_fetched){ .answer = FETCH_PENDING };
        return;
    }
    snprintf(w->last, sizeof w->last, "%s %s %s:%u %s %s:%s", what->applet, what->method,
             what->host, what->port, what->path, what->user, what->password);
    snprintf(w->sent, sizeof w->sent, "%.*s", (int)what->n_sent,
             what->sent ? (const char *)what->sent : "");
    size_t i = 0;
    while ((network[i].host && strcmp(network[i].host, what->host) != 0) ||
           (network[i].path && strcmp(network[i].path, what->path) != 0) ||
           (network[i].port && network[i].port != what->port))
        i++;
    const char *content = network[i].content;
    *ret = (struct shell_fetched){ network[i].answer, content, content ? strlen(content) : 0,
                                   network[i].address };
}

static const struct shell_hook hook = { .output = output, .fetch = fetch };

static void run(struct world *w, const char *command)
{
    *w = (struct world){ .now = INT64_C(1700000000000000) };
    buf_init(&w->out, 1 << 20);
    buf_init(&w->err, 1 << 20);
    struct shell_options o = { .device = device,
                               .name = "sh",
                               .now = w->now,
                               .seed = 1,
                               .command = command,
                               .hook = &hook, .context = w };
    assert_int_equal(shell_make(&w->shell, &o), 0);
    shell_input_end(w->shell);
    for (int turns = 0; turns < 100000; turns++) {
        enum shell_state state = shell_run(w->shell, 100000, w->now);
        if (state == SHELL_ASLEEP)
            w->now = shell_wakes(w->shell);
        else if (state == SHELL_FETCHING)
            shell_wake(w->shell);
        else if (state != SHELL_RUNNING)
            return;
    }
    fail_msg("it does not end: %s", command);
}

static void release(struct world *w)
{
    shell_free(w->shell);
    buf_release(&w->out);
    buf_release(&w->err);
}

#define CONNECTING "Connecting to 192.0.2.1 (192.0.2.1:80)\n"
#define BAR " 100% |********************************|    12  0:00:00 ETA\n"
#define DIALOGUE(rest)                                                                             \
    "ftpget: cmd (null) (null)\nftpget: cmd USER anonymous\nftpget: cmd PASS busybox\n"            \
    "ftpget: cmd TYPE I (null)\nftpget: cmd EPSV (null)\n" rest

/* clang-format off */
static const struct {
    const char *command, *out, *err;
    int status;
} cases[] = {
    { "wget http://192.0.2.1/small; cat small", "hello world\n",
      CONNECTING "saving to 'small'\nsmall               " BAR "'small' saved\n", 0 },
    { "cd /tmp; wget -q 192.0.2.1/x; wget http://192.0.2.1/x", "",
      CONNECTING "wget: can't open 'x': File exists\n", 1 },
    { "wget 192.0.2.1; cat index.html", "hello world\n",
      CONNECTING "saving to 'index.html'\nindex.html          " BAR "'index.html' saved\n", 0 },
    { "wget -O- 192.0.2.1/small", "hello world\n",
      CONNECTING "writing to stdout\n-                   " BAR "written to stdout\n", 0 },
    { "wget -qO - host.example.com/small", "hello world\n", "", 0 },
    { "wget -O x host.example.com/small", "",
      "Connecting to host.example.com (192.0.2.1:80)\nsaving to 'x'\nx                   " BAR "'x' saved\n", 0 },
    { "wget http://192.0.2.1:8080/small -O /tmp/a-name-of-over-twenty-letters", "",
      "Connecting to 192.0.2.1:8080 (192.0.2.1:8080)\nsaving to '/tmp/a-name-of-over-twenty-letters'\n"
      "a-name-of-over-twent" BAR "'/tmp/a-name-of-over-twenty-letters' saved\n", 0 },
    { "wget http://192.0.2.1/empty; ls -s empty", "     0 empty\n", CONNECTING "saving to 'empty'\n'empty' saved\n", 0 },
    { "wget http://192.0.2.1/nope -O x; ls", "bin\ndev\netc\nproc\ntmp\n",
      CONNECTING "wget: server returned error: HTTP/1.1 404 Not Found\n", 0 },
    { "wget http://192.0.2.1/forb", "", CONNECTING "wget: server returned error: HTTP/1.1 403 Forbidden\n", 1 },
    { "wget http://192.0.2.1:81/x", "",
      "Connecting to 192.0.2.1:81 (192.0.2.1:81)\nwget: can't connect to remote host (192.0.2.1): Connection refused\n", 1 },
    { "wget http://198.51.100.9/x", "",
      "Connecting to 198.51.100.9 (198.51.100.9:80)\n"
      "wget: can't connect to remote host (198.51.100.9): Connection timed out\n", 1 },
    { "wget http://203.0.113.1/x", "",
      "Connecting to 203.0.113.1 (203.0.113.1:80)\n"
      "wget: can't connect to remote host (203.0.113.1): Network is unreachable\n", 1 },
    { "wget http://[::1]/x", "",
      "Connecting to [::1] ([::1]:80)\nwget: can't connect to remote host: Connection refused\n", 1 },
    { "wget http://unknown.example.com/x", "", "wget: bad address 'unknown.example.com'\n", 1 },
    { "wget gopher://x/", "", "wget: not an http or ftp url: gopher://x/\n", 1 },
    { "wget http://192.0.2.1:abc/", "", "wget: bad port 'abc'\n", 1 },
    { "wget -P /nosuch http://192.0.2.1/x", "", CONNECTING "wget: can't open '/nosuch/x': No such file or directory\n", 1 },
    { "cd /tmp; wget -q -P . 192.0.2.1/x; wget -q -P /tmp/ 192.0.2.1/y; ls", "x\ny\n", "", 0 },
    { "wget --spider http://192.0.2.1/x; ls /tmp", "", CONNECTING "remote file exists\n", 0 },
    { "wget -o log -O x http://192.0.2.1/x; cat log", CONNECTING "saving to 'x'\n'x' saved\n", "", 0 },
    { "wget -O x -T 5 -t 3 --tries=2 -nc -Y off --no-check-certificate -q 192.0.2.1/x; cat x", "hello world\n", "", 0 },
    { "wget -q -O x 192.0.2.1/x 192.0.2.1/y; cat x", "hello world\nhello world\n", "", 0 },
    { "printf hello > x; wget -q -c -O x 192.0.2.1/x; cat x", "hello world\n", "", 0 },
    { "wget ftp://192.0.2.1/nope", "",
      "Connecting to 192.0.2.1 (192.0.2.1:21)\nwget: bad response to RETR: 550 Failed to open file.\n", 1 },
    { "http_proxy=http://192.0.2.2:3128 wget -q -O - http://192.0.2.1/x", "hello world\n", "", 0 },
    { "wget -q -O - 192.0.2.1/x | wc -c", "12\n", "", 0 },

    { "tftp -g -r small 192.0.2.1; cat small", "hello world\n", "", 0 },
    { "tftp 192.0.2.1 -g -r /a/small -l out; cat out", "hello world\n", "", 0 },
    { "tftp 192.0.2.1 -c get small; cat small", "hello world\n", "", 0 },
    { "tftp -g -r small -l - 192.0.2.1", "hello world\n", "", 0 },
    { "tftp -g -r nope 192.0.2.1", "", "tftp: server error: (1) file not found\n", 1 },
    { "tftp -g -r secret 192.0.2.1", "", "tftp: server error: (2) access violation\n", 1 },
    { "tftp -g -r x 198.51.100.9", "", "tftp: timeout\n", 1 },
    { "tftp -g -r x 203.0.113.1", "", "tftp: sendto: Network is unreachable\n", 1 },
    { "tftp -g -r x unknown.example.com", "", "tftp: bad address 'unknown.example.com'\n", 1 },
    { "tftp -g -r x -b 8 192.0.2.1", "", "tftp: bad blocksize '8'\n", 1 },
    { "tftp -g -r x -l /nosuch/x 192.0.2.1", "", "tftp: can't open '/nosuch/x': No such file or directory\n", 1 },
    { "tftp -p -l nosuch 192.0.2.1", "", "tftp: can't open 'nosuch': No such file or directory\n", 1 },
    { "echo up > x; tftp -p -l x 192.0.2.1", "", "", 0 },

    { "ftpget 192.0.2.1 small; cat small", "hello world\n", "", 0 },
    { "ftpget 192.0.2.1 - small", "hello world\n", "", 0 },
    { "ftpget -v 192.0.2.1 loc small", "Connecting to 192.0.2.1 (192.0.2.1:21)\n",
      DIALOGUE("ftpget: cmd SIZE small\nftpget: cmd RETR small\nftpget: cmd (null) (null)\nftpget: cmd QUIT (null)\n"), 0 },
    { "ftpget 192.0.2.1 x nope", "", "ftpget: unexpected server response to RETR: 550 Failed to open file.\n", 1 },
    { "ftpget 192.0.2.1 x secret", "", "ftpget: unexpected server response to PASS: 530 Login incorrect.\n", 1 },
    { "ftpget -P 81 192.0.2.1 x", "", "ftpget: can't connect to remote host (192.0.2.1): Connection refused\n", 1 },
    { "ftpput 192.0.2.1 rem nosuch", "", "ftpput: can't open 'nosuch': No such file or directory\n", 1 },
    { "echo up | ftpput 192.0.2.1 rem -", "", "", 0 },

    { "printf 'GET /' | nc 192.0.2.1 80", "hello world\n", "", 0 },
    { "nc 192.0.2.1 81 < /dev/null", "", "nc: can't connect to remote host (192.0.2.1): Connection refused\n", 1 },
    { "nc 192.0.2.1 4444 -e cat; echo $?", "0\n", "", 0 },
    { "nc -l -w 1", "", "nc: timed out\n", 1 },
    { "nc unknown.example.com 80", "", "nc: bad address 'unknown.example.com'\n", 1 },
    { "nc 192.0.2.1 x", "", "nc: bad port 'x'\n", 1 },

    { "telnet 192.0.2.1", "login: Connection closed by foreign host\r\nConnected to 192.0.2.1\n"
      "\r\nEntering character mode\r\nEscape character is '^]'.\r\n", "", 1 },
    { "telnet 192.0.2.1 81", "", "telnet: can't connect to remote host (192.0.2.1): Connection refused\n", 1 },

    { "curl -s http://192.0.2.1/small", "hello world\n", "", 0 },
    { "curl -sO 192.0.2.1/small; cat small", "hello world\n", "", 0 },
    { "curl -so x http://192.0.2.1/small && cat x", "hello world\n", "", 0 },
    { "curl -s -w '%{http_code}\\n' -o /dev/null http://192.0.2.1/nope", "404\n", "", 0 },
    { "curl -fsS http://192.0.2.1/nope", "", "curl: (22) The requested URL returned error: 404\n", 22 },
    { "curl -sS http://unknown.example.com/", "", "curl: (6) Could not resolve host: unknown.example.com\n", 6 },
    { "curl -s http://192.0.2.1:81/", "", "", 7 },
    { "curl", "", "curl: try 'curl --help' or 'curl --manual' for more information\n", 2 },
    { "curl -O", "", "curl: no URL specified!\ncurl: try 'curl --help' or 'curl --manual' for more information\n", 2 },
    { "curl --foo", "", "curl: option --foo: is unknown\n"
      "curl: try 'curl --help' or 'curl --manual' for more information\n", 2 },
    { "curl gopher2://x", "", "curl: (1) Protocol \"gopher2\" not supported or disabled in libcurl\n", 1 },
    { "curl -sS -o /nosuch/x 192.0.2.1/x", "", "curl: (23) Failure writing output to destination\n", 23 },

    { "ping -c 1 203.0.113.1", "PING 203.0.113.1 (203.0.113.1): 56 data bytes\n", "ping: sendto: Network is unreachable\n", 1 },
    { "ping -c 2 -W 1 198.51.100.9", "PING 198.51.100.9 (198.51.100.9): 56 data bytes\n\n--- 198.51.100.9 ping statistics ---\n"
      "2 packets transmitted, 0 packets received, 100% packet loss\n", "", 1 },
    { "ping unknown.example.com", "", "ping: bad address 'unknown.example.com'\n", 1 },
    { "ping -c 1 -s 0 192.0.2.1 | tail -n 2", "--- 192.0.2.1 ping statistics ---\n"
      "1 packets transmitted, 1 packets received, 0% packet loss\n", "", 0 },
    { "traceroute -n -w 1 -m 2 -q 1 198.51.100.9", "traceroute to 198.51.100.9 (198.51.100.9), 2 hops max, 46 byte packets\n"
      " 1  *\n 2  *\n", "", 0 },
    { "nslookup host.example.com 192.0.2.1", "Server:\t\t192.0.2.1\nAddress:\t192.0.2.1:53\n\nNon-authoritative answer:\n"
      "Name:\thost.example.com\nAddress: 192.0.2.1\n\nNon-authoritative answer:\n\n", "", 0 },
    { "nslookup unknown.example.com 192.0.2.1", "Server:\t\t192.0.2.1\nAddress:\t192.0.2.1:53\n\n"
      "** server can't find unknown.example.com: NXDOMAIN\n\n** server can't find unknown.example.com: NXDOMAIN\n\n", "", 1 },
};
/* clang-format on */

static void says(const char *command, const char *stream, const struct buf *got, const char *wanted)
{
    if (got->len != strlen(wanted) || (got->len && memcmp(got->data, wanted, got->len) != 0))
        fail_msg("%s\n%s is:\n%.*s\nand should be:\n%s", command, stream, (int)got->len,
                 (const char *)got->data, wanted);
}

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct world w;
        run(&w, cases[i].command);
        says(cases[i].command, "the output", &w.out, cases[i].out);
        says(cases[i].command, "the error", &w.err, cases[i].err);
        if (shell_status(w.shell) != cases[i].status)
            fail_msg("%s: status %d, not %d", cases[i].command, shell_status(w.shell),
                     cases[i].status);
        release(&w);
    }
}

/* What the world is asked. */
static const struct {
    const char *command, *asked, *sent;
} questions[] = {
    { "wget -q http://u:p%40@192.0.2.1:8080/a/b?c=d", "wget GET 192.0.2.1:8080 /a/b?c=d u:p@", "" },
    { "wget -q --post-data a=b -O - 192.0.2.1/x", "wget POST 192.0.2.1:80 /x :", "a=b" },
    { "echo f > f; wget -q --post-file f -O - 192.0.2.1/x", "wget POST 192.0.2.1:80 /x :", "f\n" },
    { "wget -q -O - 'http://192.0.2.1?q'", "wget GET 192.0.2.1:80 /?q :", "" },
    { "http_proxy=192.0.2.2:3128 wget -q -O - http://192.0.2.1/x",
      "wget GET 192.0.2.2:3128 http://192.0.2.1/x :", "" },
    { "tftp -g -r /a/x 192.0.2.1 70", "tftp GET 192.0.2.1:70 /a/x :", "" },
    { "echo up > x; tftp -p -l x -r y 192.0.2.1", "tftp PUT 192.0.2.1:69 y :", "up\n" },
    { "ftpget -u me -p pw 192.0.2.1 a b", "ftpget GET 192.0.2.1:21 b me:pw", "" },
    { "echo up | ftpput 192.0.2.1 rem -", "ftpput PUT 192.0.2.1:21 rem anonymous:busybox", "up\n" },
    { "echo hi | nc 192.0.2.1 99", "nc  192.0.2.1:99  :", "hi\n" },
    { "curl -s -u a:b -d x=1 -d y=2 192.0.2.1/p", "curl POST 192.0.2.1:80 /p a:b", "x=1&y=2" },
    { "curl -sT /etc/passwd 192.0.2.1/p",
      "curl PUT 192.0.2.1:80 /p :", "root:x:0:0:root:/:/bin/sh\nuser:x:1000:1000::/tmp:/bin/sh\n" },
    { "curl -s tftp://192.0.2.1/f", "curl GET 192.0.2.1:69 /f :", "" },
};

static void test_questions(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
        struct world w;
        run(&w, questions[i].command);
        assert_string_equal(w.last, questions[i].asked);
        assert_string_equal(w.sent, questions[i].sent);
        release(&w);
    }
}

static void test_meter(void **state)
{
    (void)state;
    static const char head[] =
        "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n"
        "                                 Dload  Upload   Total   Spent    Left  Speed\n"
        "\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0"
        "\r100    12  100    12    0     0  ";
    struct world w;
    run(&w, "curl -O http://192.0.2.1/small");
    assert_true(w.err.len > sizeof head);
    assert_memory_equal(w.err.data, head, sizeof head - 1);
    release(&w);
}

static void test_ping(void **state)
{
    (void)state;
    static const char head[] =
        "PING host.example.com (192.0.2.1): 56 data bytes\n64 bytes from 192.0.2.1: seq=0 ttl=";
    static const char tail[] =
        "3 packets transmitted, 3 packets received, 0% packet loss\nround-trip min/avg/max = ";
    struct world w;
    run(&w, "ping -c 3 host.example.com");
    buf_u8(&w.out, 0);
    assert_memory_equal(w.out.data, head, sizeof head - 1);
    assert_non_null(strstr((const char *)w.out.data, tail));
    assert_true(w.now - INT64_C(1700000000000000) >= 2000000);
    release(&w);
}

static int setup(void **state)
{
    (void)state;
    return test_machine(&machine) || shell_device_make(&device, machine);
}

static int teardown(void **state)
{
    (void)state;
    shell_device_free(device);
    machine_free(machine);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_questions),
        cmocka_unit_test(test_meter),
        cmocka_unit_test(test_ping),
    };
    return cmocka_run_group_tests_name("shell/fetch", tests, setup, teardown);
}
