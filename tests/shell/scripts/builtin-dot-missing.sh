. /nosuch/file; echo never
