sleep 0.3 | sleep 0.3 | sleep 0.3 & sleep 0.3 | cat & sleep 0.3 & jobs; wait; { sleep 5; echo; } | cat & kill %1; sleep 0.2; jobs; jobs
