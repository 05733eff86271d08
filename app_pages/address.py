"""The address keeps what a page shows, so that a colleague who is sent it sees the same.

Streamlit drops query parameters when another page is opened; each page's are remembered for the session, so that
coming back shows what was left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

_KEPT, _AT, _TURNED = "addresses", "page at", "page turned"


def turn_to(page: str) -> None:
    """Note which page is open, before it runs."""
    st.session_state[_TURNED] = st.session_state.get(_AT) != page
    st.session_state[_AT] = page


def arrive(page: str, widgets: Sequence[str] = ()) -> None:
    """Let the address rule a page that was just turned to; without parameters it shows what was left there.

    `widgets` are beginnings of the keys whose values come from the address: what they held before is let go.
    """
    if not st.session_state.pop(_TURNED, True):
        return
    own = any(name != "lang" for name in st.query_params)
    kept: dict[str, dict[str, str]] = st.session_state.setdefault(_KEPT, {})
    if not own:
        for name, value in kept.get(page, {}).items():
            st.query_params[name] = value
        return
    for key in [str(key) for key in st.session_state if str(key).startswith(tuple(widgets))] if widgets else []:
        del st.session_state[key]


def leave(page: str) -> None:
    """Remember a page's parameters, at the end of its script."""
    kept: dict[str, dict[str, str]] = st.session_state.setdefault(_KEPT, {})
    kept[page] = {name: value for name, value in st.query_params.items() if name != "lang"}


def put(name: str, value: str, default: str = "") -> None:
    """Set a parameter; what is as usual does not stand in the address."""
    if value == default:
        st.query_params.pop(name, None)
    elif st.query_params.get(name) != value:
        st.query_params[name] = value


def get(name: str, default: str = "") -> str:
    """A parameter of the address."""
    return str(st.query_params.get(name, default))


def choice(name: str, options: Sequence[str], default: str) -> str:
    """One of several words of the address; anything else is the default."""
    value = get(name, default)
    return value if value in options else default


def number(name: str, default: int, low: int, high: int) -> int:
    """A whole number of the address, kept within bounds; anything else is the default."""
    text = get(name)
    return min(max(int(text), low), high) if text.isascii() and text.isdigit() and len(text) < 9 else default


def weights_of(text: str, known: Mapping[str, float]) -> dict[str, float]:
    """Weights such as `arcface:photo=1,arcface:cel=0.25`; spaces and values that make no sense are left out."""
    found: dict[str, float] = {}
    for part in text.split(","):
        name, _, value = part.rpartition("=")
        try:
            weight = float(value)
        except ValueError:
            continue
        if name in known and 0 <= weight <= 1:
            found[name] = weight
    return found


def weights_text(weights: Mapping[str, float]) -> str:
    """Weights as they stand in the address."""
    return ",".join(f"{name}={weight:g}" for name, weight in weights.items())
