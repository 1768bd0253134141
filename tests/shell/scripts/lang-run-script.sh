/srv/data/hello.sh a 'b c'
cd /srv/data; ./hello.sh
./plain.sh x; echo $?
sh nox.sh
sh nosuch.sh; echo $?
sh -x plain.sh; echo $?
cat > /tmp/s <<'EOF'
#!/bin/sh -e
echo start $0
false
echo never
EOF
chmod +x /tmp/s; /tmp/s; echo $?
printf '#!/bin/cat\ncontent\n' > /tmp/c; chmod 755 /tmp/c; /tmp/c
printf '#!/bin/echo  one two \nx\n' > /tmp/d; chmod 755 /tmp/d; /tmp/d arg
: > /tmp/e; chmod +x /tmp/e; /tmp/e; echo $?
