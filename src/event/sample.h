#pragma once
/*
 * A sample's report: what triage tells of a program without running it. One table of words (sample.c) gives the binary
 * form, the JSON (sample-json.h) and the columns of the store.
 *
 * All of it comes from a stranger's bytes: whoever shows a text escapes it (base/text.h). Lists have a most; what comes
 * beyond it is counted, not kept. A report is made with sample_report_init() and given back with
 * sample_report_release().
 */
#include "base/addr.h"
#include "base/buf.h"
#include "base/rd.h"
#include "base/sha256.h"

enum {
    SAMPLE_BYTES = 32 << 20, /* the largest sample */
    SAMPLE_WORD = 64,        /* with its NUL; so are these */
    SAMPLE_TEXT = 256,
    SAMPLE_TLSH = 73,        /* "T1" and 70 digits */
    SAMPLE_KEY = 16,         /* bytes of a XOR key */
    SAMPLE_SIGNATURE = 64,   /* least hashes of a signature */
    SAMPLE_ITEMS = 512,      /* in one list */
};

enum sample_word {
    WORD_FORMAT,      /* "elf" "pe" "macho" "script" "zip" "gzip" "xz" "bzip2" "zstd" "tar" "7z" "rar" "text" "html" "data" "empty" */
    WORD_TYPE,        /* of ELF: "executable" "shared" "relocatable" "core" */
    WORD_CPU,         /* DESIGN's names: "arm" "mips"...; "" none; "machine 123" one that has no name here */
    WORD_ORDER,       /* "little" "big" */
    WORD_ABI,         /* "armv5te eabi5 soft-float", "mips32r2 o32 hard-float", "sh4"... */
    WORD_LINKING,     /* "static" "dynamic" */
    WORD_INTERPRETER, /* path of the loader; of a script its interpreter */
    WORD_LIBC,        /* "uclibc" "musl" "glibc" "bionic" "dietlibc"; "": it cannot be told */
    WORD_COMPILER,    /* "gcc 4.1.2"... */
    WORD_PACKER,      /* "upx" "upx-altered" */
    WORD_FAMILY,      /* of YARA alone */
    SAMPLE_WORDS,     /* numbers are in stores: new ones come last */
};
const char *sample_word_name(enum sample_word w); /* as in JSON: "format" */

enum sample_tri { TRI_UNKNOWN, TRI_NO, TRI_YES };

/* Something that stands out: tampered headers, an overlay, a packer. `name` is a plain word of ours. */
struct sample_finding {
    char name[SAMPLE_WORD]; /* "elf-section-table" */
    char text[SAMPLE_TEXT];
    uint64_t at;            /* offset in the file */
};

/* A section or a segment. */
struct sample_part {
    bool segment;
    char name[SAMPLE_WORD]; /* ".text"; of a segment its type: "load" */
    uint64_t offset, size, address;
    uint16_t entropy;       /* hundredths of a bit a byte, 0 to 800 */
    uint8_t flags;          /* PART_... */
};
enum { PART_READ = 1, PART_WRITE = 2, PART_EXECUTE = 4 };

enum endpoint_kind { ENDPOINT_URL, ENDPOINT_NAME, ENDPOINT_ADDRESS, ENDPOINT_AGENT, ENDPOINT_KINDS };
const char *endpoint_kind_name(enum endpoint_kind k); /* "url" */

struct sample_endpoint {
    enum endpoint_kind kind;
    char text[SAMPLE_TEXT];   /* "http://192.0.2.1/x", "example.com", "192.0.2.1", "Mozilla/5.0..." */
    uint16_t port;            /* 0: not told */
    uint8_t confidence;       /* 0 to 100 */
    char reason[SAMPLE_WORD]; /* "string" "xor" "script" "code"... */
    uint8_t key[SAMPLE_KEY];  /* that it was hidden with */
    uint8_t key_n;            /* 0: it lay open */
    uint64_t at;
    char range[SAMPLE_WORD];  /* of an address that is not global unicast (RFC 6890): "private" "loopback" "documentation"... */
};

/* Of a list of log-ins. */
struct sample_pair {
    char user[SAMPLE_WORD], password[SAMPLE_WORD];
    uint8_t key[SAMPLE_KEY], key_n;
    uint64_t at;
};

/* A YARA rule that matched. */
struct sample_rule {
    char name[SAMPLE_WORD], family[SAMPLE_WORD], origin[SAMPLE_WORD]; /* family: its meta of that name; origin: its file */
};

/* Of a program's strings and imports, alike for the same source built for several CPUs: the least of each of many hashes
 * (Broder, "On the resemblance and containment of documents", 1997), so that the share of equal ones estimates the share of
 * common features. features 0: there is nothing to compare. */
struct sample_signature {
    uint32_t features;
    uint32_t least[SAMPLE_SIGNATURE];
};

/* How much of what either has both have, 0 to SAMPLE_SIGNATURE. */
unsigned sample_alike(const struct sample_signature *a, const struct sample_signature *b);

struct sample_report {
    uint64_t size;
    uint8_t sha256[SHA256_BYTES]; /* who keeps it knows it: triage leaves it */
    uint8_t sha1[20], md5[16];
    char tlsh[SAMPLE_TLSH]; /* "" too short, or too even, for one */
    char word[SAMPLE_WORDS][SAMPLE_WORD];
    uint8_t bits;           /* 32, 64; 0: unknown */
    enum sample_tri stripped;
    uint16_t entropy;       /* of the whole, as of a part */
    uint32_t took;          /* microseconds */
    struct sample_signature signature;
    struct sample_finding *finding; /* owned, as all lists */
    size_t findings, findings_room, findings_more;
    struct sample_part *part;
    size_t parts, parts_room, parts_more;
    struct sample_endpoint *endpoint;
    size_t endpoints, endpoints_room, endpoints_more;
    struct sample_pair *pair;
    size_t pairs, pairs_room, pairs_more;
    struct sample_rule *rule;
    size_t rules, rules_room, rules_more;
};

void sample_report_init(struct sample_report *r);
void sample_report_release(struct sample_report *r);

/* As much of the text as fits. */
void sample_set_word(struct sample_report *r, enum sample_word w, const char *text);
/* Each copies its item; the same finding, endpoint or pair a second time is passed over (an endpoint keeps what is the surer).
 * 0 or -ENOMEM. */
int must_check sample_add_finding(struct sample_report *r, const char *name, uint64_t at, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
int must_check sample_add_part(struct sample_report *r, const struct sample_part *p);
int must_check sample_add_endpoint(struct sample_report *r, const struct sample_endpoint *e);
int must_check sample_add_pair(struct sample_report *r, const struct sample_pair *p);
int must_check sample_add_rule(struct sample_report *r, const struct sample_rule *x);

/* The binary form, for records and stores. */
void sample_put(struct buf *b, const struct sample_report *r);
/* 0 (*ret is the caller's to release); 1: it is none; -ENOMEM. */
int must_check sample_get(struct rd r, struct sample_report *ret);
