#pragma once
/*
 * What the files of builtins share.
 */
#include "shell/interp.h"

#define BUILTIN_ARGS struct proc *p, struct command *c, int argc, char **argv

enum builtin_next builtin_status(struct proc *p, int status);
/* Reads single-letter options as ash's builtins do: bits in the order of `letters`; *ret_argv is what
 * follows. false: a wrong one, said. */
bool builtin_options(struct proc *p, char **argv, const char *letters, uint32_t *ret, char ***ret_argv);
/* A number that must be one; false: "Illegal number", said. */
bool builtin_number(struct proc *p, const char *s, int *ret);

enum builtin_next builtin_alias(BUILTIN_ARGS), builtin_bg(BUILTIN_ARGS), builtin_break(BUILTIN_ARGS),
    builtin_cd(BUILTIN_ARGS), builtin_command(BUILTIN_ARGS), builtin_dot(BUILTIN_ARGS), builtin_eval(BUILTIN_ARGS),
    builtin_exec(BUILTIN_ARGS), builtin_exit(BUILTIN_ARGS), builtin_export(BUILTIN_ARGS), builtin_false(BUILTIN_ARGS),
    builtin_getopts(BUILTIN_ARGS), builtin_hash(BUILTIN_ARGS), builtin_help(BUILTIN_ARGS),
    builtin_history(BUILTIN_ARGS), builtin_inside(BUILTIN_ARGS), builtin_jobs(BUILTIN_ARGS), builtin_kill(BUILTIN_ARGS),
    builtin_let(BUILTIN_ARGS), builtin_local(BUILTIN_ARGS), builtin_pwd(BUILTIN_ARGS), builtin_read(BUILTIN_ARGS),
    builtin_return(BUILTIN_ARGS), builtin_set(BUILTIN_ARGS), builtin_shift(BUILTIN_ARGS), builtin_times(BUILTIN_ARGS),
    builtin_trap(BUILTIN_ARGS), builtin_true(BUILTIN_ARGS), builtin_type(BUILTIN_ARGS), builtin_ulimit(BUILTIN_ARGS),
    builtin_umask(BUILTIN_ARGS), builtin_unalias(BUILTIN_ARGS), builtin_unset(BUILTIN_ARGS), builtin_wait(BUILTIN_ARGS);
