#pragma once
/*
 * pcap savefiles (draft-ietf-opsawg-pcap), version 2.4, micro- and nanosecond, either byte order.
 * Older and modified forms are recognised here and read by packet/rare.h.
 */
#include "packet/walk.h"

enum { PCAP_HEADER = 24 };

enum pcap_form {
    PCAP_NOT,
    PCAP_PLAIN, /* ours */
    PCAP_RARE,  /* another version, or the modified form that libpcap knows */
};

struct pcap {
    bool swapped, nano;
    uint32_t link; /* LINKTYPE_, without what else its field holds */
};

/* Whether a file that begins with these four bytes is a pcap file of some form. */
bool pcap_recognise(const uint8_t magic[static 4]);
/* Reads a file header; *ret is complete for both forms. */
enum pcap_form pcap_begin(struct pcap *ret, const uint8_t header[static PCAP_HEADER]);
/* How many frames; see walk.h. Problems: READER_LENGTH. */
int pcap_walk(const struct pcap *c, struct walk *w, struct frame frames[static READER_BATCH]);
