#include "trap/http-answer.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- What is a site ---- */

#define SERVER "[server]\nports = 80\n"

/* clang-format off */
static const struct {
    const char *text, *why; /* NULL: nothing is wrong */
} files[] = {
    { SERVER, NULL },
    { "# x\n; y\n" SERVER "header = A: b\nreason = 404 Gone Away\npage = GET / open =200\n[server]\nports = 1 65535\n", NULL },
    { "", "http.ini: there is no [server]" },
    { "ports = 80\n", "http.ini:1: neither [server] nor item = value" },
    { "[other]\n", "http.ini:1: neither [server] nor item = value" },
    { "[server]\n", "http.ini: a server without ports" },
    { SERVER "x = y\n", "http.ini:3: [server] has no item 'x'" },
    { "[server]\nports = 0\n", "http.ini:2: ports cannot be '0'" },
    { "[server]\nports = 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n", "http.ini:2: ports cannot be '17'" },
    { SERVER "version = 2.0\n", "http.ini:3: version cannot be '2.0'" },
    { SERVER "keep = yes\n", "http.ini: a server that goes on with a connection must tell its answers' {{length}}" },
    { SERVER "keep = yes\nheader = Content-Length: {{length}}\n", NULL },
    { SERVER "idle = 0\n", "http.ini:3: idle cannot be '0'" },
    { SERVER "bad = 1000\n", "http.ini:3: bad cannot be '1000'" },
    { SERVER "old = maybe\n", "http.ini:3: old cannot be 'maybe'" },
    { SERVER "error = \\y\n", "http.ini:3: error has an escape that is none" },
    { SERVER "header = none\n", "http.ini:3: header cannot be 'none'" },
    { SERVER "reason = 99 x\n", "http.ini:3: reason cannot be '99'" },
    { SERVER "page = GET\n", "http.ini:3: page cannot be ''" },
    { SERVER "page = GET / open\n", "http.ini:3: a page without an answer" },
    { SERVER "page = GET x open =200\n", "http.ini:3: page cannot be 'x'" },
    { SERVER "page = GET / shut =200\n", "http.ini:3: page cannot be '/'" },
    { SERVER "page = GET / open+walk =200\n", "http.ini:3: page cannot be '/'" },
    { SERVER "page = GET / open =200 =200\n", "http.ini:3: page cannot be '/'" },
    { SERVER "page = GET / open =99\n", "http.ini:3: '=99' is no status" },
    { SERVER "page = GET / open ../x\n", "http.ini:3: '../x' is outside the persona" },
    { SERVER "page = GET / login =200\n", "http.ini:3: page cannot be '/'" },
    { SERVER "page = POST / login =200 =200\n", "http.ini: a log-in, but no password_field" },
    { SERVER SERVER SERVER SERVER SERVER SERVER SERVER SERVER "[server]\n", "http.ini:17: more servers than 8" },
};
/* clang-format on */

static void test_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct http_site *s = NULL;
        char why[200] = "";
        int e = http_site_read(&s, NULL, files[i].text, strlen(files[i].text), why);
        assert_int_equal(e, files[i].why != NULL);
        assert_string_equal(why, files[i].why ? files[i].why : "");
        assert_true((s != NULL) == !e);
        http_site_free(s);
    }
}

/* Pages are read from where they are said to be; what is not there is told. */
static void test_pages(void **state)
{
    (void)state;
    const char *source = getenv("TEITEN_SOURCE");
    char folder[1024], why[200] = "";
    struct http_site *s = NULL;
    snprintf(folder, sizeof folder, "%s/personas/hi3520-recorder", source ? source : ".");
    static const char missing[] = SERVER "page = GET / open nothing.html\n", there[] = SERVER "page = GET / open /mnt/web/index.htm\n";
    assert_int_equal(http_site_read(&s, folder, missing, sizeof missing - 1, why), 1);
    assert_string_equal(why, "http.ini:3: nothing.html: No such file or directory");
    assert_int_equal(http_site_read(&s, folder, there, sizeof there - 1, why), 0);
    const struct http_answer *a = &s->servers[0].pages[0].answer;
    assert_non_null(memmem(a->body, a->n, "NETSurveillance", 15));
    assert_string_equal(a->type, "text/html");
    http_site_free(s);
    assert_int_equal(http_site_load(&s, "/nonexistent", why), 0);
    assert_null(s);
}

static void test_ports(void **state)
{
    (void)state;
    static const char text[] = "[server]\nports = 80 81\n[server]\nports = 8080\n";
    char why[200] = "";
    struct http_site *s = NULL;
    assert_int_equal(http_site_read(&s, NULL, text, sizeof text - 1, why), 0);
    assert_ptr_equal(http_site_at(s, 81), &s->servers[0]);
    assert_ptr_equal(http_site_at(s, 8080), &s->servers[1]);
    assert_ptr_equal(http_site_at(s, 9999), &s->servers[0]);
    http_site_free(s);
}

/* ---- What it answers ---- */

static const char site[] =
    "[server]\nports = 80\nversion = same\nkeep = yes\nkeep_most = 3\nmethod = 405\nold = yes\nrealm = R of {{host}}\n"
    "user_field = u\npassword_field = p\ncookie = c={{token}}\nreason = 404 Nowhere\nerror = <{{status}} {{reason}} {{path}}>\n"
    "header = S: x\nheader = D: {{date}}\nheader = W: {{realm}}\nheader = K: {{cookie}}\nheader = L: {{location}}\n"
    "header = N: {{length}}\nheader = C: {{connection}}\n"
    "page = GET / open =200\npage = GET /to open >/{{host}}/{{mac}}\npage = GET /whose open >http://{{authority}}/\npage = GET /basic basic =200\npage = GET /form form =200\n"
    "page = GET /form2 form =200 >/in\npage = POST /in login >/form =403\npage = ANY /any open =204\npage = GET /below/* open =203\n"
    "[server]\nports = 81\nversion = 1.0\nkeep = no\nctime = yes\nuser = admin\npassword_field = p\nbad = 0\nguard = basic\nrealm = x\n"
    "header = D: {{date}}\nheader = W: {{realm}}\npage = GET /in login =200 =403\n"
    "[server]\nports = 82\nhost = yes\nheader = A: b\npage = GET / open =200\n";

#define TAIL "\r\nC: keep-alive\r\n\r\n"
#define END "\r\nC: close\r\n\r\n"
#define DATE "S: x\r\nD: Tue, 14 Nov 2023 22:13:20 GMT\r\n"

/* A request and the whole answer; what is tried: "user/password " each. root/x is right. */
static const struct {
    uint16_t port;
    const char *request, *answer, *tried;
} cases[] = {
    { 80, "GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n" DATE "N: 10" TAIL "<200 OK />", "" },
    { 80, "HEAD / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n" DATE "N: 10" TAIL, "" },
    { 80, "GET / HTTP/1.0\r\n\r\n", "HTTP/1.0 200 OK\r\n" DATE "N: 10" END "<200 OK />", "" },
    { 80, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "HTTP/1.0 200 OK\r\n" DATE "N: 10" TAIL "<200 OK />", "" },
    { 80, "GET /\r\n", "<200 OK />", "" },
    { 80, "GET /a<b&c> HTTP/1.1\r\n\r\n", "HTTP/1.1 404 Nowhere\r\n" DATE "N: 31" TAIL "<404 Nowhere /a&lt;b&amp;c&gt;>", "" },
    { 80, "GET /%2f HTTP/1.1\r\n\r\n", "HTTP/1.1 404 Nowhere\r\n" DATE "N: 18" TAIL "<404 Nowhere /%2f>", "" },
    { 80, "GET /below/%41?x HTTP/1.1\r\n\r\n", "HTTP/1.1 203 Unknown\r\n" DATE "N: 24" TAIL "<203 Unknown /below/%41>", "" },
    { 80, "POST / HTTP/1.1\r\n\r\n", "HTTP/1.1 405 Method Not Allowed\r\n" DATE "N: 26" TAIL "<405 Method Not Allowed />", "" },
    { 80, "BREW /x HTTP/1.1\r\n\r\n", "HTTP/1.1 405 Method Not Allowed\r\n" DATE "N: 27" TAIL "<405 Method Not Allowed /x>", "" },
    { 80, "BREW /any HTTP/1.1\r\n\r\n", "HTTP/1.1 204 Unknown\r\n" DATE "N: 18" TAIL "<204 Unknown /any>", "" },
    { 80, "GET /to HTTP/1.1\r\n\r\n", "HTTP/1.1 302 Found\r\n" DATE "L: /dvr/00:00:5E:01:02:03\r\nN: 15" TAIL "<302 Found /to>", "" },
    { 80, "GET /whose HTTP/1.1\r\nHost: a.example:80\r\n\r\n",
      "HTTP/1.1 302 Found\r\n" DATE "L: http://a.example:80/\r\nN: 18" TAIL "<302 Found /whose>", "" },
    { 80, "GET /whose HTTP/1.1\r\nHost: a\"b\r\n\r\n",
      "HTTP/1.1 302 Found\r\n" DATE "L: http://192.0.2.2/\r\nN: 18" TAIL "<302 Found /whose>", "" },
    { 80, "nonsense\r\n", "HTTP/1.0 400 Bad Request\r\n" DATE "N: 18" END "<400 Bad Request >", "" },
    { 81, "nonsense\r\n", "", "" },
    { 81, "GET /\r\n", "", "" },
    { 82, "GET /\r\n", "HTTP/1.0 400 Bad Request\r\nA: b\r\n\r\n", "" },
    { 82, "GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 Bad Request\r\nA: b\r\n\r\n", "" },
    { 82, "GET / HTTP/1.1\r\nHost:\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\r\n\r\n", "" },
    { 82, "GET / HTTP/1.0\r\n\r\n", "HTTP/1.0 200 OK\r\nA: b\r\n\r\n", "" },
    /* Who it is. */
    { 80, "GET /basic HTTP/1.1\r\n\r\n", "HTTP/1.1 401 Unauthorized\r\n" DATE "W: R of dvr\r\nN: 25" TAIL "<401 Unauthorized /basic>", "" },
    { 80, "GET /basic HTTP/1.1\r\nAuthorization: Basic cm9vdDp5\r\n\r\n",
      "HTTP/1.1 401 Unauthorized\r\n" DATE "W: R of dvr\r\nN: 25" TAIL "<401 Unauthorized /basic>", "root/y " },
    { 80, "GET /basic HTTP/1.1\r\nAuthorization: Basic cm9vdDp4\r\n\r\n", "HTTP/1.1 200 OK\r\n" DATE "N: 15" TAIL "<200 OK /basic>",
      "root/x " },
    { 80, "GET /basic HTTP/1.1\r\nAuthorization: Basic cm9vdA==\r\n\r\n",
      "HTTP/1.1 401 Unauthorized\r\n" DATE "W: R of dvr\r\nN: 25" TAIL "<401 Unauthorized /basic>", "" },
    { 80, "GET /form HTTP/1.1\r\n\r\n", "HTTP/1.1 403 Forbidden\r\n" DATE "N: 21" TAIL "<403 Forbidden /form>", "" },
    { 80, "GET /form2 HTTP/1.1\r\n\r\n", "HTTP/1.1 302 Found\r\n" DATE "L: /in\r\nN: 18" TAIL "<302 Found /form2>", "" },
    { 80, "GET /form HTTP/1.1\r\nCookie: a=b; c=*\r\n\r\n", "HTTP/1.1 200 OK\r\n" DATE "N: 14" TAIL "<200 OK /form>", "" },
    { 80, "POST /in HTTP/1.1\r\nContent-Length: 10\r\n\r\nu=ro%6ft&p", "HTTP/1.1 403 Forbidden\r\n" DATE "N: 19" TAIL "<403 Forbidden /in>",
      "root/ " },
    { 80, "POST /in HTTP/1.1\r\nContent-Length: 10\r\n\r\nu=root&q=x", "HTTP/1.1 403 Forbidden\r\n" DATE "N: 19" TAIL "<403 Forbidden /in>",
      "" },
    { 80, "POST /in HTTP/1.1\r\nContent-Length: 10\r\n\r\nu=root&p=x",
      "HTTP/1.1 302 Found\r\n" DATE "K: c=*\r\nL: /form\r\nN: 15" TAIL "<302 Found /in>", "root/x " },
    { 81, "GET /in?p=a+b HTTP/1.1\r\n\r\n", "HTTP/1.0 403 Forbidden\r\nD: Tue Nov 14 22:13:20 2023\r\n\r\n", "admin/a b " },
    { 81, "GET /else HTTP/1.1\r\n\r\n", "HTTP/1.0 401 Unauthorized\r\nD: Tue Nov 14 22:13:20 2023\r\nW: x\r\n\r\n", "" },
};

static bool judge(void *context, struct http_text user, struct http_text password)
{
    struct buf *tried = context;
    buf_put(tried, user.s, user.n);
    buf_u8(tried, '/');
    buf_put(tried, password.s, password.n);
    buf_u8(tried, ' ');
    return http_is(user, "root") && http_is(password, "x");
}

/* The token of the visitor in the place of each *. */
static void with_token(const char *text, const char *token, char *ret, size_t room)
{
    const char *star = strchr(text, '*');
    if (star)
        snprintf(ret, room, "%.*s%s%s", (int)(star - text), text, token, star + 1);
    else
        snprintf(ret, room, "%s", text);
}

static struct persona_here here = { .hostname = "dvr", .mac = { 0, 0, 0x5e, 1, 2, 3 }, .secret = 99 };
static const struct addr source = { .family = 4, .bytes = { 192, 0, 2, 1 } }, other = { .family = 4, .bytes = { 192, 0, 2, 2 } };

static void ask(const struct http_site *s, uint16_t port, const struct addr *from, unsigned served, const char *request,
                struct buf *tried, struct buf *said)
{
    struct http_request r;
    struct http_plan plan;
    struct http_visit v = { .server = http_site_at(s, port), .here = &here, .source = from, .destination = &other,
                            .now = INT64_C(1700000000000000), .served = served, .context = tried, .judge = judge };
    http_begin(&r);
    http_feed(&r, request, strlen(request));
    http_plan(&v, &r, &plan);
    http_say(&v, &r, &plan, (struct http_text){ "", 0 }, said);
    buf_u8(said, '\0');
    buf_u8(tried, '\0');
    http_release(&r);
}

/* What a log-in's cookie is worth at an address, for a visitor. */
static void token_of(const struct http_site *s, const struct addr *from, char ret[static 17])
{
    struct buf tried, said;
    buf_init(&tried, 1000);
    buf_init(&said, 10000);
    ask(s, 80, from, 0, "POST /in HTTP/1.1\r\nContent-Length: 10\r\n\r\nu=root&p=x", &tried, &said);
    const char *at = strstr((char *)said.data, "K: c=");
    assert_non_null(at);
    snprintf(ret, 17, "%s", at + 5);
    buf_release(&tried);
    buf_release(&said);
}

static void test_answers(void **state)
{
    (void)state;
    char why[200] = "", token[17], request[1000], answer[1000];
    struct http_site *s = NULL;
    if (http_site_read(&s, NULL, site, sizeof site - 1, why))
        fail_msg("%s", why);
    token_of(s, &source, token);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf tried, said;
        buf_init(&tried, 1000);
        buf_init(&said, 100000);
        with_token(cases[i].request, token, request, sizeof request);
        with_token(cases[i].answer, token, answer, sizeof answer);
        ask(s, cases[i].port, &source, 0, request, &tried, &said);
        if (strcmp((char *)said.data, answer) != 0 || strcmp((char *)tried.data, cases[i].tried) != 0)
            fail_msg("case %zu: %s\nis answered\n%s\n(%s) not\n%s\n(%s)", i, request, said.data, tried.data, answer, cases[i].tried);
        buf_release(&tried);
        buf_release(&said);
    }
    http_site_free(s);
}

/* A cookie is one visitor's, at one address; a connection is closed after its last request. */
static void test_visits(void **state)
{
    (void)state;
    char why[200] = "", token[17], another[17];
    struct http_site *s = NULL;
    struct buf tried, said;
    assert_int_equal(http_site_read(&s, NULL, site, sizeof site - 1, why), 0);
    token_of(s, &source, token);
    token_of(s, &other, another);
    assert_string_not_equal(token, another);
    here.secret++;
    token_of(s, &source, another);
    here.secret--;
    assert_string_not_equal(token, another);
    buf_init(&tried, 1000);
    buf_init(&said, 10000);
    ask(s, 80, &source, 2, "GET / HTTP/1.1\r\n\r\n", &tried, &said);
    assert_non_null(strstr((char *)said.data, "C: close"));
    buf_release(&tried);
    buf_release(&said);
    http_site_free(s);
}

static void test_marks(void **state)
{
    (void)state;
    static const char *const texts[][2] = { { "{{date}} {{host}}", NULL }, { "a{{nosuch}}", "{{nosuch}}" }, { "{{", NULL }, { "{{date}", NULL } };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const char *found = http_unknown_mark(texts[i][0], strlen(texts[i][0]));
        assert_true(texts[i][1] ? found && !strcmp(found, texts[i][1]) : !found);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),   cmocka_unit_test(test_pages),  cmocka_unit_test(test_ports),
        cmocka_unit_test(test_answers), cmocka_unit_test(test_visits), cmocka_unit_test(test_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
