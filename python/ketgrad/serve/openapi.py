"""What a server's own specification says of bodies and answers, made from the model's features."""

from typing import Any

from ketgrad.commands.table import LARGEST
from ketgrad.serve.rows import CSV, JSON
from ketgrad.serve.served import Served

Schema = dict[str, Any]

_LINE: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "number", "minimum": -LARGEST, "maximum": LARGEST}
_TEXT: Schema = {"anyOf": [{"type": "string"}, _NUMBER]}
_REFUSAL: Schema = {
    "type": "object",
    "properties": {"detail": _LINE},
    "required": ["detail"],
}
_REASONS = {
    400: "The body is not JSON, or ended too early.",
    401: "The token lacks or is wrong.",
    408: "The body took too long.",
    413: "The body has too many bytes or rows.",
    415: "The body is neither JSON nor CSV.",
    421: "The host is not this one.",
    422: "The rows are not what the model takes.",
    503: "Too many rows wait already, or memory is short.",
    504: "The answer took too long.",
}
_GAPS = " is missing"


def responses(content: Schema, *, body: bool, token: bool) -> dict[int | str, Schema]:
    """Describe the answers of a path by status; `content` is that of 200."""
    of_all = {401} if token else {421}
    statuses = {*_REASONS} - {401, 421} | of_all if body else {*of_all, 504}
    refusals: dict[int | str, Schema] = {
        status: {"description": _REASONS[status], "content": {JSON: {"schema": _REFUSAL}}}
        for status in sorted(statuses)
    }
    return {200: {"description": "The answer.", "content": content}, **refusals}


def answer_content(answer: str) -> Schema:
    """Describe the body of an answer of the model."""
    properties = {
        "predict": {"predictions": {"type": "array", "description": "A value a row."}},
        "predict_proba": {
            "classes": {"type": "array", "description": "In the order of the columns."},
            "probabilities": _rows({"type": "number", "minimum": 0, "maximum": 1 + 1e-9}),
        },
    }[answer]
    notes = {"type": "array", "items": _LINE, "description": "What is odd about the rows."}
    schema = _object({**properties, "notes": notes})
    return {JSON: {"schema": schema}, CSV: {"schema": {"type": "string"}}}


def request_body(served: Served, most_rows: int) -> Schema:
    """Describe the body that a path takes."""
    value = _gap_or(_NUMBER) if served.missing == "mean" else _NUMBER
    n = served.n_features
    lists: Schema = {"type": "array", "items": value, "minItems": n, "maxItems": n}
    if served.names is not None:
        lists["description"] = f"In this order: {', '.join(served.names)}."
    kinds = [_some(lists, most_rows)]
    if served.names is not None:
        kinds.append(_some(_object(_columns(served.names, value)), most_rows))
    content: Schema = {JSON: {"schema": _object({"rows": {"anyOf": kinds}})}}
    if served.names is not None:
        text = "Columns by name in the first line, in any order; others do no harm."
        content[CSV] = {"schema": {"type": "string", "description": text}}
    return {"requestBody": {"required": True, "content": content}}


def secured(document: Schema) -> None:
    """Say in a specification that requests need a token."""
    parts = document.setdefault("components", {})
    parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    document["security"] = [{"token": []}]
    document["paths"]["/health"]["get"]["security"] = []


def _columns(names: list[str], value: Schema) -> dict[str, Schema]:
    """Describe the columns that features are made of, by their names (commands/features.py)."""
    columns: dict[str, Schema] = {}
    for name in names:
        column, is_category, _ = name.partition("=")
        of_gap = name.removesuffix(_GAPS)
        if of_gap != name:
            columns[of_gap] = _gap_or(columns.get(of_gap, _TEXT))
        elif is_category:
            columns.setdefault(column, _TEXT if value is _NUMBER else _gap_or(_TEXT))
        else:
            columns[name] = value
    return columns


def _gap_or(schema: Schema) -> Schema:
    kinds = schema.get("anyOf", [schema])
    return {"anyOf": [*kinds, *([] if {"type": "null"} in kinds else [{"type": "null"}])]}


def _rows(value: Schema) -> Schema:
    return {"type": "array", "items": {"type": "array", "items": value}}


def _some(row: Schema, most: int) -> Schema:
    return {"type": "array", "items": row, "minItems": 1, "maxItems": most}


def _object(properties: dict[str, Schema]) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
