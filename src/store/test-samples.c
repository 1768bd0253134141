/*
 * Samples: how they came, what triage told, who is like whom.
 */
#include "store/test-sessions.h"

#include "store/sample.h"

static void name(uint8_t sha256[static 32], unsigned number)
{
    memset(sha256, 0, 32);
    sha256[0] = (uint8_t)number;
    sha256[1] = 0xcd;
}

static int find_it(struct store *s, unsigned number, enum sample_how how, uint64_t session, const char *server, int64_t time)
{
    uint8_t sha256[32];
    const struct sample_origin o = { .how = how, .session = session, .url = *server ? "http://192.0.2.9/x" : "", .server = server,
                                     .time = time };
    name(sha256, number);
    return store_sample_found(s, sha256, 1000 + number, &o);
}

/* Least hashes that share `common` of 64 with those of the same base. */
static int tell_it(struct store *s, unsigned number, const char *cpu, const char *family, unsigned base, unsigned common)
{
    struct sample_report r;
    sample_report_init(&r);
    name(r.sha256, number);
    r.size = 1000 + number;
    r.bits = 32;
    sample_set_word(&r, WORD_FORMAT, "elf");
    sample_set_word(&r, WORD_CPU, cpu);
    sample_set_word(&r, WORD_FAMILY, family);
    r.signature.features = base ? 100 : 0;
    for (unsigned i = 0; i < SAMPLE_SIGNATURE; i++)
        r.signature.least[i] = i < common ? base * 1000 + i : number * 100000 + i;
    int err = sample_add_finding(&r, "made", 1, "by hand");
    if (!err)
        err = store_sample_told(s, &r);
    sample_report_release(&r);
    return err;
}

static int count(void *context, const struct sample_facts *f)
{
    (void)f;
    (*(unsigned *)context)++;
    return 0;
}

static unsigned how_many(struct store *s, const struct sample_filter *f)
{
    unsigned n = 0;
    assert_int_equal(store_samples(s, f, count, &n), 0);
    return n;
}

static struct sample_facts one(struct store *s, unsigned number)
{
    struct sample_facts f;
    char hex[8];
    snprintf(hex, sizeof hex, "%02Xcd", number);
    assert_int_equal(store_sample(s, hex, &f), 0);
    return f;
}

static void test_found_and_told(void **state)
{
    (void)state;
    uint8_t sha256[32];
    struct sample_report r;
    struct store *s = open_store(STORE_WRITE);
    assert_int_equal(store_sample_untold(s, NULL, 0, sha256), 1);
    assert_int_equal(tell_it(s, 1, "mips", "", 0, 0), STORE_STRAY);
    assert_int_equal(find_it(s, 1, HOW_FETCHED, 7, "192.0.2.9", START + 5), 0);
    assert_int_equal(find_it(s, 1, HOW_FETCHED, 7, "192.0.2.9", START + 9), 0); /* the same once */
    assert_int_equal(find_it(s, 1, HOW_MADE, 8, "", START), 0);
    assert_int_equal(find_it(s, 2, HOW_ADDED, 0, "", START + 1), 0);
    assert_int_equal(store_commit(s), 0);
    struct sample_facts f = one(s, 1);
    assert_true(f.size == 1001 && f.first == START && f.last == START + 9 && f.times == 2 && !f.told && f.kept);
    assert_int_equal(store_sample_report(s, f.sha256, &r), 1);
    assert_int_equal(store_sample_untold(s, NULL, 0, sha256), 0);
    assert_int_equal(sha256[0], 1);
    assert_int_equal(store_sample_untold(s, (const uint8_t(*)[32])sha256, 1, sha256), 0);
    assert_int_equal(sha256[0], 2);
    assert_int_equal(tell_it(s, 1, "mips", "made-up", 0, 0), 0);
    assert_int_equal(tell_it(s, 2, "arm", "", 0, 0), 0);
    assert_int_equal(store_commit(s), 0);
    assert_int_equal(store_sample_untold(s, NULL, 0, sha256), 1);
    f = one(s, 1);
    assert_true(f.told && f.bits == 32);
    assert_string_equal(f.word[WORD_CPU], "mips");
    assert_string_equal(f.word[WORD_FAMILY], "made-up");
    assert_string_equal(f.group, "");
    assert_int_equal(store_sample_report(s, f.sha256, &r), 0);
    assert_string_equal(r.finding[0].text, "by hand");
    sample_report_release(&r);
    assert_int_equal(how_many(s, &(struct sample_filter){ 0 }), 2);
    assert_int_equal(how_many(s, &(struct sample_filter){ .limit = 1 }), 1);
    assert_int_equal(how_many(s, &(struct sample_filter){ .cpu = "mips" }), 1);
    assert_int_equal(how_many(s, &(struct sample_filter){ .family = "made-up", .format = "elf" }), 1);
    assert_int_equal(how_many(s, &(struct sample_filter){ .session = 8 }), 1);
    assert_int_equal(how_many(s, &(struct sample_filter){ .session = 9 }), 0);
    assert_int_equal(how_many(s, &(struct sample_filter){ .since = DAY + 1 }), 0);
    assert_int_equal(how_many(s, &(struct sample_filter){ .until = DAY }), 0);
    store_close(s);
}

static void test_names(void **state)
{
    (void)state;
    struct sample_facts f;
    struct store *s = open_store(STORE_WRITE);
    assert_int_equal(find_it(s, 0xab, HOW_ADDED, 0, "", START), 0);
    assert_int_equal(find_it(s, 0xac, HOW_ADDED, 0, "", START), 0);
    assert_int_equal(store_commit(s), 0);
    assert_int_equal(store_sample(s, "ab", &f), 0);
    assert_int_equal(f.sha256[0], 0xab);
    assert_int_equal(store_sample(s, "a", &f), STORE_REFUSED);
    assert_int_equal(store_sample(s, "b", &f), 1);
    assert_int_equal(store_sample(s, "", &f), 1);
    assert_int_equal(store_sample(s, "nonsense", &f), 1);
    store_close(s);
}

static void test_groups(void **state)
{
    (void)state;
    struct store *s = open_store(STORE_WRITE);
    /* 1 to 3 are of one source, 4 and 5 of another, 6 is alone; 7 has nothing that could be compared. */
    static const struct {
        unsigned number, base, common;
    } made[] = { { 1, 1, 60 }, { 2, 1, 64 }, { 3, 1, 50 }, { 4, 2, 64 }, { 5, 2, 40 }, { 6, 3, 64 }, { 7, 0, 0 } };
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        assert_int_equal(find_it(s, made[i].number, HOW_ADDED, 0, "", START), 0);
        assert_int_equal(tell_it(s, made[i].number, "arm", "", made[i].base, made[i].common), 0);
        assert_int_equal(store_commit(s), 0);
    }
    assert_string_equal(one(s, 1).group, "01cd00000000");
    assert_string_equal(one(s, 2).group, one(s, 1).group);
    assert_string_equal(one(s, 3).group, one(s, 1).group);
    assert_string_equal(one(s, 4).group, "04cd00000000");
    assert_string_equal(one(s, 5).group, one(s, 4).group);
    assert_string_equal(one(s, 6).group, "");
    assert_string_equal(one(s, 7).group, "");
    assert_int_equal(how_many(s, &(struct sample_filter){ .group = "01cd00000000" }), 3);
    /* Told again it stays where it is. */
    assert_int_equal(tell_it(s, 2, "arm", "", 1, 64), 0);
    assert_string_equal(one(s, 2).group, one(s, 1).group);
    store_close(s);
}

/* One whose least hashes are half of one source, half of another. */
static void tell_halves(struct store *s, unsigned number, unsigned first, unsigned second)
{
    struct sample_report r;
    sample_report_init(&r);
    name(r.sha256, number);
    sample_set_word(&r, WORD_FORMAT, "elf");
    r.signature.features = 100;
    for (unsigned i = 0; i < SAMPLE_SIGNATURE; i++)
        r.signature.least[i] = (i < SAMPLE_SIGNATURE / 2 ? first : second) * 1000 + i;
    assert_int_equal(find_it(s, number, HOW_ADDED, 0, "", START), 0);
    assert_int_equal(store_sample_told(s, &r), 0);
    assert_int_equal(store_commit(s), 0);
    sample_report_release(&r);
}

/* Two groups that the fifth makes one: all have the name of the first, whichever was met last. */
static void test_joined(void **state)
{
    (void)state;
    struct store *s = open_store(STORE_WRITE);
    for (unsigned number = 1; number <= 4; number++)
        tell_halves(s, number, number < 3 ? 11 : 21, number < 3 ? 12 : 22);
    assert_string_equal(one(s, 2).group, "01cd00000000");
    assert_string_equal(one(s, 4).group, "03cd00000000");
    tell_halves(s, 5, 11, 22);
    assert_int_equal(how_many(s, &(struct sample_filter){ .group = "01cd00000000" }), 5);
    store_close(s);
}

static int put_name(void *context, const struct session_named *n)
{
    buf_print(context, "%.*s %llu %llu;", (int)n->n, (const char *)n->name, (unsigned long long)n->count, (unsigned long long)n->sources);
    return 0;
}

static void expect_top(struct store *s, enum session_topic topic, const char *wanted)
{
    bool compared;
    struct buf b;
    buf_init(&b, 4096);
    const struct session_top t = { .topic = topic, .before = DAY - 1000, .from = DAY, .to = DAY + 10000 };
    assert_int_equal(store_session_top(s, &t, &compared, put_name, &b), 0);
    buf_u8(&b, 0);
    assert_string_equal(b.data, wanted);
    buf_release(&b);
}

static void test_tops(void **state)
{
    (void)state;
    struct store *s = open_store(STORE_WRITE);
    open_one(s, 7, START + US, "198.51.100.4", "router");
    close_one(s, 7, START + US + US);
    open_one(s, 8, START + 2 * US, "198.51.100.5", "router");
    close_one(s, 8, START + 2 * US + US);
    assert_int_equal(find_it(s, 1, HOW_FETCHED, 7, "192.0.2.9", START + 5 * US), 0);
    assert_int_equal(find_it(s, 1, HOW_FETCHED, 8, "192.0.2.9", START + 6 * US), 0);
    assert_int_equal(find_it(s, 2, HOW_FETCHED, 8, "192.0.2.10", START + 6 * US), 0);
    assert_int_equal(find_it(s, 3, HOW_ADDED, 0, "", START + 6 * US), 0);
    assert_int_equal(tell_it(s, 1, "mips", "made-up", 1, 64), 0);
    assert_int_equal(tell_it(s, 2, "arm", "", 1, 64), 0);
    assert_int_equal(tell_it(s, 3, "arm", "", 2, 64), 0);
    assert_int_equal(store_commit(s), 0);
    expect_top(s, TOP_CPUS, "arm 2 1;mips 2 2;");
    expect_top(s, TOP_FAMILIES, "made-up 2 2;group 01cd00000000 1 1;");
    expect_top(s, TOP_DISTRIBUTORS, "192.0.2.9 2 2;192.0.2.10 1 1;");
    store_close(s);
}

static int64_t rows(const char *table)
{
    struct db *d = NULL;
    char sql[64];
    int64_t n = -1;
    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table);
    assert_int_equal(db_open(&d, path_of("teiten.db"), DB_READ), 0);
    assert_int_equal(db_number(d, db_stmt(d, sql), &n), 0);
    db_close(d);
    return n;
}

/* Of no session that is kept first, then by age. */
static void test_goes(void **state)
{
    (void)state;
    static const unsigned order[] = { 3, 2, 1 };
    uint8_t sha256[32];
    struct store *s = open_store(STORE_WRITE);
    open_one(s, 7, START + US, "198.51.100.4", "router");
    close_one(s, 7, START + US + US);
    assert_int_equal(find_it(s, 1, HOW_FETCHED, 7, "192.0.2.9", START), 0);
    assert_int_equal(find_it(s, 2, HOW_FETCHED, 99, "192.0.2.9", START + 9), 0);
    assert_int_equal(find_it(s, 3, HOW_ADDED, 0, "", START + 5), 0);
    assert_int_equal(tell_it(s, 3, "arm", "", 1, 64), 0);
    assert_int_equal(store_commit(s), 0);
    assert_int_equal(rows("sample_band"), 16);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(store_sample_oldest(s, sha256), 0);
        assert_int_equal(sha256[0], order[i]);
        assert_int_equal(store_sample_gone(s, sha256), 0);
        assert_int_equal(store_commit(s), 0);
        assert_false(one(s, order[i]).kept);
    }
    assert_int_equal(store_sample_oldest(s, sha256), 1);
    /* How they came goes with the sessions' time, and then what was told. */
    const struct keep keep = { .minutes = 86400, .flows = 86400, .sessions = 86400, .zone = "UTC" };
    int more = 1;
    for (int i = 0; i < 100 && more == 1; i++)
        more = samples_keep_up(s, &keep, DAY + 3 * 86400);
    assert_int_equal(more, 0);
    assert_int_equal(how_many(s, &(struct sample_filter){ 0 }), 0);
    assert_int_equal(rows("sample_band"), 0);
    store_close(s);
}

static int take_came(void *context, const struct sample_came *c)
{
    buf_print(context, "%s|%s;", c->origin.url, c->origin.server);
    return 0;
}

/* An address that stands in a URL, as a server, in what triage told: it goes, the rest stays. */
static void test_forget(void **state)
{
    (void)state;
    uint64_t n;
    int64_t id;
    struct buf b;
    struct prefix who;
    struct sample_report r;
    struct sample_facts f;
    struct wanted w = { .url = "http://192.0.2.9/x", .agent = "Wget", .added = START };
    struct store *s = open_store(STORE_WRITE);
    assert_int_equal(find_it(s, 1, HOW_FETCHED, 7, "192.0.2.9", START), 0);
    assert_int_equal(find_it(s, 1, HOW_FETCHED, 8, "192.0.2.10", START), 0);
    sample_report_init(&r);
    name(r.sha256, 1);
    struct sample_endpoint e = { .kind = ENDPOINT_URL, .text = "http://192.0.2.9:81/y", .confidence = 80, .reason = "string" };
    assert_int_equal(sample_add_endpoint(&r, &e), 0);
    memcpy(e.text, "http://192.0.2.90/y", 20);
    assert_int_equal(sample_add_endpoint(&r, &e), 0);
    assert_int_equal(store_sample_told(s, &r), 0);
    sample_report_release(&r);
    assert_int_equal(store_wanted_add(s, &w, &id), 0);
    assert_int_equal(store_wanted_try(s, id, "192.0.2.9", "192.0.2.0/24", START), 0);
    assert_int_equal(store_commit(s), 0);
    assert_int_equal(prefix_parse("192.0.2.9", &who), 0);
    assert_int_equal(store_forget(s, &who, &n), 0);
    assert_int_equal(n, 1);
    f = one(s, 1);
    assert_int_equal(store_sample_report(s, f.sha256, &r), 0);
    assert_string_equal(r.endpoint[0].text, "http://xxxxxxxxx:81/y");
    assert_string_equal(r.endpoint[1].text, "http://192.0.2.90/y");
    sample_report_release(&r);
    buf_init(&b, 4096);
    assert_int_equal(store_sample_origins(s, f.sha256, take_came, &b), 0);
    buf_u8(&b, 0);
    assert_non_null(strstr((char *)b.data, "http://xxxxxxxxx/x|xxxxxxxxx;"));
    assert_non_null(strstr((char *)b.data, "|192.0.2.10;"));
    assert_null(strstr((char *)b.data, "192.0.2.9;"));
    buf_release(&b);
    assert_int_equal(store_wanted_find(s, "http://xxxxxxxxx/x", 0, &w), 0);
    assert_string_equal(w.address, "xxxxxxxxx");
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_found_and_told, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_names, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_groups, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_joined, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_tops, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_goes, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_forget, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
