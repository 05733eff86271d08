"""The report of an evaluation: figures with intervals, what helps, groups, worst cases, downloads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from app_pages import address, evaluation_state, index_state, state, work_state
from app_pages.measuring import charts
from app_pages.state import plain, said, t
from casting.evaluation_history import past_evaluations
from casting.truth_uploads import TruthSet

if TYPE_CHECKING:
    import pandas as pd

    from casting.evaluation import EvaluationReport

PARTS = ("overview", "casts", "ablation", "groups", "worst")
HEADLINE = ("R@1", "R@5", "R@10", "MRR")
WORST = 12


def show(truth: TruthSet, report: EvaluationReport) -> None:
    """Head and downloads, then the part that was chosen."""
    head, downloads = st.columns([2, 1.6], vertical_alignment="bottom")
    head.subheader(plain(t("eval.truth.demo") if truth.name == "demo" else truth.name))
    with downloads.container(horizontal=True, horizontal_alignment="right"):
        _downloads(truth, report)
    counts = t(
        "eval.counts", queries=f"{report.queries:,}", actors=f"{report.gallery_actors:,}", missed=report.no_face,
        version=report.index_version, pack=report.pack,
    )  # fmt: skip
    st.caption(plain(counts))
    if report.cautions:
        st.warning("  \n".join(plain(said(caution)) for caution in report.cautions), icon=":material/info:")
    with st.container(horizontal=True, gap="large", key="evaluation-figures"):
        for name in HEADLINE:
            metric = report.metrics[name]
            with st.container(width="content", gap=None):
                st.metric(t(f"eval.{name}"), f"{100 * metric.value:.1f}%" if name != "MRR" else f"{metric.value:.3f}",
                          help=t(f"eval.{name}.help"))  # fmt: skip
                low, high = (f"{100 * v:.0f}" if name != "MRR" else f"{v:.2f}" for v in (metric.low, metric.high))
                st.caption(plain(t("eval.interval", low=low, high=high)))
    asked = address.get("part", "overview")
    part = st.segmented_control(
        t("eval.part"), PARTS, default=asked if asked in PARTS else "overview", required=True, key="evaluation part",
        format_func=lambda one: t(f"eval.part.{one}"), label_visibility="collapsed",
    )  # fmt: skip
    address.put("part", part, "overview")
    match part:
        case "overview":
            _overview(report)
        case "casts":
            _casts(report)
        case "ablation":
            _ablation(report)
        case "groups":
            _groups(report)
        case _:
            _worst(truth, report)


def _downloads(truth: TruthSet, report: EvaluationReport) -> None:
    stem = f"evaluation-{truth.name}"
    st.download_button(
        t("eval.html"), report.page, f"{stem}.html", "text/html", on_click="ignore",
        icon=":material/description:", key="report html",
    )  # fmt: skip
    st.download_button(
        "CSV", lambda: report.results_frame().to_csv(index=False).encode("utf-8-sig"), f"{stem}.csv", "text/csv",
        on_click="ignore", icon=":material/download:", key="report csv",
    )  # fmt: skip
    st.download_button(
        "JSON", lambda: json.dumps(report.as_dict(), ensure_ascii=False, indent=2, default=str), f"{stem}.json",
        "application/json", on_click="ignore", icon=":material/data_object:", key="report json",
    )  # fmt: skip


def _overview(report: EvaluationReport) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(f"**{t('eval.cumulative')}**")
        charts.cumulative_chart(report.cumulative)
    with right:
        if report.calibration is not None:
            st.markdown(f"**{t('eval.calibration')}**", help=t("eval.calibration.help"))
            charts.calibration_chart(report.calibration.bins)
        else:
            st.markdown(f"**{t('eval.similarities')}**")
            charts.similarity_chart(report.own_similarities, report.stranger_similarities)
    st.markdown(f"**{t('eval.figures')}**")
    st.dataframe(_worded(report.frame().round(3)), hide_index=True, width="stretch", key="figures")
    if report.refused:
        with st.expander(plain(t("eval.refused", count=len(report.refused))), icon=":material/block:"):
            import pandas as pd

            rows = [
                tuple(said(part) for part in (error.thing, error.reason, error.next_step)) for error in report.refused
            ]
            columns = [t("refused.what"), t("refused.why"), t("refused.next")]
            st.dataframe(pd.DataFrame(rows, columns=columns), hide_index=True, width="stretch", key="left out")


def _casts(report: EvaluationReport) -> None:
    st.caption(t("eval.casts.what"))
    st.dataframe(_worded(report.casts_frame()), hide_index=True, width="stretch", key="casts table")


def _ablation(report: EvaluationReport) -> None:
    if not report.ablation:
        st.info(t("eval.ablation.none"), icon=":material/tune:")
        return
    st.caption(t("eval.ablation.what"))
    charts.ablation_chart(report)
    st.dataframe(_worded(report.ablation_frame()), hide_index=True, width="stretch", key="ablation table")


def _groups(report: EvaluationReport) -> None:
    st.caption(t("eval.groups.what"))
    frame = report.groups_frame()
    if frame.empty:
        st.info(t("eval.groups.none"), icon=":material/group_work:")
    else:
        st.dataframe(_worded(frame), hide_index=True, width="stretch", key="groups table")
    exposure = report.exposure_frame()
    if not exposure.empty:
        st.markdown(f"**{t('eval.exposure')}**", help=t("eval.exposure.help"))
        st.dataframe(_worded(exposure), hide_index=True, width="stretch", key="exposure table")


def _worded(frame: pd.DataFrame) -> pd.DataFrame:
    """A table of the report with its headings and common values in the viewer's language."""

    def value(cell: object) -> object:
        key = f"eval.value.{cell}"
        return t(key) if isinstance(cell, str) and state.has_words(key) else cell

    heads = {name: t(f"eval.column.{name}") for name in frame.columns if state.has_words(f"eval.column.{name}")}
    return frame.map(value).rename(columns=heads)


def _worst(truth: TruthSet, report: EvaluationReport) -> None:
    st.caption(t("eval.worst.what"))
    home = truth.path if truth.path.is_dir() else truth.path.parent
    with st.grid(min_column_width=330, gap="medium", key="worst-grid"):
        for number, one in enumerate(report.worst(WORST)):
            with st.container(border=True, key=f"worst-{number}"):
                place = t("eval.noface") if one.rank is None else t("eval.rank", rank=f"{one.rank:,}")
                st.markdown(f"**{plain(place)}**")
                pictures = (
                    ("eval.drawing", evaluation_state.drawing(str(_drawing(home, one.image))), Path(one.image).name),
                    ("eval.right", evaluation_state.portrait_of(one.actor), one.actor),
                    ("eval.first", evaluation_state.portrait_of(one.best), one.best),
                )
                for column, (title, picture, name) in zip(st.columns(3), pictures, strict=True):
                    with column:
                        if picture:
                            st.image(picture, width="stretch", alt=name)
                        st.caption(f"{t(title)}  \n{plain(name)}")


def _drawing(home: Path, image: str) -> Path:
    """Where a drawing lies; the report may name it by its whole path or within the truth."""
    path = Path(image)
    return path if path.is_absolute() or path.is_file() else home / path


def show_past() -> None:
    """Evaluations measured before, so that progress can be seen."""
    past = past_evaluations(state.library())
    if not past:
        return
    import pandas as pd

    st.subheader(t("eval.past"))
    rows = [
        {
            t("eval.truth"): t("eval.truth.demo") if one.truth == "demo" else one.truth,
            **{name: _figure(name, one.metrics.get(name)) for name in HEADLINE},
            t("eval.measured"): work_state.ago(index_state.age_s(one.measured)), t("nav.index"): one.index_version,
        }
        for one in past
    ]  # fmt: skip
    st.dataframe(pd.DataFrame(rows), hide_index=True, width="stretch", key="past evaluations")


def _figure(name: str, known: Mapping[str, float] | None) -> str:
    if known is None:
        return ""
    if name == "MRR":
        return f"{known['value']:.3f} ({known['low']:.2f} - {known['high']:.2f})"
    return f"{100 * known['value']:.1f}% ({100 * known['low']:.0f} - {100 * known['high']:.0f})"
