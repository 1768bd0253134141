#pragma once
/* The words of `mount -o`. */
#include "shell/proc.h"

/* Whether a list with commas has this word. */
bool words_have(const char *list, const char *word);
/* Adds words to a list. */
void words_add(struct text *list, const char *words);
/* The options as /proc/mounts shows them: what a mount has, changed by the words. NULL: a word that
 * the type does not know. */
const char *words_shown(struct proc *p, const char *words, const char *type, const char *had);
/* Whether what it holds lies on a device. */
bool words_needs_device(const char *type);
/* The path of a place where something is or will be mounted, whatever is seen there. 0 or -errno.
 */
int must_check mount_place(struct proc *p, const char *name, char **ret);
