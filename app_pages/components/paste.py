"""Pictures pasted from the clipboard, anywhere on the page."""

from __future__ import annotations

import base64
import binascii
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

MOST_BYTES = 50_000_000


@cache
def _component() -> Any:
    script = Path(__file__).with_name("paste.js").read_text("utf-8")
    return st.components.v2.component("castoon_paste", js=script)


def pasted(key: str) -> bytes | None:
    """The picture that has just been pasted; None in all other runs of the script."""
    result = _component()(key=key, data={"most": MOST_BYTES}, on_picture_change=lambda: None, height=1)
    sent = result.get("picture")
    if not isinstance(sent, str) or len(sent) > MOST_BYTES * 1.4:
        return None
    try:
        return base64.b64decode(sent.partition(",")[2], validate=True)
    except binascii.Error:
        return None
