#pragma once
/*
 * The error contract of the house.
 *
 *   0         good
 *   negative  our own trouble, -errno: handed on untouched to whoever can say it
 *   positive  the input's verdict, an enum of the room: handled and counted by the immediate caller
 *
 * assert() is for our own bugs only, never for input.
 */
#include <errno.h>

#define must_check __attribute__((warn_unused_result))

/* Returns from the calling function when e is our own trouble; a verdict passes. */
#define TRY(e)                                                                                     \
    do {                                                                                           \
        int try_err_ = (e);                                                                        \
        if (try_err_ < 0)                                                                          \
            return try_err_;                                                                       \
    } while (0)
