#pragma once
/*
 * What there is to be seen at an address of the trap: which device, which ports, what it says first. Worked out from the
 * configuration, the personas and the secret of the state folder, by the same code that answers.
 */
#include "base/buf.h"
#include "base/conf.h"
#include "trap/persona.h"
#include "trap/ports.h"

struct expect {
    const struct conf *conf;
    const struct prefix_list *claimed; /* all addresses of these are the trap's, with all their ports */
    struct personas personas;
    const struct persona *pinned; /* NULL: by address */
    const struct persona *netis;  /* that answers at 53413/UDP where the one of the address does not; NULL: none does */
    uint8_t key[16];
    struct ports *ports;
};

/* Whether an address is one that is to be looked at: loopback, of the sensor, or named as a place where the trap answers. What
 * is claimed is, too. */
bool expect_is_ours(const struct conf *conf, const struct addr *a);

/* key: the observatory's; conf and claimed are borrowed. 0; -errno; or 1 with why. ret is to be released in any case. */
int must_check expect_make(struct expect *ret, const struct conf *conf, const struct prefix_list *claimed, const char *folder,
                           const uint8_t key[static 16], char why[static 200]);
void expect_release(struct expect *x);

void expect_here(const struct expect *x, const struct addr *a, int64_t now, struct persona_here *ret);
/* The enum trap_service that answers there, or PORTS_CLOSED. */
int expect_service(const struct expect *x, const struct addr *a, uint16_t tcp_port);
/* Whether 53413/UDP answers there, and as which device: of a place that is named, any that does. */
bool expect_netis(const struct expect *x, const struct addr *a, int64_t now, struct persona_here *ret);
/* Whether a TCP port is the trap's, so that what is not expected there is to be closed: it is claimed, and not excepted. Elsewhere
 * the host may have it. */
bool expect_is_claimed(const struct expect *x, const struct addr *a, uint16_t tcp_port);
/* TCP ports that are worth a look there, each once: those that are open, and a few that are not. How many. */
size_t expect_ports(const struct expect *x, const struct addr *a, size_t room, uint16_t *ret);

/* What the device says there to a visitor who says `say` (NULL: nothing), at once. 0 or -errno. */
int must_check expect_said(const struct persona_here *here, enum trap_service service, const struct addr *a, uint16_t port,
                           const char *say, int64_t now, struct buf *ret);
