"""What do requests cost in production? Traces and bills, as the six inputs want them."""
