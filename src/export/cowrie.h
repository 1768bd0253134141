#pragma once
/*
 * Sessions as the JSON lines that Cowrie's users have dashboards and rules for. Event ids and their
 * attributes are those of its reference, https://docs.cowrie.org/en/stable/OUTPUT.html;
 * `cowrie.session.file_download.failed`, `protocol`, and that durations are numbers of seconds, are
 * from published logs of it.
 *
 *     ours       theirs
 *     open       cowrie.session.connect
 *     client     cowrie.client.size (width, height), cowrie.client.var (name TERM)
 *     login      cowrie.login.success, cowrie.login.failed
 *     command    cowrie.command.input
 *     unknown    cowrie.command.failed
 *     download   cowrie.session.file_download where the file was kept,
 *                else cowrie.session.file_download.failed
 *     file       cowrie.session.file_upload
 *     close      cowrie.log.closed where something was said, cowrie.session.closed
 *
 * A client's line comes where what it tells is new. The other ids are SSH's, or tell of what Telnet
 * does not. `duplicate` of a log is not told: that takes all sessions.
 *
 * Every line has eventid, timestamp, session (16 hexadecimal digits), sensor, message, and as far
 * as an event of the session told them src_ip, src_port, dst_ip, dst_port, protocol. `outfile` is
 * the file's SHA-256, its name in the vault; `ttylog` the session, which `teiten replay` takes.
 * `shasum` of a log is over what the visitor sent, as far as the transcript has it. Messages are
 * our own words, for people: what a stranger wrote is escaped in them.
 */
#include "base/addr.h"
#include "base/buf.h"
#include "base/sha256.h"
#include "event/session.h"

/* What the lines of a session need to know of its earlier events; give it each, in order. */
struct cowrie {
    struct addr source, destination;
    uint16_t source_port, destination_port;
    char protocol[32], terminal[64];
    uint64_t columns, rows;
    uint64_t said;       /* bytes of the transcript, of both sides */
    struct sha256 heard; /* the visitor's */
};

void cowrie_begin(struct cowrie *c);
/*
 * Appends the lines of e: none, one or two, each whole with its newline. 0; -ENOMEM: then none was
 * written, and the session's later lines are as good as ever.
 */
int must_check cowrie_put(struct cowrie *c, struct buf *b, const char *sensor,
                          const struct session_event *e);
