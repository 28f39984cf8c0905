"""What the emulated services answer: a module or more for each, with the handlers named as AWS names the operations."""
