"""Words of the Compare page."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "compare.tagline": (
        "The character beside two to four actors: photo, style, and part by part.",
        "캐릭터와 배우 2~4명을 사진, 스타일, 부위별로 나란히 봅니다.",
    ),
    "compare.actors": ("Actors", "배우"),
    "compare.actors.hint": ("two to four", "2~4명"),
    "compare.choose": ("Choose at least two actors.", "배우를 두 명 이상 고르세요."),
    "compare.working": ("Looking closer: {place} of {count} ...", "자세히 살펴보는 중: {place}/{count} ..."),
    "compare.all": ("Full ranking", "전체 순위"),
    "compare.part": ("Part", "부위"),
}
