#!/bin/bash
# Three harmless programs, each built for ten CPUs, among Debian's programs for as many: what is alike is found, whatever
# CPU it is for, and nothing else is taken for it. Through the real worker, vault and store.
set -uo pipefail
fixtures=$TEITEN_SOURCE/tests/sample/fixtures
targets=(armv5te-linux-gnueabi aarch64-linux-gnu mips-linux-gnu mipsel-linux-gnu mips64el-linux-gnuabi64 powerpc-linux-gnu
    powerpc64le-linux-gnu i686-linux-gnu x86_64-linux-gnu riscv64-linux-gnu)

for word in clang ld.lld python3; do
    command -v "$word" >/dev/null || { echo "SKIP: needs $word"; exit 77; }
done

mkdir "$TMPDIR/made"
for name in lamp kettle clock; do
    for target in "${targets[@]}"; do
        clang --target="$target" -ffreestanding -nostdlib -static -fuse-ld=lld -Wl,-e,_start -O1 -I"$fixtures" \
            -o "$TMPDIR/made/$name-$target" "$fixtures/$name.c" || exit 1
    done
done
others=()
if list=$(python3 "$TEITEN_SOURCE/scripts/foreign.py" "$TEITEN_SOURCE/build-test/foreign"); then
    mapfile -t others < <(awk 'NR % 4 == 1 || /busybox$/' <<<"$list")
else
    echo "skipped: Debian's programs cannot be had; the fixtures are among themselves"
fi
"$TEITEN" sample add "$TMPDIR"/made/* "${others[@]}" --json --state "$TMPDIR/state" >"$TMPDIR/added.json" || exit 1
"$TEITEN" samples --json --limit 0 --state "$TMPDIR/state" >"$TMPDIR/samples.json" || exit 1
python3 - "$TMPDIR" "${#targets[@]}" <<'END'
import collections, json, pathlib, sys
folder, targets = pathlib.Path(sys.argv[1]), int(sys.argv[2])
samples = {s["sha256"]: s for s in json.loads((folder / "samples.json").read_text())}
groups, cpus, others = collections.defaultdict(set), collections.defaultdict(set), set()
for added in json.loads((folder / "added.json").read_text()):
    sample, name = samples[added["sha256"]], pathlib.Path(added["file"]).name
    if "/made/" in added["file"]:
        groups[name.split("-")[0]].add(sample["group"])
        cpus[name.split("-")[0]].add((sample["cpu"], sample["order"], sample["bits"]))
    elif sample["group"]:
        others.add(sample["group"])
print({name: sorted(map(str, ids)) for name, ids in groups.items()}, len(others), "groups of Debian's")
fine = len(groups) == 3 and all(len(ids) == 1 and None not in ids for ids in groups.values())
found = {id for ids in groups.values() for id in ids}
sys.exit(not (fine and len(found) == 3 and not found & others and all(len(c) == targets for c in cpus.values())))
END
