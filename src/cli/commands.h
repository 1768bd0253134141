#pragma once
/*
 * The commands: one cmd-NAME.c each; their table stands in main/teiten.c.
 */
#include "cli/cli.h"
#include "store/store.h"

int cmd_ingest(struct cli *cli);
int cmd_observe(struct cli *cli);
int cmd_series(struct cli *cli);
int cmd_top(struct cli *cli);
int cmd_sources(struct cli *cli);
int cmd_host(struct cli *cli);
int cmd_sessions(struct cli *cli);
int cmd_session(struct cli *cli);
int cmd_replay(struct cli *cli);
int cmd_export(struct cli *cli);
int cmd_samples(struct cli *cli);
int cmd_sample(struct cli *cli);
int cmd_fetches(struct cli *cli);
int cmd_tail(struct cli *cli);
int cmd_status(struct cli *cli);
int cmd_verify(struct cli *cli);
int cmd_forget(struct cli *cli);
int cmd_shell(struct cli *cli);
int cmd_persona(struct cli *cli);
int cmd_trap(struct cli *cli);
int cmd_config(struct cli *cli);
int cmd_doctor(struct cli *cli);

extern const struct option_def ingest_options[], observe_options[], series_options[], top_options[],
    sources_options[], host_options[], sessions_options[], session_options[], replay_options[], tail_options[],
    export_options[], verify_options[], shell_options[], persona_options[], trap_options[],
    samples_options[], sample_options[], fetches_options[];
extern const char series_details[], top_details[], sources_details[], host_details[], sessions_details[],
    session_details[], replay_details[], tail_details[], export_details[], status_details[], observe_details[],
    verify_details[], forget_details[], shell_details[], persona_details[], trap_details[], samples_details[],
    sample_details[], fetches_details[];

/* Opens the state folder's store. 0; or an exit code, and said why. */
int must_check commands_open_store(const struct cli *cli, enum store_mode mode, struct store **ret);
/* The folder of the devices: trap.personas; else of those that are shipped, beside the sources in a build folder, else where it
 * was installed. */
void commands_personas(const struct conf *conf, char *ret, size_t n);
/* The folder of YARA rules that came with teiten, likewise. */
void commands_rules(char *ret, size_t n);
/* What --prefix says; the list stays empty where it is not given. 0, or an exit code, and said why. */
int must_check commands_prefixes(const struct cli *cli, struct prefix_list *ret);
