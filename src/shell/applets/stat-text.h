#pragma once
/* Numbers and times as ls, stat, du and df show them. */
#include "shell/applets/date-time.h"
#include "shell/proc.h"

/* By the zone that the process's environment names. */
void local_time(struct proc *p, int64_t when, struct date_time *ret);
/* "+0100" */
const char *local_offset(const struct date_time *t, char to[static 16]);

/* "4.0K": bytes in the largest unit that leaves a number under 1024. */
const char *human_text(uint64_t bytes, char to[static 24]);
/* "12K": the same without a fraction. */
const char *human_whole(uint64_t bytes, char to[static 24]);
/* The nanoseconds that a time would have had; file systems that keep none show zeros. */
uint32_t stat_nanoseconds(struct proc *p, const struct vfs_stat *st, int64_t when);
/* st_dev as such a mount has it. */
uint32_t stat_device(struct proc *p, uint32_t mount);
