/*
 * Who is like whom: signatures are cut into bands, and those who share one are looked at more closely (locality sensitive
 * hashing: Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", section 3.4). With 16 bands of 4, two that have half of
 * what either has in common share one in 64 of 100 cases, with two thirds in 97.
 */
#include "store/sample.h"

#include "base/hash.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { BANDS = 16, WIDTH = SAMPLE_SIGNATURE / BANDS, CANDIDATES = 256, ALIKE = SAMPLE_SIGNATURE / 2 };

static int64_t band_hash(const struct sample_signature *g, size_t band)
{
    return (int64_t)hash64(&g->least[band * WIDTH], WIDTH * sizeof g->least[0], band);
}

static int set_bands(struct store *s, int64_t id, const struct sample_signature *g)
{
    struct stmt *q = db_stmt(s->db, "DELETE FROM sample_band WHERE sample=?");
    db_bind_int(q, 1, id);
    TRY(db_run(s->db, q));
    for (size_t band = 0; g->features && band < BANDS; band++) {
        q = db_stmt(s->db, "INSERT OR IGNORE INTO sample_band(band, hash, sample) VALUES(?, ?, ?)");
        db_bind_int(q, 1, (int64_t)band);
        db_bind_int(q, 2, band_hash(g, band));
        db_bind_int(q, 3, id);
        TRY(db_run(s->db, q));
    }
    return 0;
}

/* Others that share a band, each once; at most CANDIDATES. */
static int find_candidates(struct store *s, int64_t id, const struct sample_signature *g, int64_t *ret, size_t *ret_n)
{
    *ret_n = 0;
    for (size_t band = 0; band < BANDS; band++) {
        struct stmt *q = db_stmt(s->db, "SELECT sample FROM sample_band WHERE band=? AND hash=? AND sample<>? LIMIT ?");
        db_bind_int(q, 1, (int64_t)band);
        db_bind_int(q, 2, band_hash(g, band));
        db_bind_int(q, 3, id);
        db_bind_int(q, 4, CANDIDATES);
        int row;
        while ((row = db_step(s->db, q)) == 1 && *ret_n < CANDIDATES) {
            int64_t other = db_int(q, 0);
            size_t i = 0;
            while (i < *ret_n && ret[i] != other)
                i++;
            if (i == *ret_n)
                ret[(*ret_n)++] = other;
        }
        db_done(q);
        TRY(row);
    }
    return 0;
}

/* Who is in none has the name that one of his would have. */
static int group_of(struct store *s, int64_t id, char ret[static SAMPLE_GROUP])
{
    struct stmt *q = db_stmt(s->db, "SELECT coalesce(grp, lower(substr(hex(sha256), 1, 12))) FROM sample WHERE id=?");
    db_bind_int(q, 1, id);
    int row = db_step(s->db, q);
    text_copy(ret, SAMPLE_GROUP, row == 1 ? db_text(q, 0) : "");
    db_done(q);
    return row < 0 ? row : 0;
}

/* Of the same format, with half of what either has in common. */
static int is_like(struct store *s, int64_t other, const struct sample_report *r, bool *ret)
{
    struct sample_report that;
    int none = sample_load(s, other, &that);
    *ret = false;
    if (none == -EUCLEAN || none > 0) /* what cannot be read is like nothing */
        return 0;
    TRY(none);
    *ret = !strcmp(that.word[WORD_FORMAT], r->word[WORD_FORMAT]) && sample_alike(&that.signature, &r->signature) >= ALIKE;
    sample_report_release(&that);
    return 0;
}

/* Who is longest in it; `id` where it is nobody's group yet. */
static int eldest(struct store *s, const char *group, int64_t id, int64_t *ret)
{
    struct stmt *q = db_stmt(s->db, "SELECT coalesce(min(id), ?) FROM sample WHERE grp=?");
    db_bind_int(q, 1, id);
    db_bind_text(q, 2, group);
    return db_number(s->db, q, ret);
}

/* The older name of two groups stays: its first member's. */
static int join(struct store *s, int64_t id, const char *ours, int64_t other, const char *theirs)
{
    int64_t our_eldest, their_eldest;
    TRY(eldest(s, ours, id, &our_eldest));
    TRY(eldest(s, theirs, other, &their_eldest));
    const char *stays = our_eldest < their_eldest ? ours : theirs;
    struct stmt *q = db_stmt(s->db, "UPDATE sample SET grp=?1 WHERE grp=?2 OR id IN (?3, ?4)");
    db_bind_text(q, 1, stays);
    db_bind_text(q, 2, stays == ours ? theirs : ours);
    db_bind_int(q, 3, id);
    db_bind_int(q, 4, other);
    return db_run(s->db, q);
}

/* Who is of one group already is not looked at again: it costs the unpacking of a report, and can change nothing. */
static int join_if_like(struct store *s, int64_t id, const struct sample_report *r, int64_t other)
{
    char ours[SAMPLE_GROUP], theirs[SAMPLE_GROUP];
    TRY(group_of(s, id, ours));
    TRY(group_of(s, other, theirs));
    bool like = false;
    if (strcmp(ours, theirs) != 0)
        TRY(is_like(s, other, r, &like));
    return like ? join(s, id, ours, other, theirs) : 0;
}

int sample_join(struct store *s, int64_t id, const struct sample_report *r)
{
    int64_t candidate[CANDIDATES];
    size_t n = 0;
    if (r->signature.features)
        TRY(find_candidates(s, id, &r->signature, candidate, &n));
    for (size_t i = 0; i < n; i++)
        TRY(join_if_like(s, id, r, candidate[i]));
    return set_bands(s, id, &r->signature);
}
