echo before; reboot; echo after
