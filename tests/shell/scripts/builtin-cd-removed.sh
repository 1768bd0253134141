mkdir -p /tmp/a/b; cd /tmp/a/b; rm -r /tmp/a; pwd; cd ..; pwd; echo $?; cd /tmp; pwd; mkdir x; cd x; rmdir ../x; ls; echo > f; pwd -P; cd .; echo $?
