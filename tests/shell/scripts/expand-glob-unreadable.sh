#@ user
cd /srv/data; echo closed/* closed/inside closed
echo clo*/*; echo rodir/*
