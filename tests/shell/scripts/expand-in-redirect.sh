f='a b'; echo x > $f; ls; echo y > "q r"; ls; echo z > $(echo g); ls; n=h; echo w > $n$n; ls; set -- p q; echo v > $*; ls; cat < $f
echo u > ${e:-def}; ls; echo t > *; ls; cat < d*
