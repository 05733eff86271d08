"""The reports' words, key -> (English, Korean)."""

from __future__ import annotations

from typing import Literal

from castoon.errors import InputError
from castoon.words import Words

Language = Literal["en", "ko"]

WORDS: dict[str, tuple[str, str]] = {
    "title": ("Actors for {name}", "{name} 배우 순위"),
    "score": ("similarity", "유사도"),
    "score.calibrated": ("sync", "싱크로율"),
    "fake": (
        "Made with stand-in models: this ranking means nothing.",
        "대체(가짜) 모델로 만든 순위이므로 아무 의미가 없습니다.",
    ),
    "match.good": (
        "Good match: the first actor stands out from the rest of the cast.",
        "좋은 매치: 1순위 배우가 다른 배우들보다 뚜렷하게 닮았습니다.",
    ),
    "match.ahead": (
        "Worth a close look: the first actor is far ahead of the others, but a stranger can score like this too.",
        "자세히 볼 만함: 1순위 배우가 크게 앞서지만, 남남끼리도 나올 수 있는 점수입니다.",
    ),
    "match.unsure": (
        "No clear match: treat the first few as equals.",
        "뚜렷한 매치 없음: 상위 몇 명은 비슷한 수준으로 보세요.",
    ),
    "match.none": (
        "No good match: nobody in this cast resembles the character more than strangers do.",
        "좋은 매치 없음: 이 캐스트에는 남남 이상으로 닮은 배우가 없습니다.",
    ),
    "match.strangers": (
        "Of 100 characters whose actor is not in the cast, about {count} still get a first actor who scores this high.",
        "맞는 배우가 캐스트에 없는 캐릭터 100명 가운데 약 {count}명도 1순위가 이만큼 높은 점수를 받습니다.",
    ),
    "meaning": (
        "Scores measure visual similarity between a drawing and photos. They are not probabilities, and they say "
        "nothing about a person's worth or ability.",
        "점수는 그림과 사진의 시각적 유사도입니다. 확률이 아니며, 사람의 가치나 능력을 뜻하지 않습니다.",
    ),
    "meaning.calibrated": (
        "Sync (0 to 100): of past drawings whose actor scored like this in a cast of this size, about so many in a "
        "hundred showed that actor. It measures visual similarity only and says nothing about a person's worth or "
        "ability.",
        "싱크로율(0~100): 같은 규모의 캐스트에서 이 점수를 받은 과거 그림 100장 가운데 약 몇 장이 실제로 그 배우를 "
        "그린 것이었는지를 나타냅니다. 시각적 유사도일 뿐 사람의 가치나 능력을 뜻하지 않습니다.",
    ),
    "actors": ("Actors compared", "비교한 배우 수"),
    "pictures": ("Pictures of the character", "캐릭터 그림"),
    "pictures.worth": (
        "several; they count as {worth}, the less the more alike they are",
        "여러 장. 비슷한 만큼 적게 쳐서 {worth}장",
    ),
    "filter": ("Filter", "필터"),
    "none": ("none", "없음"),
    "version": ("Index version", "인덱스 버전"),
    "pack": ("Model pack", "모델 팩"),
    "licence": ("Licence of the models", "모델 라이선스"),
    "weights": ("Spaces and weights", "공간과 가중치"),
    "contracts": ("Contracts", "계약 ID"),
    "photos": ("Photos: sources and licences", "사진 출처와 라이선스"),
    "made": ("Made", "작성일"),
    "lead": ("{points} ahead of the next", "다음 순위보다 {points} 높음"),
    "photo.gone": ("photo is gone", "사진 없음"),
    "unknown": ("not stated", "표시 없음"),
    "provenance": ("How this ranking was made", "이 순위를 만든 방법"),
    "page": ("{page} of {pages}", "{page} / {pages}"),
    "flag.small": ("small photo", "작은 사진"),
    "flag.blurred": ("blurred", "흐림"),
    "flag.turned": ("turned away", "옆모습"),
    "flag.tilted": ("tilted", "기울어짐"),
    "flag.dark": ("dark", "어두움"),
    "flag.bright": ("overexposed", "과다 노출"),
    "flag.cut_off": ("cut off", "잘림"),
    "flag.several_faces": ("several faces", "여러 얼굴"),
    "flag.close_to_next": ("close to the next", "다음 순위와 근소"),
    "flag.space_missing": ("partly compared", "일부만 비교됨"),
    "flag.photo_gone": ("photo is gone", "사진 없음"),
}


def language(name: str) -> Language:
    """A language by its short name."""
    match name:
        case "en" | "ko":
            return name
        case _:
            raise InputError(
                Words("language `{name}`", name=name),
                "reports are written in English and Korean.",
                "Choose `en` or `ko`.",
            )


def say(language: Language, key: str, **values: object) -> str:
    """The words for a key; a flag without words is shown as it is."""
    if key not in WORDS:
        return key.partition(".")[2].replace("_", " ")
    return chosen(language, WORDS[key]).format(**values)


def chosen(language: Language, words: tuple[str, str]) -> str:
    """The English or the Korean of both."""
    return words[0 if language == "en" else 1]
