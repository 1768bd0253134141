#!/bin/bash
# service.sh STAGE: becomes systemd, with the files of `meson install` in STAGE over /usr. To be run as the first
# process of PID, mount, cgroup, IPC and UTS namespaces of its own, and in a network namespace with sensor0:
# units.sh does that. Everything it writes lies in file systems of its own, and is gone with them; of units there
# are teiten's and the empty targets that it names. DROP_IN holds lines for the unit's section [Service].
set -euo pipefail
stage=$1
mount --make-rprivate /
mount -t proc proc /proc
mount --bind /proc/sys /proc/sys
mount -o remount,bind,ro /proc/sys
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/lib
for folder in etc usr; do
    mkdir -p "/run/over/$folder" "/run/over/$folder.work"
    mount -t overlay overlay -o "lowerdir=/$folder,upperdir=/run/over/$folder,workdir=/run/over/$folder.work" "/$folder"
done
mount -t cgroup2 cgroup2 /sys/fs/cgroup
[[ ! -e /dev/console ]] || mount --bind /dev/null /dev/console

cp -a "$stage/usr/." /usr/
mkdir -p /run/units/teiten.service.d /run/none /etc/teiten
cp "$stage"/usr/lib/systemd/system/teiten.service /run/units/
printf '[Service]\nStandardError=append:/run/teiten.log\n%b\n' "${DROP_IN-}" >/run/units/teiten.service.d/test.conf
for target in sysinit basic shutdown network-online; do
    printf '[Unit]\nDefaultDependencies=no\n' >"/run/units/$target.target"
done
echo "TEITEN_OPTIONS=--interface sensor0 --prefix 203.0.113.0/24" >/etc/teiten/environment
systemd-sysusers /usr/lib/sysusers.d/teiten.conf
exec env -i container=test SYSTEMD_UNIT_PATH=/run/units SYSTEMD_GENERATOR_PATH=/run/none PATH="$PATH" \
    /lib/systemd/systemd --system --unit=basic.target --log-target=console --log-level=warning --show-status=no
