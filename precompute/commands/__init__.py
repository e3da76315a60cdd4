"""One file a command; `precompute.command_line` reads the arguments and calls them."""
