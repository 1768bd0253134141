# shellcheck shell=bash
# To be sourced: build FOLDER MESON-OPTIONS... sets the folder up once and brings it up to date.
# Standard output stays clean; standard error shows one line of progress, and everything where
# something fails.

root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)

# ccache is a help only where it can write.
choose_compiler()
{
    [[ -z ${CC-} ]] || return 0
    export CC=gcc
    local cache=${CCACHE_DIR:-${HOME-}}
    if command -v ccache >/dev/null && [[ -n $cache && -w $cache ]]; then
        CC="ccache gcc"
    fi
}

# A folder that was set up for a source tree elsewhere (moved, copied), or otherwise, is set up anew.
set_up()
{
    local folder=$1
    shift
    local info=$folder/meson-info/meson-info.json
    if [[ -e $folder/build.ninja ]]; then
        if grep -qsF "\"source\": \"$root\"" "$info" && [[ "$(cat "$folder/.options" 2>/dev/null)" == "$*" ]]; then
            return 0
        fi
        rm -rf "$folder"
    fi
    echo "setting up ${folder##*/}" >&2
    choose_compiler
    local out
    if ! out=$(meson setup "$@" "$folder" "$root" 2>&1); then
        printf '%s\n' "$out" >&2
        return 1
    fi
    echo "$*" >"$folder/.options"
}

# Lines of ninja to one line on a terminal (nothing elsewhere), all of them to file $1.
show_progress()
{
    local line shown=
    while IFS= read -r line; do
        printf '%s\n' "$line" >>"$1"
        if [[ -t 2 && $line =~ ^\[([0-9]+)/([0-9]+)\] ]]; then
            printf '\rbuilding %s/%s' "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" >&2
            shown=1
        fi
    done
    if [[ $shown ]]; then
        printf '\r\033[K' >&2
    fi
}

build()
{
    local folder=$1 log good=1
    set_up "$@" || return 1
    log=$(mktemp) || return 1
    if [[ ! -t 2 ]] && ! ninja -C "$folder" -n 2>/dev/null | grep -q 'no work to do'; then
        echo "building ${folder##*/}" >&2
    fi
    (
        set -o pipefail
        ninja -C "$folder" 2>&1 | show_progress "$log"
    ) || good=
    if [[ ! $good ]]; then
        cat "$log" >&2
    fi
    rm -f "$log"
    [[ $good ]]
}
