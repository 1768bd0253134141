#pragma once
/*
 * A store for fuzz targets, made anew after so many inputs.
 */
#include "base/test-folder.h"
#include "store/store.h"

enum { FUZZ_INPUTS = 200 /* for one store */ };

static char folder[FOLDER_PATH];
static struct store *store;
static int64_t sensor;
static unsigned inputs;

static void remove_store(void)
{
    store_close(store);
    store = NULL;
    if (folder[0])
        folder_remove(folder);
    folder[0] = '\0';
}

static void make_store(void)
{
    static bool registered;
    struct stat st;
    if (!registered)
        atexit(remove_store);
    registered = true;
    if (stat("/dev/shm", &st) == 0)
        setenv("TMPDIR", "/dev/shm", 1); /* hundreds of stores an hour */
    if (folder_make(folder, "fuzz") || store_open(&store, folder, STORE_WRITE) ||
        store_sensor_number(store, "fuzz", &sensor) || store_commit(store))
        abort();
    inputs = 0;
}

/* For the next input. */
static void need_store(void)
{
    if (store && inputs >= FUZZ_INPUTS)
        remove_store();
    if (!store)
        make_store();
    inputs++;
}

static struct store_facts facts(void)
{
    struct store_facts f;
    if (store_facts(store, &f))
        abort();
    return f;
}
