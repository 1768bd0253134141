/*
 * What the supervisor last told of its programs.
 */
#include "base/array.h"
#include "base/text.h"
#include "store/inside.h"

#include <stdlib.h>

#define WORKER_COLUMNS                                                                             \
    "name, interface, pid, started, restarts, queue, packets, drops, memory, at, confined"
#define TRAP_COLUMNS ", sessions, open, refused, shed, failed, unsaid"
#define NO_TRAP_COLUMNS ", 0, 0, 0, 0, 0, 0"
#define DATAGRAM_COLUMNS ", datagrams, probes, logins, commands, others, answered, unanswered, untold, lost"
#define NO_DATAGRAM_COLUMNS ", 0, 0, 0, 0, 0, 0, 0, 0, 0"

static int put_worker(struct store *s, int64_t id, const struct worker_facts *w)
{
    const uint64_t number[] = { (uint64_t)w->pid,  (uint64_t)w->started, w->restarts, w->queue,
                                w->packets,        w->drops,             w->memory,   (uint64_t)w->at,
                                w->confined,       w->trap.accepted,     w->trap.open, w->trap.refused,
                                w->trap.shed,      w->trap.failed,       w->trap.unsaid,
                                w->trap.datagrams, w->trap.probes,       w->trap.logins, w->trap.commands,
                                w->trap.others,    w->trap.answered,     w->trap.unanswered,
                                w->trap.untold,    w->trap.lost };
    struct stmt *q = db_stmt(s->db, "INSERT INTO worker(id, " WORKER_COLUMNS TRAP_COLUMNS DATAGRAM_COLUMNS
                                    ") VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    db_bind_int(q, 1, id);
    db_bind_text(q, 2, w->name);
    db_bind_text(q, 3, w->interface);
    for (int i = 0; i < (int)(sizeof number / sizeof number[0]); i++)
        db_bind_int(q, 4 + i, (int64_t)number[i]);
    return db_run(s->db, q);
}

int store_workers_put(struct store *s, const struct worker_facts *w, size_t n)
{
    TRY(store_begin(s));
    TRY(db_exec(s->db, "DELETE FROM worker"));
    for (size_t i = 0; i < n; i++)
        TRY(put_worker(s, (int64_t)i + 1, &w[i]));
    return 0;
}

static void take_worker(struct stmt *q, struct worker_facts *ret)
{
    *ret = (struct worker_facts){ .pid = db_int(q, 2),
                                  .started = db_int(q, 3),
                                  .restarts = (uint64_t)db_int(q, 4),
                                  .queue = (uint64_t)db_int(q, 5),
                                  .packets = (uint64_t)db_int(q, 6),
                                  .drops = (uint64_t)db_int(q, 7),
                                  .memory = (uint64_t)db_int(q, 8),
                                  .at = db_int(q, 9),
                                  .confined = (uint32_t)db_int(q, 10),
                                  .trap = { .accepted = (uint64_t)db_int(q, 11),
                                            .open = (uint64_t)db_int(q, 12),
                                            .refused = (uint64_t)db_int(q, 13),
                                            .shed = (uint64_t)db_int(q, 14),
                                            .failed = (uint64_t)db_int(q, 15),
                                            .unsaid = (uint64_t)db_int(q, 16),
                                            .datagrams = (uint64_t)db_int(q, 17),
                                            .probes = (uint64_t)db_int(q, 18),
                                            .logins = (uint64_t)db_int(q, 19),
                                            .commands = (uint64_t)db_int(q, 20),
                                            .others = (uint64_t)db_int(q, 21),
                                            .answered = (uint64_t)db_int(q, 22),
                                            .unanswered = (uint64_t)db_int(q, 23),
                                            .untold = (uint64_t)db_int(q, 24),
                                            .lost = (uint64_t)db_int(q, 25) } };
    text_copy(ret->name, sizeof ret->name, db_text(q, 0));
    text_copy(ret->interface, sizeof ret->interface, db_text(q, 1));
}

int store_workers(struct store *s, struct worker_facts **ret, size_t *ret_n)
{
    struct worker_facts *item = NULL;
    size_t n = 0, room = 0;
    *ret = NULL;
    *ret_n = 0;
    if (s->version < SCHEMA_EVIDENCE)
        return 0;
    struct stmt *q = db_stmt(s->db, s->version < SCHEMA_SESSIONS
                                        ? "SELECT " WORKER_COLUMNS NO_TRAP_COLUMNS NO_DATAGRAM_COLUMNS " FROM worker ORDER BY id"
                                    : s->version < SCHEMA_DATAGRAMS
                                        ? "SELECT " WORKER_COLUMNS TRAP_COLUMNS NO_DATAGRAM_COLUMNS " FROM worker ORDER BY id"
                                        : "SELECT " WORKER_COLUMNS TRAP_COLUMNS DATAGRAM_COLUMNS " FROM worker ORDER BY id");
    int row;
    while ((row = db_step(s->db, q)) == 1) {
        if ((row = ARRAY_ROOM(item, room, n + 1)) < 0)
            break;
        take_worker(q, &item[n++]);
    }
    db_done(q);
    if (row < 0) {
        free(item);
        return row;
    }
    *ret = item;
    *ret_n = n;
    return 0;
}
