"""What does a formula say? Read once for each shape; its references, tables and names; put into the engine's words."""
