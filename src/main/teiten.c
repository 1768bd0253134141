/*
 * teiten: the one command that people type. To add a command, write cli/cmd-NAME.c and add its line here.
 */
#include "cli/commands.h"

static const struct command commands[] = {
    { "ingest", "FILE...", "Count captures: pcap and pcapng, plain, .gz, .zst, or - for standard input",
      ingest_options, cmd_ingest, NULL },
    { "observe", NULL, "Capture on interfaces and count, until it is told to stop", observe_options,
      cmd_observe, observe_details },
    { "series", NULL, "Show what was counted each minute, hour or day", series_options, cmd_series,
      series_details },
    { "top", "ports|sources|fingerprints|credentials|commands|downloads|personas|unknown-commands|protocols|entries|datagrams|cpus|families|"
             "distributors",
      "Show the greatest, beside the period before", top_options, cmd_top, top_details },
    { "sources", NULL, "Show who it was", sources_options, cmd_sources, sources_details },
    { "host", "ADDRESS|PREFIX", "Tell whether and how a host, or any of a prefix, was seen", host_options,
      cmd_host, host_details },
    { "sessions", NULL, "List sessions at the trap, the newest first", sessions_options, cmd_sessions,
      sessions_details },
    { "session", "ID", "Tell all that happened in a session", session_options, cmd_session, session_details },
    { "replay", "ID", "Show a session as the visitor saw it", replay_options, cmd_replay, replay_details },
    { "samples", NULL, "List the programs that attacks delivered, the newest first", samples_options, cmd_samples,
      samples_details },
    { "sample", "SHA256|add [FILE...]", "Tell what a program is without running it, or take one in", sample_options, cmd_sample,
      sample_details },
    { "fetches", NULL, "List what visitors wanted fetched, and what became of it", fetches_options, cmd_fetches, fetches_details },
    { "tail", NULL, "Show what happens at the trap, as it does", tail_options, cmd_tail, tail_details },
    { "export", "FORM", "Write sessions as others read them: cowrie", export_options, cmd_export, export_details },
    { "status", NULL, "Show sensors, what they observed, programs, drops, and the store", NULL, cmd_status,
      status_details },
    { "verify", NULL, "Check that nothing that is kept was altered", verify_options, cmd_verify,
      verify_details },
    { "forget", "ADDRESS|PREFIX", "Take an address out as a source; counts stay", NULL, cmd_forget, forget_details },
    { "shell", "[WORD...]", "Try the emulated shell: on a terminal, or -c COMMAND", shell_options, cmd_shell,
      shell_details, true },
    { "persona", "list|show|check [ID|FOLDER...]", "Show the devices that the trap plays, or check that they agree with themselves",
      persona_options, cmd_persona, persona_details },
    { "trap", "check [ADDRESS...]", "Show what a visitor sees of the trap, or visit it", trap_options, cmd_trap,
      trap_details },
    { "config", "print|check [FILE]", "Show every config item, or check a file", NULL, cmd_config, NULL },
    { "doctor", NULL, "Say what works on this machine, and what to do about the rest", NULL, cmd_doctor,
      NULL },
    { 0 },
};

int main(int argc, char **argv)
{
    return cli_main(argc, argv, commands);
}
