/*
 * A whole session. u8: bit 0 a terminal, bit 1 the text is the command of -c (else it is typed), bits 2 and
 * 3 how much memory, bit 4 the terminal is the session's own and the text its keys, bits 5 and 6 how wide that
 * is, bit 7 whether its size changes; u8: steps of a turn; u8: bytes that are typed at once; u8: seed of what
 * the world does; then the text. It is run twice, with those turns and with long ones, and must come to the same.
 */
#include "shell/fuzz-session.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD = 4, EVENTS_MOST = 600, PENDING_MOST = 2, TTY = 16 };

struct world {
    struct fuzz_said said;
    struct shell *shell;
    const char *text;
    size_t n, at, piece;
    uint32_t random;
    unsigned pending;
    int64_t now;
    bool ended, resizes;
};

static uint32_t chance(struct world *w, uint32_t n)
{
    w->random = w->random * 1103515245 + 12345;
    return (w->random >> 16) % n;
}

/* ---- The hook ---- */

static void output(void *context, int stream, const void *data, size_t n)
{
    struct world *w = context;
    fuzz_hear(&w->said, stream, data, n);
}

/* What is found is the script itself, or a piece of it, or a program. */
static void fetch(void *context, const struct shell_fetch *what, struct shell_fetched *ret)
{
    static const char elf[] = "\177ELF\1\1\1\0\0\0\0\0\0\0\0\0\2\0\10\0";
    struct world *w = context;
    assert(what->applet && what->host && what->path && what->url && what->user && what->password);
    assert(what->method && what->save && (what->sent || !what->n_sent));
    *ret = (struct shell_fetched){ .answer = (enum fetch_answer)chance(w, FETCH_UNRESOLVED + 1), .address = "192.0.2.7" };
    if (ret->answer == FETCH_PENDING && w->pending++ == PENDING_MOST)
        ret->answer = FETCH_FOUND;
    if (ret->answer != FETCH_PENDING)
        w->pending = 0;
    if (ret->answer != FETCH_FOUND)
        return;
    bool program = chance(w, 2);
    ret->content = program ? elf : w->text;
    ret->n = program ? sizeof elf : chance(w, (uint32_t)w->n + 1);
}

static void ran(void *context, const struct shell_ran *what)
{
    const unsigned char *bytes = what->content;
    struct world *w = context;
    size_t sum = strlen(what->path);
    for (char *const *word = what->argv; *word; word++)
        sum += strlen(*word);
    for (size_t i = 0; i < what->n; i++)
        sum += bytes[i];
    w->random ^= (uint32_t)sum;
}

/* ---- The visitor, who acts when nobody in the session can ---- */

static void type(struct world *w)
{
    size_t n = w->n - w->at < w->piece ? w->n - w->at : w->piece;
    if (!n) {
        w->ended = true;
        shell_input_end(w->shell);
        return;
    }
    if (w->resizes && chance(w, 4) == 0)
        shell_resize(w->shell, (uint16_t)chance(w, 100), (uint16_t)chance(w, 30));
    char *piece = malloc(n);
    assert(piece);
    memcpy(piece, w->text + w->at, n);
    int e = shell_input(w->shell, piece, n);
    assert(e == 0 || e == -ENOBUFS);
    free(piece);
    w->at += n;
}

/* false: nothing that could happen is left. */
static bool go_on(struct world *w, enum shell_state state)
{
    if (state == SHELL_ENDED || (state == SHELL_INPUT && w->ended))
        return false;
    if (!w->ended && (state == SHELL_INPUT || chance(w, 4) == 0)) {
        type(w);
        return true;
    }
    if (state == SHELL_FETCHING) {
        shell_wake(w->shell);
        return true;
    }
    int64_t wakes = shell_wakes(w->shell);
    assert(wakes > w->now);
    w->now = wakes;
    return wakes < INT64_MAX / 2;
}

static void run(struct world *w, int64_t steps, uint64_t most)
{
    for (unsigned events = 0; events < EVENTS_MOST; events++) {
        enum shell_state state = SHELL_RUNNING;
        for (uint64_t turns = 0; state == SHELL_RUNNING; turns++) {
            assert(turns < 2 * most);
            state = fuzz_turn(w->shell, steps, w->now);
        }
        if (!go_on(w, state))
            return;
    }
}

/* ---- The whole ---- */

static void on_change(void *context, const char *path, vfs_ino ino)
{
    (void)context;
    assert(path[0] == '/' && ino);
}

static const struct shell_hook hook = { .output = output, .fetch = fetch, .ran = ran };

static struct fuzz_said session(const uint8_t *head, const char *text, size_t n, int64_t steps)
{
    static const size_t memories[] = { 64 << 10, 200 << 10, 500 << 10, 2 << 20 };
    static const uint16_t widths[] = { 0, 30, 3, 1 };
    bool command = head[0] & 2;
    struct world w = { .text = text, .n = n, .piece = head[2] ? head[2] : SIZE_MAX, .random = head[3],
                       .now = INT64_C(1600000000000000), .resizes = head[0] & 128 };
    struct shell_options o = {
        .device = fuzz_device(),
        .name = "sh",
        .command = command ? text : NULL,
        .terminal = head[0] & (1 | TTY),
        .tty = head[0] & TTY,
        .columns = widths[head[0] >> 5 & 3],
        .now = w.now,
        .seed = head[3],
        .hook = &hook, .context = &w,
        .limits = { .memory = memories[head[0] >> 2 & 3], .steps = 60000, .output = 1 << 18, .processes = 12 },
    };
    int e = shell_make(&w.shell, &o);
    assert(e == 0 || e == -ENOMEM);
    if (e)
        return w.said;
    run(&w, steps, o.limits.steps);
    vfs_changes(shell_vfs(w.shell), on_change, NULL);
    fuzz_end(w.shell, &w.said);
    return w.said;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int64_t steps[] = { 1, 2, 7, 50, 300, 1999, 2000, 5000 };
    if (size < HEAD || size > 4096)
        return 0;
    size_t n = size - HEAD;
    char *text = calloc(1, n + 1);
    assert(text);
    memcpy(text, data + HEAD, n);
    struct fuzz_said few = session(data, text, n, steps[data[1] % 8]);
    struct fuzz_said many = session(data, text, n, 1 << 20);
    fuzz_same(&few, &many);
    free(text);
    return 0;
}
