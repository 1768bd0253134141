/* Whether a persona's web servers agree with themselves and with the device. */
#include "trap/http-answer.h"
#include "trap/persona-inside.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *const guards[] = { [GUARD_BASIC] = "Basic", [GUARD_DIGEST] = "Digest" };

/* Whether a header has a mark, and begins so. */
static bool has_header(const struct http_server *s, const char *begin, const char *mark)
{
    for (size_t i = 0; i < s->n_headers; i++)
        if (!strncasecmp(s->headers[i], begin, strlen(begin)) && strstr(s->headers[i], mark))
            return true;
    return false;
}

static void check_ports(struct persona_checking *c, const struct http_server *s)
{
    for (size_t i = 0; i < s->n_ports; i++) {
        bool is = false;
        for (size_t k = 0; k < c->p->n_ports; k++)
            is = is || c->p->ports[k] == s->ports[i];
        if (!is)
            persona_fault(c, "http.ini: %u is none of its ports", s->ports[i]);
    }
}

/* What is asked for by a page, and must be said how. */
static void check_guard(struct persona_checking *c, const struct http_server *s, unsigned guard)
{
    char begin[64];
    unsigned port = s->ports[0];
    if (guard == GUARD_BASIC || guard == GUARD_DIGEST) {
        snprintf(begin, sizeof begin, "WWW-Authenticate: %s realm", guards[guard]);
        if (!*s->realm || !has_header(s, begin, "{{realm}}"))
            persona_fault(c, "http.ini: the server at %u asks for %s, but has no realm or no header for it", port, guards[guard]);
    }
    if (guard == GUARD_FORM && (!*s->cookie || !strstr(s->cookie, "{{token}}") || !has_header(s, "Set-Cookie:", "{{cookie}}")))
        persona_fault(c, "http.ini: the server at %u has pages behind a log-in, but no cookie for it", port);
}

static void check_answer(struct persona_checking *c, const struct http_server *s, const struct http_answer *a)
{
    const char *unknown = a->body ? http_unknown_mark(a->body, a->n) : NULL;
    if (unknown)
        persona_fault(c, "http: a page has the mark '%.20s', which is none", unknown);
    if (a->location && !has_header(s, "Location:", "{{location}}"))
        persona_fault(c, "http.ini: the server at %u has no header for %.60s", s->ports[0], a->location);
}

static void check_server(struct persona_checking *c, const struct http_server *s)
{
    unsigned seen = 1u << s->guard;
    if (!*s->source)
        persona_fault(c, "http.ini: where the words of the server at %u are noted is not said (source)", s->ports[0]);
    check_ports(c, s);
    for (size_t i = 0; i < s->n_headers; i++) {
        const char *unknown = http_unknown_mark(s->headers[i], strlen(s->headers[i]));
        if (unknown)
            persona_fault(c, "http.ini: a header has the mark '%.20s', which is none", unknown);
    }
    for (size_t i = 0; i < s->n_pages; i++) {
        seen |= 1u << s->pages[i].guard;
        check_answer(c, s, &s->pages[i].answer);
        check_answer(c, s, &s->pages[i].refused);
    }
    for (unsigned guard = GUARD_BASIC; guard <= GUARD_DIGEST; guard++)
        if (seen >> guard & 1)
            check_guard(c, s, guard);
}

void persona_check_http(struct persona_checking *c)
{
    for (size_t i = 0; c->p->http && i < c->p->http->n; i++)
        check_server(c, &c->p->http->servers[i]);
}
