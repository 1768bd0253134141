# Options of 1.35: https://github.com/facebook/openbmc, tests2/common/base_busybox_syntax_test.py
cd /tmp; touch f; chattr +i f; echo $?; chattr -ia f; echo $?; chattr; echo $?; chattr +i nosuch; echo $?; chattr -R -i /tmp; echo $?; chattr -p 5 f; chattr +i; echo $?
