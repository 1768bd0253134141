#include "sample/client.h"

#include "base/text.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEADERS_MOST = 64 << 10 };

struct fetching {
    const struct client *client;
    const struct fetch_ask *ask;
    int socket;      /* -1: it was taken */
    uint64_t bytes, header_bytes;
    bool large, stopped;
};

int client_prepare(void)
{
    return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? 0 : -ENOMEM;
}

/* ---- sockets ---- */

static uint16_t port_of(const struct curl_sockaddr *a)
{
    struct sockaddr_storage s = { 0 };
    size_t n = a->addrlen < sizeof s ? a->addrlen : sizeof s;
    memcpy(&s, &a->addr, n);
    struct endpoint e;
    addr_of_socket(&s, &e);
    return e.port;
}

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *a)
{
    struct fetching *f = context;
    if (purpose != CURLSOCKTYPE_IPCXN || a->socktype != SOCK_STREAM)
        return CURL_SOCKET_BAD;
    if (f->socket >= 0) {
        int socket = f->socket;
        f->socket = -1;
        return socket;
    }
    int fd = f->client->more(f->client->context, port_of(a));
    return fd < 0 ? CURL_SOCKET_BAD : fd;
}

static int is_connected(void *context, curl_socket_t fd, curlsocktype purpose)
{
    (void)context;
    (void)fd;
    (void)purpose;
    return CURL_SOCKOPT_ALREADY_CONNECTED;
}

/* ---- what comes ---- */

static size_t take(char *data, size_t size, size_t n, void *context)
{
    struct fetching *f = context;
    (void)size; /* is 1 */
    f->large = n > f->ask->bytes - f->bytes;
    if (f->large)
        return 0;
    f->bytes += n;
    f->stopped = f->client->data(f->client->context, data, n) != 0;
    return f->stopped ? 0 : n;
}

static size_t take_header(char *data, size_t size, size_t n, void *context)
{
    struct fetching *f = context;
    (void)data;
    (void)size;
    f->header_bytes += n;
    return f->header_bytes > HEADERS_MOST ? 0 : n;
}

/* ---- asking ---- */

/* Nothing is looked up: the name leads where it was judged to. An address leads to itself; libcurl takes none of IPv6 here. */
static struct curl_slist *pin(CURL *c, const struct fetch_ask *ask)
{
    char address[ADDR_TEXT], line[FETCH_URL];
    CURLU *u = curl_url();
    char *host = NULL, *port = NULL;
    struct curl_slist *list = NULL;
    addr_text(&ask->address, address);
    if (u && curl_url_set(u, CURLUPART_URL, ask->url, 0) == CURLUE_OK && curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
        host[0] != '[' && curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK) {
        snprintf(line, sizeof line, ask->address.family == 6 ? "%s:%s:[%s]" : "%s:%s:%s", host, port, address);
        list = curl_slist_append(NULL, line);
    }
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(u);
    if (list)
        curl_easy_setopt(c, CURLOPT_RESOLVE, list);
    return list;
}

/* The persona's own; what libcurl would say of itself is left out. */
static struct curl_slist *set_headers(CURL *c, const struct fetch_ask *ask)
{
    struct curl_slist *list = curl_slist_append(NULL, "Accept:");
    char text[FETCH_AGENT], *rest = text, *line;
    text_copy(text, sizeof text, ask->headers);
    while ((line = strsep(&rest, "\n")))
        if (*line)
            list = curl_slist_append(list, line);
    if (ask->agent[0])
        curl_easy_setopt(c, CURLOPT_USERAGENT, ask->agent);
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, list);
    return list;
}

/* A proxy of the operator's is asked for the address that was judged, whatever the name would lead it to. */
static struct curl_slist *set_proxy(CURL *c, const struct fetch_ask *ask)
{
    char address[ADDR_TEXT], line[2 * ADDR_TEXT];
    if (!ask->proxied)
        return NULL;
    addr_text(&ask->address, address);
    snprintf(line, sizeof line, ask->address.family == 6 ? "::[%s]:" : "::%s:", address);
    struct curl_slist *list = curl_slist_append(NULL, line);
    curl_easy_setopt(c, CURLOPT_PROXY, "http://127.0.0.1:1"); /* where that is connected is known to who dialled */
    curl_easy_setopt(c, CURLOPT_HTTPPROXYTUNNEL, 1L);
    curl_easy_setopt(c, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(c, CURLOPT_CONNECT_TO, list);
    return list;
}

static void set_rules(CURL *c, struct fetching *f)
{
    curl_easy_setopt(c, CURLOPT_URL, f->ask->url);
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https,ftp");
    curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L); /* what was judged is what is asked for */
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(c, CURLOPT_SSL_ENABLE_ALPN, 0L);
    curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 0L); /* such servers have no certificate that anybody vouches for */
    curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(c, CURLOPT_PROXY, "");
    curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)f->ask->milliseconds);
    curl_easy_setopt(c, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)f->ask->bytes);
    curl_easy_setopt(c, CURLOPT_FTP_SKIP_PASV_IP, 1L);
    curl_easy_setopt(c, CURLOPT_FTP_FILEMETHOD, (long)CURLFTPMETHOD_NOCWD);
    curl_easy_setopt(c, CURLOPT_IGNORE_CONTENT_LENGTH, 0L);
    curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, f);
    curl_easy_setopt(c, CURLOPT_SOCKOPTFUNCTION, is_connected);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, f);
    curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(c, CURLOPT_HEADERDATA, f);
}

/* ---- what came of it ---- */

static enum fetch_end end_of(CURLcode code, const struct fetching *f, long status, const char *location)
{
    switch (code) {
    case CURLE_OK:
        if (location)
            return FETCHED_REDIRECT;
        return status >= 300 ? FETCHED_STATUS : FETCHED_ALL; /* of FTP it is 226 */
    case CURLE_FILESIZE_EXCEEDED:
        return FETCHED_LARGE;
    case CURLE_WRITE_ERROR:
        return f->large ? FETCHED_LARGE : FETCHED_NONSENSE;
    case CURLE_OPERATION_TIMEDOUT:
        return FETCHED_SLOW;
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
        return FETCHED_CUT;
    case CURLE_REMOTE_FILE_NOT_FOUND:
    case CURLE_REMOTE_ACCESS_DENIED:
    case CURLE_FTP_COULDNT_RETR_FILE:
    case CURLE_LOGIN_DENIED:
        return FETCHED_STATUS;
    default:
        return FETCHED_NONSENSE;
    }
}

static void tell(CURL *c, CURLcode code, const struct fetching *f, struct fetch_ended *ret)
{
    long status = 0;
    char *location = NULL;
    curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(c, CURLINFO_REDIRECT_URL, &location);
    *ret = (struct fetch_ended){ .how = end_of(code, f, status, location), .status = status > 0 ? (uint32_t)status : 0, .bytes = f->bytes };
    text_copy(ret->location, sizeof ret->location, location ? location : "");
    text_copy(ret->why, sizeof ret->why, code == CURLE_OK ? "" : curl_easy_strerror(code));
}

void client_fetch(const struct client *client, const struct fetch_ask *ask, struct fetch_ended *ret)
{
    struct fetching f = { .client = client, .ask = ask, .socket = client->socket };
    CURL *c = curl_easy_init();
    *ret = (struct fetch_ended){ .how = FETCHED_NONSENSE };
    if (!c) {
        close(f.socket);
        return;
    }
    set_rules(c, &f);
    struct curl_slist *pinned = pin(c, ask), *headers = set_headers(c, ask), *proxy = set_proxy(c, ask);
    tell(c, curl_easy_perform(c), &f, ret);
    curl_easy_cleanup(c);
    curl_slist_free_all(pinned);
    curl_slist_free_all(headers);
    curl_slist_free_all(proxy);
    if (f.socket >= 0)
        close(f.socket);
}
