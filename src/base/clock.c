#include "base/clock.h"

#include <sys/timex.h>

struct clock_state clock_look(void)
{
    struct timex t = { .modes = 0 };
    int state = adjtimex(&t);
    if (state < 0)
        return (struct clock_state){ .known = false };
    return (struct clock_state){ .known = true,
                                 .synchronised = state != TIME_ERROR && !(t.status & STA_UNSYNC),
                                 .error_us = t.esterror,
                                 .max_error_us = t.maxerror };
}
