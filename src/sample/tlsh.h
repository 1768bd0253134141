#pragma once
/* The Trend Micro locality sensitive hash (Oliver, Cheng, Chen, "TLSH", 2013), in its present form: "T1" and 70 digits. */
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif
enum { TLSH_ROOM = 73 };
/* "" where there is too little, or too even, for one. */
void tlsh_text(const void *data, size_t n, char ret[TLSH_ROOM]);
#ifdef __cplusplus
}
#endif
