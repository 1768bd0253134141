#include "packet/p0f-internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* clang-format off */
/* A file of our own, with one of everything. */
static const char sigs_text[] =
    "; a comment\n"
    "classes = unix, win,other\n"
    "[mtu]\n"
    "label = Ethernet\n"
    "sig = 1500\n"
    "[tcp:request]\n"
    "label = s:unix:Penguin:5 and newer\n"
    "sig   = *:64:0:*:mss*20,7:mss,sok,ts,nop,ws:df,id+:0\n"
    "label = g:unix:Penguin:any\n"
    "sig   = *:64:0:*:*,*:mss,sok,ts,nop,ws:df,id+:0\n"
    "label = s:win:Pane:X\n"
    "sig   = *:118+10:0:*:%8192,*:mss,nop,ws,nop,nop,sok:df,id+:0\n"
    "label = s:!:Prober:SYN scan\n"
    "sys   = @unix,@win\n"
    "sig   = *:64-:0:1460:1024,0:mss::0\n"
    "label = s:other:Box:\n"
    "sig   = 4:255:4:536:mtu*2,0:mss,nop,eol+2::*\n"
    "sig   = 6:255:8:536:4096,0:mss:flow:+\n"
    "label = s:!:Prober:odd\n"
    "sig   = *:64-:0:0:4,10:sok,ts,ws,eol+0:ack+,ts2+:0\n"
    "sig   = *:64-:0:0:5,15:ws,?77,sack:exws,bad,uptr+,pushf+,seq-:0\n"
    "sig   = *:64-:0:0:6,0:eol+3:opt+,urgf+,0+:0\n"
    "label = g:unix:Penguin:any\n"
    "sig   = 4:64:0:*:777,*:mss:df,id+:0\n"
    "[tcp:response]\n"
    "this is not looked at\n"
    "label = s:unix:Penguin:answering\n"
    "[http:request]\n"
    "ua_os = Penguin\n";
/* clang-format on */

/* ---- SYNs ---- */

struct frame_spec {
    unsigned version, ttl, window;
    unsigned id, dont_fragment, more_fragments, reserved, ecn, flow;
    unsigned ip_options; /* bytes of IPv4 options, or of an IPv6 extension header */
    uint32_t seq, ack;
    unsigned flags, urgent, payload;
    unsigned options_n;
    uint8_t options[40];
};

struct syn_bytes {
    uint8_t bytes[160];
    struct p0f_syn syn;
};

static void put16(uint8_t *p, unsigned v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}
static void put32(uint8_t *p, uint32_t v)
{
    put16(p, v >> 16);
    put16(p + 2, v & 0xffff);
}

static size_t make_ip(uint8_t *b, const struct frame_spec *f)
{
    if (f->version == 6) {
        put32(b, 6U << 28 | f->ecn << 20 | f->flow);
        b[7] = (uint8_t)f->ttl;
        return 40 + f->ip_options;
    }
    b[0] = (uint8_t)(0x45 + f->ip_options / 4);
    b[1] = (uint8_t)f->ecn;
    put16(b + 4, f->id);
    put16(b + 6, f->reserved << 15 | f->dont_fragment << 14 | f->more_fragments << 13);
    b[8] = (uint8_t)f->ttl;
    return 20 + f->ip_options;
}

static void make_syn(struct syn_bytes *to, const struct frame_spec *f)
{
    memset(to, 0, sizeof *to);
    uint8_t *tcp = to->bytes + make_ip(to->bytes, f);
    unsigned length = 20 + f->options_n;
    put32(tcp + 4, f->seq);
    put32(tcp + 8, f->ack);
    put16(tcp + 12, length / 4 << 12 | f->flags);
    put16(tcp + 14, f->window);
    put16(tcp + 18, f->urgent);
    memcpy(tcp + 20, f->options, f->options_n);
    to->syn = (struct p0f_syn){ .ip = to->bytes,
                                .tcp = tcp,
                                .end = tcp + length,
                                .payload = f->payload,
                                .version = (uint8_t)f->version };
}

#define MSS(v) 2, 4, (v) >> 8, (v)&255
#define TIME(own, peer) 8, 10, 0, 0, 0, own, 0, 0, 0, peer
#define PENGUIN .options_n = 20, .options = { MSS(1460), 4, 2, TIME(9, 0), 1, 3, 3, 7 }
#define PANE .options_n = 12, .options = { MSS(1460), 1, 3, 3, 8, 1, 1, 4, 2 }
#define ONLY_MSS .options_n = 4, .options = { MSS(1460) }
#define SYN4 .version = 4, .id = 1, .dont_fragment = 1, .seq = 1, .flags = 2
#define SYN6 .version = 6, .seq = 1, .flags = 2
#define TOOL4 .version = 4, .id = 1, .seq = 1, .flags = 2

/* clang-format off */
static const struct {
    const char *what, *label; /* NULL: none fits */
    struct frame_spec frame;
} cases[] = {
    { "exact", "Penguin 5 and newer", { SYN4, PENGUIN, .ttl = 64, .window = 29200 } },
    { "far away", "Penguin 5 and newer", { SYN4, PENGUIN, .ttl = 29, .window = 29200 } },
    { "over IPv6", "Penguin 5 and newer", { SYN6, PENGUIN, .ttl = 60, .window = 29200 } },
    { "window of an MSS less the timestamp", "Penguin 5 and newer",
      { SYN4, PENGUIN, .ttl = 64, .window = 28960 } },
    { "generic where the window is another", "Penguin any",
      { SYN4, PENGUIN, .ttl = 64, .window = 29201 } },
    { "exact generic wins over fuzzy specific", "Penguin any",
      { SYN4, PENGUIN, .ttl = 64, .window = 777 } },
    { "fuzzy: too far", "Penguin 5 and newer", { SYN4, PENGUIN, .ttl = 28, .window = 29200 } },
    { "fuzzy: TTL above", "Penguin 5 and newer", { SYN4, PENGUIN, .ttl = 65, .window = 29200 } },
    { "fuzzy: no df", "Penguin 5 and newer", { TOOL4, PENGUIN, .ttl = 64, .window = 29200 } },
    { "fuzzy: no df, no id", "Penguin 5 and newer",
      { .version = 4, .seq = 1, .flags = 2, PENGUIN, .ttl = 64, .window = 29200 } },
    { "fuzzy: ecn in IP", "Penguin 5 and newer",
      { SYN4, PENGUIN, .ttl = 64, .window = 29200, .ecn = 2 } },
    { "fuzzy: ecn in TCP", "Penguin 5 and newer",
      { .version = 4, .id = 1, .dont_fragment = 1, .seq = 1, .flags = 0xc2, PENGUIN, .ttl = 64,
        .window = 29200 } },
    { "fuzzy: nonce sum", "Penguin 5 and newer",
      { .version = 4, .id = 1, .dont_fragment = 1, .seq = 1, .flags = 0x102, PENGUIN, .ttl = 64,
        .window = 29200 } },
    { "no other quirk may come: seq-", NULL,
      { .version = 4, .id = 1, .dont_fragment = 1, .flags = 2, PENGUIN, .ttl = 64,
        .window = 29200 } },
    { "no other quirk may come: 0+", NULL,
      { SYN4, PENGUIN, .ttl = 64, .window = 29200, .reserved = 1 } },
    { "no other quirk may come: flow", NULL,
      { SYN6, PENGUIN, .ttl = 64, .window = 29200, .flow = 3 } },
    { "no other quirk may come: uptr+", NULL,
      { SYN4, PENGUIN, .ttl = 64, .window = 29200, .urgent = 3 } },
    { "no other quirk may come: ack+", NULL,
      { SYN4, PENGUIN, .ttl = 64, .window = 29200, .ack = 5 } },
    { "payload", NULL, { SYN4, PENGUIN, .ttl = 64, .window = 29200, .payload = 1 } },
    { "IP options", NULL, { SYN4, PENGUIN, .ttl = 64, .window = 29200, .ip_options = 4 } },
    { "a fragment", NULL, { SYN4, PENGUIN, .ttl = 64, .window = 29200, .more_fragments = 1 } },
    { "SYN and FIN", NULL,
      { .version = 4, .id = 1, .dont_fragment = 1, .seq = 1, .flags = 3, PENGUIN, .ttl = 64,
        .window = 29200 } },
    { "divisible window", "Pane X", { SYN4, PANE, .ttl = 118, .window = 57344 } },
    { "not divisible", NULL, { SYN4, PANE, .ttl = 118, .window = 57345 } },
    { "tool", "Prober SYN scan", { TOOL4, ONLY_MSS, .ttl = 50, .window = 1024 } },
    { "tool, its TTL is random", "Prober SYN scan", { TOOL4, ONLY_MSS, .ttl = 1, .window = 1024 } },
    { "tool, TTL above its bound", NULL, { TOOL4, ONLY_MSS, .ttl = 65, .window = 1024 } },
    { "tools are not matched fuzzily", NULL,
      { TOOL4, ONLY_MSS, .ttl = 50, .window = 1024, .ecn = 1 } },
    { "other MSS", NULL,
      { TOOL4, .options_n = 4, .options = { MSS(1459) }, .ttl = 50, .window = 1024 } },
    { "twice an MTU, IPv4 options", "Box",
      { TOOL4, .options_n = 8, .options = { MSS(536), 1, 0, 0, 0 }, .ttl = 250,
        .window = 1152, .ip_options = 4 } },
    { "Ethernet's MTU", "Box",
      { TOOL4, .options_n = 8, .options = { MSS(536), 1, 0, 0, 0 }, .ttl = 250,
        .window = 3000, .ip_options = 4, .payload = 5 } },
    { "padding of another length", NULL,
      { TOOL4, .options_n = 8, .options = { MSS(536), 1, 1, 0, 0 }, .ttl = 250,
        .window = 3000, .ip_options = 4 } },
    { "IPv6 extension header", "Box",
      { SYN6, .options_n = 4, .options = { MSS(536) }, .ttl = 250, .window = 4096,
        .ip_options = 8, .flow = 1, .payload = 5 } },
    { "p0f is blind to the last byte of padding", "Box",
      { TOOL4, .options_n = 8, .options = { MSS(536), 1, 0, 0, 9 }, .ttl = 250,
        .window = 1152, .ip_options = 4 } },
    { "but not to those before it", NULL,
      { TOOL4, .options_n = 8, .options = { MSS(536), 1, 0, 9, 0 }, .ttl = 250,
        .window = 1152, .ip_options = 4 } },
    { "the same over IPv4", NULL,
      { TOOL4, .options_n = 4, .options = { MSS(536) }, .ttl = 250, .window = 4096,
        .ip_options = 8, .payload = 5 } },
    { "peer's time, any acknowledgement", "Prober odd",
      { TOOL4, .options_n = 16, .options = { 4, 2, TIME(1, 1), 3, 3, 10, 0 }, .ttl = 50,
        .window = 4, .ack = 5 } },
    { "bad options", "Prober odd",
      { .version = 4, .id = 1, .flags = 10, .urgent = 7, .options_n = 8,
        .options = { 3, 3, 15, 77, 3, 0, 5, 9 }, .ttl = 50, .window = 5 } },
    { "what stands after the end", "Prober odd",
      { .version = 4, .id = 1, .seq = 1, .flags = 0x22, .options_n = 4, .options = { 0, 0, 1, 0 },
        .ttl = 50, .window = 6, .reserved = 1 } },
    { "nothing stands after the end", NULL,
      { .version = 4, .id = 1, .seq = 1, .flags = 0x22, .options_n = 4, .options = { 0, 0, 0, 0 },
        .ttl = 50, .window = 6, .reserved = 1 } },
    { "no options", NULL, { SYN4, .ttl = 64, .window = 1024 } },
    { "a layout that no signature has", NULL,
      { SYN4, .options_n = 4, .options = { 1, 1, 4, 2 }, .ttl = 64, .window = 1024 } },
    { "a later label of the same text", "Penguin any",
      { SYN4, ONLY_MSS, .ttl = 64, .window = 777 } },
};

/* clang-format on */

static struct p0f *load(const char *text)
{
    struct p0f *p = NULL;
    unsigned line = 77;
    int e = p0f_load(&p, text, strlen(text), &line);
    if (e)
        fail_msg("line %u: %d", line, e);
    assert_int_equal(line, 0);
    return p;
}

static const char *label_of(struct p0f *p, unsigned number)
{
    return number ? p0f_label(p, number) : "(none)";
}

static void known_syns(void **state)
{
    (void)state;
    struct p0f *p = load(sigs_text);
    struct syn_bytes b;
    for (size_t round = 0; round < 2; round++) /* the second one from the cache */
        for (size_t i = 0; i < COUNT(cases); i++) {
            const char *want = cases[i].label ? cases[i].label : "(none)";
            make_syn(&b, &cases[i].frame);
            const char *got = label_of(p, p0f_match(p, &b.syn));
            if (strcmp(got, want) != 0)
                fail_msg("%s: %s, not %s (round %zu)", cases[i].what, got, want, round);
        }
    p0f_free(p);
}

static void labels_are_numbered_from_one(void **state)
{
    (void)state;
    static const char *const want[] = { "Penguin 5 and newer", "Penguin any", "Pane X",
                                        "Prober SYN scan",     "Box",         "Prober odd" };
    struct p0f *p = load(sigs_text);
    assert_int_equal(p0f_labels(p), COUNT(want));
    assert_int_equal(p0f_left_out(p), 0);
    for (unsigned i = 0; i < COUNT(want); i++)
        assert_string_equal(p0f_label(p, i + 1), want[i]);
    p0f_free(p);
    p0f_free(NULL);
}

/* With a signature that has no options, a bare SYN must not be dismissed unseen. */
static void bare_signature(void **state)
{
    (void)state;
    struct p0f *p = load("classes = unix\n[tcp:request]\nlabel = s:unix:Bare:\n"
                         "sig = *:64:0:*:*,*::df,id+:0\n");
    struct syn_bytes b;
    make_syn(&b, &(struct frame_spec){ SYN4, .ttl = 64, .window = 1024 });
    assert_int_equal(p0f_match(p, &b.syn), 1);
    make_syn(&b, &(struct frame_spec){ SYN4, ONLY_MSS, .ttl = 64, .window = 1024 });
    assert_int_equal(p0f_match(p, &b.syn), 0);
    p0f_free(p);
}

#define UNIX "classes = unix\n[tcp:request]\nlabel = s:unix:A:b\n"

static const struct {
    const char *text;
    unsigned line;
} bad_files[] = {
    { "", 1 },
    { "; only a comment\n", 2 },
    { "classes = unix\n", 2 },
    { "garbage\n", 1 },
    { "\n\nlabel = s:unix:A:b\n", 3 },
    { "[tcp:request\n", 1 },
    { "[tcp:request]\nsig = *:64:0:*:*,*:mss::0\n", 2 },
    { "[tcp:request]\nlabel = s:unix:A:b\n", 2 },
    { UNIX "nonsense\n", 4 },
    { UNIX "colour = red\n", 4 },
    { UNIX "classes = win\n", 4 },
    { "classes = unix\n[tcp:request]\nsys = @unix\n", 3 },
    { UNIX "label = s:unix:A\n", 4 },
    { UNIX "label = s:unix::b\n", 4 },
    { UNIX "label = x:unix:A:b\n", 4 },
    { UNIX "label = s:win:A:b\n", 4 },
    { UNIX "label = s:unix:A\x1b[31m:b\n", 4 },
    { UNIX "label = s:unix:A:\xc3\xa9\n", 4 },
};

#define NOPS_6 "nop,nop,nop,nop,nop,nop"
#define NOPS_24 NOPS_6 "," NOPS_6 "," NOPS_6 "," NOPS_6
#define OTHER_QUIRKS "id-,ecn,0+,flow,seq-,ack+,ack-,uptr+,urgf+,pushf+,ts1-,ts2+,opt+,bad"

/* clang-format off */

/* Each is the value of a `sig` on line 4. */
static const char *const bad_sigs[] = {
    "", "*", "*:64:0:*:*,*:mss:", "*:64:0:*:*,*:mss::0:", "5:64:0:*:*,*:mss::0",
    "*:0:0:*:*,*:mss::0", "*:256:0:*:*,*:mss::0", "*:250+10:0:*:*,*:mss::0",
    "*:54+?:0:*:*,*:mss::0", "*:-:0:*:*,*:mss::0", "*:+:0:*:*,*:mss::0", "*:64+1-:0:*:*,*:mss::0",
    "*:64:256:*:*,*:mss::0", "*:64:*:*:*,*:mss::0", "*:64:0:65536:*,*:mss::0",
    "*:64:0::*,*:mss::0", "*:64:0:*:65536,*:mss::0", "*:64:0:*:4294967296,*:mss::0",
    "*:64:0:*:mss*0,*:mss::0", "*:64:0:*:mss*1001,*:mss::0", "*:64:0:*:mss,*:mss::0",
    "*:64:0:*:mtu*x,*:mss::0", "*:64:0:*:%1,*:mss::0", "*:64:0:*:%,*:mss::0",
    "*:64:0:*:*:mss::0", "*:64:0:*:*,256:mss::0", "*:64:0:*:*,:mss::0",
    "*:64:0:*:*,*:eol+1,mss::0", "*:64:0:*:*,*:eol::0", "*:64:0:*:*,*:eol+300::0",
    "*:64:0:*:*,*:?300::0", "*:64:0:*:*,*:?0::0", "*:64:0:*:*,*:,mss::0",
    "*:64:0:*:*,*:mss, sok::0",
    "*:64:0:*:*,*:MSS::0", "*:64:0:*:*,*:mss:dff:0", "*:64:0:*:*,*:mss:,df:0",
    "*:64:0:*:*,*:mss:df:1", "4:64:0:*:*,*:mss:flow:0", "6:64:0:*:*,*:mss:df:0",
    "6:64:0:*:*,*:mss:0+:0",
    "*:64:0:*:*,*:" NOPS_24 ",nop::0",
};

static const char *const good_sigs[] = {
    "*:64:0:*:*,*:mss::0", "*:064:0:*:*,*:mss::*", " 4:255-:40:65535:65535,255:::+ ",
    "*:1+254:255:0:0,0:eol+255::0", "6:64:0:*:mss*1000,*:?1,?255:flow,exws:0",
    "*:64:0:*:%65535,*:mss:df,df,:0\r",
    "*:64:0:*:mtu*1,*:" NOPS_24 ":" OTHER_QUIRKS ":0",
};

/* clang-format on */

static void expect_line(const char *text, unsigned want)
{
    struct p0f *p = NULL;
    unsigned line = 0;
    int e = p0f_load(&p, text, strlen(text), &line);
    if (e <= 0 || line != want)
        fail_msg("%d in line %u, not %u, of:\n%s", e, line, want, text);
    assert_null(p);
}

static void malformed_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad_files); i++)
        expect_line(bad_files[i].text, bad_files[i].line);
    char text[512];
    for (size_t i = 0; i < COUNT(bad_sigs); i++) {
        snprintf(text, sizeof text, UNIX "sig = %s\nsig = *:64:0:*:*,*:mss::0\n", bad_sigs[i]);
        expect_line(text, 4);
    }
    char name[200];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    snprintf(text, sizeof text, UNIX "label = s:unix:%s:\n", name);
    expect_line(text, 4);
}

static void well_formed_lines(void **state)
{
    (void)state;
    char text[512];
    for (size_t i = 0; i < COUNT(good_sigs); i++) {
        snprintf(text, sizeof text, UNIX "sys = Other\n\tsig=%s\n", good_sigs[i]);
        p0f_free(load(text));
    }
    p0f_free(load("[mtu]\nanything\n[nonsense]\nlabel\n"));
    p0f_free(load(UNIX "sig = *:64:0:*:*,*:mss::0")); /* no newline at the end */
}

/* 140 labels, each with one window; the text of the last ten is given twice. */
static void more_labels_than_numbers(void **state)
{
    (void)state;
    enum { ALL = 140, TWICE = 10 };
    static char text[32768];
    size_t n = (size_t)snprintf(text, sizeof text, "classes = unix\n[tcp:request]\n");
    for (unsigned i = 0; i < ALL + TWICE; i++)
        n += (size_t)snprintf(text + n, sizeof text - n,
                              "label = s:unix:L:%u\nsig = *:64:0:*:%u,*:mss:df,id+:0\n",
                              i < ALL ? i : i - TWICE, 1000 + i);
    struct p0f *p = load(text);
    assert_int_equal(p0f_labels(p), 127);
    assert_int_equal(p0f_left_out(p), ALL - 127);
    for (unsigned i = 0; i < ALL + TWICE; i++) {
        struct syn_bytes b;
        make_syn(&b, &(struct frame_spec){ SYN4, ONLY_MSS, .ttl = 64, .window = 1000 + i });
        assert_int_equal(p0f_match(p, &b.syn), i < 127 ? i + 1 : 0);
    }
    p0f_free(p);
}

static uint64_t random_state;
static unsigned random_below(unsigned n)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(random_state >> 33) % n;
}

/* One of the known SYNs, with some of it changed. */
static void vary(struct syn_bytes *b)
{
    struct frame_spec f = cases[random_below(COUNT(cases))].frame;
    f.ttl = random_below(2) ? f.ttl : random_below(256);
    f.window = random_below(2) ? f.window : random_below(65536);
    f.id = random_below(2);
    f.dont_fragment = random_below(2);
    f.ecn = random_below(8) ? f.ecn : random_below(4);
    f.payload = random_below(8) ? f.payload : random_below(2);
    if (f.options_n && !random_below(3))
        f.options[random_below(f.options_n)] = (uint8_t)random_below(random_below(2) ? 11 : 256);
    make_syn(b, &f);
}

static void cache_and_table_agree(void **state)
{
    (void)state;
    enum { ROUNDS = 200000 };
    struct p0f *p = load(sigs_text);
    size_t matched = 0;
    random_state = 1;
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct syn_bytes b;
        vary(&b);
        unsigned want = p0f_match_uncached(p, &b.syn);
        assert_int_equal(p0f_match(p, &b.syn), want);
        assert_int_equal(p0f_match(p, &b.syn), want);
        matched += want != 0;
    }
    assert_in_range(matched, ROUNDS / 20, ROUNDS - ROUNDS / 20);
    p0f_free(p);
}

/* Nothing past `end` is read, nor is a header that is cut short matched: each SYN stands at the
 * end of a block of its own, for the sanitizer. */
static void cut_captures(void **state)
{
    (void)state;
    struct p0f *p = load(sigs_text);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct syn_bytes b;
        make_syn(&b, &cases[i].frame);
        size_t head = (size_t)(b.syn.tcp - b.syn.ip), whole = (size_t)(b.syn.end - b.syn.ip);
        for (size_t n = head; n < whole; n++) {
            uint8_t *copy = malloc(n);
            assert_non_null(copy);
            memcpy(copy, b.bytes, n);
            struct p0f_syn cut = b.syn;
            cut.ip = copy;
            cut.tcp = copy + head;
            cut.end = copy + n;
            assert_int_equal(p0f_match(p, &cut), 0);
            free(copy);
        }
    }
    p0f_free(p);
}

/* clang-format off */
static const struct {
    const char *what;
    unsigned n;
    uint8_t options[40];
    unsigned count; /* of options */
    unsigned padding;
    uint32_t quirks;
    unsigned mss, scale;
} walks[] = {
    { "nothing", 0, { 0 }, 0, 0, 0, 0, 0 },
    { "MSS of three bytes is still four", 4, { 2, 3, 5, 1 }, 1, 0, P0F_BAD, 1281, 0 },
    { "MSS cut", 4, { 1, 1, 2, 4 }, 3, 0, P0F_BAD, 0, 0 },
    { "scale of four bytes is still three", 8, { MSS(1460), 3, 4, 7, 1 }, 3, 0, P0F_BAD, 1460, 7 },
    { "greatest scale", 4, { 3, 3, 14, 1 }, 2, 0, 0, 0, 14 },
    { "excessive scale", 4, { 3, 3, 15, 1 }, 2, 0, P0F_SCALE_EXCESS, 0, 15 },
    { "the last scale counts", 8, { 3, 3, 20, 3, 3, 6, 1, 1 }, 4, 0, P0F_SCALE_EXCESS, 0, 6 },
    { "zero own time", 12, { TIME(0, 0), 1, 1 }, 3, 0, P0F_OWN_TIME_ZERO, 0, 0 },
    { "sack", 12, { 5, 10, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 }, 3, 0, 0, 0, 0 },
    { "short sack", 4, { 5, 2, 1, 1 }, 1, 0, P0F_BAD, 0, 0 },
    { "unknown", 4, { 9, 2, 1, 1 }, 3, 0, 0, 0, 0 },
    { "unknown, no length", 4, { 1, 1, 1, 9 }, 4, 0, P0F_BAD, 0, 0 },
    { "unknown, length 0", 4, { 9, 0, 1, 1 }, 1, 0, P0F_BAD, 0, 0 },
    { "unknown, length 1", 4, { 9, 1, 1, 1 }, 1, 0, P0F_BAD, 0, 0 },
    { "unknown, to the end", 4, { 9, 4, 1, 1 }, 1, 0, 0, 0, 0 },
    { "unknown, past the end", 4, { 9, 5, 1, 1 }, 1, 0, P0F_BAD, 0, 0 },
    { "end", 4, { 1, 0, 0, 0 }, 2, 2, 0, 0, 0 },
    { "end, then bytes", 4, { 0, 0, 7, 0 }, 1, 3, P0F_TRAILING, 0, 0 },
    { "end, then a last byte", 4, { 0, 0, 0, 7 }, 1, 3, 0, 0, 0 },
    { "24 options", 24, { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 },
      24, 0, 0, 0, 0 },
    { "28 options", 28,
      { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 },
      24, 0, P0F_BAD, 0, 0 },
};

/* clang-format on */

static void option_walks(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(walks); i++) {
        struct frame_spec f = { SYN4, .ttl = 64, .options_n = walks[i].n };
        memcpy(f.options, walks[i].options, sizeof f.options);
        struct syn_bytes b;
        struct p0f_shape s = { 0 };
        make_syn(&b, &f);
        assert_true(p0f_shape_options(&s, &b.syn));
        if (s.layout.tail != p0f_layout_tail(walks[i].count, walks[i].padding) ||
            s.quirks != walks[i].quirks || s.mss != walks[i].mss || s.scale != walks[i].scale)
            fail_msg("%s: tail %#llx quirks %#x mss %u scale %u", walks[i].what,
                     (unsigned long long)s.layout.tail, (unsigned)s.quirks, s.mss, s.scale);
    }
}

static void windows(void **state)
{
    (void)state;
    static const struct {
        unsigned window, mss;
        bool v6, own_time;
        enum p0f_window type;
        unsigned multiplier;
    } rows[] = {
        { 29200, 1460, false, true, P0F_WINDOW_MSS, 20 },
        { 3 * 1388, 1400, false, true, P0F_WINDOW_MSS, 3 }, /* less the timestamp */
        { 3 * 1388, 1400, false, false, P0F_WINDOW_IS, 0 },
        { 3 * 1460, 1400, false, false, P0F_WINDOW_MSS, 3 },
        { 3 * 1448, 1400, false, false, P0F_WINDOW_MSS, 3 },
        { 3 * 1428, 1400, true, false, P0F_WINDOW_MSS, 3 },
        { 3 * 1428, 1400, false, false, P0F_WINDOW_IS, 0 },
        { 3 * 1480, 1440, false, false, P0F_WINDOW_MTU, 3 },
        { 3 * 1469, 1409, true, false, P0F_WINDOW_MTU, 3 },
        { 3 * 1469, 1409, false, false, P0F_WINDOW_IS, 0 },
        { 3 * 1453, 1409, false, false, P0F_WINDOW_MTU, 3 }, /* this SYN's own headers: 44 bytes */
        { 4500, 1400, false, false, P0F_WINDOW_MTU, 3 },
        { 0, 1460, false, false, P0F_WINDOW_IS, 0 },
        { 297, 99, false, false, P0F_WINDOW_IS, 0 },
        { 300, 100, false, false, P0F_WINDOW_MSS, 3 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct p0f_shape s = { .window = (uint16_t)rows[i].window,
                               .mss = (uint16_t)rows[i].mss,
                               .v6 = rows[i].v6,
                               .own_time = rows[i].own_time,
                               .tcp_length = 24 };
        unsigned multiplier;
        enum p0f_window type = p0f_shape_window(&s, &multiplier);
        if (type != rows[i].type || multiplier != rows[i].multiplier)
            fail_msg("row %zu: type %d, times %u", i, (int)type, multiplier);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_syns),
        cmocka_unit_test(labels_are_numbered_from_one),
        cmocka_unit_test(bare_signature),
        cmocka_unit_test(malformed_lines),
        cmocka_unit_test(well_formed_lines),
        cmocka_unit_test(more_labels_than_numbers),
        cmocka_unit_test(cache_and_table_agree),
        cmocka_unit_test(cut_captures),
        cmocka_unit_test(option_walks),
        cmocka_unit_test(windows),
    };
    return cmocka_run_group_tests_name("packet/p0f", tests, NULL, NULL);
}
