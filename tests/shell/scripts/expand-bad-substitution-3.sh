echo ${x y}; echo never
