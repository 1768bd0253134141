#@ user
id; id -u; id -Gn; whoami; id root; groups 2>/dev/null; id -g; id -gn; id user
