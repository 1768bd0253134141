# shellcheck shell=bash
# Two network namespaces joined by a veth pair, for scenarios with live traffic; to be sourced by
# bash.
#
#   netns_can                      whether this host lets us (says why not): else skip the scenario
#   netns_up [MTU]                 makes both; they are removed when the shell exits (a shell that
#                                  has set its own trap on EXIT calls netns_down there)
#   netns_in SENSOR|SENDER CMD...  runs a command in one of them
#   netns_start SENSOR|SENDER CMD...  the same in the background; its process is $netns_pid
#   netns_stop PID [SIGNAL]        ends such a process and waits for it; returns its exit status
#   netns_down                     ends what still runs in them and removes both
#
#   SENSOR: interface sensor0, 02:00:00:00:00:01, 198.51.100.1
#   SENDER: interface sender0, 02:00:00:00:00:02, 198.51.100.2
#
# Nothing but what the scenario sends is on the wire, so that counts can be exact: no IPv6
# autoconf, no duplicate address detection, no ARP (each side's only neighbour is known beforehand
# and everything is routed to it), no segments joined by offloading. Nothing leads out of the two
# namespaces: neither the host's interfaces nor its settings are touched.

netns_sensor=teiten-sensor-$$
netns_sender=teiten-sender-$$
netns_pid=

netns_can() {
    local word
    if ((EUID != 0)); then
        echo "needs root, to make network namespaces"
        return 1
    fi
    for word in ip sysctl; do
        if ! command -v "$word" >/dev/null; then
            echo "needs the command $word"
            return 1
        fi
    done
    # In a namespace that is gone at once
    if ! unshare --net ip link add probe0 type veth peer name probe1 2>/dev/null; then
        echo "the kernel does not let us make network namespaces or veth pairs"
        return 1
    fi
}

# netns_name_ ROLE: the name of its namespace
netns_name_() {
    case $1 in
    SENSOR) echo "$netns_sensor" ;;
    SENDER) echo "$netns_sender" ;;
    *)
        echo "netns: no role $1" >&2
        return 2
        ;;
    esac
}

# netns_quiet_ NAMESPACE: before it has interfaces, so that each is quiet from its first moment on
netns_quiet_() {
    local name value
    while read -r name value; do
        # A kernel without IPv6 has none of these.
        ip netns exec "$1" sysctl -q -e -w "net.ipv6.conf.default.$name=$value"
    done <<'END'
accept_ra 0
autoconf 0
accept_dad 0
dad_transmits 0
router_solicitations 0
addr_gen_mode 1
END
}

# netns_side_ NAMESPACE INTERFACE ADDRESS OTHER_ADDRESS OTHER_MAC MTU
netns_side_() {
    ip -n "$1" link set lo up &&
        ip -n "$1" link set "$2" mtu "$6" gso_max_segs 1 multicast off &&
        { ! command -v ethtool >/dev/null || netns_no_offload_ "$1" "$2"; } &&
        ip -n "$1" address add "$3/32" dev "$2" &&
        ip -n "$1" link set "$2" up &&
        ip -n "$1" neighbour replace "$4" lladdr "$5" nud permanent dev "$2" &&
        ip -n "$1" route add "$4/32" dev "$2" src "$3" &&
        ip -n "$1" route add default via "$4" dev "$2" src "$3"
}

netns_no_offload_() {
    ip netns exec "$1" ethtool -K "$2" \
        rx off tx off sg off tso off gso off gro off rxvlan off txvlan off >/dev/null 2>&1 || true
}

netns_up() {
    local mtu=${1:-1500}
    if [[ -z $(trap -p EXIT) ]]; then
        trap netns_down EXIT
    fi
    ip netns add "$netns_sensor" &&
        ip netns add "$netns_sender" &&
        netns_quiet_ "$netns_sensor" &&
        netns_quiet_ "$netns_sender" &&
        ip -n "$netns_sensor" link add sensor0 address 02:00:00:00:00:01 type veth \
            peer name sender0 address 02:00:00:00:00:02 netns "$netns_sender" &&
        netns_side_ "$netns_sensor" sensor0 198.51.100.1 198.51.100.2 02:00:00:00:00:02 "$mtu" &&
        netns_side_ "$netns_sender" sender0 198.51.100.2 198.51.100.1 02:00:00:00:00:01 "$mtu" &&
        netns_wait_carrier_
}

# Both ends are up a moment after they were set up; frames sent before are lost.
netns_wait_carrier_() {
    local try
    for ((try = 0; try < 100; try++)); do
        if [[ $(ip -n "$netns_sensor" -o link show sensor0) == *"state UP"* &&
            $(ip -n "$netns_sender" -o link show sender0) == *"state UP"* ]]; then
            return 0
        fi
        sleep 0.02
    done
    echo "netns: the veth pair does not come up" >&2
    return 1
}

netns_in() {
    local name
    name=$(netns_name_ "$1") || return
    shift
    ip netns exec "$name" "$@"
}

# A simple command in the background is the process itself, so that a signal meets it and no shell.
netns_start() {
    local name
    name=$(netns_name_ "$1") || return
    shift
    ip netns exec "$name" "$@" &
    # shellcheck disable=SC2034 # read by who sources this
    netns_pid=$!
}

netns_stop() {
    kill -"${2:-TERM}" "$1" 2>/dev/null
    wait "$1"
}

# netns_end_ NAMESPACE: ends its processes; by force after two seconds
netns_end_() {
    local try pids signal=TERM
    for ((try = 0; try < 60; try++)); do
        pids=$(ip netns pids "$1" 2>/dev/null)
        [[ -n $pids ]] || return 0
        ((try < 40)) || signal=KILL
        # shellcheck disable=SC2086 # one word a process
        kill -"$signal" $pids 2>/dev/null
        sleep 0.05
    done
}

netns_down() {
    local name
    for name in "$netns_sender" "$netns_sensor"; do
        if [[ -e /run/netns/$name ]]; then
            netns_end_ "$name"
            ip netns delete "$name"
        fi
    done
}
