#include "main/notify.h"

#include "base/time.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define NS_A_US UINT64_C(1000)

static int connect_to(const char *path)
{
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    size_t n = strlen(path);
    if (n < 2 || n >= sizeof to.sun_path)
        return -1;
    memcpy(to.sun_path, path, n);
    if (path[0] == '@') /* an abstract name */
        to.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    if (connect(fd, (struct sockaddr *)&to, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Another process may have been meant: $WATCHDOG_PID. */
static uint64_t watchdog_interval(void)
{
    const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    if (!usec || (pid && strtoll(pid, NULL, 10) != getpid()))
        return 0;
    return strtoull(usec, NULL, 10) * NS_A_US / 3;
}

void notify_open(struct notify *n)
{
    const char *path = getenv("NOTIFY_SOCKET");
    *n = (struct notify){ .fd = path ? connect_to(path) : -1, .interval = watchdog_interval() };
    /* It is ours alone. */
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
}

void notify_close(struct notify *n)
{
    if (n->fd >= 0)
        close(n->fd);
    n->fd = -1;
}

void notify_send(const struct notify *n, const char *lines)
{
    if (n->fd >= 0)
        (void)!send(n->fd, lines, strlen(lines), MSG_NOSIGNAL);
}

void notify_ready(const struct notify *n)
{
    notify_send(n, "READY=1\nSTATUS=counting");
}

void notify_reloading(const struct notify *n)
{
    char text[80];
    snprintf(text, sizeof text, "RELOADING=1\nMONOTONIC_USEC=%llu",
             (unsigned long long)(time_mono() / NS_A_US));
    notify_send(n, text);
}

void notify_alive(struct notify *n)
{
    uint64_t now = time_mono();
    if (!n->interval || now < n->due)
        return;
    notify_send(n, "WATCHDOG=1");
    n->due = now + n->interval;
}
