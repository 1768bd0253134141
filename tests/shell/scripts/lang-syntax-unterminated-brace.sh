echo before
{ echo a
