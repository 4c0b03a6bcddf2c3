"""How do calls become requests?"""

GROUPINGS = ("trace", "agent", "call")
"""How calls become requests: any call of a trace succeeds, its last one does, or each call is a request."""
