cd /srv/data
echo */; echo deep/*; echo deep/*/*; echo deep/*/*/*.c; echo */*.c; echo ./s*; echo deep/.*; echo /etc/h*; echo //etc//h*
echo /srv/*/poem*; echo deep/a/../*; echo dirlink/*; echo dang*; echo fifo*; echo deep/*/; echo nosuch/*; echo poem.txt/*
echo d*/a/t*; echo [ds]*p; echo deep/[a]/b; echo /e*c/pass*; echo ~/*
