"""How does an agent ask? Tools of the Model Context Protocol over the same functions as the command."""
