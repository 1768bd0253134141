#pragma once
/* What the table of signs (protocol.c) and the readers that it names (protocol-binary.c, protocol-text.c) share. */
#include "trap/protocol.h"

#include "base/rd.h"

enum answer { ANSWER_NO, ANSWER_YES, ANSWER_MORE };

struct look {
    const uint8_t *data;
    size_t n;
    bool over;              /* no more will come */
    struct protocol *found; /* a reader may give it another name than its row's, and words */
};

/*
 * A row: how its bytes begin, and a reader for what a beginning does not tell. Of a row that begins as it must the reader is
 * asked (NULL: that is enough). A reader's yes and no are final: more bytes change neither.
 *
 * A beginning: pairs of hexadecimal digits, either of which may be a dot (any), and letters between apostrophes. "" any.
 */
struct sign {
    const char *name, *begins;
    enum answer (*read)(struct look *l);
};
const struct sign *protocol_sign(size_t i); /* NULL past the last */

/* What is missing would come, or not. */
static inline enum answer wants_more(const struct look *l)
{
    return l->over ? ANSWER_NO : ANSWER_MORE;
}
/* As much as has room. */
void words_put(struct protocol_words *w, const void *data, size_t n);

/* ---- protocol-binary.c ---- */
enum answer read_tls(struct look *l);
enum answer read_adb(struct look *l);
enum answer read_mqtt(struct look *l);
enum answer read_cotp(struct look *l); /* RDP, S7 */
enum answer read_socks4(struct look *l);
enum answer read_socks5(struct look *l);
enum answer read_ber(struct look *l); /* LDAP, SNMP */
enum answer read_postgres(struct look *l);
enum answer read_xiongmai(struct look *l);
enum answer read_winbox(struct look *l);
enum answer read_routeros(struct look *l);
enum answer read_memcached(struct look *l);
enum answer read_mongodb(struct look *l);
enum answer read_mysql(struct look *l);
enum answer read_modbus(struct look *l);
enum answer read_dns(struct look *l);

/* ---- protocol-text.c ---- */
enum answer read_ssh(struct look *l);
enum answer read_redis(struct look *l);
enum answer read_git(struct look *l);
enum answer read_rlogin(struct look *l);
enum answer read_lpd(struct look *l);
enum answer read_json(struct look *l);
enum answer read_newline(struct look *l);
enum answer read_request(struct look *l); /* HTTP, RTSP, SIP... */
enum answer read_command(struct look *l); /* SMTP, FTP, a shell... */
enum answer read_line(struct look *l);
