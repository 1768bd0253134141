#pragma once
/* What the applets of the network share. The network itself is proc_fetch() alone. */
#include "shell/applet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A port by number or by its name in /etc/services; "NAME: bad port 'x'" and the end where it is
 * neither. */
uint16_t net_port(struct proc *p, const char *s, const char *protocol);
/* The name of a port in /etc/services, or NULL. */
const char *net_service(struct proc *p, uint16_t port, const char *protocol);

bool net_ipv4(const char *s, uint8_t ret[static 4]);
bool net_is_address(const char *s); /* IPv4 or IPv6, without brackets */

/* What the host is as a number: what the world answered, or as it was written. */
const char *net_address(const struct shell_fetch *what, const struct shell_fetched *got);
/* Says that nobody was reached, and ends; returns where somebody was. */
void net_must_reach(struct proc *p, const struct shell_fetch *what,
                    const struct shell_fetched *got);
/* "can't connect to remote host (192.0.2.1): Connection refused", e an errno */
void net_die_connect(struct proc *p, const struct shell_fetch *what,
                     const struct shell_fetched *got, int e) __attribute__((noreturn));
/* The errno that an answer stands for; 0 where somebody was reached (or the name is not known). */
int net_errno(enum fetch_answer answer);

/* All that can be read from a descriptor, up to `most` bytes, into t. False: there is more to come,
 * end the step with NEXT_INPUT. */
bool net_read_all(struct proc *p, int fd, size_t most, struct text *t);

/* A size in at most five characters, as progress and ps show it: "12", "97.6k", "10.0M". unit is
 * the letter of the first step (' ' for bytes, 'k' where n counts kilobytes). */
void net_size(uint64_t n, char unit, char to[static 6]);
