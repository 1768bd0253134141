#include "shell/applets/stat-text.h"

#include "base/hash.h"

#include <stdio.h>
#include <string.h>

void local_time(struct proc *p, int64_t when, struct date_time *ret)
{
    struct date_zone zone;
    date_zone_read(&zone, proc_getenv(p, "TZ"));
    if (!date_break(&zone, when, ret))
        (void)date_break(&zone, 0, ret);
}

const char *local_offset(const struct date_time *t, char to[static 16])
{
    int32_t minutes = (t->offset < 0 ? -t->offset : t->offset) / 60;
    snprintf(to, 16, "%c%02d%02d", t->offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
    return to;
}

static const char units[] = " KMGTPEZY";

const char *human_text(uint64_t bytes, char to[static 24])
{
    uint64_t fraction = 0;
    unsigned unit = 0;
    for (; bytes >= 1024; unit++) {
        fraction = (bytes % 1024 * 10 + 512) / 1024;
        bytes /= 1024;
        if (fraction >= 10) {
            bytes++;
            fraction = 0;
        }
    }
    if (unit)
        snprintf(to, 24, "%llu.%llu%c", (unsigned long long)bytes, (unsigned long long)fraction,
                 units[unit]);
    else
        snprintf(to, 24, "%llu", (unsigned long long)bytes);
    return to;
}

const char *human_whole(uint64_t bytes, char to[static 24])
{
    uint64_t fraction = 0;
    unsigned unit = 0;
    for (; bytes >= 1024; unit++) {
        fraction = (bytes % 1024 * 10 + 512) / 1024;
        bytes /= 1024;
    }
    bytes += fraction >= 5;
    snprintf(to, 24, "%llu%.*s", (unsigned long long)bytes, unit > 0, units + unit);
    return to;
}

static const char *type_of(struct proc *p, uint32_t mount)
{
    const struct vfs_mount *m = vfs_mount_at(proc_vfs(p), mount);
    return m ? m->type : "";
}

uint32_t stat_nanoseconds(struct proc *p, const struct vfs_stat *st, int64_t when)
{
    static const char *const coarse[] = {
        "squashfs", "jffs2", "cramfs", "romfs", "vfat", "yaffs2"
    };
    const char *type = type_of(p, st->mount);
    for (size_t i = 0; i < sizeof coarse / sizeof coarse[0]; i++)
        if (strcmp(type, coarse[i]) == 0)
            return 0;
    /* A time that was set to the second has none, and times as old as the device's data were. */
    int64_t began = proc_now(p) / 1000000 - proc_uptime(p);
    return when < began ? 0 : (uint32_t)(hash64(&when, sizeof when, st->ino) % 250000000 * 4);
}

uint32_t stat_device(struct proc *p, uint32_t mount)
{
    static const struct {
        const char *device;
        uint32_t number;
    } known[] = { { "/dev/mtdblock", 31 << 8 },
                  { "/dev/sda", 8 << 8 },
                  { "/dev/mmcblk0p", 179 << 8 },
                  { "/dev/vda", 254 << 8 },
                  { "/dev/root", (31 << 8) + 2 } };
    const struct vfs_mount *m = vfs_mount_at(proc_vfs(p), mount);
    for (size_t i = 0; m && i < sizeof known / sizeof known[0]; i++) {
        size_t n = strlen(known[i].device);
        if (strncmp(m->device, known[i].device, n) == 0)
            return known[i].number +
                   (uint32_t)(m->device[n] >= '0' && m->device[n] <= '9' ? m->device[n] - '0' : 0);
    }
    return mount + 12; /* as file systems without a device are numbered, from the first on */
}
