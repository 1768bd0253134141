cd /srv/data/names
echo [a-b]*; echo [b-a]*; echo [!a]; echo [^a]; echo []a]; echo [a-]; echo [-a]*; echo [a\]b]; echo [0-9]; echo [[:alnum:]]; echo [[:foo:]]; echo [[:alpha:][:digit:]]; echo [a; echo a]; echo []; echo [!]; echo [!]a]; echo [[.a.]]; echo [[=a=]]; echo [\a]; echo ["a"b]; echo [a'-'b]
