#pragma once
/*
 * Text that was hidden by XOR with a key: of one byte (Mirai's four, which come to one, too), or of two to eight that repeat.
 *
 * What stands out first: in data that is hidden so, bytes that lie a key's length apart differ by just as much as in the open
 * text, whatever the key is. So words that programs of this kind have ("http://", "/bin/busybox"...) are looked for by these
 * differences, for all keys at once; where one is met the key is known. Addresses and names of hosts are looked for likewise,
 * by the dots in them.
 */
#include "sample/endpoint.h"

enum { XOR_KEY_MOST = 8 };

/* Adds what was hidden (reason "xor", with the key), and a finding for each key. 0 or -ENOMEM. */
int must_check xor_find(const void *data, size_t n, struct sample_report *r);
