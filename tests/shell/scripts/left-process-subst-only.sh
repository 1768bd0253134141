cat <(echo hi) <(echo ho)
