<html><head><title>DD-WRT (build 21676) - Info</title></head><body><h1>Router status</h1><a href="Management.asp">Administration</a></body></html>
