#pragma once
/* Between network.c and network-identity.c: what one device changes of its machine's network. */
#include "shell/network.h"
#include "shell/shell.h"

enum { DOTTED = 16, HARDWARE = 18, END_POINT = DOTTED + 6 };

/* The network that faces the world: the machine's, and where it lies at this device. */
struct facing {
    const struct machine *machine;
    const struct shell_identity *id;
    bool moves;
    bool pair; /* point to point: the gateway is at the other end */
    uint32_t was, was_net, was_mask, was_gateway;
    uint32_t is, net, mask, gateway;
};

struct facing facing_of(const struct machine *machine, const struct shell_identity *id);
/* Each copies s, as this device has it, and returns it. */
const char *facing_address(const struct facing *f, const char *s, char ret[static DOTTED]);
const char *facing_hardware(const struct facing *f, const char *s, char ret[static HARDWARE]);
/* The mask of what reaches from `address`. */
const char *facing_mask(const struct facing *f, const char *address, const char *mask, char ret[static DOTTED]);
/* The address that the visitor has come to, as the device sees it. */
const char *facing_local(const struct facing *f, char ret[static DOTTED]);
