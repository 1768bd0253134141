#include "shell/applets/base64-text.h"
#include "shell/filter.h"
#include "shell/options.h"

struct base64 {
    struct filter filter;
    bool decode;
    struct base64_encoder encoder;
    struct base64_decoder decoder;
};

static char **start(struct proc *p, int argc, char **argv)
{
    struct base64 *b = proc_state(p);
    const char *width = "76";
    char **files;
    b->decode = options_bits(p, argc, argv, "dw:", &files, &width) & 1;
    b->encoder.width = (size_t)options_number(p, width, 0, UINT32_MAX, NULL);
    if (files[0] && files[1])
        proc_usage(p);
    return files;
}

static void feed(struct proc *p, const char *data, size_t n)
{
    struct base64 *b = proc_state(p);
    if (b->decode)
        base64_decode(&b->decoder, p, data, n);
    else
        base64_encode(&b->encoder, p, data, n);
}

static void end(struct proc *p)
{
    struct base64 *b = proc_state(p);
    if (!b->decode)
        base64_encode_end(&b->encoder, p);
    else if (!base64_decode_end(&b->decoder, p))
        proc_die(p, "truncated input");
}

static void failed(struct proc *p, int e)
{
    if (((struct base64 *)proc_state(p))->decode)
        filter_failed_silent(p, e);
    else
        filter_failed_die(p, e);
}

static const struct filter_ops ops = {
    .start = start,
    .feed = feed,
    .end = end,
    .failed = failed,
    .plain = true,
};

const struct applet applet_base64 = {
    .name = "base64",
    .filter = &ops,
    .state = sizeof(struct base64),
    .unwritten = UNWRITTEN_OUTPUT,
};
