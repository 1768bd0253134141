#include "shell/since.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { PART_MOST = 99 };

/* The sources are what people show of their devices: "before" and "after" are the nearest versions seen. */
static const unsigned versions[] = {
    [SINCE_NOTICE] = 102,         /* before 1.00 (a Netcore router); after 1.9.2 (Debian) */
    [SINCE_SMALL_GREETING] = 110, /* before 1.1.3 (Ubuntu 7.10); after 1.12.1 (Ralink cameras) */
    [SINCE_PS_CAPITALS] = 110,    /* before 1.00 (Edimax); after 1.12.1 */
    [SINCE_FETCH_BRACES] = 110,   /* before 1.00 and 1.4.2 (ipkg of OpenWrt 7.09); after 1.11.2 (8.09) */
    [SINCE_WIDE_LIST] = 114,      /* before 1.13.4 (Realtek routers); after 1.17.2 (Zhone ONT) */
    [SINCE_UNAME_SYSTEM] = 114,   /* before 1.12.1 (Netgear R6260); after 1.16.0 (Broadcom ONT) */
    [SINCE_LIST_OPTION] = 118,    /* before 1.17.3 (an ARM board); after 1.18.0 (Android) */
    [SINCE_FREE_BUFFERS] = 118,   /* before 1.16.0 (Broadcom ONT); after 1.19.4 (OpenWrt 12.09) */
    [SINCE_INSTALL_OPTION] = 120, /* before 1.19.4 (Android); after 1.20.2 (Debian 7) */
    [SINCE_MANY_AUTHORS] = 121,   /* before 1.20.2 (Debian 7); after 1.21.0 (an ARM board) */
    [SINCE_FREE_CACHED] = 124,    /* before 1.23.2 (Onion Omega); after 1.27.2 (Eufy) */
    [SINCE_CD_REASON] = 127,      /* before 1.25.1 (Tiny Core 8); after 1.28.3 (OpenWrt 18.06) */
    [SINCE_LINE_NONE] = 129,      /* before 1.27.2 (Alpine 3.7); after 1.30.1 (Alpine 3.10) */
    [SINCE_FREE_AVAILABLE] = 129, /* before 1.27.2 (Eufy); after 1.30.1 (OpenWrt 19.07) */
    [SINCE_LIST_TIGHT] = 129,     /* before 1.12.1, 1.17.2 and 1.18.0; after 1.35.0 */
    [SINCE_FETCH_SAVING] = 131,   /* before 1.30.1 (Alpine 3.10); after 1.31.1 (Alpine 3.11) */
    [SINCE_SHOW_OPTION] = 131,    /* before 1.28.4 (buildroot 2018.05); after 1.33.1 (Nerves) */
};

/* The same sources; the youngest first. */
static const struct {
    unsigned since;
    const char *year;
} years[] = {
    { 124, "2015" }, { 121, "2012" }, { 119, "2011" }, { 114, "2009" }, { 111, "2008" }, { 0, "2007" },
};

static unsigned part(const char *s, const char **ret_rest)
{
    unsigned n = 0;
    for (; *s >= '0' && *s <= '9'; s++)
        n = n > PART_MOST ? n : n * 10 + (unsigned)(*s - '0');
    *ret_rest = s;
    return n > PART_MOST ? PART_MOST : n;
}

unsigned machine_version(const struct machine *m)
{
    const char *s = m->version + (*m->version == 'v'), *dot, *end;
    unsigned major = part(s, &dot), minor = *dot == '.' ? part(dot + 1, &end) : 0;
    return dot == s || *dot != '.' || end == dot + 1 ? UINT_MAX : 100 * major + minor;
}

bool machine_since(const struct machine *m, enum change what)
{
    return machine_version(m) >= versions[what];
}

const char *machine_year(const struct machine *m)
{
    size_t i = 0;
    while (machine_version(m) < years[i].since)
        i++;
    return years[i].year;
}
