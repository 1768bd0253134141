#pragma once
/*
 * Cleanup types: the variable owns what it names and gives it back when it leaves its block.
 * take() hands ownership on and leaves the variable empty.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void own_free_(void *p)
{
    free(*(void **)p);
}
static inline void own_fd_(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}
/* For what is closed before its owner goes. */
static inline void close_fd(int *fd)
{
    own_fd_(fd);
    *fd = -1;
}
static inline void own_file_(FILE **f)
{
    if (*f)
        fclose(*f);
}

#define auto_free __attribute__((cleanup(own_free_)))
#define auto_fd __attribute__((cleanup(own_fd_)))
#define auto_file __attribute__((cleanup(own_file_)))

#define take_ptr(p)                                                                                \
    ({                                                                                             \
        __auto_type taken_ = (p);                                                                  \
        (p) = NULL;                                                                                \
        taken_;                                                                                    \
    })
#define take_fd(fd)                                                                                \
    ({                                                                                             \
        int taken_ = (fd);                                                                         \
        (fd) = -1;                                                                                 \
        taken_;                                                                                    \
    })
