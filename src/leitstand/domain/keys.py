"""How is a key of ``workflow.toml`` described to people and to editors?"""

LANGUAGE_PATTERN = "^[a-z]{2,3}$"
"""ISO 639 codes."""

PER_LANGUAGE: dict[str, object] = {
    "minProperties": 1,
    "propertyNames": {"pattern": LANGUAGE_PATTERN},
    "additionalProperties": {"minLength": 1},
}


def described(help_text: str, **schema: object) -> dict[str, object]:
    """Metadata of a field: its help and further JSON Schema keywords."""
    return {"help": help_text, **schema}
