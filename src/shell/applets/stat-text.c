#include "shell/applets/stat-text.h"

#include "base/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const civil_months[12] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

/* "XXX-8:30": POSIX.1-2017, Base Definitions, 8.3. What is west of Greenwich is positive there. */
static int zone_offset(struct proc *p)
{
    const char *s = proc_getenv(p, "TZ");
    if (!s)
        return 0;
    s += *s == '<' ? strcspn(s, ">") : strcspn(s, "+-0123456789");
    s += *s == '>';
    int sign = *s == '-' ? 1 : -1, parts[3] = { 0 };
    s += *s == '-' || *s == '+';
    for (int i = 0; i < 3 && *s >= '0' && *s <= '9'; i++) {
        while (*s >= '0' && *s <= '9' && parts[i] < 100)
            parts[i] = parts[i] * 10 + (*s++ - '0');
        s += *s == ':';
    }
    return sign * (parts[0] * 3600 + parts[1] * 60 + parts[2]);
}

/* Days since 1970 of a date in the proleptic calendar; years begin in March here. */
static int64_t days_of(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

int64_t civil_seconds(struct proc *p, const struct civil *c)
{
    int64_t days = days_of(c->year, c->month, 1) + c->day - 1;
    return days * 86400 + c->hour * 3600 + c->minute * 60 + c->second - zone_offset(p);
}

void civil_of(struct proc *p, int64_t when, struct civil *ret)
{
    enum { FAR = 1 << 30 };
    int offset = zone_offset(p);
    if (when > (int64_t)FAR * 3600 || when < -(int64_t)FAR * 3600)
        when = 0;
    when += offset;
    int64_t days = when / 86400, rest = when % 86400;
    if (rest < 0) {
        rest += 86400;
        days--;
    }
    int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t of_era = z - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int month = (int)((5 * of_year + 2) / 153);
    *ret = (struct civil){
        .year = year + era * 400 + (month >= 10),
        .month = month < 10 ? month + 3 : month - 9,
        .day = (int)(of_year - (153 * month + 2) / 5 + 1),
        .hour = (int)(rest / 3600),
        .minute = (int)(rest / 60 % 60),
        .second = (int)(rest % 60),
        .offset = offset,
    };
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
