"""Words that several pages use."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "section.casting": ("Casting", "캐스팅"),
    "section.library": ("Library", "라이브러리"),
    "section.research": ("Research", "연구"),
    "nav.rank": ("Rank actors", "배우 순위"),
    "nav.compare": ("Compare", "비교"),
    "nav.castings": ("Characters and shortlists", "캐릭터와 후보 명단"),
    "language": ("Language", "언어"),
    "tagline": (
        "Real actors for a drawn character, best first.",
        "그림 속 캐릭터와 닮은 실제 배우를 순위로 보여 줍니다.",
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
    "fact.birth_year": ("birth year", "출생 연도"),
    "fact.agency": ("agency", "소속사"),
    "fact.height_cm": ("height in cm", "키(cm)"),
    "fact.availability": ("availability", "일정"),
    "fact.tags": ("tags", "태그"),
    "fact.aliases": ("also", "다른 이름"),
}
