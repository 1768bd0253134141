#include "main/signals.h"

#include <string.h>

volatile bool signals_stop, signals_reload;

static void on_stop(int number)
{
    (void)number;
    signals_stop = true;
}

static void on_reload(int number)
{
    (void)number;
    signals_reload = true;
}

static void catch_with(int number, void (*handler)(int))
{
    struct sigaction a;
    memset(&a, 0, sizeof a);
    a.sa_handler = handler;
    sigemptyset(&a.sa_mask);
    sigaction(number, &a, NULL);
}

void signals_catch(void)
{
    catch_with(SIGINT, on_stop);
    catch_with(SIGTERM, on_stop);
    signal(SIGPIPE, SIG_IGN);
}

void signals_catch_reload(void)
{
    catch_with(SIGHUP, on_reload);
}
