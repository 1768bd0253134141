#include "main/claim-lookup.h"

#include "main/bpf.h"

#include <netinet/in.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

struct claim_place claim_place_of(const struct addr *a)
{
    struct claim_place p = { CLAIM_V4, 0 };
    if (a->family == 4) {
        p.lo = addr_u32(a);
        return p;
    }
    p.hi = 0;
    for (int i = 0; i < 8; i++) {
        p.hi = p.hi << 8 | a->bytes[i];
        p.lo = p.lo << 8 | a->bytes[8 + i];
    }
    return p;
}

/* ---- the program ---- */

/* The stack, below register 10. */
enum {
    PORT = -8,
    UDP = -16,  /* 0 or 1 */
    OWN = -24,  /* 0 or 1 */
    INDEX = -32,
    HASH = -40,
};

struct labels {
    int kernel, refuse, listener, claimed, tcp, give;
};

#define AT(field) ((int32_t)offsetof(struct claim_rules, field))
#define OF(field) ((int32_t)offsetof(struct bpf_sk_lookup, field))

static void put_v6_half(struct code *c, unsigned dst, int at)
{
    code_put(c, LOAD(BPF_W, dst, 6, at));
    code_put(c, FROM_BE(dst, 32));
    code_put(c, OP_K(BPF_LSH, dst, 32));
    code_put(c, LOAD(BPF_W, 1, 6, at + 4));
    code_put(c, FROM_BE(1, 32));
    code_put(c, OP(BPF_OR, dst, 1));
}

/* Register 6: the context; 7: the rules; 8 and 9: the address. */
static void put_address(struct code *c, const struct labels *to, int table)
{
    int v6 = code_new_label(c), good = code_new_label(c), tcp = code_new_label(c);
    code_put(c, MOV(6, 1));
    code_put(c, MOV_K(2, 0));
    code_put(c, LOAD(BPF_W, 1, 6, OF(protocol)));
    code_jump_k(c, BPF_JEQ, 1, IPPROTO_TCP, tcp);
    code_jump_k(c, BPF_JNE, 1, IPPROTO_UDP, to->kernel);
    code_put(c, MOV_K(2, 1));
    code_label(c, tcp);
    code_put(c, STORE(BPF_DW, 10, UDP, 2));
    code_put(c, LOAD(BPF_W, 1, 6, OF(local_port)));
    code_put(c, OP_K(BPF_AND, 1, 0xffff));
    code_put(c, STORE(BPF_DW, 10, PORT, 1));
    code_put(c, LOAD(BPF_W, 1, 6, OF(family)));
    code_jump_k(c, BPF_JEQ, 1, AF_INET6, v6);
    code_jump_k(c, BPF_JNE, 1, AF_INET, to->kernel);
    code_put(c, MOV_K(8, -1));
    code_put(c, LOAD(BPF_W, 9, 6, OF(local_ip4)));
    code_put(c, FROM_BE(9, 32));
    code_goto(c, good);
    code_label(c, v6);
    put_v6_half(c, 8, OF(local_ip6));
    put_v6_half(c, 9, OF(local_ip6) + 8);
    code_label(c, good);
    code_map_value(c, 7, table);
}

/* A list of the rules: goes on behind it where none of it fits. Register 3: the entry. It is no loop, since a place that is
 * worked out on the way may only be used by who has CAP_PERFMON. */
struct list {
    int n, first; /* offsets */
    int size, most;
};

static void put_list(struct code *c, const struct list *l, void (*fits)(struct code *c, int next, int found), int found)
{
    int end = code_new_label(c);
    code_put(c, LOAD(BPF_W, 2, 7, l->n));
    code_put(c, MOV(3, 7));
    code_put(c, OP_K(BPF_ADD, 3, l->first));
    for (int i = 0; i < l->most; i++) {
        int next = code_new_label(c);
        code_jump_k(c, BPF_JLE, 2, i, end);
        fits(c, next, found);
        code_label(c, next);
        code_put(c, OP_K(BPF_ADD, 3, l->size));
    }
    code_label(c, end);
}

static void put_prefix(struct code *c, int next, int found)
{
    code_put(c, LOAD(BPF_DW, 4, 3, offsetof(struct claim_prefix, mask.hi)));
    code_put(c, OP(BPF_AND, 4, 8));
    code_put(c, LOAD(BPF_DW, 5, 3, offsetof(struct claim_prefix, at.hi)));
    code_jump(c, BPF_JNE, 4, 5, next);
    code_put(c, LOAD(BPF_DW, 4, 3, offsetof(struct claim_prefix, mask.lo)));
    code_put(c, OP(BPF_AND, 4, 9));
    code_put(c, LOAD(BPF_DW, 5, 3, offsetof(struct claim_prefix, at.lo)));
    code_jump(c, BPF_JEQ, 4, 5, found);
}

static void put_place(struct code *c, int next, int found)
{
    code_put(c, LOAD(BPF_DW, 4, 3, offsetof(struct claim_place, hi)));
    code_jump(c, BPF_JNE, 4, 8, next);
    code_put(c, LOAD(BPF_DW, 4, 3, offsetof(struct claim_place, lo)));
    code_jump(c, BPF_JEQ, 4, 9, found);
}

static void put_except(struct code *c, int next, int found)
{
    int same = code_new_label(c);
    put_place(c, next, same);
    code_goto(c, next);
    code_label(c, same);
    code_put(c, LOAD(BPF_DW, 4, 3, offsetof(struct claim_except, port)));
    code_put(c, LOAD(BPF_DW, 5, 10, PORT));
    code_jump(c, BPF_JEQ, 4, 5, found);
}

/* Whether the port is in the bitmap that begins at `first`, and, where register 5 says so, so many bitmaps behind it. */
static void put_port(struct code *c, int first, int found)
{
    code_put(c, LOAD(BPF_DW, 1, 10, PORT));
    code_put(c, MOV(2, 1));
    code_put(c, OP_K(BPF_AND, 2, 7));
    code_put(c, OP_K(BPF_RSH, 1, 3));
    code_put(c, OP_K(BPF_AND, 1, PORTS_BITMAP - 1));
    code_put(c, OP_K(BPF_LSH, 5, 13));
    code_put(c, OP(BPF_ADD, 1, 5));
    code_put(c, MOV(3, 7));
    code_put(c, OP_K(BPF_ADD, 3, first));
    code_put(c, OP(BPF_ADD, 3, 1));
    code_put(c, LOAD(BPF_B, 3, 3, 0));
    code_put(c, OP(BPF_RSH, 3, 2));
    code_put(c, OP_K(BPF_AND, 3, 1));
    code_jump_k(c, BPF_JNE, 3, 0, found);
}

/* On the stack: whether the address is the host's own. */
static void put_own(struct code *c)
{
    static const struct list own = { AT(owns), AT(own), sizeof(struct claim_place), CLAIM_OWN };
    int found = code_new_label(c), end = code_new_label(c);
    code_put(c, MOV_K(1, 1));
    code_put(c, STORE(BPF_DW, 10, OWN, 1));
    code_put(c, LOAD(BPF_W, 1, 7, AT(all_own)));
    code_jump_k(c, BPF_JNE, 1, 0, end);
    put_list(c, &own, put_place, found);
    code_put(c, MOV_K(1, 0));
    code_put(c, STORE(BPF_DW, 10, OWN, 1));
    code_goto(c, end);
    code_label(c, found);
    code_label(c, end);
}

static void put_left_out(struct code *c, const struct labels *to)
{
    static const struct list excepts = { AT(excepts), AT(except), sizeof(struct claim_except), CLAIM_EXCEPTS };
    int good = code_new_label(c), udp = code_new_label(c);
    code_put(c, MOV_K(5, 0));
    put_port(c, AT(except_port), to->kernel);
    put_list(c, &excepts, put_except, to->kernel);
    code_put(c, LOAD(BPF_DW, 1, 10, OWN));
    code_jump_k(c, BPF_JEQ, 1, 0, good);
    code_put(c, MOV_K(5, 0));
    code_put(c, LOAD(BPF_DW, 1, 10, UDP));
    code_jump_k(c, BPF_JNE, 1, 0, udp);
    put_port(c, AT(left_out), to->kernel);
    code_goto(c, good);
    code_label(c, udp);
    put_port(c, AT(left_out) + PORTS_BITMAP, to->kernel);
    code_label(c, good);
}

static void mix(struct code *c, int key, int shift)
{
    if (key >= 0) {
        code_put(c, LOAD(BPF_DW, 1, 7, AT(key) + 8 * key));
        code_put(c, OP_K(BPF_OR, 1, 1));
        code_put(c, OP(BPF_MUL, 9, 1));
    }
    code_put(c, MOV(1, 9));
    code_put(c, OP_K(BPF_RSH, 1, shift));
    code_put(c, OP(BPF_XOR, 9, 1));
}

/* As ports_hash() does; to the stack. */
static void put_hash(struct code *c)
{
    int v6 = code_new_label(c);
    code_jump_k(c, BPF_JNE, 8, -1, v6);
    code_put(c, MOV_K(8, 0));
    code_label(c, v6);
    code_put(c, LOAD(BPF_DW, 1, 7, AT(key)));
    code_put(c, OP(BPF_XOR, 9, 1));
    mix(c, 1, 32);
    code_put(c, OP(BPF_XOR, 9, 8));
    mix(c, 2, 29);
    mix(c, 1, 32);
    code_put(c, STORE(BPF_DW, 10, HASH, 9));
}

/* Register 5: the address's persona. */
static void put_persona(struct code *c)
{
    code_put(c, LOAD(BPF_DW, 1, 10, HASH));
    code_put(c, OP_K(BPF_AND, 1, PORTS_CLASSES - 1));
    code_put(c, MOV(3, 7));
    code_put(c, OP_K(BPF_ADD, 3, AT(persona_of_class)));
    code_put(c, OP(BPF_ADD, 3, 1));
    code_put(c, LOAD(BPF_B, 5, 3, 0));
    code_put(c, OP_K(BPF_AND, 5, PORTS_PERSONAS - 1));
}

/* A port that is not open: as the device does. */
static void put_closed(struct code *c, const struct labels *to)
{
    code_put(c, LOAD(BPF_DW, 1, 10, OWN));
    code_jump_k(c, BPF_JNE, 1, 0, to->kernel);
    put_persona(c);
    code_put(c, MOV(3, 7));
    code_put(c, OP_K(BPF_ADD, 3, AT(silent)));
    code_put(c, OP(BPF_ADD, 3, 5));
    code_put(c, LOAD(BPF_B, 3, 3, 0));
    code_put(c, MOV_K(9, CLAIM_MUTE4));
    code_jump_k(c, BPF_JNE, 3, 0, to->give);
    code_goto(c, to->refuse);
}

/* Goes to the listener where the port is open. */
static void put_open(struct code *c, const struct labels *to)
{
    put_persona(c);
    put_port(c, AT(persona), to->listener);
    code_put(c, LOAD(BPF_DW, 5, 10, HASH));
    code_put(c, OP_K(BPF_RSH, 5, 12));
    code_put(c, OP_K(BPF_AND, 5, PORTS_EXTRAS - 1));
    put_port(c, AT(extra), to->listener);
    put_closed(c, to);
}

/* Register 9: the socket's place, for IPv4. */
static void put_listener(struct code *c, const struct labels *to, int sockets)
{
    int v4 = code_new_label(c);
    code_put(c, LOAD(BPF_W, 1, 6, OF(family)));
    code_jump_k(c, BPF_JEQ, 1, AF_INET, v4);
    code_put(c, OP_K(BPF_ADD, 9, 1));
    code_label(c, v4);
    code_put(c, STORE(BPF_W, 10, INDEX, 9));
    code_map(c, 1, sockets);
    code_put(c, MOV(2, 10));
    code_put(c, OP_K(BPF_ADD, 2, INDEX));
    code_put(c, CALL(BPF_FUNC_map_lookup_elem));
    code_jump_k(c, BPF_JEQ, 0, 0, to->refuse);
    code_put(c, MOV(7, 0));
    code_put(c, MOV(1, 6));
    code_put(c, MOV(2, 7));
    code_put(c, MOV_K(3, 0));
    code_put(c, CALL(BPF_FUNC_sk_assign));
    code_put(c, MOV(8, 0));
    code_put(c, MOV(1, 7));
    code_put(c, CALL(BPF_FUNC_sk_release));
    code_jump_k(c, BPF_JNE, 8, 0, to->refuse);
    code_label(c, to->kernel);
    code_put(c, MOV_K(0, SK_PASS));
    code_put(c, LEAVE());
    code_label(c, to->refuse);
    code_put(c, MOV_K(0, SK_DROP));
    code_put(c, LEAVE());
}

static void write_program(struct code *c, const struct claim_lookup *l)
{
    static const struct list prefixes = { AT(prefixes), AT(prefix), sizeof(struct claim_prefix), CLAIM_PREFIXES };
    const struct labels to = { code_new_label(c), code_new_label(c), code_new_label(c),
                               code_new_label(c), code_new_label(c), code_new_label(c) };
    put_address(c, &to, l->table);
    put_list(c, &prefixes, put_prefix, to.claimed);
    code_goto(c, to.kernel);
    code_label(c, to.claimed);
    put_own(c);
    put_left_out(c, &to);
    code_put(c, LOAD(BPF_DW, 1, 10, UDP));
    code_jump_k(c, BPF_JEQ, 1, 0, to.tcp);
    code_put(c, MOV_K(9, CLAIM_UDP4));
    code_put(c, LOAD(BPF_DW, 1, 10, PORT));
    code_jump_k(c, BPF_JEQ, 1, PORTS_NETIS, to.give);
    code_put(c, MOV_K(9, CLAIM_SINK4));
    code_goto(c, to.give);
    code_label(c, to.tcp);
    put_hash(c);
    put_open(c, &to);
    code_label(c, to.listener);
    code_put(c, MOV_K(9, CLAIM_TCP4));
    code_label(c, to.give);
    put_listener(c, &to, l->sockets);
}

/* ---- what it needs ---- */

static int make(struct claim_lookup *l, int netns, char *log, uint32_t log_room)
{
    struct code c;
    l->table = bpf_map(BPF_MAP_TYPE_ARRAY, sizeof(uint32_t), sizeof *l->rules, 1, BPF_F_MMAPABLE);
    if (l->table < 0)
        return l->table;
    void *at = mmap(NULL, sizeof *l->rules, PROT_READ | PROT_WRITE, MAP_SHARED, l->table, 0);
    if (at == MAP_FAILED)
        return -errno;
    l->rules = at;
    l->sockets = bpf_map(BPF_MAP_TYPE_SOCKMAP, sizeof(uint32_t), sizeof(uint64_t), CLAIM_SOCKETS, 0);
    if (l->sockets < 0)
        return l->sockets;
    code_init(&c);
    write_program(&c, l);
    l->program = bpf_load(BPF_PROG_TYPE_SK_LOOKUP, BPF_SK_LOOKUP, &c, log, log_room);
    if (l->program < 0)
        return l->program;
    l->link = bpf_bind_netns(l->program, netns, BPF_SK_LOOKUP);
    return l->link < 0 ? l->link : 0;
}

int claim_lookup_make(struct claim_lookup *ret, int netns, char *log, uint32_t log_room)
{
    *ret = (struct claim_lookup){ .table = -1, .sockets = -1, .program = -1, .link = -1 };
    int err = make(ret, netns, log, log_room);
    if (err)
        claim_lookup_release(ret);
    return err;
}

void claim_lookup_release(struct claim_lookup *l)
{
    int *fd[] = { &l->link, &l->program, &l->sockets, &l->table };
    for (size_t i = 0; i < sizeof fd / sizeof *fd; i++) {
        if (*fd[i] >= 0)
            close(*fd[i]);
        *fd[i] = -1;
    }
    if (l->rules)
        munmap(l->rules, sizeof *l->rules);
    l->rules = NULL;
}

int claim_lookup_give(struct claim_lookup *l, enum claim_socket at, int fd)
{
    uint32_t place = at;
    uint64_t value = (uint64_t)fd;
    return bpf_map_set(l->sockets, &place, &value);
}
