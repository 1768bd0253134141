#pragma once
/*
 * From the command line and the configuration to what is to be observed.
 */
#include "cli/commands.h"
#include "main/observe.h"

/* Looks at the host only; nothing is opened. Fills all of the plan but its sensor. `own`: the sensor's
 * addresses, which are the caller's. 0, or an exit code, and said why. */
int must_check observe_plan_choose(const struct cli *cli, struct observe_plan *ret, struct prefix_list *own);
/* Gives such a plan, which has no sensor yet, back. */
void observe_plan_drop(struct observe_plan *p);
/* What --claim, or else trap.claim, names: adds to *ret. 0, or an exit code, and said why. */
int must_check observe_claims(const struct cli *cli, struct prefix_list *ret);
/* Says what is claimed, and what is left out of it. Where it is not certain (--yes), somebody must be there to confirm it. 0, or
 * an exit code, and said why. */
int must_check observe_claim_tell(const struct cli *cli, const struct request_claim *v);
/* The line of an interface that is not there; an exit code. */
int observe_no_interface(const char *name);
/* Makes the sensor ready, with what the store knows of it. 0, or an exit code, and said why. */
int must_check observe_plan_prepare(const struct cli *cli, struct store *s, const struct prefix_list *own,
                                    struct observe_plan *plan);
