set -- $(seq 20); echo ${10} ${20} $#; shift 10; echo $1 ${10} ${11-none}; set -- "${@}" extra; echo $#; for i; do n=$i; done; echo $n; f() { echo $# $1; }; f "$@"; f $(seq 100)
