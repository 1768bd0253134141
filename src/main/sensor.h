#pragma once
/*
 * What the config says of the sensor, made ready for sense workers: addresses, NAT, p0f labels with the
 * store's numbers.
 */
#include "base/conf.h"
#include "event/record.h"
#include "store/store.h"

struct sensor {
    struct setup setup;
    int64_t number;     /* the store's */
    int signatures;     /* descriptor of the p0f file, or of /dev/null; owned */
    char labels_off[160]; /* why labels are off; "" where they are on */
};

/* `prefix` takes the place of sensor.prefix where it is not NULL. 0 or -errno. */
int must_check sensor_prepare(struct sensor *ret, struct store *store, const struct conf *conf,
                              const struct prefix_list *prefix);
void sensor_release(struct sensor *s);
