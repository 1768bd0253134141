#pragma once
/*
 * Tests of what the kernel does for us, each in a process of its own that enters a network namespace: there nothing of cmocka's
 * may be used. REQUIRE() ends the process where something does not hold; _exit(ALONE_CANNOT) skips the test.
 */
#include <linux/capability.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { ALONE_CANNOT = 77 };

#define REQUIRE(what)                                                                                      \
    do {                                                                                                   \
        if (!(what)) {                                                                                     \
            printf("%s:%d: %s\n", __FILE__, __LINE__, #what);                                              \
            fflush(stdout);                                                                                \
            _exit(1);                                                                                      \
        }                                                                                                  \
    } while (0)

/* Of the rights that there are no others. */
static inline void keep_rights(uint64_t keep)
{
    struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[2];
    REQUIRE(syscall(SYS_capget, &head, data) == 0);
    for (int i = 0; i < 2; i++) {
        data[i].effective &= (uint32_t)(keep >> 32 * i);
        data[i].permitted &= (uint32_t)(keep >> 32 * i);
    }
    REQUIRE(syscall(SYS_capset, &head, data) == 0);
}

static inline void check_alone(void (*try)(void))
{
    int status;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        try();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == ALONE_CANNOT) {
        puts("skipped: needs a network namespace of its own, a TUN device and BPF");
        skip();
    }
    assert_int_equal(WEXITSTATUS(status), 0);
}
