#pragma once
/*
 * What changed when between the versions of BusyBox that devices have. Who knows them compares what a command
 * says with the version of its banner, so applets ask here. The table of the changes, each with where it was
 * seen, is in since.c; of a version that nobody showed, the nearest one that somebody did decides.
 */
#include "shell/machine.h"

enum change {
    SINCE_NOTICE,         /* busybox tells of its copyright */
    SINCE_SMALL_GREETING, /* "built-in shell", before "Built-in shell" */
    SINCE_PS_CAPITALS,    /* PID USER VSZ STAT COMMAND, before PID Uid VmSize Stat Command */
    SINCE_FETCH_BRACES,   /* "Connecting to h (1.2.3.4:80)", before "h[1.2.3.4]:80" */
    SINCE_WIDE_LIST,      /* names as wide as the terminal, before 20 columns less and the one that is more */
    SINCE_UNAME_SYSTEM,   /* uname -a ends with the system, before with the processor, be it unknown */
    SINCE_LIST_OPTION,    /* busybox --list */
    SINCE_FREE_BUFFERS,   /* free has "-/+ buffers:", before "Total:" */
    SINCE_INSTALL_OPTION, /* busybox --install is told of */
    SINCE_MANY_AUTHORS,   /* the notice is of many authors, before of three */
    SINCE_FREE_CACHED,    /* free has "cached" */
    SINCE_CD_REASON,      /* "can't cd to x: No such file or directory", before without why */
    SINCE_LINE_NONE,      /* messages of sh -c are of line 0, before of line 1 */
    SINCE_FREE_AVAILABLE, /* free has "buff/cache" and "available" */
    SINCE_LIST_TIGHT,     /* busybox ends with its last name, before with an empty line */
    SINCE_FETCH_SAVING,   /* wget tells what it saves to */
    SINCE_SHOW_OPTION,    /* busybox --show */
};

/* 100 * major + minor: 135 of "v1.35.0 (...)", 101 of "v1.01" and "v1.1.3". One that cannot be read is new. */
unsigned machine_version(const struct machine *m);
bool machine_since(const struct machine *m, enum change what);
/* The last year of the copyright notice: "2015". */
const char *machine_year(const struct machine *m);
