"""Nobody who is tested on was trained on."""

from __future__ import annotations

from pathlib import Path

import pytest

from training import splits


def test_actor_split_is_the_documented_one() -> None:
    names = [f"actor_{number:03d}" for number in range(150)]
    parts = splits.actor_parts(list(reversed(names)))
    assert [name for name in names if parts[name] == "test"] == names[::3]
    others = [name for name in names if parts[name] != "test"]
    assert [name for name in others if parts[name] == "val"] == others[::5]
    assert len(parts) == 150


def test_actor_split_of_a_prefix_agrees_with_the_whole() -> None:
    names = [f"actor_{number:03d}" for number in range(150)]
    whole = splits.actor_parts(names)
    assert splits.actor_parts(names[:18]) == {name: whole[name] for name in names[:18]}


def test_person_part_is_stable_and_near_its_share() -> None:
    assert [splits.person_part(f"celeba-{number}") for number in (1, 5, 2)] == ["train", "val", "test"]
    parts = [splits.person_part(f"person-{number}") for number in range(4000)]
    assert 0.10 < parts.count("test") / 4000 < 0.15
    assert 0.05 < parts.count("val") / 4000 < 0.075


def test_no_person_is_in_two_parts(shared_dir: Path) -> None:
    pytest.importorskip("cv2")
    from training.faces import load_table

    table = load_table(shared_dir)
    known = table[table["identity"].notna()]
    assert (known.groupby("identity")["part"].nunique() == 1).all()
    counts = table["part"].value_counts()
    assert {"train", "val", "test"} == set(counts.index)
    assert counts["test"] > 3000


def test_portraits_share_the_part_of_their_crop(shared_dir: Path) -> None:
    pytest.importorskip("cv2")
    import zipfile

    from training.faces import load_table

    table = load_table(shared_dir).set_index("file")["part"]
    with zipfile.ZipFile(shared_dir / "portraits" / "portraits-256.zip") as archive:
        names = archive.namelist()
    same = [f"scut__Images__{name}" for name in names]
    assert sum(name in table.index for name in same) > 1500
    assert all(table[name] == splits.person_part(name) for name in same if name in table.index)


def test_verification_pairs_are_of_test_people_only(shared_dir: Path) -> None:
    pytest.importorskip("cv2")
    import numpy as np

    from training.faces import load_table
    from training.scores import verification_pairs

    table = load_table(shared_dir)
    pairs, truth = verification_pairs(table, "test", 6000)
    again, _ = verification_pairs(table, "test", 6000)
    assert np.array_equal(pairs, again)
    assert len(pairs) == 6000
    assert truth.sum() == 3000
    people = table["identity"].to_numpy()
    assert ((people[pairs[:, 0]] == people[pairs[:, 1]]) == truth).all()
    assert set(table["part"].to_numpy()[np.unique(pairs)]) == {"test"}
