#pragma once
/*
 * What making a ring and reading one share.
 */
#include "packet/ring.h"

#include <linux/if_packet.h>
#include <net/if.h>

enum {
    LINK_NONE = 0, /* frames that nobody here can read */
    LINK_ETHERNET = 1,
    LINK_RAW = 101,

    VLAN_TAG = 4, /* bytes of a tag */
};

uint32_t ring_link(unsigned short hardware);
/* A block's size in bytes and their number, as the kernel shall have them. 0 or -EINVAL. */
int must_check ring_geometry(const struct ring_options *o, size_t *ret_bytes, unsigned *ret_blocks);
/* The interface that fd is bound to. -ENODEV where it is gone. */
int must_check ring_bound(int fd, struct sockaddr_ll *ret);
