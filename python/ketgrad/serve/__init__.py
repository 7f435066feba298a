"""``ketgrad serve``: a saved model behind an address. Needs the extra `ketgrad[serve]`.

A request's way: `connections` (uvicorn's, with limits on heads), `guard` (token, time, log),
`application` (the paths), `body` and `rows` (from bytes to features), `batching` (the rows of all
who wait, in one call of the model).
"""
