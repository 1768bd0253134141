/* URLs: what is let through reads as the same again, and has nothing of what is refused. */
#include "sample/url.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct url *u)
{
    struct url again;
    char text[URL_MOST], plain[URL_PATH_MOST];
    url_text(u, text);
    assert(strpbrk(u->path, ";|`$<>(){}\\\"'*!^ \r\n") == NULL && !strchr(u->host, '@') && u->port);
    assert(url_read(text, &again) == URL_FINE && !strcmp(again.host, u->host) && again.port == u->port && !strcmp(again.path, u->path));
    url_plain(u, plain);
    assert((*plain == '/' || !*plain) && !strstr(plain, "//") && !strstr(plain, "/../") && !strstr(plain, "/./") && !strchr(plain, '?'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct url u;
    char *text = calloc(1, size + 1);
    if (!text)
        abort();
    memcpy(text, data, size);
    if (url_read(text, &u) == URL_FINE)
        check(&u);
    free(text);
    return 0;
}
