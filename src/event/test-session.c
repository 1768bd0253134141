#include "event/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define LENGTH(a) (sizeof(a) / sizeof(a)[0])

enum { HEAD = 17, LARGEST = 1 << 20 };

static bool is_number(enum session_field f)
{
    return session_field(f)->kind == SESSION_NUMBER || session_field(f)->kind == SESSION_FLAG;
}

/* Reads a copy that ends where its block does, so that a read past the end is seen. */
static int get(const void *data, size_t n, struct session_event *ret)
{
    uint8_t *copy = malloc(n ? n : 1);
    assert_non_null(copy);
    if (n)
        memcpy(copy, data, n);
    int e = session_get(rd_init(copy, n), ret);
    free(copy);
    return e;
}

static int verdict(const struct buf *b)
{
    struct session_event e;
    assert_true(buf_ok(b));
    return get(b->data, b->len, &e);
}

static uint8_t filling[LARGEST];

static const struct {
    const char *what;
    uint64_t number;
} numbers[] = {
    { "nothing", 0 }, { "one", 1 },          { "a byte of varint", 127 },   { "two", 128 },
    { "a port", 65535 }, { "32 bits", 1ull << 32 }, { "all", UINT64_MAX },
};

/* ---- The tables ---- */

static void every_field_has_its_row(void **state)
{
    (void)state;
    assert_true(SESSION_FIELDS <= 64);
    for (enum session_field f = 0; f < SESSION_FIELDS; f++) {
        const struct session_field_row *row = session_field(f);
        if (!row->name || !row->help)
            fail_msg("field %u has no row", (unsigned)f);
        assert_int_equal(is_number(f), row->most == 0);
        for (enum session_field g = 0; g < f; g++)
            assert_string_not_equal(row->name, session_field(g)->name);
    }
}

static void every_type_has_its_name(void **state)
{
    (void)state;
    assert_string_equal(session_type_name(0), "");
    assert_string_equal(session_type_name(SESSION_TYPES), "");
    for (enum session_type t = SESSION_OPEN; t < SESSION_TYPES; t++) {
        assert_string_not_equal(session_type_name(t), "");
        for (enum session_type u = SESSION_OPEN; u < t; u++)
            assert_string_not_equal(session_type_name(t), session_type_name(u));
    }
}

/* ---- There and back ---- */

static void assert_same(const struct session_event *e, const struct session_event *want)
{
    assert_int_equal(e->type, want->type);
    assert_int_equal(e->session, want->session);
    assert_int_equal(e->time, want->time);
    assert_int_equal(e->has, want->has);
    for (enum session_field f = 0; f < SESSION_FIELDS; f++) {
        if (!session_has(want, f))
            continue;
        if (is_number(f)) {
            assert_int_equal(session_number(e, f), session_number(want, f));
            continue;
        }
        assert_int_equal(e->value[f].bytes.n, want->value[f].bytes.n);
        assert_memory_equal(e->value[f].bytes.data, want->value[f].bytes.data, want->value[f].bytes.n);
    }
}

static void there_and_back(const struct session_event *e)
{
    struct session_event back;
    struct buf b;
    buf_init(&b, LARGEST);
    session_put(&b, e);
    assert_true(buf_ok(&b));
    assert_int_equal(session_get(rd_init(b.data, b.len), &back), 0);
    assert_same(&back, e);
    buf_release(&b);
}

static void types(void **state)
{
    (void)state;
    struct session_event e;
    for (enum session_type t = SESSION_OPEN; t < SESSION_TYPES; t++) {
        session_begin(&e, t, UINT64_MAX - t, INT64_MAX - t);
        there_and_back(&e);
        session_begin(&e, t, 0, 0);
        there_and_back(&e);
    }
}

static void try_bytes(enum session_field f, size_t n)
{
    struct session_event e;
    session_begin(&e, SESSION_LOGIN, 7, 8);
    session_set_bytes(&e, f, filling, n);
    assert_int_equal(e.value[f].bytes.n, n);
    assert_false(e.value[f].bytes.cut);
    there_and_back(&e);
}

static void fields(void **state)
{
    (void)state;
    struct session_event e;
    for (enum session_field f = 0; f < SESSION_FIELDS; f++) {
        uint32_t most = session_field(f)->most;
        for (size_t i = 0; is_number(f) && i < LENGTH(numbers); i++) {
            session_begin(&e, SESSION_LOGIN, 7, 8);
            session_set(&e, f, numbers[i].number);
            if (session_field(f)->kind != SESSION_FLAG || numbers[i].number <= 1)
                there_and_back(&e);
        }
        if (!is_number(f))
            try_bytes(f, most);
        if (!is_number(f) && f != FIELD_SHA256 && session_field(f)->kind != SESSION_ADDRESS) {
            try_bytes(f, 0);
            try_bytes(f, 1);
            try_bytes(f, most - 1);
        }
    }
}

/* An event with a value of each field. */
static void fill(struct session_event *e)
{
    session_begin(e, SESSION_OPEN, 0x0123456789abcdef, 1764482400000123);
    for (enum session_field f = 0; f < SESSION_FIELDS; f++) {
        if (is_number(f))
            session_set(e, f, session_field(f)->kind == SESSION_FLAG ? f & 1u : 1u << f % 20);
        else if (f == FIELD_SHA256 || f == FIELD_SOURCE)
            session_set_bytes(e, f, filling + f, session_field(f)->most);
        else if (f == FIELD_DESTINATION)
            session_set_bytes(e, f, filling + f, 4);
        else
            session_set_bytes(e, f, filling + f, f);
    }
}

static void all_at_once(void **state)
{
    (void)state;
    struct session_event e;
    fill(&e);
    there_and_back(&e);
}

static void what_is_too_long_is_cut(void **state)
{
    (void)state;
    struct session_event e;
    session_begin(&e, SESSION_COMMAND, 1, 1);
    session_set_bytes(&e, FIELD_COMMAND, filling, 4097);
    assert_int_equal(e.value[FIELD_COMMAND].bytes.n, 4096);
    assert_true(e.value[FIELD_COMMAND].bytes.cut);
    there_and_back(&e);
    session_set_text(&e, FIELD_COMMAND, "id");
    assert_int_equal(e.value[FIELD_COMMAND].bytes.n, 2);
    assert_false(e.value[FIELD_COMMAND].bytes.cut);
}

static void addresses(void **state)
{
    (void)state;
    static const char *const texts[] = { "192.0.2.1", "0.0.0.0", "2001:db8::1", "::", "::ffff:192.0.2.1" };
    for (size_t i = 0; i < LENGTH(texts); i++) {
        struct session_event e;
        struct addr a, b;
        assert_int_equal(addr_parse(texts[i], &a), 0);
        session_begin(&e, SESSION_OPEN, 1, 1);
        assert_int_equal(session_address(&e, FIELD_SOURCE).family, 0);
        session_set_address(&e, FIELD_SOURCE, &a);
        there_and_back(&e);
        b = session_address(&e, FIELD_SOURCE);
        assert_int_equal(addr_cmp(&a, &b), 0);
    }
}

static void what_it_lacks_is_nothing(void **state)
{
    (void)state;
    struct session_event e;
    session_begin(&e, SESSION_CLOSE, 1, 1);
    for (enum session_field f = 0; f < SESSION_FIELDS; f++) {
        assert_false(session_has(&e, f));
        if (is_number(f))
            assert_int_equal(session_number(&e, f), 0);
    }
}

/* ---- What is none ---- */

static void head(struct buf *b, unsigned type, uint64_t time)
{
    buf_reset(b);
    buf_u8(b, (uint8_t)type);
    buf_le64(b, 1);
    buf_le64(b, time);
}

static void wrong_heads(void **state)
{
    (void)state;
    static const struct {
        unsigned type;
        uint64_t time;
        int want;
    } heads[] = {
        { SESSION_OPEN, 0, 0 },          { SESSION_CLOSE, INT64_MAX, 0 }, { 0, 0, 1 },
        { SESSION_TYPES, 0, 1 },         { 0x80, 0, 1 },                  { 0xff, 0, 1 },
        { SESSION_OPEN, 1ull << 63, 1 }, { SESSION_OPEN, UINT64_MAX, 1 },
    };
    struct buf b;
    buf_init(&b, 64);
    for (size_t i = 0; i < LENGTH(heads); i++) {
        head(&b, heads[i].type, heads[i].time);
        assert_int_equal(verdict(&b), heads[i].want);
    }
    buf_release(&b);
}

/* What follows a good head. */
static void wrong_fields(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        const char bytes[16];
        size_t n;
        int want;
    } bodies[] = {
        { "a port", { FIELD_SOURCE_PORT, 23 }, 2, 0 },
        { "ports in order", { FIELD_SOURCE_PORT, 23, FIELD_DESTINATION_PORT, 23 }, 4, 0 },
        { "ports out of order", { FIELD_DESTINATION_PORT, 23, FIELD_SOURCE_PORT, 23 }, 4, 1 },
        { "a port twice", { FIELD_SOURCE_PORT, 23, FIELD_SOURCE_PORT, 23 }, 4, 1 },
        { "the first after the last", { FIELD_DOWNLOADS, 1, FIELD_SOURCE, 4, 1, 2, 3, 4 }, 8, 1 },
        { "the last field", { FIELD_DOWNLOADS, 1 }, 2, 0 },
        { "no field", { (char)SESSION_FIELDS, 1 }, 2, 1 },
        { "field 63", { 63, 1 }, 2, 1 },
        { "field 64", { 64, 1 }, 2, 1 },
        { "field 255", { (char)0xff, 1 }, 2, 1 },
        { "no value", { FIELD_SOURCE_PORT }, 1, 1 },
        { "half a number", { FIELD_SOURCE_PORT, (char)0x80 }, 2, 1 },
        { "64 bits", { FIELD_SIZE, (char)0xff, (char)0xff, (char)0xff, (char)0xff, (char)0xff, (char)0xff,
                       (char)0xff, (char)0xff, (char)0xff, 1 }, 11, 0 },
        { "65 bits", { FIELD_SIZE, (char)0xff, (char)0xff, (char)0xff, (char)0xff, (char)0xff, (char)0xff,
                       (char)0xff, (char)0xff, (char)0xff, 2 }, 11, 1 },
        { "a flag of 0", { FIELD_ACCEPTED, 0 }, 2, 0 },
        { "a flag of 1", { FIELD_ACCEPTED, 1 }, 2, 0 },
        { "a flag of 2", { FIELD_ACCEPTED, 2 }, 2, 1 },
        { "a flag of 128", { FIELD_ACCEPTED, (char)0x80, 1 }, 3, 1 },
        { "an empty text", { FIELD_USER, 0 }, 2, 0 },
        { "a text past the end", { FIELD_USER, 3, 'a', 'b' }, 4, 1 },
        { "a text of all lengths", { FIELD_USER, (char)0xff, (char)0xff, (char)0xff, (char)0xff, (char)0xff,
                                     (char)0xff, (char)0xff, (char)0xff, (char)0xff, 1 }, 11, 1 },
        { "a text without length", { FIELD_USER }, 1, 1 },
        { "half a length", { FIELD_USER, (char)0x81 }, 2, 1 },
    };
    struct buf b;
    buf_init(&b, 64);
    for (size_t i = 0; i < LENGTH(bodies); i++) {
        head(&b, SESSION_LOGIN, 1);
        buf_put(&b, bodies[i].bytes, bodies[i].n);
        if (verdict(&b) != bodies[i].want)
            fail_msg("%s: not %d", bodies[i].what, bodies[i].want);
    }
    buf_release(&b);
}

static int sized(struct buf *b, enum session_field f, size_t n)
{
    head(b, SESSION_LOGIN, 1);
    buf_u8(b, (uint8_t)f);
    buf_part(b, filling, n);
    return verdict(b);
}

static void wrong_sizes(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, LARGEST + 64);
    for (size_t n = 0; n < 40; n++) {
        assert_int_equal(sized(&b, FIELD_SOURCE, n), n == 4 || n == 16 ? 0 : 1);
        assert_int_equal(sized(&b, FIELD_DESTINATION, n), n == 4 || n == 16 ? 0 : 1);
        assert_int_equal(sized(&b, FIELD_SHA256, n), n == 32 ? 0 : 1);
    }
    for (enum session_field f = 0; f < SESSION_FIELDS; f++) {
        if (is_number(f))
            continue;
        assert_int_equal(sized(&b, f, session_field(f)->most), 0);
        assert_int_equal(sized(&b, f, session_field(f)->most + 1), 1);
    }
    buf_release(&b);
}

/* Cut between two fields it is an event with fewer; anywhere else it is none. */
static void cut_at_every_byte(void **state)
{
    (void)state;
    struct session_event e;
    struct buf b;
    static bool whole[LARGEST];
    buf_init(&b, LARGEST);
    fill(&e);
    uint64_t all = e.has;
    for (unsigned n = 0; n <= SESSION_FIELDS; n++) {
        buf_reset(&b);
        e.has = all & ((UINT64_C(1) << n) - 1);
        session_put(&b, &e);
        whole[b.len] = true;
    }
    for (size_t cut = 0; cut <= b.len; cut++) {
        struct session_event got = { .type = SESSION_TYPES };
        int error = get(b.data, cut, &got);
        if (error != (whole[cut] ? 0 : 1))
            fail_msg("cut after %zu bytes: %d", cut, error);
        assert_true(error == 0 || got.type == SESSION_TYPES); /* nothing half read is handed out */
    }
    assert_true(whole[HEAD]);
    buf_u8(&b, 0);
    assert_int_equal(verdict(&b), 1);
    buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_has_its_row),
        cmocka_unit_test(every_type_has_its_name),
        cmocka_unit_test(types),
        cmocka_unit_test(fields),
        cmocka_unit_test(all_at_once),
        cmocka_unit_test(what_is_too_long_is_cut),
        cmocka_unit_test(addresses),
        cmocka_unit_test(what_it_lacks_is_nothing),
        cmocka_unit_test(wrong_heads),
        cmocka_unit_test(wrong_fields),
        cmocka_unit_test(wrong_sizes),
        cmocka_unit_test(cut_at_every_byte),
    };
    for (size_t i = 0; i < sizeof filling; i++)
        filling[i] = (uint8_t)(i * 131 >> 2);
    return cmocka_run_group_tests_name("event/session", tests, NULL, NULL);
}
