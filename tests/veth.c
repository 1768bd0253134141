#include "veth.h"

#include "base/own.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

int veth_fail(const char *text, ...)
{
    va_list args;
    va_start(args, text);
    fprintf(stderr, "%s: ", program_invocation_short_name);
    vfprintf(stderr, text, args);
    fputc('\n', stderr);
    va_end(args);
    return -1;
}

/* The kernel's own threads live in the first network namespace. In a container's PID namespace
 * number 2 is something else, or nothing. */
static bool is_kernel_thread(const char *folder)
{
    char path[64], name[16] = "";
    snprintf(path, sizeof path, "%s/comm", folder);
    auto_file FILE *f = fopen(path, "re");
    return f && fgets(name, sizeof name, f) && strcmp(name, "kthreadd\n") == 0;
}

/* The system's network namespace is that of process 1; where that may not be looked at, of
 * process 2. */
static int system_namespace(struct stat *ret)
{
    if (stat("/proc/1/ns/net", ret) == 0)
        return 0;
    if (is_kernel_thread("/proc/2") && stat("/proc/2/ns/net", ret) == 0)
        return 0;
    return veth_fail("cannot tell the system's network namespace: %s", strerror(errno));
}

static int refuse_system_namespace(void)
{
    struct stat ours, systems;
    if (system_namespace(&systems) < 0)
        return -1;
    if (stat("/proc/self/ns/net", &ours) < 0)
        return veth_fail("cannot tell the own network namespace: %s", strerror(errno));
    if (ours.st_dev == systems.st_dev && ours.st_ino == systems.st_ino)
        return veth_fail("this is the system's network namespace; run it in one made for the test");
    return 0;
}

static int refuse_all_but_veth(int fd, const char *interface)
{
    struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
    struct ifreq ask = { 0 };

    if (strlen(interface) >= sizeof ask.ifr_name)
        return veth_fail("%s: no such interface", interface);
    memcpy(ask.ifr_name, interface, strlen(interface));
    ask.ifr_data = (void *)&info;
    if (ioctl(fd, SIOCETHTOOL, &ask) < 0)
        return veth_fail("%s: its driver: %s; only veth is sent on", interface, strerror(errno));
    if (strcmp(info.driver, "veth") != 0)
        return veth_fail("%s: its driver: %s; only veth is sent on", interface, info.driver);
    return 0;
}

int veth_socket(const char *interface)
{
    int on = 1;
    if (refuse_system_namespace() < 0)
        return -1;
    auto_fd int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return veth_fail("packet socket: %s", strerror(errno));
    if (refuse_all_but_veth(fd, interface) < 0)
        return -1;
    struct sockaddr_ll at = { .sll_family = AF_PACKET,
                              .sll_ifindex = (int)if_nametoindex(interface) };
    if (at.sll_ifindex == 0 || bind(fd, (struct sockaddr *)&at, sizeof at) < 0)
        return veth_fail("%s: %s", interface, strerror(errno));
    if (setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on) < 0)
        return veth_fail("PACKET_QDISC_BYPASS: %s", strerror(errno));
    return take_fd(fd);
}

uint64_t veth_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

void veth_sleep_until(uint64_t when)
{
    struct timespec t = { .tv_sec = (time_t)(when / SECOND), .tv_nsec = (long)(when % SECOND) };
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
        ;
}

bool veth_number(const char *text, uint64_t max, uint64_t *ret)
{
    char *end;
    errno = 0;
    unsigned long long v = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || errno || v == 0 || v > max)
        return false;
    *ret = v;
    return true;
}
