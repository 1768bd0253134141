set -e
x=$(true)
echo ok
x=$(false)
echo never
