#pragma once
/*
 * A small machine for tests: a busybox of a few bytes, a user, /tmp, /proc, and every applet.
 */
#include "base/buf.h"
#include "base/test-folder.h"
#include "base/text.h"
#include "shell/applet.h"
#include "shell/shell.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static inline void test_write(const char *folder, const char *name, const void *data, size_t n)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static inline void test_say(const char *folder, const char *name, const char *s)
{
    test_write(folder, name, s, strlen(s));
}

static inline void test_folders(const char *folder)
{
    static const char *const names[] = { "root", "root/bin", "root/tmp", "root/etc", "root/dev", "root/proc", "proc" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        assert_int_equal(mkdir(path, 0755), 0);
    }
}

static inline void test_ini(const char *folder)
{
    struct buf ini;
    buf_init(&ini, 1 << 16);
    buf_text(&ini, "[busybox]\nbanner = BusyBox v9.9 multi-call binary.\nversion = v9.9\nstandalone = yes\napplets =");
    const struct applet *a;
    for (size_t i = 0; (a = applet_at(i)); i++)
        buf_print(&ini, " %s", a->name);
    buf_text(&ini, "\n[user]\nuser = root\nuid = 0\nhome = /\n[environment]\nPATH=/bin\nHOME=/\n");
    test_write(folder, "machine.ini", ini.data, ini.len);
    buf_release(&ini);
}

/* Loads it; its folder is gone afterwards. 0 or what machine_load() says. */
static inline int test_machine_with(struct machine **ret, const char *interfaces, const char *routes)
{
    static const char elf[] = "\177ELF\1\1\1\0\0\0\0\0\0\0\0\0\2\0\10\0\1\0\0\0 a busybox";
    char folder[FOLDER_PATH], why[200] = "";
    assert_int_equal(folder_make(folder, "shell"), 0);
    test_folders(folder);
    test_ini(folder);
    test_write(folder, "root/bin/busybox", elf, sizeof elf);
    test_say(folder, "root/etc/passwd", "root:x:0:0:root:/:/bin/sh\nuser:x:1000:1000::/tmp:/bin/sh\n");
    test_say(folder, "root.tsv", "/dev/null\tc\t666\t0\t0\t0\t1:3\n/dev/zero\tc\t666\t0\t0\t0\t1:5\n");
    test_say(folder, "mounts.tsv", "rootfs\t/\trootfs\trw\t0\t0\nproc\t/proc\tproc\trw\t0\t0\ntmpfs\t/tmp\ttmpfs\trw\t0\t0\n");
    if (interfaces)
        test_say(folder, "interfaces.tsv", interfaces);
    if (routes)
        test_say(folder, "routes.tsv", routes);
    int e = machine_load(ret, folder, why);
    if (e)
        print_error("machine: %d %s\n", e, why);

    folder_remove(folder);
    return e;
}

static inline int test_machine(struct machine **ret)
{
    return test_machine_with(ret, NULL, NULL);
}
