#pragma once
/*
 * From a sense worker's records to the store. The worker may be compromised: what makes no sense ends it
 * (-EPROTO), and nothing of it is shown.
 */
#include "event/record.h"
#include "store/store.h"

enum { INTAKE_WARNINGS = 8 };

struct intake {
    struct store *store; /* borrowed */
    int64_t sensor, ingest; /* ingest 0: live */
    uint64_t addresses;     /* of the sensor; 0: inferred at the end of the file */
    bool dark;
    /* state */
    bool begun;             /* something was said */
    struct record_ready ready; /* file: as the worker says; a compromised one may lie */
    int64_t run; /* open, 0: none */
    uint32_t hour;
    uint64_t run_flows, run_packets;
    struct record_coverage *pending; /* file coverage, until the addresses are known; owned */
    size_t pending_n;
    struct record_warning warning[INTAKE_WARNINGS];
    size_t warnings;
    struct record_progress progress;
    struct record_end end;
    bool ended;
    uint64_t packets, drops, flows; /* so far */
};

void intake_release(struct intake *in);
/* 0; -EPROTO; -errno of the store. */
int must_check intake_record(struct intake *in, uint8_t type, struct rd r);
/* A file is whole: its coverage is stored. To be called before the flip. */
int must_check intake_finish(struct intake *in);
