case a in a) echo x;;
