#!/bin/bash
# Installs the Debian packages that are missing, by name. `install.sh run` for building and running,
# `install.sh test` for these and what the tests want. Says which, asks nothing, starts no daemon.
set -euo pipefail

run=(
    gcc g++ meson ninja-build pkg-config ccache
    libpcap-dev libsqlite3-dev zlib1g-dev libzstd-dev libxxhash-dev libinih-dev nettle-dev
    libjansson-dev libseccomp-dev
    libcurl4-openssl-dev libc-ares-dev libyara-dev libtlsh-dev libzip-dev
    p0f tzdata busybox-static python3
)
tests=(
    clang libclang-rt-14-dev libcmocka-dev
    tcpdump tshark zstd gzip iproute2 ethtool curl dnsmasq-base mandoc procps sqlite3 systemd
    inetutils-telnet netcat-openbsd expect nmap openssl openssh-client socat chromium
    yara lld unzip nginx-light vsftpd tftpd-hpa
)

case ${1-} in
run) wanted=("${run[@]}") ;;
test) wanted=("${run[@]}" "${tests[@]}") ;;
*)
    echo "usage: install.sh run|test" >&2
    exit 2
    ;;
esac

if ! command -v dpkg-query >/dev/null; then
    echo "teiten: packages: this is no Debian; have these in your system's way: ${wanted[*]}" >&2
    exit 0
fi

# Sets missing to those of wanted that are not installed.
find_missing()
{
    local name state
    local -A have=()
    while read -r name state; do
        if [[ $state == ?i* ]]; then
            have[$name]=1
        fi
    done < <(dpkg-query -W -f '${Package} ${db:Status-Abbrev}\n' "${wanted[@]}" 2>/dev/null)
    missing=()
    for name in "${wanted[@]}"; do
        [[ -n ${have[$name]-} ]] || missing+=("$name")
    done
}

# Who the observatory is once it has what it needs of root's: a user that owns nothing but its counts.
make_user()
{
    if ((EUID == 0)) && ! id teiten >/dev/null 2>&1; then
        echo "making the user teiten" >&2
        useradd --system --user-group --no-create-home --home-dir /var/lib/teiten \
            --shell /usr/sbin/nologin teiten || id teiten >/dev/null
    fi
}

make_user
find_missing
((${#missing[@]})) || exit 0

if ((EUID != 0)); then
    if sudo -n true 2>/dev/null; then
        exec sudo -n "$BASH" "$(readlink -f "$0")" "$1"
    fi
    {
        echo "teiten: packages: ${#missing[@]} are missing; as root, type:"
        echo "    apt-get update && apt-get install --no-install-recommends ${missing[*]}"
    } >&2
    exit 1
fi

# Two at once would take each other's policy away; the second waits, and finds nothing missing.
exec 9</var/lib/dpkg
flock 9
find_missing
((${#missing[@]})) || exit 0

# Packages that bring daemons must not start them: 101 is "not allowed" to invoke-rc.d.
policy=/usr/sbin/policy-rc.d
mark="# put here by teiten's install.sh while it installs"
remove_policy()
{
    if grep -qsxF "$mark" "$policy"; then
        rm -f "$policy"
    fi
}
trap remove_policy EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
if [[ ! -e $policy && ! -L $policy ]]; then
    printf '#!/bin/sh\n%s\nexit 101\n' "$mark" >"$policy.teiten"
    chmod 755 "$policy.teiten"
    mv "$policy.teiten" "$policy"
fi

log=$(mktemp)
trap 'remove_policy; rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1

apt()
{
    apt-get -q -y -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=600 "$@" </dev/null >>"$log" 2>&1 9<&-
}
update()
{
    echo "reading the package lists" >&2
    apt update
}
install_missing()
{
    apt -o Dpkg::Options::=--force-confold install --no-install-recommends "${missing[@]}"
}
# Lists that do not know a package are absent or old; lists that name a version which is gone are old.
get_all()
{
    if apt-cache show "${missing[@]}" >/dev/null 2>&1; then
        install_missing && return
    fi
    update && install_missing
}

echo "installing ${missing[*]}" >&2
if ! get_all; then
    cat "$log" >&2
    echo "teiten: packages: apt-get failed, see above; mend that and type the same again" >&2
    exit 1
fi
