#pragma once
/*
 * The reading side of TFTP (RFC 1350), without a socket: datagrams in, acknowledgements out. The request was sent before, by who
 * dialled; what comes is of one server at one port.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TFTP_BLOCK = 512, TFTP_DATAGRAM = TFTP_BLOCK + 4, TFTP_ACK = 4 };

struct tftp {
    uint16_t block;  /* that was taken last */
    bool ended;
    uint16_t error;  /* of the server's: 1 there is no such file */
    char why[128];   /* its words */
};

enum tftp_said {
    TFTP_NOTHING, /* a stray, or what came before */
    TFTP_DATA,    /* *ret_data holds the next bytes, of the datagram; they are to be acknowledged */
    TFTP_AGAIN,   /* a block that was taken before: its acknowledgement was lost */
    TFTP_ENDED,   /* as TFTP_DATA, and these are the last */
    TFTP_ERROR,   /* the server's; or a datagram that is none of TFTP's */
};

void tftp_begin(struct tftp *t);
enum tftp_said tftp_take(struct tftp *t, const void *datagram, size_t n, const uint8_t **ret_data, size_t *ret_n);
/* The acknowledgement of what was taken last. */
void tftp_ack(const struct tftp *t, uint8_t ret[static TFTP_ACK]);
