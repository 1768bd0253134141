#include "main/sensor.h"

#include "base/log.h"
#include "packet/p0f.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SIGNATURES_MAX = 4 << 20 };

static int copy_prefixes(struct prefix_list *to, const struct prefix_list *from)
{
    for (size_t i = 0; i < from->n; i++)
        TRY(prefix_list_add(to, &from->item[i]));
    return 0;
}

static int copy_nat(struct setup *setup, const struct conf *conf)
{
    size_t n;
    const struct addr_pair *pair = conf_pairs(conf, CONF_SENSOR_PUBLIC, &n);
    setup->nat = calloc(n + 1, sizeof *setup->nat);
    if (!setup->nat)
        return -ENOMEM;
    for (size_t i = 0; i < n && setup->nat_n < SETUP_NAT; i++)
        if (pair[i].from.family == 4 && pair[i].to.family == 4)
            setup->nat[setup->nat_n++] =
                (struct nat_pair){ addr_u32(&pair[i].from), addr_u32(&pair[i].to) };
    return 0;
}

static void copy_ports(struct setup *setup, const struct conf *conf)
{
    size_t n;
    const struct endpoint *e = conf_endpoints(conf, CONF_TRAP_NETIS, &n);
    for (size_t i = 0; i < n && setup->udp_answering_n < SETUP_PORTS; i++)
        if (e[i].port)
            setup->udp_answering[setup->udp_answering_n++] = e[i].port;
}

static void labels_off(struct sensor *s, const char *path, const char *why)
{
    snprintf(s->labels_off, sizeof s->labels_off, "%s: %s", path, why);
}

/* The whole file, or NULL with the reason noted. */
static char *read_signatures(struct sensor *s, const char *path, size_t *ret_n)
{
    struct stat st;
    if (fstat(s->signatures, &st) < 0) {
        labels_off(s, path, errno_text(errno));
        return NULL;
    }
    if (st.st_size > SIGNATURES_MAX) {
        labels_off(s, path, "too large for a signature file");
        return NULL;
    }
    char *text = malloc((size_t)st.st_size + 1);
    if (!text) {
        labels_off(s, path, errno_text(ENOMEM));
        return NULL;
    }
    ssize_t n = pread(s->signatures, text, (size_t)st.st_size, 0);
    *ret_n = n > 0 ? (size_t)n : 0;
    return text;
}

/* Numbers that stay the same for the life of the store, whatever the file's order. */
static int number_labels(struct sensor *s, struct store *store, const struct p0f *p)
{
    size_t n = p0f_labels(p);
    for (size_t i = 0; i < n && i < MARK_LABELS - 1; i++) {
        unsigned number;
        TRY(store_label_number(store, p0f_label(p, (unsigned)i + 1), &number));
        s->setup.label[s->setup.label_n++] = (uint8_t)number;
    }
    return store_commit(store);
}

static int load_labels(struct sensor *s, struct store *store, const char *path)
{
    s->signatures = open(path, O_RDONLY | O_CLOEXEC);
    if (s->signatures < 0) {
        labels_off(s, path, errno_text(errno));
        s->signatures = open("/dev/null", O_RDONLY | O_CLOEXEC);
        return s->signatures < 0 ? -errno : 0;
    }
    size_t n;
    char *text = read_signatures(s, path, &n);
    if (!text)
        return 0;
    struct p0f *p = NULL;
    unsigned line;
    int err = p0f_load(&p, text, n, &line);
    free(text);
    if (err > 0) {
        char why[64];
        snprintf(why, sizeof why, "line %u is no signature", line);
        labels_off(s, path, why);
        return 0;
    }
    if (!err)
        err = number_labels(s, store, p);
    p0f_free(p);
    return err;
}

int sensor_prepare(struct sensor *ret, struct store *store, const struct conf *conf,
                   const struct prefix_list *prefix)
{
    *ret = (struct sensor){ .signatures = -1 };
    struct setup *setup = &ret->setup;
    setup->dark = strcmp(conf_text(conf, CONF_SENSOR_MODE), "dark") == 0;
    int err = copy_prefixes(&setup->own, prefix ? prefix : conf_prefixes(conf, CONF_SENSOR_PREFIX));
    if (!err)
        err = copy_nat(setup, conf);
    copy_ports(setup, conf);
    if (!err)
        err = store_sensor_number(store, conf_text(conf, CONF_SENSOR_NAME), &ret->number);
    if (!err)
        err = load_labels(ret, store, conf_text(conf, CONF_SENSOR_P0F));
    if (!err)
        err = store_commit(store);
    if (err)
        sensor_release(ret);
    return err;
}

void sensor_release(struct sensor *s)
{
    setup_release(&s->setup);
    if (s->signatures >= 0)
        close(s->signatures);
    s->signatures = -1;
}
