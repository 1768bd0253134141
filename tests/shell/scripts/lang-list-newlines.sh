true &&

echo 1
false ||
# a comment between
echo 2
echo 3 |

cat
