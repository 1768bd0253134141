<html><head><title>Home Gateway</title></head>
<body><form action="/login.cgi" method="post"><input name="x.X_HW_Account"><input name="x.X_HW_Password" type="password"><input type="submit" value="Login"></form></body></html>
