x=abc; (echo ${x^}); (echo ${x,,}); (echo ${x@Q}); (echo ${!x*}); (echo ${x[0]}); echo $?
