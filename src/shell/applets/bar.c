#include "shell/applets/bar.h"

#include "shell/applets/net.h"
#include "shell/applets/screen.h"

#include <string.h>

/* What stands beside the bar itself. */
enum { BESIDE = 48, COLUMNS_MOST = 400 };

static unsigned columns_of(struct proc *p)
{
    unsigned n = screen_size(p, 2).columns;
    return n >= 20 && n <= COLUMNS_MOST ? n : 80;
}

void bar_end(struct proc *p, const char *name, size_t n)
{
    char size[6], stars[COLUMNS_MOST + 1];
    unsigned columns = columns_of(p), length = columns > BESIDE ? columns - BESIDE : 0;
    const char *slash = strrchr(name, '/');
    net_size(n, ' ', size);
    memset(stars, '*', length);
    stars[length] = '\0';
    err_print(p, "%s%-20.20s 100%%%s%s%s %s  0:00:00 ETA\n", proc_isatty(p, 2) ? "\r" : "",
              slash && slash[1] ? slash + 1 : name, length ? " |" : " ", stars, length ? "|" : " ",
              size);
}
