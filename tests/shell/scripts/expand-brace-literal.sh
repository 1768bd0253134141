echo {a,b} {1..3} a{b,c}d x{ }y {} "{a,b}"
