x='naïve café'; echo ${#x} "${x:2:1}" ${x%fé} ${x/ï/i}; for i in ?; do :; done; cd /srv/data/names; echo ?mlaut ??mlaut; case é in ?) echo one;; ??) echo two;; esac
