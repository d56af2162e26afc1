"""In which ways does a model call fail?"""

KINDS = {
    "timeout": "nothing, or not everything, came in time",
    "unreachable": "no connection, or one that broke",
    "overloaded": "the service turns us away for now",
    "server_error": "the service broke",
    "denied": "the key or its rights do not suffice",
    "quota": "the account has no money or quota left",
    "gone": "there is no such model, or nothing at this address",
    "context": "the question, or with the answer, does not fit into the model's context",
    "filtered": "the model or a filter refused",
    "refused": "the service found the request wrong",
    "malformed": "what came is no answer of this API, or breaks the output schema",
    "empty": "an answer without text",
    "truncated": "an answer that was cut off",
    "withheld": "a gate of ours did not let the call leave",
    "cancelled": "nobody waited for the answer any more",
}
"""In which ways a model call fails; the chain decides by them."""
