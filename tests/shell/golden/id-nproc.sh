nproc --ignore=0 | grep -c .; who; w | tail -n 1 | cut -c1-4; hostname -i; hostname -f
