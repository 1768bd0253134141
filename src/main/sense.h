#pragma once
/*
 * The inside of teiten-sense: what files (sense.c) and live capture (sense-live.c) share.
 */
#include "base/buf.h"
#include "event/record.h"
#include "packet/decode.h"
#include "packet/fold.h"
#include "packet/gauge.h"
#include "packet/own.h"
#include "packet/p0f.h"
#include "packet/rare.h"

struct sense {
    struct channel channel;
    struct setup setup;
    struct decoder decoder;
    struct nat nat;
    struct own_addresses *own;
    struct own_flows *own_flows;
    struct p0f *p0f;
    struct fold *fold;
    struct zstd_packer *zstd;
    struct buf totals, minutes, census;
    struct filter *filter; /* of frames of filter_link */
    uint32_t filter_link;
    struct gauge gauge;
    uint64_t packets, sequence;
    size_t loose; /* live: bytes of chunks since the last commit */
    bool warned_back, warned_forward, warned_link;
};

int must_check sense_take(struct sense *s, const struct frame *f);
int must_check sense_warn(struct sense *s, uint32_t code, uint64_t offset, int64_t amount, bool *once);

/* Observes the ring of FD_INPUT until the supervisor closes its side. 0 or -errno. */
int must_check sense_live(struct sense *s);
