"""Which model is meant where a platform writes its own name for it, and who is its provider?

The names that the book knows stand alone or behind their provider. Gateways write their
own word for the provider, Bedrock writes ids and ARNs, Vertex resource paths. A deployment
with a free name (Azure), a custom model of Bedrock and a tuned endpoint of Vertex do not
tell their model: a price file does.
"""

import re
from collections.abc import Iterator

PROVIDERS = {
    "amazon_bedrock": "aws",
    "azure": "azure",
    "azure_ai": "azure",
    "bedrock": "aws",
    "bedrock_converse": "aws",
    "fireworks_ai": "fireworks",
    "gemini": "google",
    "google_ai_studio": "google",
    "together_ai": "together",
    "vertex_ai": "google",
    "vertexai": "google",
    "xai": "x-ai",
}
"""The book's word for a provider, by the words of gateways."""

BEDROCK_ID = re.compile(
    r"((us|eu|apac|global|jp|au|ca|us-gov)\.)?"
    r"(ai21|amazon|anthropic|cohere|deepseek|meta|mistral|openai|qwen|stability|writer)\.[a-z0-9].*"
)
BEDROCK_ARN = re.compile(r"arn:aws[a-z-]*:bedrock:[^/]*(?:foundation-model|inference-profile)/(.+)")
VERTEX_PATH = re.compile(r"(?:projects/.+/)?publishers/([a-z0-9-]+)/models/(.+)")
TUNED = re.compile(r"ft:([^:]+):.*")


def meanings(name: str) -> Iterator[tuple[str, str | None]]:
    """What a name may mean, the nearest first: a model's name, and its provider if that is known.

    >>> list(meanings("bedrock/us.amazon.nova-lite-v1:0"))[-1]
    ('us.amazon.nova-lite-v1:0', 'aws')
    >>> list(meanings("projects/p/locations/l/publishers/google/models/gemini-2.5-flash"))[-1]
    ('gemini-2.5-flash', 'google')
    """
    yield name, "openai" if name.startswith("ft:") else "aws" if BEDROCK_ID.fullmatch(name) else None
    for pattern, provider in ((BEDROCK_ARN, "aws"), (VERTEX_PATH, "google")):
        found = pattern.fullmatch(name)
        if found:
            yield found[found.re.groups], provider
    if name.startswith(("projects/", "publishers/", "arn:")):
        return
    provider, slash, rest = name.partition("/")
    if slash:
        yield rest, PROVIDERS.get(provider, provider)
    before, slash, last = name.rpartition("/")
    if slash and before != provider:
        yield last, before


def plain_names(name: str) -> list[str]:
    """The names that our own table may know it by: as it is, and without OpenAI before it."""
    return [name, *(meant for meant, provider in meanings(name) if provider == "openai" and meant != name)]


def trained(model: str) -> str:
    """The model that a fine-tuned one was trained from.

    >>> trained("ft:gpt-4o-mini-2024-07-18:acme::b7")
    'gpt-4o-mini-2024-07-18'
    """
    return TUNED.sub(r"\1", model)
