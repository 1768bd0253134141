trap 'echo t' TERM; trap - TERM; kill -TERM $$; echo never
