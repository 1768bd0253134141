#pragma once
/*
 * Programs for the kernel's BPF machine, by bpf(2) itself: a writer of instructions with labels, and the few calls that
 * we make. Registers are numbers: 0 the result, 1 to 5 arguments (lost in a call), 6 to 9 kept, 10 the end of the stack.
 *
 * A map's and a program's life is its descriptor's, and so is a link's: where the last one is closed, it is gone.
 */
#include "base/err.h"

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- writing ---- */

enum { CODE_MOST = 2048, CODE_LABELS = 512 };

/* Where too much was put, or a jump goes nowhere, it is bad, and cannot be loaded. */
struct code {
    struct bpf_insn insn[CODE_MOST];
    size_t n;
    int16_t label[CODE_LABELS];  /* where it stands; -1: nowhere yet */
    int16_t jump_to[CODE_MOST];  /* label of the jump there; -1: none */
    bool bad;
};

#define INSN(what, dst, src, at, value)                                                                    \
    ((struct bpf_insn){ .code = (uint8_t)(what), .dst_reg = (dst) & 15, .src_reg = (src) & 15, .off = (int16_t)(at), \
                        .imm = (int32_t)(value) })
#define OP(op, dst, src) INSN(BPF_ALU64 | (op) | BPF_X, dst, src, 0, 0)
#define OP_K(op, dst, k) INSN(BPF_ALU64 | (op) | BPF_K, dst, 0, 0, k)
#define MOV(dst, src) OP(BPF_MOV, dst, src)
#define MOV_K(dst, k) OP_K(BPF_MOV, dst, k)
#define MOV32(dst, src) INSN(BPF_ALU | BPF_MOV | BPF_X, dst, src, 0, 0) /* the upper half is 0 then */
#define FROM_BE(dst, bits) INSN(BPF_ALU | BPF_END | BPF_TO_BE, dst, 0, 0, bits)
#define LOAD(size, dst, src, at) INSN(BPF_LDX | BPF_MEM | (size), dst, src, at, 0)
#define STORE(size, dst, at, src) INSN(BPF_STX | BPF_MEM | (size), dst, src, at, 0)
/* Of a packet, from what the program is shown of it; register 6 must be the context. Past its end the program returns 0. */
#define PACKET_BYTE(at) INSN(BPF_LD | BPF_ABS | BPF_B, 0, 0, 0, at)
/* If *(uint64_t *)(dst + at) is register 0, it becomes src; register 0 becomes what it was. */
#define SWAP_IF(dst, at, src) INSN(BPF_STX | BPF_ATOMIC | BPF_DW, dst, src, at, BPF_CMPXCHG)
/* *(uint64_t *)(dst + at) and src change places. */
#define SWAP(dst, at, src) INSN(BPF_STX | BPF_ATOMIC | BPF_DW, dst, src, at, BPF_XCHG)
#define CALL(function) INSN(BPF_JMP | BPF_CALL, 0, 0, 0, function)
#define LEAVE() INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

void code_init(struct code *c);
void code_put(struct code *c, struct bpf_insn i);
void code_u64(struct code *c, unsigned dst, uint64_t v);
void code_map(struct code *c, unsigned dst, int map);
/* Where the one value of an array of one lies. */
void code_map_value(struct code *c, unsigned dst, int map);
/* Number of a label of one's own. */
int code_new_label(struct code *c);
void code_label(struct code *c, int label);
void code_goto(struct code *c, int label);
/* Where dst OP src, or k (op: BPF_JEQ and the like); code_jump32_k() looks at the lower half. */
void code_jump(struct code *c, unsigned op, unsigned dst, unsigned src, int label);
void code_jump_k(struct code *c, unsigned op, unsigned dst, int32_t k, int label);
void code_jump32_k(struct code *c, unsigned op, unsigned dst, int32_t k, int label);

/* ---- calls ---- */

/* `flags`: BPF_F_MMAPABLE or 0. A descriptor, close-on-exec, the caller's; -errno. */
int must_check bpf_map(enum bpf_map_type type, uint32_t key_size, uint32_t value_size, uint32_t n, uint32_t flags);
int must_check bpf_map_set(int map, const void *key, const void *value);
/* What the kernel has to say of it goes into the log, which may be NULL. */
int must_check bpf_load(enum bpf_prog_type type, enum bpf_attach_type attach, const struct code *c, char *log,
                        uint32_t log_room);
/* Binds a program to a network namespace (a descriptor of it). */
int must_check bpf_bind_netns(int program, int netns, enum bpf_attach_type attach);
