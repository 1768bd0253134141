echo a
then echo b
