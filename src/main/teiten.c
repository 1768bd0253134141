/*
 * teiten: the one command that people type. To add a command, write cli/cmd-NAME.c and add its line here.
 */
#include "cli/commands.h"

static const struct command commands[] = {
    { "ingest", "FILE...", "Count captures: pcap and pcapng, plain, .gz, .zst, or - for standard input",
      ingest_options, cmd_ingest, NULL },
    { "observe", NULL, "Capture on interfaces and count, until it is told to stop", observe_options,
      cmd_observe, NULL },
    { "config", "print|check [FILE]", "Show every config item, or check a file", NULL, cmd_config, NULL },
    { "doctor", NULL, "Say what works on this machine, and what to do about the rest", NULL, cmd_doctor,
      NULL },
    { 0 },
};

int main(int argc, char **argv)
{
    return cli_main(argc, argv, commands);
}
