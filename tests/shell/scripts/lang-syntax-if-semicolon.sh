wdir="/bin"; for i in "/bin" "/home"; do; if [ -w $i ]; then; wdir=$i; break; fi; done
