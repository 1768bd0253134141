#!/bin/bash
# Stores in trouble: a damaged page is told of and the rest answered, a damaged store is set aside and can be
# asked where it lies, a full or read-only disk is borne and counting goes on when it is well again.
set -uo pipefail
bad=0

fail() {
    echo "damage: $*"
    bad=1
}

for word in sqlite3 python3 unshare; do
    if ! command -v "$word" >/dev/null; then
        echo "SKIP: needs $word"
        exit 77
    fi
done

# ---- a damaged page ----

state=$TMPDIR/state
python3 - "$TEITEN_SOURCE" "$TMPDIR/day.pcap" <<'END' || exit 1
# Six hours of SYNs to port 23, an hour as many as its number and one: 100, 200, ... 600
import struct, sys
with open(sys.argv[2], "wb") as f:
    f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    for hour in range(6):
        for i in range(100 * (hour + 1)):
            ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40, 0, 0, 64, 6, 0, bytes([198, 18, hour * 2, i % 250]),
                             bytes([203, 0, 113, i % 200]))
            words = struct.unpack(">10H", ip)
            total = sum(words)
            total = (total & 0xffff) + (total >> 16)
            total = (total & 0xffff) + (total >> 16)
            ip = ip[:10] + struct.pack(">H", ~total & 0xffff) + ip[12:]
            tcp = struct.pack(">HHIIBBHHH", 40000 + i, 23, 7, 0, 0x50, 2, 1000, 0, 0)
            frame = b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip + tcp
            f.write(struct.pack("<IIII", 1772323200 + hour * 3600 + i, i, len(frame), len(frame)) + frame)
END
"$TEITEN" ingest "$TMPDIR/day.pcap" --state "$state" >/dev/null 2>&1 || fail "ingest"
period=(--from 2026-03-01T00:00:00Z --to 2026-03-01T06:00:00Z)
# counts FILE: of the hours of a series, with null as -
counts() {
    python3 -c 'import json, sys
print(" ".join("-" if r["accesses"] is None else str(r["accesses"]) for r in json.load(open(sys.argv[1]))))' "$1"
}
"$TEITEN" series --every hour "${period[@]}" --json --state "$state" >"$TMPDIR/whole" 2>"$TMPDIR/err" || fail "series"
[[ $(counts "$TMPDIR/whole") == "100 200 300 400 500 600" ]] || fail "whole: $(counts "$TMPDIR/whole")"
[[ ! -s $TMPDIR/err ]] || fail "a whole store warns: $(cat "$TMPDIR/err")"

# break_blob SQL: one byte in the middle of the blob that SQL gives, where it lies in the file
break_blob() {
    sqlite3 "$state/teiten.db" "pragma wal_checkpoint(truncate)" >/dev/null
    sqlite3 "$state/teiten.db" "select hex($1)" | python3 -c '
import sys
blob = bytes.fromhex(sys.stdin.read().strip())
data = bytearray(open(sys.argv[1], "rb").read())
at = data.find(blob)
assert blob and at >= 0 and data.find(blob, at + 1) < 0
data[at + len(blob) // 2] ^= 0x10
open(sys.argv[1], "wb").write(data)' "$state/teiten.db" || fail "nothing to break"
}
hour4="(select id from run where state=1 and hour=1772323200/3600+3)"
break_blob "(select totals from summary where run=$hour4)"
"$TEITEN" series --every hour "${period[@]}" --json --state "$state" >"$TMPDIR/out" 2>"$TMPDIR/err" || fail "series of a damaged store"
[[ $(counts "$TMPDIR/out") == "100 200 300 - 500 600" ]] || fail "damaged: $(counts "$TMPDIR/out")"
grep -q "2026-03-01T03:00:00Z to 2026-03-01T04:00:00Z" "$TMPDIR/err" || fail "the hour is not named: $(cat "$TMPDIR/err")"
"$TEITEN" top ports "${period[@]}" --json --state "$state" >"$TMPDIR/out" 2>"$TMPDIR/err" || fail "top of a damaged store"
grep -q '"accesses":1700' "$TMPDIR/out" || fail "top: $(cat "$TMPDIR/out")"
grep -q "2026-03-01T03:00:00Z" "$TMPDIR/err" || fail "top names no hour: $(cat "$TMPDIR/err")"
for i in 1 2; do # around it
    "$TEITEN" series --every hour --from 2026-03-01T0$((i == 1 ? 0 : 4)):00:00Z --to 2026-03-01T0$((i == 1 ? 3 : 6)):00:00Z \
        --json --state "$state" >"$TMPDIR/out" 2>"$TMPDIR/err" || fail "around it"
    [[ ! -s $TMPDIR/err ]] || fail "around it: $(cat "$TMPDIR/err")"
done
chunk5="(select coalesce(c.blob, l.blob) from chunk c left join log l on l.seq=c.seq where c.run in
 (select id from run where state=1 and hour=1772323200/3600+4))"
break_blob "$chunk5"
"$TEITEN" sources "${period[@]}" --limit 0 --json --state "$state" >"$TMPDIR/out" 2>"$TMPDIR/err" || fail "sources"
got=$(python3 -c 'import json, sys; print(sum(r["accesses"] for r in json.load(open(sys.argv[1]))))' "$TMPDIR/out")
[[ $got == 1600 ]] || fail "sources sum up to $got, not 1600" # flows of the fourth hour are whole, of the fifth not
grep -q "2026-03-01T04:00:00Z to 2026-03-01T05:00:00Z" "$TMPDIR/err" || fail "sources: $(cat "$TMPDIR/err")"
"$TEITEN" host 198.18.8.5 --json --state "$state" >"$TMPDIR/out" 2>"$TMPDIR/err" || fail "host"
grep -q "2026-03-01T04:00:00Z" "$TMPDIR/err" || fail "host says nothing of the damage: $(cat "$TMPDIR/err")"

# ---- small and read-only disks ----

if ((EUID != 0)) || ! unshare -m true 2>/dev/null; then
    ((bad)) && exit 1
    echo "SKIP: the disks: needs root, to mount small ones"
    exit 77
fi
export TEITEN TMPDIR
mkdir "$TMPDIR/disk"
unshare -m bash -u <<'END' || fail "small disks"
disk=$TMPDIR/disk
say() {
    echo "damage: $*"
    exit 1
}
packets() { # nobody writes now, and sqlite3 has no room for an index
    sqlite3 "file:$disk/teiten.db?immutable=1" "select coalesce(sum(packets), 0) from run where state=1"
}
mount -t tmpfs -o size=64m small "$disk" || exit 1
"$TEITEN" ingest "$TMPDIR/day.pcap" --state "$disk" >/dev/null 2>&1 || say "ingest on an empty disk"
head -c 100m /dev/zero >"$disk/filler" 2>/dev/null
"$TEITEN" ingest --again "$TMPDIR/day.pcap" --state "$disk" >"$TMPDIR/out" 2>"$TMPDIR/err" && say "ingest on a full disk"
grep -qi "no space" "$TMPDIR/err" || say "a full disk: $(cat "$TMPDIR/err")"
[[ $(packets) == 2100 ]] || say "a full disk shows $(packets)"
"$TEITEN" series --from 2026-03-01 --state "$disk" >/dev/null 2>"$TMPDIR/err" || say "series on a full disk: $(cat "$TMPDIR/err")"
rm "$disk/filler"
"$TEITEN" ingest --again "$TMPDIR/day.pcap" --state "$disk" >/dev/null 2>"$TMPDIR/err" || say "room again: $(cat "$TMPDIR/err")"
[[ $(packets) == 4200 ]] || say "room again: $(packets)"
[[ $(sqlite3 "$disk/teiten.db" "pragma integrity_check") == ok ]] || say "integrity"
mount -o remount,ro "$disk" || exit 1
"$TEITEN" ingest --again "$TMPDIR/day.pcap" --state "$disk" >"$TMPDIR/out" 2>"$TMPDIR/err" && say "ingest on a read-only disk"
grep -qi "read-only" "$TMPDIR/err" || say "a read-only disk: $(cat "$TMPDIR/err")"
"$TEITEN" series --from 2026-03-01 --state "$disk" >/dev/null 2>"$TMPDIR/err" || say "series on a read-only disk: $(cat "$TMPDIR/err")"
mount -o remount,rw "$disk" || exit 1
"$TEITEN" ingest --again "$TMPDIR/day.pcap" --state "$disk" >/dev/null 2>"$TMPDIR/err" || say "writable again: $(cat "$TMPDIR/err")"
[[ $(packets) == 6300 ]] || say "writable again: $(packets)"
END
exit "$bad"
