#!/bin/bash
# The manual page names every command and every option that --help names, and no help is empty; and
# where --csv is refused, the help says so.
set -euo pipefail
page=$(sed 's/\\-/-/g' "$TEITEN_SOURCE/doc/teiten.1")
bad=0
say() {
    echo "manual: $*"
    bad=1
}
commands=$("$TEITEN" --help | sed -n '/^Commands:/,/^Options/s/^  \([a-z]\{1,\}\).*/\1/p' | grep -v '^help$')
[[ $(wc -w <<<"$commands") -ge 9 ]] || say "only these commands were found: $commands"
for command in $commands; do
    grep -q "^\.\(It \)\{0,1\}Cm $command" <<<"$page" || say "the page lacks the command $command"
    options=$("$TEITEN" "$command" --help | sed -n 's/^  --\([a-z-]\{1,\}\).*/\1/p')
    [[ $options ]] || say "$command --help names no options"
    for option in $options; do
        grep -q "Fl -$option\b" <<<"$page" || say "the page lacks --$option of $command"
    done
done
for command in status verify "forget 192.0.2.1" "config print" "series" "top ports" sources "host 192.0.2.1"; do
    # shellcheck disable=SC2086 # its words
    code=0 && "$TEITEN" $command --csv --state "$TMPDIR/none" >/dev/null 2>&1 || code=$?
    help=$("$TEITEN" "${command%% *}" --help | tr '\n' ' ')
    told=no && [[ $help == *"--csv is refused"* ]] && told=yes
    refused=no && ((code == 2)) && refused=yes
    [[ $told == "$refused" ]] || say "--csv of $command: refused: $refused, said by its help: $told"
done
exit $bad
