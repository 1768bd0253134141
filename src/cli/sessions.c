#include "cli/sessions.h"

#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "main/signals.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *session_id_text(uint64_t id, char ret[static SESSION_ID])
{
    snprintf(ret, SESSION_ID, "%016llx", (unsigned long long)id);
    return ret;
}

const char *moment_text(int64_t us, char ret[static MOMENT_TEXT])
{
    char whole[TIME_TEXT];
    time_text(us / US_A_S, whole);
    size_t n = strlen(whole);
    snprintf(ret, MOMENT_TEXT, "%.*s.%06dZ", (int)(n ? n - 1 : 0), whole, (int)(us % US_A_S));
    return ret;
}

void session_text(struct buf *b, const void *data, size_t n)
{
    if (text_is_utf8(data, n) && !memchr(data, 0, n))
        buf_put(b, data, n);
    else
        text_escape(b, data, n, TEXT_PLAIN);
}

static bool parse_id(const char *text, uint64_t *ret)
{
    size_t n = strlen(text);
    for (size_t i = 0; i < n; i++)
        if (!isxdigit((unsigned char)text[i]))
            return false;
    *ret = strtoull(text, NULL, 16);
    return n > 0 && n < SESSION_ID;
}

int sessions_failed(const struct cli *cli, struct store *s, int err)
{
    const char *state = cli_state_dir(cli);
    if (err == STORE_REFUSED) {
        say_error("this cannot be answered", store_why(s), NULL);
        return CLI_TROUBLE;
    }
    if (err == -ETIMEDOUT) {
        say_error("question", signals_stop ? "stopped before it was answered" : "takes longer than a minute",
                  signals_stop ? NULL : "ask for fewer sessions, with --from and --to or --source");
        return CLI_TROUBLE;
    }
    return cli_trouble(state, err, "see 'teiten verify' and 'teiten doctor'");
}

int sessions_open(const struct cli *cli, struct store **ret, struct session_facts *ret_facts)
{
    uint64_t id;
    const char *word = cli->arguments[0];
    if (!parse_id(word, &id))
        return cli_usage(cli, word, "is no session (16 hexadecimal digits, as 'teiten sessions' shows them)");
    int code = commands_open_store(cli, STORE_READ, ret);
    if (code)
        return code;
    int none = store_session(*ret, id, ret_facts);
    if (!none)
        return CLI_DONE;
    if (none > 0) {
        say_error(word, "no such session is kept", "'teiten sessions' lists them");
        code = CLI_TROUBLE;
    } else {
        code = sessions_failed(cli, *ret, none);
    }
    store_close(*ret);
    return code;
}
