cd /srv/data/deep
echo * .* .[a-z]* ?dot [.]dot */.* .*/*
cd /srv/data/names; echo *hidden ?hidden [.]hidden .hidden .??????
