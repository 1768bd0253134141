#pragma once
/* curl, which is no part of BusyBox: what its options say (curl-options.c), and what it does
 * (curl.c). */
#include "shell/applets/net.h"

enum { CURL_URLS = 16, CURL_SENT_MOST = 1 << 22 };

struct curl {
    struct shell_fetch what;
    const char *urls[CURL_URLS], *outs[CURL_URLS]; /* an out of "" is -O, NULL standard output */
    size_t n_urls, n_outs, at;
    bool silent, show_errors, fail, head, include, verbose, bar, insecure, remote_all;
    const char *agent, *method, *user, *password, *write_out, *upload;
    struct text sent; /* -d: parts joined by & */
    bool begun;
    bool meter; /* of the transfer at work */
};

/* Reads the words; ends the process where it asks for help or makes no sense. */
void curl_options(struct proc *p, struct curl *c, int argc, char **argv);
