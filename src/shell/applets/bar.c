#include "shell/applets/bar.h"

#include "shell/applets/net.h"

#include <stdlib.h>
#include <string.h>

/* What stands beside the bar itself. */
enum { BESIDE = 48, COLUMNS_MOST = 400 };

unsigned bar_columns(struct proc *p)
{
    const char *s = proc_getenv(p, "COLUMNS");
    unsigned long n = s ? strtoul(s, NULL, 10) : 0;
    return n >= 20 && n <= COLUMNS_MOST ? (unsigned)n : 80;
}

void bar_end(struct proc *p, const char *name, size_t n)
{
    char size[6], stars[COLUMNS_MOST + 1];
    unsigned columns = bar_columns(p), length = columns > BESIDE ? columns - BESIDE : 0;
    const char *slash = strrchr(name, '/');
    net_size(n, ' ', size);
    memset(stars, '*', length);
    stars[length] = '\0';
    err_print(p, "%s%-20.20s 100%%%s%s%s %s  0:00:00 ETA\n", proc_isatty(p, 2) ? "\r" : "",
              slash && slash[1] ? slash + 1 : name, length ? " |" : " ", stars, length ? "|" : " ",
              size);
}
