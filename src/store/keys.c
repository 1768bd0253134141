#include "store/inside.h"

#include "base/array.h"

#include <stdlib.h>

struct keys {
    struct store *s;
    uint32_t hour;
    int64_t *id; /* chunks in key order */
    size_t n, room, at;
    struct chunk_keys keys;
};

static int list_chunks(struct keys *k, int64_t run)
{
    struct db *db = k->s->db;
    struct stmt *q = db_stmt(db, "SELECT id FROM chunk WHERE run=? AND family=4 ORDER BY first");
    db_bind_int(q, 1, run);
    int row;
    while ((row = db_step(db, q)) == 1) {
        if ((row = ARRAY_ROOM(k->id, k->room, k->n + 1)) < 0)
            break;
        k->id[k->n++] = db_int(q, 0);
    }
    db_done(q);
    return row;
}

int keys_open(struct keys **ret, struct store *s, uint32_t hour)
{
    struct keys *k = calloc(1, sizeof *k);
    if (!k)
        return -ENOMEM;
    k->s = s;
    k->hour = hour;
    size_t runs;
    int64_t run;
    int err = hour_runs(s, hour, &runs, &run);
    if (!err && runs)
        err = list_chunks(k, run);
    if (err) {
        keys_close(k);
        return err;
    }
    *ret = k;
    return 0;
}

void keys_close(struct keys *k)
{
    if (!k)
        return;
    chunk_keys_release(&k->keys);
    free(k->id);
    free(k);
}

static int decode_keys(void *context, const void *data, size_t n)
{
    struct keys *k = context;
    int err = chunk_decode_keys(k->s->codec, data, n, &k->keys);
    if (!err && k->keys.hour != k->hour)
        err = 1; /* its row says otherwise */
    return err;
}

int keys_next(struct keys *k, struct chunk_keys **ret)
{
    if (k->at == k->n)
        return 0;
    TRY(chunk_load(k->s, k->id[k->at++], decode_keys, k));
    *ret = &k->keys;
    return 1;
}
