exec nosuchcommand a
echo never
