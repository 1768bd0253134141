#pragma once
/* The parts of ip, one file an object ("link", "address", "route"), and the words that they share. */
#include "shell/applets/links.h"

enum { IP_FAILED = 2 }; /* the status where the kernel would have refused */

struct ip_view {
    struct proc *p;
    bool four, six, line; /* -4, -6, -o */
};

/* Each object's run: the words behind its name, NULL-ended; the exit status. */
int ip_link(const struct ip_view *v, char **words);
int ip_address(const struct ip_view *v, char **words);
int ip_route(const struct ip_view *v, char **words);

/* "show" of a link or, with `addresses`, of an address. */
int ip_show_devices(const struct ip_view *v, char **words, bool addresses);
/* Those of the interface, whose number is `index`. */
void ip_show_addresses(const struct ip_view *v, size_t index, const char *device);

/* "addr" is for "address". */
bool ip_is_short_for(const char *word, const char *whole);
/* Nothing, "show", "list" or short for them. */
bool ip_is_show(const char *word);
/* What stands behind a key ("dev eth0"), or NULL. */
const char *ip_value_of(char **words, const char *key);
/* "192.0.2.0/24", "default": false where it is neither. A host has a prefix of 32. *ret_address is of p's memory. */
bool ip_read_prefix(struct proc *p, const char *word, const char **ret_address, unsigned *ret_prefix);

/* What follows ends the process where it can't be so. */
const struct machine_interface *ip_device(struct proc *p, const char *name); /* there must be one of the name */
/* For a change of what is there: `call` is what fails where it is not, NULL the search for it. */
void ip_must_change(struct proc *p, const char *name, const char *call);
void __attribute__((noreturn)) ip_refuse(struct proc *p, int e);
void __attribute__((noreturn)) ip_bad_word(struct proc *p, const char *word);
