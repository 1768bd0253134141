#include "base/conf.h"

#include <assert.h>
#include <string.h>

/* Whatever is read, what it left behind reads back as the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct conf c;
    struct conf_problem problem;
    if (conf_init(&c) != 0)
        return 0;
    int e = conf_read(&c, (const char *)data, size, &problem);
    assert(e <= 0 || problem.why[0]);
    for (size_t i = 0; i < CONF_COUNT; i++) {
        char assignment[66000];
        const char *text = conf_text(&c, (enum conf_id)i);
        assert(text && strlen(text) <= 65536);
        strcpy(stpcpy(stpcpy(assignment, conf_items[i].name), "="), text);
        e = conf_set(&c, assignment, &problem);
        assert(e <= 0);
    }
    conf_release(&c);
    return 0;
}
