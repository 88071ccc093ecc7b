"""What `import maagn` offers at a prompt and in a notebook, where names and paths will do."""
