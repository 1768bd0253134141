/*
 * The signs of protocols, in the order in which they are asked: the first that does not say no
 * decides, so what is surer stands before what is less so.
 *
 * Most are in the protocols' own documents: RFC 1928, 4251, 4511, 5531, 7230, 8446...; MS-SMB2,
 * MS-RDPBCGR, MS-TDS; the pages of Android's adb, MQTT, Redis, memcached, MongoDB, MySQL,
 * PostgreSQL. Of the others, where they are from:
 *
 * - ADB's OPEN, MMcS and ScMM at 32764, OpenTelnet at 9527 and 9530: corpus/ports.tsv
 * - Dahua, 37777: the first bytes that github.com/mcw0/Tools lists (A0, A1, F6), and DHIP
 * - Xiongmai, 34567: the header that github.com/667bdrm/sofiactl describes (sofia.ksy)
 * - Hikvision, 8000: a length and 63, as public checkers of such devices send it; 5A from memory
 * - Reolink, 9000: the magic numbers in github.com/thirtythreeforty/neolink (messages.md)
 * - Winbox, 8291: public descriptions of its first form (a file's name), of "M2", and of the
 *   exchange of keys since RouterOS 6.43 (margin.re, "MikroTik authentication revealed")
 * - Tuya, TP-Link's plugs, Smart Install, Niagara's fox, RouterOS's API: from memory
 */
#include "trap/protocol-inside.h"

/* clang-format off */
static const struct sign signs[] = {
    /* What is sure by its beginning. */
    { "smb1", "00 .. .. .. FF 'SMB'", NULL },
    { "smb2", "00 .. .. .. FE 'SMB'", NULL },
    { "smb2", "00 .. .. .. FD 'SMB'", NULL }, /* sealed */
    { "netbios", "81 00 00 44 20", NULL },    /* a call of a name, before SMB */
    { "postgres", "00 00 00 08 04 D2 16 2F", NULL }, /* asks for TLS */
    { "postgres", "00 00 00 08 04 D2 16 30", NULL }, /* for GSSAPI */
    { "postgres", "00 00 00 10 04 D2 16 2E", NULL }, /* cancels */
    { "postgres", "00 00 .. .. 00 03 00 0.", read_postgres },
    { "hikvision", "00 00 .. .. 63 00 00 00", NULL },
    { "hikvision", "00 00 .. .. 5A 00 00 00", NULL },
    { "smart-install", "00 00 00 01 00 00 00 01", NULL },
    { "tuya", "00 00 55 AA", NULL },
    { "tplink", "00 00 .. .. D0 F2", NULL }, /* {" as its cipher begins */
    { "oracle", "00 .. 00 00 01 00 00 00 01 3.", NULL },
    { "stun", "00 01 .. .. 21 12 A4 42", NULL },
    { "openvpn", "00 0E 38 .. .. .. .. .. .. .. .. 00 00 00 00 00", NULL },
    { "pptp", "00 9C 00 01 1A 2B 3C 4D", NULL },
    { "dicom", "01 00 00 00 .. .. 00 01 00 00", NULL },
    { "h323", "03 00 .. .. 08 02", NULL },
    { "rdp", "03 00 .. .. .. E0", read_cotp },
    { "rtmp", "03 .. .. .. .. 00 00 00 00", NULL },
    { "socks4", "04", read_socks4 },
    { "dnp3", "05 64 .. C.", NULL },
    { "msrpc", "05 00 0B 03 10 00 00 00", NULL },
    { "socks5", "05", read_socks5 },
    { "mqtt", "10", read_mqtt },
    { "ajp", "12 34 .. .. 02", NULL },
    { "ajp", "12 34 00 01 0A", NULL }, /* its ping */
    { "mssql", "12 01 00 .. 00 00 .. 00", NULL },
    { "winbox", "12 02 'list' 00", NULL },
    { "winbox", "13 02 'index' 00", NULL },
    { "winbox", ".. 01 00 .. 'M2'", NULL },
    { "winbox", ".. 06", read_winbox },
    { "routeros", ".. '/'", read_routeros },
    { "bittorrent", "13 'BitTorrent protocol'", NULL },
    { "opentelnet", "13 'OpenTelnet:OpenOnce'", NULL },
    { "opentelnet", "'OpenTelnet'", NULL },
    { "tls", "16 03 0. .. .. 01", read_tls },
    { "dahua", "20 00 00 00 'DHIP'", NULL },
    { "ldap", "30", read_ber },
    { "x11", "42 00 00 0B 00 00", NULL },
    { "x11", "6C 00 0B 00 00 00", NULL },
    { "enip", "04 00 00 00 00 00 00 00 00 00 00 00", NULL },
    { "enip", "63 00 00 00 00 00 00 00 00 00 00 00", NULL },
    { "enip", "65 00 04 00 00 00 00 00 00 00 00 00", NULL },
    { "iec104", "68 04 07 00 00 00", NULL },
    { "iec104", "68 04 43 00 00 00", NULL },
    { "tls", "80 .. 01 00 02", NULL }, /* as SSL 2 greets, for itself and for SSL 3 and TLS 1 */
    { "tls", "80 .. 01 03 0.", NULL },
    { "sunrpc", "80 00 .. .. .. .. .. .. 00 00 00 00 00 00 00 02", NULL },
    { "memcached", "80", read_memcached },
    { "dahua", "A0 0. 00 ..", NULL },
    { "dahua", "A1 00 00 ..", NULL },
    { "dahua", "F6 00 00 00", NULL },
    { "java", "AC ED 00 05", NULL },
    { "reolink", "F0 DE BC 0A", NULL },
    { "reolink", "0F ED CB A0", NULL },
    { "bitcoin", "F9 BE B4 D9 'version'", NULL },
    { "xiongmai", "FF", read_xiongmai },
    { "telnet", "FF F.", NULL },
    { "tls", "15 03 0. 00 02", NULL }, /* its alert */

    /* Words. */
    { "ssh", "'SSH-'", read_ssh },
    { "adb", "'CNXN'", read_adb },
    { "adb", "'OPEN'", read_adb },
    { "adb", "'AUTH'", read_adb },
    { "adb", "'STLS'", read_adb },
    { "adb", "'SYNC'", read_adb },
    { "vnc", "'RFB 00'", NULL },
    { "jdwp", "'JDWP-Handshake'", NULL },
    { "rmi", "'JRMI' 00", NULL },
    { "t3", "'t3 '", NULL },
    { "giop", "'GIOP'", NULL },
    { "amqp", "'AMQP'", NULL },
    { "rsync", "'@RSYNCD:'", NULL },
    { "pjl", "'@PJL'", NULL },
    { "pjl", "1B '%-12345X'", NULL },
    { "fox", "'fox a '", NULL }, /* Niagara */
    { "elasticsearch", "'ES' 00 00", NULL },
    { "sercomm", "'MMcS'", NULL },
    { "sercomm", "'ScMM'", NULL },
    { "zookeeper", "'ruok'", NULL },
    { "zookeeper", "'srvr'", NULL },
    { "xml", "'<?xml'", NULL },
    { "xml", "'<policy-file-request/>'", NULL },
    { "xmpp", "'<stream:stream'", NULL },
    { "redis", "'*'", read_redis },
    { "json", "'{'", read_json },
    { "git", "'00'", read_git },
    { "rlogin", "00", read_rlogin },
    { "lpd", "0.", read_lpd },
    { "newline", "", read_newline },
    { "http", "", read_request },
    { "smtp", "", read_command },
    { "text", "", read_line },

    /* Numbers that agree with each other, and no magic one. */
    { "modbus", ".. .. 00 00 00", read_modbus },
    { "mongodb", "", read_mongodb },
    { "mysql", ".. .. 00 01", read_mysql },
    { "dns", "", read_dns },
};
/* clang-format on */

enum { SIGNS = sizeof signs / sizeof signs[0] };

const struct sign *protocol_sign(size_t i)
{
    return i < SIGNS ? &signs[i] : NULL;
}

void words_put(struct protocol_words *w, const void *data, size_t n)
{
    size_t room = PROTOCOL_WORDS - w->n, part = n < room ? n : room;
    memcpy(w->text + w->n, data, part);
    w->n = (uint16_t)(w->n + part);
}

/* ---- How they begin ---- */

static bool digit_fits(char digit, unsigned half)
{
    return digit == '.' || half == (unsigned)(digit <= '9' ? digit - '0' : digit - 'A' + 10);
}

/* One byte of a beginning, which stands at p; p comes to stand behind it. */
static bool byte_fits(const char **p, bool letters, uint8_t byte)
{
    if (letters)
        return (uint8_t) * (*p)++ == byte;
    bool fits = digit_fits((*p)[0], byte >> 4) && digit_fits((*p)[1], byte & 15);
    *p += 2;
    return fits;
}

static enum answer begins(const char *p, const struct look *l)
{
    bool letters = false;
    size_t at = 0;
    while (*p) {
        if (*p == '\'') {
            letters = !letters;
            p++;
        } else if (*p == ' ' && !letters) {
            p++;
        } else if (at == l->n) {
            return wants_more(l);
        } else if (!byte_fits(&p, letters, l->data[at++])) {
            return ANSWER_NO;
        }
    }
    return ANSWER_YES;
}

/* Whether the first byte is another than all that begin so have: of nearly all rows it is, and that is soon told. */
static bool begins_otherwise(const char *p, uint8_t first)
{
    if (*p == '\'')
        return (uint8_t)p[1] != first;
    return *p && !digit_fits(*p, first >> 4);
}

enum protocol_verdict protocol_name(const void *data, size_t n, bool over, struct protocol *ret)
{
    struct look l = { .data = data, .n = n, .over = over, .found = ret };
    if (n >= PROTOCOL_LOOKS) {
        l.n = PROTOCOL_LOOKS;
        l.over = true;
    }
    for (const struct sign *s = signs; s < signs + SIGNS; s++) {
        if (l.n && begins_otherwise(s->begins, *l.data))
            continue;
        ret->name = s->name;
        ret->host.n = ret->agent.n = 0;
        enum answer a = begins(s->begins, &l);
        if (a == ANSWER_YES && s->read)
            a = s->read(&l);
        if (a != ANSWER_NO)
            return a == ANSWER_YES ? PROTOCOL_NAMED : PROTOCOL_MORE;
    }
    return PROTOCOL_UNKNOWN;
}
