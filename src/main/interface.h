#pragma once
/*
 * The host's interfaces, as far as a sensor has to know them.
 */
#include "base/addr.h"
#include "base/err.h"

#include <net/if.h>

/* The interface of the default route (IPv4 first, the lowest metric). 0; -ENODEV where there is none. */
int must_check interface_default(char ret[static IF_NAMESIZE]);
/* Adds its IPv4 and its global IPv6 addresses, each as a prefix of one address. 0 or -errno. */
int must_check interface_addresses(const char *name, struct prefix_list *ret);
