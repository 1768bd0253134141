var result="ok";
