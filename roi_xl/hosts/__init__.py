"""Who is asking? Each host turns its own values into Python values, and nothing more."""
