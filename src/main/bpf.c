#include "main/bpf.h"

#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- writing ---- */

void code_init(struct code *c)
{
    c->n = 0;
    c->bad = false;
    memset(c->label, -1, sizeof c->label);
    memset(c->jump_to, -1, sizeof c->jump_to);
}

void code_put(struct code *c, struct bpf_insn i)
{
    if (c->n == CODE_MOST)
        c->bad = true;
    else
        c->insn[c->n++] = i;
}

static void put_wide(struct code *c, unsigned dst, unsigned src, uint64_t v)
{
    code_put(c, INSN(BPF_LD | BPF_IMM | BPF_DW, dst, src, 0, (uint32_t)v));
    code_put(c, INSN(0, 0, 0, 0, (uint32_t)(v >> 32)));
}

void code_u64(struct code *c, unsigned dst, uint64_t v)
{
    put_wide(c, dst, 0, v);
}

void code_map(struct code *c, unsigned dst, int map)
{
    put_wide(c, dst, BPF_PSEUDO_MAP_FD, (uint32_t)map);
}

void code_map_value(struct code *c, unsigned dst, int map)
{
    put_wide(c, dst, BPF_PSEUDO_MAP_VALUE, (uint32_t)map);
}

enum { TAKEN = -2 };

int code_new_label(struct code *c)
{
    for (int i = 0; i < CODE_LABELS; i++)
        if (c->label[i] == -1) {
            c->label[i] = TAKEN;
            return i;
        }
    c->bad = true;
    return 0;
}

void code_label(struct code *c, int label)
{
    c->bad |= c->label[label] != TAKEN;
    c->label[label] = (int16_t)c->n;
}

static void put_jump(struct code *c, struct bpf_insn i, int label)
{
    if (c->n < CODE_MOST)
        c->jump_to[c->n] = (int16_t)label;
    code_put(c, i);
}

void code_goto(struct code *c, int label)
{
    put_jump(c, INSN(BPF_JMP | BPF_JA, 0, 0, 0, 0), label);
}

void code_jump(struct code *c, unsigned op, unsigned dst, unsigned src, int label)
{
    put_jump(c, INSN(BPF_JMP | op | BPF_X, dst, src, 0, 0), label);
}

void code_jump_k(struct code *c, unsigned op, unsigned dst, int32_t k, int label)
{
    put_jump(c, INSN(BPF_JMP | op | BPF_K, dst, 0, 0, k), label);
}

void code_jump32_k(struct code *c, unsigned op, unsigned dst, int32_t k, int label)
{
    put_jump(c, INSN(BPF_JMP32 | op | BPF_K, dst, 0, 0, k), label);
}

/* Jumps are told how far they go. */
static int resolve(const struct code *c, struct bpf_insn *ret)
{
    for (size_t i = 0; i < c->n; i++) {
        int label = c->jump_to[i];
        ret[i] = c->insn[i];
        if (label < 0)
            continue;
        if (c->label[label] < 0)
            return -EINVAL;
        ret[i].off = (int16_t)(c->label[label] - (int)i - 1);
    }
    return 0;
}

/* ---- calls ---- */

static int call(enum bpf_cmd command, union bpf_attr *attr)
{
    long got = syscall(SYS_bpf, command, attr, sizeof *attr);
    return got < 0 ? -errno : (int)got;
}

static uint64_t at(const void *p)
{
    return (uint64_t)(uintptr_t)p;
}

int bpf_map(enum bpf_map_type type, uint32_t key_size, uint32_t value_size, uint32_t n, uint32_t flags)
{
    union bpf_attr a;
    memset(&a, 0, sizeof a);
    a.map_type = type;
    a.key_size = key_size;
    a.value_size = value_size;
    a.max_entries = n;
    a.map_flags = flags;
    return call(BPF_MAP_CREATE, &a);
}

int bpf_map_set(int map, const void *key, const void *value)
{
    union bpf_attr a;
    memset(&a, 0, sizeof a);
    a.map_fd = (uint32_t)map;
    a.key = at(key);
    a.value = at(value);
    return call(BPF_MAP_UPDATE_ELEM, &a);
}

int bpf_load(enum bpf_prog_type type, enum bpf_attach_type attach, const struct code *c, char *log, uint32_t log_room)
{
    struct bpf_insn insn[CODE_MOST];
    union bpf_attr a;
    if (c->bad)
        return -E2BIG;
    TRY(resolve(c, insn));
    memset(&a, 0, sizeof a);
    a.prog_type = type;
    a.expected_attach_type = attach;
    a.insns = at(insn);
    a.insn_cnt = (uint32_t)c->n;
    a.license = at("Apache-2.0");
    a.log_buf = at(log);
    a.log_size = log ? log_room : 0;
    a.log_level = log != NULL;
    return call(BPF_PROG_LOAD, &a);
}

int bpf_bind_netns(int program, int netns, enum bpf_attach_type attach)
{
    union bpf_attr a;
    memset(&a, 0, sizeof a);
    a.link_create.prog_fd = (uint32_t)program;
    a.link_create.target_fd = (uint32_t)netns;
    a.link_create.attach_type = attach;
    return call(BPF_LINK_CREATE, &a);
}
