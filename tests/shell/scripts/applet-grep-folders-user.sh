#@ user
cd /tmp; mkdir -p d/e; echo three > d/a; echo three > d/e/b; chmod 0 d/e; grep -r three d; echo $?; grep -rs three d; echo $?; grep three d/e/b; echo $?; chmod 755 d/e; chmod 0 d/a; grep -r three d; echo $?; grep -rs three d; echo $?; grep root /etc/shadow; echo $?; chmod 0 d/e d/a
