poweroff -f; echo after
