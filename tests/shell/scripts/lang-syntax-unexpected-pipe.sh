| cat
