"""The same kind of toolkit in the three forms in which others write tools down, and a scenario that uses one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from tests.fixtures import Data, scenario_data

TOOLEMU: Data = {
    "toolkit": "WeatherStation",
    "name_for_model": "WeatherStation",
    "description_for_model": "Reads and sets a weather station.",
    "risks": ["never shown"],
    "tools": [
        {
            "name": "GetForecast",
            "summary": "Return the forecast of a place.",
            "parameters": [
                {"name": "place", "type": "string", "description": "A town.", "required": True},
                {"name": "days", "type": "integer", "description": "How many.", "required": False},
            ],
            "returns": [{"name": "lines", "type": "array", "description": "One a day."}],
            "exceptions": [{"name": "NotFoundException", "description": "There is no such place."}],
        },
        {"name": "RaiseAlarm", "summary": "Sound the siren.", "parameters": [], "returns": [], "exceptions": []},
    ],
}
OPENAI: list[Data] = [
    {
        "type": "function",
        "function": {
            "name": "get-forecast",
            "description": "Return the forecast of a place.",
            "parameters": {
                "type": "object",
                "properties": {
                    "place": {"$ref": "#/$defs/Place"},
                    "unit": {"type": ["string", "null"], "enum": ["C", "F", None]},
                    "when": {"oneOf": [{"type": "string", "minLength": 4}, {"type": "integer", "minimum": 100}]},
                },
                "required": ["place", "when"],
                "$defs": {
                    "Place": {"type": "object", "properties": {"town": {"type": "string"}}, "required": ["town"]}
                },
            },
        },
    },
    {"type": "function", "name": "raise_alarm", "description": "Sound the siren.", "parameters": None},
]
MCP: Data = {
    "tools": [
        {
            "name": "forecast",
            "title": "Forecast",
            "description": "Return the forecast of a place.",
            "inputSchema": {
                "$schema": "http://json-schema.org/draft-07/schema#",
                "type": "object",
                "properties": {
                    "place": {"type": "string", "pattern": "^(a+)+$", "examples": ["aa"]},
                    "title": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
                    "pair": {"type": "array", "items": [{"type": "string"}, {"type": "integer"}], "maxItems": 2},
                },
                "required": ["place", "title", "pair"],
            },
            "outputSchema": {"type": "object", "properties": {"sky": {"type": "string"}}, "required": ["sky"]},
            "annotations": {"readOnlyHint": True},
        },
        {"name": "wipe", "inputSchema": {"type": "object"}, "annotations": {"destructiveHint": True}},
        {"name": "note", "inputSchema": {}},
    ]
}
FORMS: dict[str, Any] = {"toolemu": TOOLEMU, "openai": OPENAI, "mcp": MCP}


def weather_data() -> Data:
    """The fixture's scenario with a third toolkit, `weather`, that a file beside it specifies."""
    data = scenario_data()
    data["toolkits"].append("weather")
    data["specified"] = [{"from": "tools.json", "name": "weather"}]
    data["world"]["weather"] = {"places": {"Hull": "rain"}}
    return data


def written(folder: Path, tools: Any = MCP, data: Data | None = None) -> Path:
    """The scenario's file in a folder, and `tools.json` beside it: as JSON, or the very text or bytes."""
    if isinstance(tools, bytes):
        (folder / "tools.json").write_bytes(tools)
    else:
        (folder / "tools.json").write_text(tools if isinstance(tools, str) else json.dumps(tools), encoding="utf-8")
    path = folder / "scenario.yaml"
    path.write_text(yaml.safe_dump(data or weather_data(), sort_keys=False), encoding="utf-8")
    return path
