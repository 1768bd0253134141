exec 3</nosuch; echo never
