#@ user
cd /tmp; printf '1\n' > u; sed -i p u; cat u; sed -i p /etc/passwd 2>&1 | cut -c1-40; sed p /etc/shadow; echo $?; sed 'w /etc/x' u; echo $?
