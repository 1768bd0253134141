echo ${}; echo never
