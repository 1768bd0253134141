for i on a; do :; done
