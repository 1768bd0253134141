eval 'echo (' ; echo after $?
