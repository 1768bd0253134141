echo ${x^^}; echo never
