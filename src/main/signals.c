#include "main/signals.h"

#include <string.h>

volatile bool signals_stop;

static void on_stop(int number)
{
    (void)number;
    signals_stop = true;
}

void signals_catch(void)
{
    struct sigaction stop;
    memset(&stop, 0, sizeof stop);
    stop.sa_handler = on_stop;
    sigemptyset(&stop.sa_mask);
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGTERM, &stop, NULL);
    signal(SIGPIPE, SIG_IGN);
}
