<html><head><title>Home Gateway</title></head>
<body><table><tr><td>Device</td><td>HG8245</td></tr><tr><td>MAC</td><td>{{mac}}</td></tr></table></body></html>
