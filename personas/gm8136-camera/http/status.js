var id="{{mac}}";
var alias="IPCAM";
var sys_ver="48.2.64.240";
var alarm_status=0;
var ftp_status=0;
