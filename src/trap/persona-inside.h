#pragma once
/* What persona*.c share. */
#include "trap/hold.h"
#include "trap/persona.h"

struct persona_hold {
    struct hold hold; /* first */
    struct persona persona; /* its `memory` points back here */
    struct persona_pair *pairs;
    bool has_cli;
};

/* persona.ini. 0, or 1 with why. h->hold.full is set. */
int must_check persona_read_ini(struct persona_hold *h, const char *data, size_t n);

/* The hostname of a pattern; digits: 64 bits by address. false where it is too long or has no sense. */
bool persona_hostname(const char *pattern, uint64_t digits, const uint8_t mac[static 6], char ret[static PERSONA_HOSTNAME]);

/* What the header of a program says. */
struct elf_facts {
    bool is; /* an ELF file with a whole header */
    bool wide, big;
    uint16_t machine;
    uint32_t flags;
    char loader[64]; /* PT_INTERP; "" none */
};
/* Of the first n bytes of a file. */
struct elf_facts elf_read(const void *data, size_t n);

/* What a CPU is called by uname, in its programs' headers and in /proc/cpuinfo. */
struct persona_cpu {
    const char *cpu;
    uint16_t machine; /* e_machine */
    bool wide;
    const char *orders;   /* that it is known in */
    const char *uname;    /* names, separated by blanks */
    const char *cpuinfo;  /* a line of it begins so */
};
const struct persona_cpu *persona_cpu_at(size_t i); /* NULL past the last */
const struct persona_cpu *persona_cpu_find(const char *cpu);

/* Whether a word is one of a list's, which are separated by blanks. */
bool persona_among(const char *list, const char *word);

/* A check that is going on. */
struct persona_checking {
    const struct persona *p;
    const struct machine *m;
    const struct persona_cpu *cpu;
    struct vfs *v;
    void (*says)(void *context, const char *line);
    void *context;
    int n; /* faults so far */
};
void persona_fault(struct persona_checking *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The file at a path of the tree: its bytes, borrowed; NULL there is none, or it is empty. */
const char *persona_file(struct persona_checking *c, const char *path, size_t *ret_n);
/* Whether the device's telnetd is a program of its own, and no link to BusyBox. */
bool persona_own_telnetd(struct persona_checking *c);
/* Programs, their links and loaders, the users' file, the kernel's modules. */
void persona_check_tree(struct persona_checking *c);
/* Its web servers. */
void persona_check_http(struct persona_checking *c);
