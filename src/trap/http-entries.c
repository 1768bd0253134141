/*
 * Entry points that attacks on devices use, as defenders publish them: names of paths and parameters, nothing of an attack. From
 * corpus/ports.tsv (TR-069, UPnP of 37215 and 52869, JAWS), the list of what Mozi tries (netlab 360, cited at
 * broadband.forum/threads/205429), github.com/BonjourMalware/melody-rules, the advisories of the makers and the CVE list.
 */
#include "trap/http-commands.h"

#include <string.h>
#include <strings.h>

#define VALUE(key) PLACE_VALUE, HOW_INJECTED, key
#define COMMAND(key) PLACE_VALUE, HOW_COMMAND, key

/* clang-format off */
static const struct http_entry entries[] = {
    /* SOAP: TR-064 as of port 7547, UPnP of 37215 and 52869 and of routers. */
    { "tr064-ntp", "POST", "/UD/act", VALUE("NewNTPServer*") },
    { "upnp-upgrade", "POST", "/ctrlt/DeviceUpgrade_1", VALUE("NewStatusURL") },
    { "upnp-upgrade", "POST", "/ctrlt/DeviceUpgrade_1", VALUE("NewDownloadURL") },
    { "upnp-wanip", "POST", "/picsdesc.xml", VALUE("NewInternalClient") },
    { "upnp-wanip", "POST", "/picdesc.xml", VALUE("NewInternalClient") },
    { "upnp-wanip", "POST", "/wanipcn.xml", VALUE("NewInternalClient") },
    { "upnp-soap", "POST", "/soap.cgi", VALUE("NewInternalClient") },
    { "hnap", "POST", "/HNAP1*", PLACE_HEADER, HOW_INJECTED, "SOAPAction" },
    /* Cameras and recorders. */
    { "jaws-shell", "GET", "/shell", PLACE_QUERY, HOW_COMMAND, "" },
    { "dvr-language", "", "/language/*", PLACE_TARGET, HOW_INJECTED, "" },
    { "dvr-board", "", "/board.cgi", COMMAND("cmd") },
    { "dvr-device-rsp", "", "/device.rsp", COMMAND("mdc") },
    { "camera-ftp", "", "/set_ftp.cgi", VALUE("*") },
    { "camera-language", "PUT", "/SDK/webLanguage", VALUE("language") },
    { "camera-param", "", "/camera-cgi/admin/param.cgi", VALUE("*") },
    { "avtech-search", "", "/cgi-bin/nobody/Search.cgi", VALUE("username") },
    { "avtech-cloud", "", "/cgi-bin/supervisor/CloudSetup.cgi", COMMAND("exefile") },
    { "nvr-debug", "", "/__debugging_center_utils___.php", VALUE("log") },
    { "nvr-time", "", "/cgi-bin/cgi_main.cgi", VALUE("ntp") },
    { "nas-sharing", "", "/cgi-bin/nas_sharing.cgi", PLACE_VALUE, HOW_BASE64, "system" },
    { "nas-account", "", "/cgi-bin/account_mgr.cgi", VALUE("name") },
    /* Routers. */
    { "gpon-diag", "POST", "/GponForm/diag_Form", VALUE("dest_host") },
    { "gpon-ping", "POST", "/boaform/admin/formPing", VALUE("target_addr") },
    { "boa-tracert", "POST", "/boaform/admin/formTracert", VALUE("*") },
    { "boa-syscmd", "POST", "/boafrm/formSysCmd", COMMAND("sysCmd") },
    { "boa-syscmd", "POST", "/goform/formSysCmd", COMMAND("sysCmd") },
    { "netgear-setup", "", "/setup.cgi", COMMAND("cmd") },
    { "netgear-dnslookup", "POST", "/dnslookup.cgi", VALUE("host_name") },
    { "cgi-bin-path", "", "/cgi-bin/;*", PLACE_TARGET, HOW_INJECTED, "" },
    { "linksys-ttcp", "POST", "/tmUnblock.cgi", VALUE("ttcp_ip") },
    { "linksys-ttcp", "POST", "/hndUnblock.cgi", VALUE("ttcp_ip") },
    { "linksys-ttcp", "POST", "/apply.cgi", VALUE("ping_*") },
    { "apply-command", "", "/apply.cgi", COMMAND("SystemCmd") },
    { "apply-time", "POST", "/apply.cgi", VALUE("adj_time_*") },
    { "dlink-command", "POST", "/command.php", COMMAND("cmd") },
    { "dlink-diagnostic", "POST", "/diagnostic.php", VALUE("dst") },
    { "dlink-login", "", "/login.cgi", VALUE("cli") },
    { "zyxel-log", "POST", "/cgi-bin/ViewLog.asp", VALUE("remote_host") },
    { "zyxel-path", "", "/bin/zhttpd/*", PLACE_TARGET, HOW_INJECTED, "" },
    { "draytek-login", "POST", "/cgi-bin/mainfunction.cgi*", VALUE("keyPath") },
    { "luci-locale", "", "/cgi-bin/luci/;stok=/locale", VALUE("country") },
    { "tenda-usb", "", "/goform/setUsbUnload*", VALUE("deviceName") },
    { "lblink-limit", "POST", "/goform/set_LimitClient_cfg", VALUE("*") },
    { "totolink-cste", "POST", "/cgi-bin/cstecgi.cgi", VALUE("*") },
};
/* clang-format on */

const struct http_entry *http_entry_at(size_t i)
{
    return i < sizeof entries / sizeof entries[0] ? &entries[i] : NULL;
}

/* A program of the server's is asked also with more of a path behind its name. */
static bool leads_to(const char *pattern, const char *path)
{
    size_t n = strlen(pattern);
    if (pattern[n - 1] == '*')
        return strncasecmp(pattern, path, n - 1) == 0;
    return strncasecmp(pattern, path, n) == 0 && (path[n] == '\0' || (path[n] == '/' && strchr(pattern, '.')));
}

bool http_is_entry(const char *path)
{
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++)
        if (leads_to(entries[i].path, path))
            return true;
    return false;
}
