cd /tmp; touch f; chattr +i f; echo $?; chattr -ia f; echo $?; chattr; echo $?; chattr +i nosuch; echo $?; chattr -R -i /tmp; echo $?
