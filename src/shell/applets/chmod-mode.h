#pragma once
/* Modes as chmod, mkdir -m and their like take them: POSIX.1-2017, chmod, "Extended description".
 */
#include <stdbool.h>
#include <stdint.h>

/* Changes *mode (type and permissions) by s, octal or symbolic. false: s is no mode. */
bool mode_parse(const char *s, uint32_t umask, uint32_t *mode);
/* "drwxr-xr-x" */
const char *mode_text(uint32_t mode, char to[static 11]);
