#include "main/syn-filter.h"

#include "main/bpf.h"

#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8U
#endif

enum {
    TRIES = 4,            /* to change one that others change, too */
    MUTE = INT32_MAX,     /* all bits of what is left: somebody is about to take the slot */
    V4_HEADER = 20,
    V6_HEADER = 40,
    OPTION = 4,           /* a SYN-ACK names its largest segment, whether the SYN did or not; else it has no more than that */
    SYN_ACK = 24,         /* bytes of TCP, at least */
    SYN_ACK_MOST = 40,    /* segment, scale, timestamps, selective: a listener of ours has no other options */
    ACK_BYTES = 32,       /* of TCP, with a timestamp */
    TCP_FLAGS = 13,
    TCP_LENGTH = 12,
    SYN = 2,
    RST = 4,
    ACK = 16,
    LISTEN = 10,          /* the kernel's TCP_LISTEN */
};

/* The stack, below register 10. */
enum {
    HEADER = -40,
    INDEX = -48,  /* the slot's number, 4 bytes */
    NOW = -56,
    IN = -64,
    OUT = -72,
    FLAGS = -80,
    SLOT = -88,
};

struct labels {
    int pass, drop, found, other, sized;
};

struct sizes {
    bool v4;
    int header; /* bytes, without options */
    int least;  /* no SYN-ACK has fewer */
};

/* Register 6 is the context. What was accepted, and what is not answered, goes at once. */
static void put_passed(struct code *c, const struct labels *to)
{
    code_put(c, MOV(6, 1));
    code_put(c, LOAD(BPF_DW, 1, 6, offsetof(struct __sk_buff, sk)));
    code_jump_k(c, BPF_JEQ, 1, 0, to->pass);
    code_put(c, LOAD(BPF_W, 1, 1, offsetof(struct bpf_sock, state)));
    code_jump_k(c, BPF_JNE, 1, LISTEN, to->pass);
    code_put(c, PACKET_BYTE(TCP_FLAGS));
    code_jump_k(c, BPF_JSET, 0, RST, to->pass);
    code_put(c, OP_K(BPF_AND, 0, SYN | ACK));
    code_put(c, MOV(9, 0));
    code_put(c, STORE(BPF_DW, 10, FLAGS, 9));
}

/* The IP header to the stack, the length of the TCP header to register 8. */
static void put_header(struct code *c, const struct labels *to, int size)
{
    code_put(c, PACKET_BYTE(TCP_LENGTH));
    code_put(c, OP_K(BPF_RSH, 0, 4));
    code_put(c, OP_K(BPF_LSH, 0, 2));
    code_put(c, MOV(8, 0));
    code_put(c, MOV(1, 6));
    code_put(c, MOV_K(2, 0));
    code_put(c, MOV(3, 10));
    code_put(c, OP_K(BPF_ADD, 3, HEADER));
    code_put(c, MOV_K(4, size));
    code_put(c, MOV_K(5, BPF_HDR_START_NET));
    code_put(c, CALL(BPF_FUNC_skb_load_bytes_relative));
    code_jump_k(c, BPF_JNE, 0, 0, to->drop);
}

/* Bytes that may come of it: register 8 is the TCP header's. Options of an IPv4 header come back in the answer. */
static void put_sizes(struct code *c, const struct labels *to, const struct sizes *z)
{
    int enough = code_new_label(c), bounded = code_new_label(c);
    code_put(c, MOV_K(1, z->header));
    if (z->v4) {
        code_put(c, LOAD(BPF_B, 1, 10, HEADER));
        code_put(c, OP_K(BPF_AND, 1, 15));
        code_put(c, OP_K(BPF_LSH, 1, 2));
    }
    code_jump_k(c, BPF_JNE, 9, SYN, to->other);
    code_put(c, OP_K(BPF_ADD, 8, OPTION));
    code_jump_k(c, BPF_JLE, 8, SYN_ACK_MOST, bounded);
    code_put(c, MOV_K(8, SYN_ACK_MOST));
    code_label(c, bounded);
    code_put(c, OP(BPF_ADD, 8, 1));
    code_jump_k(c, BPF_JGE, 8, z->least, enough);
    code_put(c, MOV_K(8, z->least));
    code_label(c, enough);
    code_put(c, OP_K(BPF_LSH, 8, 1)); /* two answers */
    code_goto(c, to->sized);
    code_label(c, to->other);
    code_put(c, MOV(8, 1));
    code_put(c, OP_K(BPF_ADD, 8, ACK_BYTES));
    code_label(c, to->sized);
    code_put(c, STORE(BPF_DW, 10, OUT, 8));
}

/* The packet's bytes to register 7, its prefix to 9. */
static void put_v4(struct code *c)
{
    code_put(c, LOAD(BPF_H, 7, 10, HEADER + 2));
    code_put(c, FROM_BE(7, 16));
    code_put(c, LOAD(BPF_W, 9, 10, HEADER + 12));
    code_put(c, FROM_BE(9, 32));
    code_put(c, OP_K(BPF_RSH, 9, 8));
    code_u64(c, 1, UINT64_C(0xffffffffff000000));
    code_put(c, OP(BPF_OR, 9, 1));
}

static void put_v6(struct code *c)
{
    code_put(c, LOAD(BPF_H, 7, 10, HEADER + 4));
    code_put(c, FROM_BE(7, 16));
    code_put(c, OP_K(BPF_ADD, 7, V6_HEADER));
    code_put(c, LOAD(BPF_DW, 9, 10, HEADER + 8));
    code_put(c, FROM_BE(9, 64));
}

/* The kernel shows some of what answers a SYN-ACK to the listener twice: but for SYNs, nothing is earned. */
static void put_in(struct code *c)
{
    int good = code_new_label(c);
    code_put(c, LOAD(BPF_DW, 1, 10, FLAGS));
    code_jump_k(c, BPF_JEQ, 1, SYN, good);
    code_jump(c, BPF_JLE, 7, 8, good);
    code_put(c, MOV(7, 8));
    code_label(c, good);
    code_put(c, STORE(BPF_DW, 10, IN, 7));
}

static void mix(struct code *c, int shift)
{
    code_put(c, MOV(1, 9));
    code_put(c, OP_K(BPF_RSH, 1, shift));
    code_put(c, OP(BPF_XOR, 9, 1));
}

/* Register 9: the prefix as its slot's owner. */
static void put_owner(struct code *c, const uint64_t key[static BUDGET_KEYS])
{
    int good = code_new_label(c);
    code_u64(c, 1, key[0]);
    code_put(c, OP(BPF_XOR, 9, 1));
    code_u64(c, 1, key[1] | 1);
    code_put(c, OP(BPF_MUL, 9, 1));
    mix(c, 32);
    code_u64(c, 1, key[2] | 1);
    code_put(c, OP(BPF_MUL, 9, 1));
    mix(c, 29);
    code_jump_k(c, BPF_JNE, 9, 0, good);
    code_put(c, MOV_K(9, 1));
    code_label(c, good);
}

static void put_now(struct code *c)
{
    code_put(c, CALL(BPF_FUNC_ktime_get_ns));
    code_put(c, OP_K(BPF_DIV, 0, 1000000000));
    code_put(c, OP_K(BPF_ADD, 0, 1));
    code_put(c, MOV32(0, 0));
    code_put(c, STORE(BPF_DW, 10, NOW, 0));
}

/* Register 6: the slot. */
static void put_slot(struct code *c, const struct labels *to, int map, int probe)
{
    code_put(c, MOV(1, 9));
    code_put(c, OP_K(BPF_ADD, 1, probe));
    code_put(c, OP_K(BPF_AND, 1, BUDGET_SLOTS - 1));
    code_put(c, STORE(BPF_W, 10, INDEX, 1));
    code_map(c, 1, map);
    code_put(c, MOV(2, 10));
    code_put(c, OP_K(BPF_ADD, 2, INDEX));
    code_put(c, CALL(BPF_FUNC_map_lookup_elem));
    code_jump_k(c, BPF_JEQ, 0, 0, to->drop);
    code_put(c, MOV(6, 0));
}

/* Goes to `over` where the state in register 7 is; its `since` is register 1, the time register 2. Another processor's
 * second may be ahead of ours, which is not long ago. */
static void put_is_over(struct code *c, int over)
{
    code_put(c, MOV(1, 7));
    code_put(c, OP_K(BPF_RSH, 1, 32));
    code_put(c, LOAD(BPF_DW, 2, 10, NOW));
    code_jump_k(c, BPF_JEQ, 1, 0, over);
    code_put(c, MOV(3, 2));
    code_put(c, OP(BPF_SUB, 3, 1));
    code_jump32_k(c, BPF_JSGE, 3, BUDGET_HOUR, over);
}

/* Register 6: the first slot that is the owner's. */
static void put_find(struct code *c, const struct labels *to, int table, int found)
{
    for (int i = 0; i < BUDGET_PLACES; i++) {
        put_slot(c, to, table, i);
        code_put(c, LOAD(BPF_DW, 1, 6, 0));
        code_jump(c, BPF_JEQ, 1, 9, found);
    }
}

/* Register 1: what a prefix may be sent that sent nothing, under the time; 0 bytes where it has two slots, by a race. Register
 * 8 is lost, and the slot waits on the stack. */
static void put_fresh(struct code *c, const struct labels *to, int table)
{
    int one = code_new_label(c);
    code_put(c, STORE(BPF_DW, 10, SLOT, 6));
    code_put(c, MOV_K(8, 0));
    for (int i = 0; i < BUDGET_PLACES; i++) {
        int other = code_new_label(c);
        put_slot(c, to, table, i);
        code_put(c, LOAD(BPF_DW, 1, 6, 0));
        code_jump(c, BPF_JNE, 1, 9, other);
        code_put(c, OP_K(BPF_ADD, 8, 1));
        code_label(c, other);
    }
    code_put(c, LOAD(BPF_DW, 6, 10, SLOT));
    code_put(c, LOAD(BPF_DW, 1, 10, NOW));
    code_put(c, OP_K(BPF_LSH, 1, 32));
    code_jump_k(c, BPF_JNE, 8, 1, one);
    code_put(c, OP_K(BPF_OR, 1, BUDGET_CREDIT));
    code_label(c, one);
}

/* The first slot whose hour is over becomes the owner's, in the order that trap/budget.h says. Who comes between is dropped, and
 * asks again. */
static void put_take(struct code *c, const struct labels *to, int table)
{
    int take = code_new_label(c);
    for (int i = 0; i < BUDGET_PLACES; i++) {
        put_slot(c, to, table, i);
        code_put(c, LOAD(BPF_DW, 7, 6, 8));
        put_is_over(c, take);
    }
    code_goto(c, to->drop);
    code_label(c, take);
    code_put(c, LOAD(BPF_DW, 1, 10, NOW));
    code_put(c, OP_K(BPF_LSH, 1, 32));
    code_put(c, OP_K(BPF_OR, 1, MUTE));
    code_put(c, MOV(0, 7));
    code_put(c, SWAP_IF(6, 8, 1));
    code_jump(c, BPF_JNE, 0, 7, to->drop);
    code_put(c, MOV(1, 9));
    code_put(c, SWAP(6, 0, 1));
    put_fresh(c, to, table);
    code_put(c, SWAP(6, 8, 1));
    put_find(c, to, table, to->found);
    code_goto(c, to->drop);
}

/* The owner's, where the hour is over. */
static void put_renew(struct code *c, const struct labels *to, int table)
{
    int over = code_new_label(c), good = code_new_label(c);
    code_put(c, LOAD(BPF_DW, 7, 6, 8));
    code_put(c, LOAD(BPF_DW, 1, 6, 0));
    code_jump(c, BPF_JNE, 1, 9, to->drop);
    put_is_over(c, over);
    code_goto(c, good);
    code_label(c, over);
    put_fresh(c, to, table);
    code_put(c, MOV(0, 7));
    code_put(c, SWAP_IF(6, 8, 1));
    code_label(c, good);
}

/* What is left of the state in register 7, with what came: register 1, its time in 2, whether it is proven in 4. */
static void put_left(struct code *c, const struct labels *to)
{
    int bounded = code_new_label(c);
    put_is_over(c, to->drop);
    code_put(c, MOV(2, 1));
    code_put(c, MOV32(1, 7));
    code_put(c, MOV(4, 1));
    code_put(c, OP_K(BPF_RSH, 4, 31));
    code_put(c, OP_K(BPF_AND, 1, MUTE));
    code_jump_k(c, BPF_JEQ, 1, MUTE, to->drop);
    code_put(c, LOAD(BPF_DW, 3, 10, IN));
    code_put(c, OP(BPF_ADD, 1, 3));
    code_jump_k(c, BPF_JLE, 1, BUDGET_MOST, bounded);
    code_put(c, MOV_K(1, BUDGET_MOST));
    code_label(c, bounded);
}

/* Register 8: whether it is let through. Goes to `done` where nobody else changed the slot meanwhile. */
static void put_charge(struct code *c, const struct labels *to, int done)
{
    int refused = code_new_label(c), store = code_new_label(c);
    code_put(c, LOAD(BPF_DW, 7, 6, 8));
    code_put(c, LOAD(BPF_DW, 1, 6, 0));
    code_jump(c, BPF_JNE, 1, 9, to->drop);
    put_left(c, to);
    code_put(c, MOV_K(8, 1));
    code_jump_k(c, BPF_JNE, 4, 0, store);
    code_put(c, LOAD(BPF_DW, 3, 10, OUT));
    code_jump(c, BPF_JLT, 1, 3, refused);
    code_put(c, OP(BPF_SUB, 1, 3));
    code_goto(c, store);
    code_label(c, refused);
    code_put(c, MOV_K(8, 0));
    code_label(c, store);
    code_put(c, OP_K(BPF_LSH, 4, 31));
    code_put(c, OP(BPF_OR, 1, 4));
    code_put(c, OP_K(BPF_LSH, 2, 32));
    code_put(c, OP(BPF_OR, 1, 2));
    code_put(c, MOV(0, 7));
    code_put(c, SWAP_IF(6, 8, 1));
    code_jump(c, BPF_JEQ, 0, 7, done);
}

static void put_end(struct code *c, const struct labels *to, int done)
{
    code_goto(c, to->drop);
    code_label(c, done);
    code_jump_k(c, BPF_JNE, 8, 0, to->pass);
    code_label(c, to->drop);
    code_put(c, MOV_K(0, 0));
    code_put(c, LEAVE());
    code_label(c, to->pass);
    code_put(c, MOV_K(0, -1)); /* all its bytes */
    code_put(c, LEAVE());
}

static int load(const struct syn_filter *f, bool v4, char *log, uint32_t log_room)
{
    static const struct sizes of4 = { true, V4_HEADER, V4_HEADER + SYN_ACK }, of6 = { false, V6_HEADER, V6_HEADER + SYN_ACK };
    const struct sizes *z = v4 ? &of4 : &of6;
    struct code c;
    code_init(&c);
    const struct labels to = { code_new_label(&c), code_new_label(&c), code_new_label(&c), code_new_label(&c),
                               code_new_label(&c) };
    int done = code_new_label(&c);
    put_passed(&c, &to);
    put_header(&c, &to, z->header);
    put_sizes(&c, &to, z);
    if (v4)
        put_v4(&c);
    else
        put_v6(&c);
    put_in(&c);
    put_owner(&c, f->key);
    put_now(&c);
    put_find(&c, &to, f->table, to.found);
    put_take(&c, &to, f->table);
    code_label(&c, to.found);
    put_renew(&c, &to, f->table);
    for (int i = 0; i < TRIES; i++)
        put_charge(&c, &to, done);
    put_end(&c, &to, done);
    return bpf_load(BPF_PROG_TYPE_SOCKET_FILTER, 0, &c, log, log_room);
}

static int make_programs(struct syn_filter *f, char *log, uint32_t log_room)
{
    f->table = bpf_map(BPF_MAP_TYPE_ARRAY, sizeof(uint32_t), sizeof(struct budget_slot), BUDGET_SLOTS, BPF_F_MMAPABLE);
    if (f->table < 0)
        return f->table;
    f->four = load(f, true, log, log_room);
    if (f->four < 0)
        return f->four;
    f->six = load(f, false, log, log_room);
    return f->six < 0 ? f->six : 0;
}

/* Nobody runs what is written to it, where the kernel is new enough to be told so. */
static int make_table(struct syn_filter *f)
{
    f->table = memfd_create("budget", MFD_CLOEXEC | MFD_NOEXEC_SEAL);
    if (f->table < 0 && errno == EINVAL)
        f->table = memfd_create("budget", MFD_CLOEXEC);
    if (f->table < 0 || ftruncate(f->table, (off_t)BUDGET_BYTES) < 0)
        return -errno;
    return 0;
}

int syn_filter_make(struct syn_filter *ret, char *log, uint32_t log_room)
{
    *ret = (struct syn_filter){ .table = -1, .four = -1, .six = -1 };
    if (getrandom(ret->key, sizeof ret->key, 0) != sizeof ret->key)
        return -EIO;
    if (make_programs(ret, log, log_room) == 0)
        return 0;
    syn_filter_release(ret);
    int err = make_table(ret);
    if (err)
        syn_filter_release(ret);
    return err;
}

void syn_filter_release(struct syn_filter *f)
{
    int *fd[] = { &f->table, &f->four, &f->six };
    for (size_t i = 0; i < sizeof fd / sizeof *fd; i++) {
        if (*fd[i] >= 0)
            close(*fd[i]);
        *fd[i] = -1;
    }
}

int syn_filter_attach(const struct syn_filter *f, int fd, bool v4)
{
    int program = v4 ? f->four : f->six, on = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_BPF, &program, sizeof program) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &on, sizeof on) < 0)
        return -errno;
    return 0;
}
