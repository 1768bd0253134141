#pragma once
/*
 * The supervisor's side of the keeper: asking for what only it may do.
 */
#include "main/program.h"
#include "main/request.h"

struct privilege {
    pid_t pid; /* 0: none */
    int fd;    /* poll it: readable means that the keeper is gone */
};

/* 0 or -errno. The keeper inherits the rights that the caller has now. `claims`: it will be asked to claim prefixes. */
int must_check privilege_start(struct privilege *p, const struct program *keeper, bool claims);
/* The keeper undoes what it set up, where it has not died. Nothing more can be asked. */
void privilege_end(struct privilege *p);

/* v->n descriptors, the caller's. 0; -EPIPE: there is no keeper (any more); -errno: what it says. */
int must_check privilege_rings(struct privilege *p, const struct request_rings *v, int *ret_fd);
/* v->n descriptors, the caller's. As before. */
int must_check privilege_listen(struct privilege *p, const struct request_listen *v, int *ret_fd);
/* The table of budgets (trap/budget.h), the caller's, once in the keeper's life. 0; -EPIPE; -errno. */
int must_check privilege_budget(struct privilege *p, int *ret_fd, struct request_budget *ret);
/* v->n sockets for what comes to claimed addresses are had by privilege_listen(). 0; -EPIPE; -errno, of main/claim.h. */
int must_check privilege_claim(struct privilege *p, const struct request_claim *v);
int must_check privilege_confirm(struct privilege *p);
/* Raises how many files we may open. 0; -EPIPE; -errno, as -EPERM where not even the keeper may. */
int must_check privilege_limits(struct privilege *p, uint32_t files);
