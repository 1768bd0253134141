#pragma once
/*
 * A session: an ash with its processes over a device, all of it emulated. No process, file or socket of
 * this machine stands behind it, nothing of the visitor's is ever run.
 *
 * The owner feeds what the visitor types, runs the session in turns of some steps, and hands its output
 * on (shell/hook.h). The same input gives the same output whatever the turns. Between turns a session
 * is only data; an idle one at its prompt costs 1.5 kB, malloc's own included.
 */
#include "base/err.h"
#include "shell/hook.h"
#include "shell/machine.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shell;
struct shell_device; /* what all sessions of a machine share */

/* machine outlives it, it outlives its sessions. 0 or -errno. */
int must_check shell_device_make(struct shell_device **ret, const struct machine *machine);
void shell_device_free(struct shell_device *device); /* NULL is fine */

struct shell_limits {
    size_t memory;       /* bytes of one session, 0: 4 MiB */
    uint64_t steps;      /* of its whole life, 0: 200 million; then it ends */
    uint64_t output;     /* bytes that it may say in its life, 0: 64 MiB */
    uint32_t processes;  /* at once, 0: 64 */
};

/*
 * What one of many devices of a kind has of its own; the rest is its machine's. The address is where the
 * visitor found it: the device shows it on the interface of its default route, unless that has a private
 * one (it stands behind another router, then), with network, gateway and neighbours to match.
 */
struct shell_identity {
    const char *hostname; /* NULL: the machine's */
    uint8_t mac[6];       /* of its first interface; the others keep their distance from it */
    bool has_mac;
    int64_t booted;       /* 0: as the machine says */
    uint32_t pid_first;   /* 0: likewise */
    uint64_t secret;      /* what else differs (its neighbours' MACs, boot_id) is made of it and of mac */
    const char *address;  /* "203.0.113.9"; NULL, or of IPv6: the machine's own */
    const char *peer;     /* likewise, who visits: netstat shows the connection; NULL: it does not */
    uint16_t port, peer_port;
};

struct shell_options {
    const struct shell_device *device;
    struct shell_limits limits;
    const struct shell_identity *identity; /* NULL: the machine's own; outlives the session, as all it points to */
    const struct shell_hook *hook; /* outlives the session */
    void *context;                 /* the hook's */
    const char *name;      /* $0: "sh", "-sh" */
    const char *command;   /* -c; NULL: commands are read from the input */
    char *const *arguments; /* $1..., NULL-ended, or NULL */
    const char *name_argument; /* with command: $0, or NULL */
    bool terminal;         /* prompts, echo of nothing, line at a time, job messages */
    bool tty;              /* with terminal: the terminal is emulated too: input is the keys that were pressed, output what
                              a screen is sent (echo, editing of lines, CR LF) */
    bool spaces;            /* of that terminal: tabs are shown as spaces (tab3) */
    uint16_t columns, rows; /* of that terminal; 0: 80, 24 */
    int64_t now;           /* microseconds since 1970, as all times here */
    uint64_t seed;         /* of $RANDOM and /dev/urandom: the same gives the same */
};

enum shell_state {
    SHELL_RUNNING, /* the steps were used up */
    SHELL_INPUT,   /* waits for input */
    SHELL_ASLEEP,  /* waits until shell_wakes() (or for input) */
    SHELL_FETCHING, /* waits for shell_wake() */
    SHELL_ENDED,
};

int must_check shell_make(struct shell **ret, const struct shell_options *options);
void shell_free(struct shell *sh); /* NULL is fine */
/* Bytes that the visitor sent: with `tty` the keys, with `terminal` alone as a terminal in its usual mode hands them on (^C and ^D
 * act). -ENOBUFS: too much waits to be read; the caller stops reading from the visitor. */
int must_check shell_input(struct shell *sh, const void *data, size_t n);
void shell_input_end(struct shell *sh); /* the visitor's side is closed */
/* Its terminal has another size now (RFC 1073). */
void shell_resize(struct shell *sh, uint16_t columns, uint16_t rows);
enum shell_state shell_run(struct shell *sh, int64_t steps, int64_t now);
int64_t shell_wakes(const struct shell *sh);
void shell_wake(struct shell *sh);
int shell_status(const struct shell *sh);
size_t shell_memory(const struct shell *sh); /* bytes that it holds now */
/* Of the steps and the output of its life, what is not used up; 0: that has ended it. */
void shell_left(const struct shell *sh, uint64_t *ret_steps, uint64_t *ret_output);
struct vfs *shell_vfs(struct shell *sh);     /* for recording what it changed */
