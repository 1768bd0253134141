#include "packet/steer.h"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <string.h>

/*
 * The kernel runs the program with the frame's bytes at the network header for what comes in, and at the
 * link header for what goes out. It is asked for bytes from there on, rather than by SKF_NET_OFF: that
 * offset is past a tag left in the frame for some of what goes out, and fails for bytes that the driver
 * left in pages.
 *
 * X is where the IP header begins. NOT_OURS is 0 for what this host sent.
 */
enum memory { MEM_NOT_OURS, MEM_WORD, MEM_X };

enum {
    LINK_ETHERNET = 1,
    ETHERNET_HEADER = 14,
    TAGS_MOST = 3,

    V4_PROTOCOL = 9,
    V4_SOURCE = 12,
    V4_DESTINATION = 16,
    V4_ICMP = 1,
    V6_PROTOCOL = 6,
    V6_SOURCE = 8,
    V6_DESTINATION = 24,
    V6_HEADER = 40,
    V6_ICMP = 58,
    ICMP_HEADER = 8,
};

/* Places to jump to, all of them ahead. */
enum label {
    INCOMING, DIRECTED, TAGGED, TAGGED_LAST = TAGGED + TAGS_MOST - 1, UNTAGGED,
    V4, V4_ERROR, V4_NO_ERROR, V4_NO_ICMP, V4_DESTINED,
    V6, V6_NO_ERROR, V6_DESTINED, V6_WORDS,
    MIX, NOWHERE, LABELS
};

/* A jump reaches 255 operations only, but for JA. The program is written twice: the second time it is known
 * where each label is. */
struct assembly {
    struct steering *to;
    size_t label[LABELS];
};

static size_t here(const struct assembly *a)
{
    return a->to->n;
}

static void op(struct assembly *a, unsigned code, uint32_t k)
{
    a->to->op[a->to->n++] = (struct sock_filter)BPF_STMT((uint16_t)code, k);
}

static void place(struct assembly *a, enum label l)
{
    a->label[l] = here(a);
}

static void go(struct assembly *a, enum label l)
{
    op(a, BPF_JMP | BPF_JA, (uint32_t)(a->label[l] - here(a) - 1));
}

/* Where A compares so with k. */
static void go_if(struct assembly *a, unsigned compare, uint32_t k, enum label l)
{
    a->to->op[a->to->n++] = (struct sock_filter)BPF_JUMP((uint16_t)(BPF_JMP | compare | BPF_K), k, 0, 1);
    go(a, l);
}

/* Where A is not k. */
static void go_unless(struct assembly *a, uint32_t k, enum label l)
{
    a->to->op[a->to->n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, 1, 0);
    go(a, l);
}

static void load(struct assembly *a, unsigned size, uint32_t at)
{
    op(a, BPF_LD | BPF_IND | size, at);
}

/* X += n; A is lost. */
static void advance(struct assembly *a, uint32_t n)
{
    op(a, BPF_MISC | BPF_TXA, 0);
    op(a, BPF_ALU | BPF_ADD | BPF_K, n);
    op(a, BPF_MISC | BPF_TAX, 0);
}

/* ---- where IP begins ---- */

/* And X is 0. */
static void note_direction(struct assembly *a)
{
    op(a, BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE));
    op(a, BPF_ALU | BPF_XOR | BPF_K, PACKET_OUTGOING);
    op(a, BPF_ST, MEM_NOT_OURS);
    op(a, BPF_LDX | BPF_IMM, 0);
}

/* X to the end of the Ethernet header, A the protocol in it. */
static void ethernet(struct assembly *a)
{
    op(a, BPF_LD | BPF_MEM, MEM_NOT_OURS);
    go_if(a, BPF_JGT, 0, INCOMING);
    op(a, BPF_LDX | BPF_IMM, ETHERNET_HEADER);
    op(a, BPF_LD | BPF_H | BPF_ABS, ETHERNET_HEADER - 2);
    go(a, DIRECTED);
    place(a, INCOMING);
    op(a, BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL));
    place(a, DIRECTED);
}

/* A tag that the kernel left in the frame, if A says that there is one. */
static void tag(struct assembly *a, enum label tagged)
{
    go_if(a, BPF_JEQ, ETH_P_8021Q, tagged);
    go_if(a, BPF_JEQ, ETH_P_8021AD, tagged);
    go_if(a, BPF_JEQ, ETH_P_QINQ1, tagged);
    go(a, UNTAGGED);
    place(a, tagged);
    load(a, BPF_H, 2);
    op(a, BPF_ST, MEM_WORD);
    advance(a, 4);
    op(a, BPF_LD | BPF_MEM, MEM_WORD);
}

static void find_ip(struct assembly *a, uint32_t link)
{
    note_direction(a);
    if (link == LINK_ETHERNET) {
        ethernet(a);
        for (int i = 0; i < TAGS_MOST; i++)
            tag(a, (enum label)(TAGGED + i));
        place(a, UNTAGGED);
        go_if(a, BPF_JEQ, ETH_P_IP, V4);
        go_if(a, BPF_JEQ, ETH_P_IPV6, V6);
    } else {
        load(a, BPF_B, 0);
        op(a, BPF_ALU | BPF_RSH | BPF_K, 4);
        go_if(a, BPF_JEQ, 4, V4);
        go_if(a, BPF_JEQ, 6, V6);
    }
    go(a, NOWHERE);
}

/* ---- which address ---- */

static uint32_t word_of(const struct addr *addr, unsigned i)
{
    const uint8_t *b = addr->bytes + i * (size_t)4;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* To `l` where the address at `at` lies in the prefix. */
static void go_if_within(struct assembly *a, const struct prefix *p, uint32_t at, enum label l)
{
    size_t begun = here(a);
    for (unsigned i = 0, bits = p->bits; bits > 0; i++) {
        load(a, BPF_W, at + 4 * i);
        if (bits < 32)
            op(a, BPF_ALU | BPF_AND | BPF_K, ~(UINT32_MAX >> bits));
        op(a, BPF_JMP | BPF_JEQ | BPF_K, word_of(&p->addr, i));
        bits -= bits < 32 ? bits : 32;
    }
    go(a, l);
    /* Where a word differs, past all this. */
    for (size_t i = begun; i < here(a); i++)
        if (a->to->op[i].code == (BPF_JMP | BPF_JEQ | BPF_K))
            a->to->op[i].jf = (uint8_t)(here(a) - i - 1);
}

static void go_if_own(struct assembly *a, const struct prefix_list *own, uint8_t family, uint32_t at,
                      enum label l)
{
    for (size_t i = 0; i < own->n && i < STEER_OWN; i++)
        if (own->item[i].addr.family == family)
            go_if_within(a, &own->item[i], at, l);
}

/* Errors of RFC 792: X moves to the packet that is quoted, which was ours. */
static void icmp_error_v4(struct assembly *a)
{
    static const uint8_t errors[] = { 3, 4, 5, 11, 12 };
    load(a, BPF_B, V4_PROTOCOL);
    go_unless(a, V4_ICMP, V4_NO_ICMP);
    op(a, BPF_STX, MEM_X);
    load(a, BPF_B, 0);
    op(a, BPF_ALU | BPF_AND | BPF_K, 15);
    op(a, BPF_ALU | BPF_LSH | BPF_K, 2);
    op(a, BPF_ALU | BPF_ADD | BPF_X, 0);
    op(a, BPF_MISC | BPF_TAX, 0);
    load(a, BPF_B, 0);
    for (size_t i = 0; i < sizeof errors; i++)
        go_if(a, BPF_JEQ, errors[i], V4_ERROR);
    go(a, V4_NO_ERROR);
    place(a, V4_ERROR);
    advance(a, ICMP_HEADER);
    go(a, V4_DESTINED);
    place(a, V4_NO_ERROR);
    op(a, BPF_LDX | BPF_MEM, MEM_X);
    place(a, V4_NO_ICMP);
}

/* RFC 4443, section 2.1: errors have types below 128. */
static void icmp_error_v6(struct assembly *a)
{
    load(a, BPF_B, V6_PROTOCOL);
    go_unless(a, V6_ICMP, V6_NO_ERROR);
    load(a, BPF_B, V6_HEADER);
    go_if(a, BPF_JGE, 128, V6_NO_ERROR);
    advance(a, V6_HEADER + ICMP_HEADER);
    go(a, V6_DESTINED);
    place(a, V6_NO_ERROR);
}

static void choose_v4(struct assembly *a, const struct prefix_list *own)
{
    place(a, V4);
    op(a, BPF_LD | BPF_MEM, MEM_NOT_OURS);
    go_if(a, BPF_JEQ, 0, V4_DESTINED);
    go_if_own(a, own, 4, V4_SOURCE, V4_DESTINED);
    icmp_error_v4(a);
    load(a, BPF_W, V4_SOURCE);
    go(a, MIX);
    place(a, V4_DESTINED);
    load(a, BPF_W, V4_DESTINATION);
    go(a, MIX);
}

/* The /64: its first word is multiplied, so that who does not know the factor cannot let the second undo
 * what the first does. */
static void choose_v6(struct assembly *a, const struct prefix_list *own, uint32_t factor)
{
    place(a, V6);
    op(a, BPF_LD | BPF_MEM, MEM_NOT_OURS);
    go_if(a, BPF_JEQ, 0, V6_DESTINED);
    go_if_own(a, own, 6, V6_SOURCE, V6_DESTINED);
    icmp_error_v6(a);
    go(a, V6_WORDS);
    place(a, V6_DESTINED);
    advance(a, V6_DESTINATION - V6_SOURCE);
    place(a, V6_WORDS);
    load(a, BPF_W, V6_SOURCE);
    op(a, BPF_ALU | BPF_MUL | BPF_K, factor);
    op(a, BPF_ST, MEM_WORD);
    load(a, BPF_W, V6_SOURCE + 4);
    op(a, BPF_LDX | BPF_MEM, MEM_WORD);
    op(a, BPF_ALU | BPF_XOR | BPF_X, 0);
}

/* ---- the number ---- */

static void xor_shifted(struct assembly *a, uint32_t n)
{
    op(a, BPF_MISC | BPF_TAX, 0);
    op(a, BPF_ALU | BPF_RSH | BPF_K, n);
    op(a, BPF_ALU | BPF_XOR | BPF_X, 0);
}

/* Every bit of the address and of the key moves every bit of the number, for the remainder of a power of two
 * looks at the lowest ones alone. */
static void mix(struct assembly *a, uint64_t key)
{
    place(a, MIX);
    op(a, BPF_ALU | BPF_XOR | BPF_K, (uint32_t)key);
    xor_shifted(a, 16);
    op(a, BPF_ALU | BPF_MUL | BPF_K, 0x9e3779b1);
    xor_shifted(a, 15);
    op(a, BPF_ALU | BPF_MUL | BPF_K, (uint32_t)(key >> 32) | 1);
    xor_shifted(a, 16);
    op(a, BPF_ALU | BPF_MUL | BPF_K, 0x85ebca77);
    op(a, BPF_ALU | BPF_RSH | BPF_K, 16);
    op(a, BPF_RET | BPF_A, 0);
}

static void write_program(struct assembly *a, uint32_t link, const struct prefix_list *own, uint64_t key)
{
    a->to->n = 0;
    find_ip(a, link);
    choose_v4(a, own);
    choose_v6(a, own, (uint32_t)(key >> 16) | 1);
    mix(a, key);
    place(a, NOWHERE);
    op(a, BPF_RET | BPF_K, 0);
}

void steer_build(struct steering *ret, uint32_t link, const struct prefix_list *own, uint64_t key)
{
    struct assembly a = { .to = ret };
    write_program(&a, link, own, key);
    write_program(&a, link, own, key);
}
