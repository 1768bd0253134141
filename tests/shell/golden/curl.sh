# Nobody answers: https://github.com/zodern/meteor-up/issues/818 (with the meter), https://github.com/curl/curl/issues/9358 (7.64)
curl http://192.0.2.1/x; echo $?; curl -O http://192.0.2.1/bins.sh; echo $?; curl -s http://nosuch.example/; echo $?; curl; echo $?; curl -o f http://192.0.2.1/x; ls; curl --nosuch; echo $?; curl -V | head -n 1
