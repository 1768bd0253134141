echo a >> f; echo b >> f; cat f; echo c >>f 2>&1; cat f; >>g; ls; { echo d; echo e; } >> f; cat f
