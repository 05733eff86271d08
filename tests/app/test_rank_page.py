"""The rank page, run by Streamlit's own test harness: happy path, and every state that is not happy."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from app_pages import asked, texts
from casting import Engine, Library, Ranking, castings, rebuild

Start = Callable[..., AppTest]


def words(app: AppTest) -> str:
    elements = [*app.markdown, *app.caption, *app.warning, *app.error, *app.info, *app.title, *app.subheader, *app.code]
    return "\n".join(str(element.value) for element in elements).replace("\\", "")


def cards(app: AppTest) -> list[str]:
    return [element.value for element in app.markdown if re.match(r"\*\*\d+\. ", element.value)]


def upload(app: AppTest, *pictures: bytes, suffix: str = "png") -> AppTest:
    app.segmented_control(key="source").set_value("picture").run()
    uploader = app.file_uploader(key="upload")
    for number, content in enumerate(pictures):
        uploader.upload(f"hero {number}.{suffix}", content, "image/png")
    return app.run()


def click(app: AppTest, label: str, at: int = 0) -> AppTest:
    return [button for button in app.button if button.label == label][at].click().run()


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def test_a_saved_character_is_ranked_at_once(library_folder: Path, start: Start) -> None:
    app = start(library_folder)
    assert not app.exception
    assert len(cards(app)) == 8
    assert "stand-in models" in app.warning[0].value.lower()
    assert "not probabilities" in words(app)
    assert "Library lib: 8 actors" in words(app)
    assert [button.label for button in app.get("download_button")] == ["CSV table", "HTML report", "PDF report"]
    assert app.query_params["character"] == "The Hero"


def test_a_name_typed_by_people_is_never_obeyed(library_folder: Path, start: Start) -> None:
    app = start(library_folder)
    first = cards(app)[0]
    assert "<script>" not in first
    assert "**Kim**" not in first
    assert first.startswith("**1. \\<script\\>")
    assert not any("<script>" in element.value for element in [*app.markdown, *app.caption])
    assert all("<script" not in str(getattr(element.proto, "body", "")) for element in app.get("html"))


def test_uploads_are_ranked_and_filters_narrow_them(
    library_folder: Path, start: Start, draw: Callable[..., bytes]
) -> None:
    app = start(library_folder)
    app.segmented_control(key="source").set_value("picture").run()
    assert "Drop a picture" in words(app)
    app = upload(app, draw(5, 9), draw(5, 10))
    assert cards(app)[0] == "**1. Actor 5**"
    assert "Average of 2 pictures" in words(app)
    app.pills(key="filter gender").set_value(["female"]).run()
    assert cards(app)[0].endswith(". Actor 5**")
    assert len(cards(app)) == 4
    assert app.query_params["where"] == "gender=female"
    app.text_input(key="where").set_value("birth_year>=1985").run()
    assert {card.split(". ")[1] for card in cards(app)} == {"Actor 5**", "Actor 7**"}
    app.text_input(key="where").set_value("shoe_size>3").run()
    assert "Columns are" in words(app)
    assert not app.exception


def test_the_address_brings_the_same_ranking(library_folder: Path, start: Start) -> None:
    app = start(library_folder, character="The Hero", where="gender=female, birth_year>=1983", view="table", k="6")
    assert list(app.dataframe[0].value["actor"]) != []
    assert app.pills(key="filter gender").value == ["female"]
    assert app.slider(key="filter birth_year").value == (1983, 1987)
    assert app.select_slider(key="count").value == 6
    assert all(year >= 1983 for year in app.dataframe[0].value["birth_year"])
    assert not app.exception


def test_a_link_from_another_page_rules_what_was_chosen_before(
    library_folder: Path, start: Start, draw: Callable[..., bytes]
) -> None:
    castings.characters.save(Library.open(library_folder, pack="fake"), "Villain", [draw(6, 50)])
    app = start(library_folder)
    app.selectbox(key="saved_character").set_value("The Hero").run()
    app.switch_page("app_pages/castings.py").run()
    app.switch_page("app_pages/rank.py")
    app.query_params["character"] = "Villain"
    app.run()
    assert app.selectbox(key="saved_character").value == "Villain"
    assert cards(app)[0] == "**1. Actor 6**"


@pytest.mark.parametrize(
    "query",
    [
        {"faces": "9,x_y,", "k": "1e9"},
        {"where": "((("},
        {"weights": "a=b,=,arcface:photo=7"},
        {"character": "<script>"},
        {"view": "what"},
    ],
)
def test_an_address_that_makes_no_sense_is_met_calmly(
    library_folder: Path, start: Start, query: dict[str, str]
) -> None:
    assert not start(library_folder, **query).exception


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"MZ\x90 a program by another name", "not a picture"),
        (b"", "empty"),
        (None, "No face was found"),
        (png(np.zeros((7100, 9100, 3), np.uint8)), "megapixels"),
    ],
    ids=["renamed EXE", "empty file", "no face", "64 megapixels"],
)
def test_a_bad_upload_is_met_with_a_message(
    content: bytes | None, says: str, library_folder: Path, start: Start
) -> None:
    app = upload(start(library_folder), png(np.full((80, 80, 3), 90, np.uint8)) if content is None else content)
    assert says in words(app)
    assert cards(app) == []
    assert not app.exception


def test_a_bad_picture_does_not_take_a_good_one_down(
    library_folder: Path, start: Start, draw: Callable[..., bytes]
) -> None:
    app = upload(start(library_folder), b"MZ\x90", draw(5, 9))
    assert "not a picture" in words(app)
    assert cards(app)[0] == "**1. Actor 5**"


@pytest.mark.slow
def test_fifty_megapixels_are_ranked(library_folder: Path, start: Start) -> None:
    rng = np.random.default_rng(1).integers(0, 255, (8, 8, 3)).astype(np.uint8)
    large = np.asarray(Image.fromarray(rng).resize((7000, 7142), Image.Resampling.NEAREST))
    app = upload(start(library_folder), png(large))
    assert not app.exception
    assert len(cards(app)) == 8


def test_no_library_says_how_to_make_one(empty_library: Path, start: Start) -> None:
    app = start(empty_library)
    assert not app.exception
    assert "castoon import" in words(app)


def test_a_library_that_vanishes_is_missed_with_a_message(library_folder: Path, start: Start) -> None:
    app = start(library_folder)
    assert cards(app)
    (library_folder / "catalog.sqlite").unlink()
    app.run()
    assert not app.exception
    assert "there is no library here" in words(app)


def test_an_index_made_by_another_model_is_refused(library_folder: Path, start: Start, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    from embeddings import fakes

    monkeypatch.setattr(fakes.FakeEncoder, "contract", property(lambda self: "another-model"))
    app = start(library_folder)
    assert not app.exception
    assert "castoon rebuild" in words(app)
    assert "another" in words(app)


def test_korean_when_the_address_says_so(library_folder: Path, start: Start) -> None:
    app = start(library_folder, lang="ko")
    assert app.title[0].value == "배우 순위"
    assert "확률이 아니며" in words(app)
    assert "남성" in words(app)
    app.segmented_control(key="language").set_value("en").run()
    assert app.title[0].value == "Rank actors"


def test_a_new_index_version_is_noticed(library_folder: Path, start: Start) -> None:
    app = start(library_folder)
    before = Library.open(library_folder, pack="fake").index.live
    assert f"Index {before}" in words(app)
    library = Library.open(library_folder, pack="fake")
    with library.database.transaction() as session:
        from casting.catalog import Actor

        session.query(Actor).filter(Actor.name == "Actor 1").one().agency = "New"
    assert rebuild(library, Engine(library.settings)).published
    app.run()
    assert f"Index {library.index.live}" in words(app)


def test_the_table_holds_every_actor(library_folder: Path, start: Start) -> None:
    app = start(library_folder)
    app.segmented_control(key="view").set_value("table").run()
    frame = app.dataframe[0].value
    assert len(frame) == 8
    assert list(frame["rank"]) == list(range(1, 9))
    assert {"actor", "score", "arcface:photo", "margin", "birth_year"} <= set(frame.columns)


def test_why_shows_spaces_parts_and_pictures(library_folder: Path, start: Start) -> None:
    app = click(start(library_folder), "Why?")
    assert not app.exception
    assert "Part by part" in words(app)
    assert "What counted" in words(app)
    assert len(app.get("progress")) >= 8 + 6


def test_why_of_several_pictures_asks_which_of_them_to_look_at(
    library_folder: Path, start: Start, draw: Callable[..., bytes]
) -> None:
    app = click(upload(start(library_folder), draw(5, 9), draw(4, 10)), "Why?")
    assert not app.exception
    assert "Heat maps and parts are of this picture" in words(app)
    (which,) = (one for one in app.pills if (one.key or "").startswith("why picture"))
    assert list(which.options) == ["1", "2"]
    assert "Part by part" in words(app)


def test_shortlisting_an_upload_asks_for_its_name_first(
    library_folder: Path, start: Start, draw: Callable[..., bytes]
) -> None:
    app = click(upload(start(library_folder), draw(5, 9)), "Shortlist")
    assert not app.exception
    assert "The character is saved along with it" in words(app)
    assert {"Name of the new shortlist", "Name"} <= {field.label for field in app.text_input}


def test_not_this_person_leaves_the_others_where_they_are(library_folder: Path, start: Start) -> None:
    library = Library.open(library_folder, pack="fake")
    app = start(library_folder)
    second = cards(app)[1]
    name = castings.rank_character(library, Engine(library.settings), "The Hero").results[0].actor
    castings.feedback.give(library, "The Hero", name, "not_alike")
    app.run()
    assert cards(app)[0] == second
    assert second.startswith("**2. ")
    click(app, "Take back")
    assert len(cards(app)) == 8


def test_every_text_exists_in_both_languages() -> None:
    for key in texts.all_keys():
        english, korean = texts.ALL[key]
        assert english.strip()
        assert korean.strip()
        fields = [{part.split("}")[0] for part in words.split("{")[1:]} for words in (english, korean)]
        assert fields[0] == fields[1], key


@pytest.mark.parametrize("match", ["good", "unsure", "none"])
def test_the_verdict_says_what_it_means_and_what_to_do_next(
    match: Literal["good", "unsure", "none"], library_folder: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = asked.rank
    monkeypatch.setattr(
        asked, "rank",
        lambda question, options: replace(real(question, options), fake=False, calibrated=True, match=match),
    )  # fmt: skip
    app = start(library_folder)
    assert not app.exception
    assert texts.text("en", f"match.{match}") in [one.value for one in (*app.success, *app.info, *app.warning)]
    assert (texts.text("en", "match.none.next") in words(app)) == (match == "none")
    links = [link.proto.label for link in app.get("page_link")]
    assert (texts.text("en", "match.compare", count=3) in links) == (match != "good")


@pytest.mark.parametrize(("second", "key"), [(47.0, "match.ahead"), (73.0, "match.ahead"), (80.0, "match.unsure")])
def test_a_leader_far_ahead_is_not_called_an_equal_of_the_next(
    second: float, key: str, library_folder: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = asked.rank

    def ranked(question: asked.Question, options: asked.Options) -> Ranking:
        found = real(question, options)
        rows = [replace(row, score=92.0 if row.rank == 1 else min(row.score, second)) for row in found.results]
        rows[1] = replace(rows[1], score=second)
        return replace(found, fake=False, calibrated=True, match="unsure", results=tuple(rows))

    monkeypatch.setattr(asked, "rank", ranked)
    app = start(library_folder)
    assert texts.text("en", key) in [one.value for one in app.info]


@pytest.mark.parametrize(("pictures", "match"), [(1.0, "unsure"), (2.0, "unsure"), (1.3, "none"), (1.0, "good")])
def test_strangers_are_counted_and_one_more_picture_is_asked_for(
    pictures: float, match: Literal["good", "unsure", "none"], library_folder: Path, start: Start,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    real = asked.rank
    monkeypatch.setattr(
        asked, "rank",
        lambda question, options: replace(
            real(question, options), fake=False, calibrated=True, match=match, strangers=0.137, pictures=pictures
        ),
    )  # fmt: skip
    app = start(library_folder)
    assert not app.exception
    said = texts.text("en", "match.strangers", count=14)
    assert any(one.value.endswith(said) for one in (*app.success, *app.info, *app.warning))
    assert (texts.text("en", "match.more") in words(app)) == (match == "unsure" and pictures < 2)
