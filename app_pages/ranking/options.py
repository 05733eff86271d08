"""How it is looked for: filters from the library's own columns, how many, style, spaces and weights."""

from __future__ import annotations

import streamlit as st

from app_pages import address, state
from app_pages.asked import Options
from app_pages.facts import column_name, value_name
from app_pages.state import t
from casting.facets import Choice, Facet, choices_of, facets, line_of
from casting.styles import list_styles
from casting.tuning.active import space_weights

COUNTS = (6, 12, 24, 48, 96)
USUAL_COUNT = 12
FEW = 8
"""Up to so many options all are shown at once; more are searched in a list."""
NO_STYLE = "-"


def choose_options(by_words: bool) -> Options:
    """Filters in sight, everything else one click away; the address keeps all of it."""
    found = _facets(state.live_index().version)
    chosen, rest = choices_of(found, address.get("where"))
    picked = sum(1 for _ in chosen) + bool(rest)
    title = t("filter.some", count=picked) if picked else t("filter.label")
    with st.expander(title, icon=":material/filter_alt:", expanded=False, key="filters"):
        answers = {facet.column: _ask(facet, chosen.get(facet.column)) for facet in found}
    with st.expander(t("advanced"), icon=":material/tune:", key="advanced"):
        rest = st.text_input(
            t("filter.line"), value=rest, placeholder=t("filter.placeholder"), key="where", persist_state="session",
            help=t("filter.help", columns=", ".join(sorted(state.live_index().columns))),
        )  # fmt: skip
        k = st.select_slider(
            t("count.label"), COUNTS, value=_nearest(address.number("k", USUAL_COUNT, COUNTS[0], COUNTS[-1])),
            key="count", persist_state="session",
        )  # fmt: skip
        style = choose_style()
        weights = () if by_words else _weights()
    where = line_of(found, {column: one for column, one in answers.items() if one is not None}, rest)
    address.put("where", where)
    address.put("k", str(k), str(USUAL_COUNT))
    return Options(int(k), where, weights, style)


@st.cache_data(show_spinner=False, max_entries=4)
def _facets(version: str) -> list[Facet]:
    return facets(state.index(version).facts.values())


def _ask(facet: Facet, choice: Choice | None) -> Choice | None:
    """The widget that fits a column; its answer, None where nothing is asked."""
    label, key = column_name(facet.column), f"filter {facet.column}"
    match facet.kind:
        case "range":
            low, high = (int(facet.low), int(facet.high)) if facet.whole else (facet.low, facet.high)
            now = choice if isinstance(choice, tuple) and choice else (low, high)
            bounds = (type(low)(now[0]), type(low)(now[1]))
            asked = st.slider(label, low, high, bounds, key=key, persist_state="session")
            return None if asked == (low, high) else (float(asked[0]), float(asked[1]))
        case "text":
            return st.text_input(
                label, value=choice if isinstance(choice, str) else "", key=key, persist_state="session",
                placeholder=t("filter.contains"),
            ) or None  # fmt: skip
        case _:
            default = [str(one) for one in choice] if isinstance(choice, tuple) else []
            if len(facet.options) <= FEW:
                several = st.pills(
                    label, facet.options, selection_mode="multi", default=default, key=key, format_func=value_name,
                    persist_state="session",
                )  # fmt: skip
            else:
                several = st.multiselect(
                    label, facet.options, default=default, key=key, format_func=value_name, persist_state="session",
                    placeholder=t("filter.any"),
                )  # fmt: skip
            return tuple(several) or None


def _nearest(count: int) -> int:
    return min(COUNTS, key=lambda one: abs(one - count))


def choose_style() -> str:
    """The style that photos are shown in beside themselves; the library's own first, or none."""
    installed = [style.name for style in list_styles(state.library().settings) if style.installed]
    indexed = [name.partition(":")[2] for name in state.live_index().spaces]
    usual = next((style for style in indexed if style in installed), installed[0] if installed else NO_STYLE)
    choices = [*installed, NO_STYLE]
    wanted = address.get("style", usual)
    style = st.selectbox(
        t("style.label"), choices, index=choices.index(wanted if wanted in choices else usual), key="style",
        format_func=lambda one: t("style.none") if one == NO_STYLE else one, help=t("style.help"),
        persist_state="session",
    )  # fmt: skip
    address.put("style", style, usual)
    return "" if style == NO_STYLE else style


def _weights() -> tuple[tuple[str, float], ...]:
    """Spaces of the live index, each with its weight; at 0 a space is left out."""
    usual = _usual_weights()
    wanted = {**usual, **address.weights_of(address.get("weights"), usual)}
    st.markdown(f"**{t('weights.title')}**", help=t("weights.help"))
    chosen = {
        name: st.slider(_space(name), 0.0, 1.0, wanted[name], 0.05, key=f"weight {name}", persist_state="session")
        for name in usual
    }
    if not any(chosen.values()):
        st.warning(t("weights.none"), icon=":material/balance:")
        chosen = usual
    changed = {name: weight for name, weight in chosen.items() if weight != usual[name]}
    address.put("weights", address.weights_text(changed))
    return tuple(chosen.items()) if changed else ()


def _usual_weights() -> dict[str, float]:
    usual = space_weights(state.library(), state.engine())
    return {name: min(1.0, usual.get(name, 0.0)) for name in state.live_index().spaces}


def _space(name: str) -> str:
    encoder, _, rendering = name.partition(":")
    return f"{t(f'encoder.{encoder}')} · {t('rendering.photo') if rendering == 'photo' else rendering}"
