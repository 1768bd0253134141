#!/bin/bash
# `teiten persona` lists the devices that are shipped, tells all of one, and finds no fault with any; what is wrong
# with one of somebody's own is told.
set -uo pipefail
fail() {
    echo "FAIL: $*"
    exit 1
}
# Ends with CODE: exits CODE COMMAND...
exits() {
    local wanted=$1 code=0
    shift
    "$@" >"$TMPDIR/out" 2>"$TMPDIR/err" </dev/null || code=$?
    sed -i 's/\r$//' "$TMPDIR/out" # of CSV
    ((code == wanted)) || fail "exit code $code, not $wanted: $*: $(cat "$TMPDIR/out" "$TMPDIR/err")"
}
folders=("$TEITEN_SOURCE"/personas/*/persona.ini)
((${#folders[@]} >= 16)) || fail "only ${#folders[@]} personas"

# ---- all of them ----

exits 0 "$TEITEN" persona list
[[ $(wc -l <"$TMPDIR/out") == $((${#folders[@]} + 1)) ]] || fail "list has not ${#folders[@]} rows"
grep -q '^hi3520-recorder  *recorder  *.* arm  *little  *ash  *23 80 554' "$TMPDIR/out" || fail "the row of hi3520-recorder"
exits 0 "$TEITEN" persona list --json
python3 - "$TMPDIR/out" <<'END' || fail "the JSON of list"
import json, sys
rows = json.load(open(sys.argv[1]))
assert all(list(r) == ["id", "class", "vendor", "cpu", "order", "shell", "ports"] for r in rows)
assert [r["id"] for r in rows] == sorted(r["id"] for r in rows)
by = {r["id"]: r for r in rows}
assert by["bcm96328-dsl"]["shell"] == "broadcom" and by["netis-router"]["shell"] == "ash"
assert all(23 in r["ports"] for r in rows)
cpus = {(r["cpu"], r["order"]) for r in rows}
assert {("arm", "little"), ("aarch64", "little"), ("mips", "little"), ("mips", "big"), ("powerpc", "big"),
        ("superh", "little"), ("sparc", "big"), ("x86", "little")} <= cpus, cpus
assert {r["class"] for r in rows} >= {"router", "recorder", "camera", "storage", "settop"}
END
exits 0 "$TEITEN" persona list --csv
[[ $(head -n 1 "$TMPDIR/out") == id,class,vendor,cpu,order,shell,ports ]] || fail "the head of the CSV"

exits 0 "$TEITEN" persona check
[[ $(grep -c ': good$' "$TMPDIR/out") == "${#folders[@]}" ]] || fail "not all are good: $(cat "$TMPDIR/out")"

# ---- one ----

exits 0 "$TEITEN" persona show bcm96328-dsl --json
python3 - "$TMPDIR/out" <<'END' || fail "the JSON of show"
import json, sys
p = json.load(open(sys.argv[1]))
assert p["id"] == "bcm96328-dsl" and p["shell"] == p["cli"]["name"] == "broadcom" and p["cli"]["prompts"] == [" > "]
assert p["telnet"]["dialect"] == "utelnetd" and "admin admin" in p["login"]["pairs"] and p["login"]["tries"] == 3
assert "wget" in p["busybox"]["applets"] and p["busybox"]["version"].startswith("v1.17.2 ")
assert p["http"]["ports"] == [80, 7547, 30005] and p["http"]["servers"] == ["80 micro_httpd", "7547 -"]
assert p["system"]["machine"] == "mips" and p["hardware"]["memory_total"] > 1000 and p["rows"]["processes"] > 10
END
exits 0 "$TEITEN" persona show "$TEITEN_SOURCE/personas/netis-router/"
grep -qxF 'banner = \r\r\n' "$TMPDIR/out" || fail "no banner of netis-router: $(cat "$TMPDIR/out")"
! grep -q '^\[cli\]$' "$TMPDIR/out" || fail "netis-router has a command line"
exits 0 "$TEITEN" persona show netis-router --csv
grep -qxF 'login.banner,\r\r\n' "$TMPDIR/out" || fail "the CSV of show"

# ---- what is wrong ----

mkdir "$TMPDIR/own"
cp -r "$TEITEN_SOURCE/personas/netis-router" "$TMPDIR/own/mine"
exits 0 "$TEITEN" persona check "$TMPDIR/own/mine"
sed -i 's/^cpu = .*/cpu = arm/; s/^banner = .*/banner = hello\\x1b/' "$TMPDIR/own/mine/persona.ini"
exits 1 "$TEITEN" persona check --personas "$TMPDIR/own"
grep -q '^mine: root/bin/busybox: a program of another CPU than arm' "$TMPDIR/out" || fail "its CPU: $(cat "$TMPDIR/out")"
grep -q '^mine: persona.ini: the banner' "$TMPDIR/out" || fail "its banner: $(cat "$TMPDIR/out")"
exits 0 "$TEITEN" persona show mine --personas "$TMPDIR/own"
grep -qxF 'banner = hello\x1b' "$TMPDIR/out" || fail "a control character reaches the terminal"
exits 1 "$TEITEN" persona check mine netis-router --personas "$TMPDIR/own" # there is none of the second name
grep -q 'netis-router: there is no such persona; ' "$TMPDIR/err" || fail "$(cat "$TMPDIR/err")"
exits 1 "$TEITEN" persona check --json "$TMPDIR/own/mine"
python3 -c 'import json, sys
one, = json.load(open(sys.argv[1]))
assert one["id"] == "mine" and len(one["faults"]) >= 3' "$TMPDIR/out" || fail "the JSON of check"

# One that cannot be read is a fault of its own, and keeps no other from being listed.
cp -r "$TEITEN_SOURCE/personas/netis-router" "$TMPDIR/own/other"
echo nonsense >>"$TMPDIR/own/mine/persona.ini"
exits 1 "$TEITEN" persona check --personas "$TMPDIR/own"
grep -q '^mine: persona.ini:[0-9]*: ' "$TMPDIR/out" || fail "$(cat "$TMPDIR/out")"
grep -qx 'other: good' "$TMPDIR/out" || fail "the good one: $(cat "$TMPDIR/out")"
exits 1 "$TEITEN" persona list --personas "$TMPDIR/own"
grep -q '^other ' "$TMPDIR/out" || fail "the good one is not listed"

exits 1 "$TEITEN" persona list --personas "$TMPDIR/none"
exits 1 "$TEITEN" persona list --personas "$TMPDIR/own/other" # has no personas in it
exits 1 "$TEITEN" persona show none
exits 1 "$TEITEN" persona check "$TEITEN_SOURCE/personas/generic" # which the trap does not play
exits 2 "$TEITEN" persona
exits 2 "$TEITEN" persona show
exits 2 "$TEITEN" persona show one two
exits 2 "$TEITEN" persona list one
exits 2 "$TEITEN" persona teach
exit 0
