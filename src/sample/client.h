#pragma once
/*
 * HTTP, HTTPS and FTP over sockets that were handed over, by libcurl. It resolves nothing, connects nothing, and follows nothing:
 * a redirect is told. A further connection, for FTP's data, is asked for by its port alone; what address the server names is
 * passed over.
 */
#include "event/record-sample.h"

struct client {
    void *context;
    int socket; /* connected; taken */
    /* Another, connected to that port of the same address; or -errno. */
    int (*more)(void *context, uint16_t port);
    /* Bytes as they come; 0 to go on. */
    int (*data)(void *context, const void *data, size_t n);
};

/* Once, before the first. 0 or -errno. */
int must_check client_prepare(void);
/* What came of it. */
void client_fetch(const struct client *c, const struct fetch_ask *ask, struct fetch_ended *ret);
