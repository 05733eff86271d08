"""Every word on screen, in English and Korean."""

from __future__ import annotations

from typing import Literal

Language = Literal["en", "ko"]
LANGUAGES: dict[Language, str] = {"en": "English", "ko": "한국어"}

_TEXTS: dict[str, tuple[str, str]] = {
    "nav.rank": ("Rank actors", "배우 순위"),
    "language": ("Language", "언어"),
    "tagline": (
        "Real actors for a drawn character, best first.",
        "그림 속 캐릭터와 닮은 실제 배우를 순위로 보여 줍니다.",
    ),
    "score.meaning": (
        "Scores measure visual similarity between a drawing and photos. They are not probabilities, and they say "
        "nothing about a person's worth or ability.",
        "점수는 그림과 사진의 시각적 유사도입니다. 확률이 아니며, 사람의 가치나 능력을 뜻하지 않습니다.",
    ),
    "library.counts": ("Library {library}: {actors} actors", "라이브러리 {library}: 배우 {actors}명"),
    "index.version": ("Index {version}", "인덱스 {version}"),
    "models.line": ("Models: {pack}", "모델: {pack}"),
    "licence.line": ("Licence: {licence}", "라이선스: {licence}"),
    "licence.noncommercial": ("Not for commercial use", "상업적 이용 불가"),
    "local": (
        "Everything stays on this machine.",
        "모든 데이터는 이 컴퓨터에만 저장됩니다.",
    ),
    "fake.banner": (
        "Stand-in models are in use: this ranking shows how Castoon works, not who resembles whom. Choose a model pack "
        "with `castoon models list`.",
        "대체(가짜) 모델을 사용 중입니다. 이 순위는 작동 방식을 보여 줄 뿐 실제로 닮은 정도가 아닙니다. "
        "`castoon models list`로 모델 팩을 선택하세요.",
    ),
    "character": ("Character", "캐릭터"),
    "character.source": ("Where is the picture?", "그림 선택"),
    "character.saved": ("Saved", "저장된 캐릭터"),
    "character.upload": ("Upload", "업로드"),
    "character.choose": ("Choose a character", "캐릭터를 선택하세요"),
    "upload.label": ("Picture of the character", "캐릭터 그림"),
    "upload.help": (
        "JPEG, PNG, WebP, AVIF or GIF, up to 60 megapixels. It is not stored.",
        "JPEG, PNG, WebP, AVIF, GIF, 최대 6천만 화소. 저장되지 않습니다.",
    ),
    "upload.empty": (
        "Drop a picture of the character: one panel, or a full page with several people.",
        "캐릭터 그림을 올려 주세요. 한 컷이어도, 여러 인물이 있는 페이지여도 됩니다.",
    ),
    "faces.found": ("{count} faces found", "얼굴 {count}개를 찾았습니다"),
    "faces.one": ("One face found", "얼굴 1개를 찾았습니다"),
    "faces.pick": ("Which face?", "어느 얼굴인가요?"),
    "faces.none": ("No face was found in this picture.", "이 그림에서 얼굴을 찾지 못했습니다."),
    "filter.label": ("Filter", "필터"),
    "filter.placeholder": (
        "gender=female, birth_year>=1990, tags~action",
        "gender=female, birth_year>=1990, tags~action",
    ),
    "filter.help": (
        "Conditions joined by commas: = != >= <= > < ~ (contains) in (a, b). Columns: {columns}.",
        "쉼표로 조건을 잇습니다: = != >= <= > < ~(포함) in (a, b). 항목: {columns}.",
    ),
    "count.label": ("How many", "표시할 배우 수"),
    "advanced": ("Advanced", "고급"),
    "weight.of": ("Weight of {space}", "{space} 가중치"),
    "view": ("View", "보기"),
    "view.cards": ("Cards", "카드"),
    "view.table": ("Table", "표"),
    "webtoon": ("Show webtoon rendering", "웹툰 스타일로 보기"),
    "working.faces": ("Looking for faces ...", "얼굴을 찾는 중 ..."),
    "working.rank": ("Ranking ...", "순위를 매기는 중 ..."),
    "working.models": ("Loading models ...", "모델을 불러오는 중 ..."),
    "result.title": ("Ranked actors", "배우 순위"),
    "result.none": ("No actor passes this filter.", "이 필터에 맞는 배우가 없습니다."),
    "result.took": ("{ms} ms", "{ms} ms"),
    "score": ("similarity", "유사도"),
    "margin": ("{margin} ahead of the next", "다음 순위보다 {margin} 높음"),
    "photo.gone": ("Photo is gone", "사진 없음"),
    "export.csv": ("CSV", "CSV"),
    "export.html": ("Report", "보고서"),
    "export.html.help": (
        "One HTML file with pictures, versions and licences.",
        "사진, 버전, 라이선스가 담긴 HTML 파일 하나입니다.",
    ),
    "library.missing": ("There is no library to search yet.", "아직 검색할 라이브러리가 없습니다."),
    "library.how": (
        "Import a cast and build its index, then reload this page:",
        "배우 사진을 가져와 인덱스를 만든 다음 이 페이지를 새로 고치세요:",
    ),
    "next": ("What to do:", "해결 방법:"),
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
    "fact.gender": ("gender", "성별"),
    "fact.birth_year": ("born", "출생"),
    "fact.agency": ("agency", "소속사"),
    "fact.height_cm": ("height", "키"),
    "fact.availability": ("availability", "일정"),
    "fact.tags": ("tags", "태그"),
    "fact.aliases": ("also", "다른 이름"),
}


def text(language: Language, key: str, **values: object) -> str:
    """The words for `key`, with values filled in; a flag or fact without words is shown as it is."""
    if key not in _TEXTS:
        return key.partition(".")[2].replace("_", " ") or key
    return _TEXTS[key][0 if language == "en" else 1].format(**values)


def all_keys() -> list[str]:
    """All keys that have words."""
    return list(_TEXTS)
