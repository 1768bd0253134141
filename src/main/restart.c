#include "main/restart.h"

#include "base/time.h"

enum {
    BACKOFF_MOST_S = 60,
    BACKOFF_USEFUL_S = 2, /* of one that works between its deaths: what waits for it waits in the kernel, for a while */
    STEADY_S = 1,         /* one that worked for so long is started again at once: a supervisor that dies
                             meanwhile takes what waits along */
    SAY_S = 60,           /* between words about deaths */
};

void restart_began(struct restart *r)
{
    r->began = time_mono();
}

static bool is_to_be_said(struct restart *r, uint64_t now)
{
    if (r->said && now - r->said < SAY_S * NS_A_S)
        return false;
    r->said = now;
    return true;
}

bool restart_plan(struct restart *r, bool useful)
{
    uint64_t now = time_mono();
    useful &= r->began != 0; /* a start that fails was of no use */
    if (useful && now - r->began >= STEADY_S * NS_A_S)
        r->backoff = 0;
    r->due = now + (useful || r->backoff ? r->backoff : 1) * NS_A_S;
    r->backoff = r->backoff ? r->backoff * 2 : 1;
    unsigned most = useful ? BACKOFF_USEFUL_S : BACKOFF_MOST_S;
    r->backoff = r->backoff < most ? r->backoff : most;
    r->began = 0;
    return is_to_be_said(r, now);
}
