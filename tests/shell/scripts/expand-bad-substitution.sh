echo before; echo ${x!y}; echo never
