#pragma once
/*
 * Words of a filter expression that its compiler would look up: host names over the network, ports and
 * protocols in /etc. Neither is done: a sensor asks nobody about what it observes.
 */
#include <stdbool.h>
#include <stddef.h>

/* Whether all words are pcap-filter(7)'s own, numbers or addresses. Where not, *ret is the first that is none,
 * of ret_n bytes, borrowed. */
bool filter_words_known(const char *expression, const char **ret, size_t *ret_n);
