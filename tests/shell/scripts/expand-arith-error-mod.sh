(echo $((1%0))); echo $?; x=0; (echo $((x/=0))); echo $?
