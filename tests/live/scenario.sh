#!/bin/bash
# What scenarios of the running program share: sourced, it skips the scenario where there can be no namespaces. netns.sh, and
#
#   needs WORD...                  skips the scenario where a program is not there
#   fail TEXT...                   ends it, with the ends of what was logged
#   until_true SECONDS COMMAND...  tries again and again; 1 where it never was
#   said NAME TEXT                 whether $TMPDIR/NAME.log has that
#   holds NAME PYTHON COMMAND...    whether it holds of d, the JSON document that a command tells of $TMPDIR/NAME
#   $release                       the release program; where there is none, $TEITEN

# shellcheck source=tests/live/netns.sh
source "$TEITEN_SOURCE/tests/live/netns.sh"
# shellcheck disable=SC2034 # for who sources this
release=$TEITEN_RELEASE
[[ -x $release ]] || release=$TEITEN

if ! why=$(netns_can); then
    echo "SKIP: $why"
    exit 77
fi
chmod 711 "$TMPDIR" # the daemon becomes a user who must reach its state folder

needs() {
    local word
    for word; do
        if ! command -v "$word" >/dev/null; then
            echo "SKIP: needs $word"
            exit 77
        fi
    done
}

fail() {
    echo "FAIL: $*"
    tail -n 20 "$TMPDIR"/*.log 2>/dev/null
    exit 1
}

until_true() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < end)) || return 1
        sleep 0.02
    done
}

said() {
    grep -q -- "$2" "$TMPDIR/$1.log"
}

holds() {
    local name=$1 check=$2
    shift 2
    "$release" "$@" --json --state "$TMPDIR/$name" |
        python3 -c "import json, sys; d = json.load(sys.stdin); sys.exit(not ($check))"
}
