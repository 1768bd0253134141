#pragma once
/*
 * The parts of base/confine.c, one file each, and the table that tells them what each program may. Nobody
 * else includes this, but tests that leave a part out.
 */
#include "base/confine.h"

#include <stdint.h>

#ifdef __SANITIZE_ADDRESS__
#define CONFINE_SANITIZED 1
#elif defined __has_feature
#if __has_feature(address_sanitizer)
#define CONFINE_SANITIZED 1
#endif
#endif
#ifndef CONFINE_SANITIZED
#define CONFINE_SANITIZED 0
#endif

/* A limit stays where it is lower already. */
struct confine_limit {
    int resource; /* RLIMIT_... */
    uint64_t most;
};

enum confine_compare {
    ANY = 0,
    IS,      /* the low 32 bits, which is what the kernel takes of an int */
    WITHOUT, /* none of these bits */
    NONE,    /* all 64 bits are 0: no pointer */
    ABOVE,   /* a descriptor of a number greater than value, which is 2^n - 1 */
};
struct confine_test {
    enum confine_compare compare;
    unsigned argument; /* from 0 */
    uint64_t value;
};
enum { CONFINE_TESTS = 3 };

/* A system call that is let through where all tests hold; rows of the same name are alternatives. */
struct confine_call {
    const char *name;
    struct confine_test test[CONFINE_TESTS];
    int error; /* not made, but fails with this: for what libraries only try */
};

struct confine_rules {
    bool empty_root;
    int namespaces;        /* CLONE_NEW... of its own */
    uid_t user;            /* and group, that a process of root becomes; 0: stays */
    uint64_t capabilities; /* 1 << CAP_..., that it keeps where it has them */
    uint64_t tcp;          /* Landlock's network rights that it keeps */
    bool ends_with_parent;
    const struct confine_limit *limit;
    const struct confine_call *const *calls; /* lists; both end in zeros */
};

const struct confine_rules *confine_rules(enum confine_program program);

/* CONFINED_ROOT and CONFINED_NETWORK as far as they are had. */
unsigned confine_root(const struct confine_rules *rules);
/* Those that are permitted. */
uint64_t confine_capabilities(void);
/* Capabilities beyond those of the mask go, also from what could be had again. */
int must_check confine_rights(uint64_t keep);
int must_check confine_landlock(const struct confine_rules *rules, const struct confine_path *paths, size_t n);
int must_check confine_filter(const struct confine_rules *rules);
