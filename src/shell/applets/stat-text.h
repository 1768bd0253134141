#pragma once
/* Numbers and times as ls, stat, du and df show them. */
#include "shell/proc.h"

struct civil {
    int64_t year;
    int month, day; /* from 1 on */
    int hour, minute, second;
    int offset; /* seconds east of UTC */
};

/* By TZ of the process's environment (its fixed offset; rules for summer time are not read). */
void civil_of(struct proc *p, int64_t when, struct civil *ret);
/* Parts that are too large go over into the next. */
int64_t civil_seconds(struct proc *p, const struct civil *c);
extern const char *const civil_months[12]; /* "Jan" */

/* "4.0K": bytes in the largest unit that leaves a number under 1024. */
const char *human_text(uint64_t bytes, char to[static 24]);
/* "12K": the same without a fraction. */
const char *human_whole(uint64_t bytes, char to[static 24]);
/* The nanoseconds that a time would have had; file systems that keep none show zeros. */
uint32_t stat_nanoseconds(struct proc *p, const struct vfs_stat *st, int64_t when);
/* st_dev as such a mount has it. */
uint32_t stat_device(struct proc *p, uint32_t mount);
