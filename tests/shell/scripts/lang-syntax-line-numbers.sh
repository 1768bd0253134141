echo 1
echo 2

if true; then
  echo 4
done
