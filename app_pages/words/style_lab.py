"""Words of the Style lab."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "nav.styles": ("Style lab", "스타일 실험실"),
    "lab.what": (
        "One photo through every installed style, side by side, with what each did to the face.",
        "사진 한 장에 설치된 모든 스타일을 적용해 나란히 비교합니다.",
    ),
    "lab.source": ("Where is the photo?", "사진 선택"),
    "lab.source.library": ("From the library", "라이브러리"),
    "lab.source.upload": ("Upload", "업로드"),
    "lab.upload": ("Photo of a face", "얼굴 사진"),
    "lab.photo": ("Photo", "사진"),
    "lab.empty": ("Choose a photo that shows a face.", "얼굴이 보이는 사진을 선택하세요."),
    "lab.original": ("Photo", "원본"),
    "lab.original.what": ("The crop that every style is given.", "모든 스타일에 입력되는 영역입니다."),
    "lab.took": ("Time", "걸린 시간"),
    "lab.identity": ("Identity", "닮음"),
    "lab.identity.none": ("no face", "얼굴 없음"),
    "lab.identity.help": (
        "Cosine between the face network's vectors of photo and rendering; 1 means that it sees no difference.",
        "원본과 결과의 얼굴 벡터 코사인입니다. 1이면 얼굴 인식 모델이 차이를 느끼지 못합니다.",
    ),
    "lab.commercial": ("commercial use allowed", "상업적 이용 가능"),
    "lab.adjust": ("Adjust", "조정"),
    "lab.reset": ("As it was", "초기화"),
    "lab.save": ("PNG", "PNG"),
    "lab.go": ("Render", "적용"),
    "lab.slow": (
        "This style works on each picture for minutes, so it waits until you ask.",
        "사진 한 장에 몇 분이 걸리는 스타일이라 요청할 때만 실행합니다.",
    ),
    "lab.missing": ("{count} more styles can be installed", "추가로 설치할 수 있는 스타일 {count}개"),
}
