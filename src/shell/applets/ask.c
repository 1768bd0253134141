#include "shell/applets/ask.h"

static enum ask_answer ask_end(struct ask *a)
{
    enum ask_answer answer = a->yes ? ASK_YES : ASK_NO;
    a->any = a->yes = false;
    return answer;
}

enum ask_answer ask_read(struct proc *p, struct ask *a)
{
    for (;;) {
        if (a->at == a->n) {
            int64_t n = proc_read(p, 0, a->read, sizeof a->read);
            if (n == -EAGAIN) {
                proc_waits_on(p, 0);
                return ASK_WAIT;
            }
            if (n <= 0)
                return ask_end(a);
            a->at = 0;
            a->n = (size_t)n;
        }
        char c = a->read[a->at++];
        if (c == '\n')
            return ask_end(a);
        if (a->any || c == ' ' || (c >= '\t' && c <= '\r'))
            continue;
        a->any = true;
        a->yes = c == 'y' || c == 'Y';
    }
}
