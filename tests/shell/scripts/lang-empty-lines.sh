   
	
echo a
