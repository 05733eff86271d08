"""Words of the Map page."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "nav.map": ("Cast map", "배우 지도"),
    "map.what": (
        "Actors who look alike lie side by side; drawn characters lie among those they resemble. Nearness is a hint, "
        "not a measure.",
        "닮은 배우들이 가까이 놓이고, 그림 속 캐릭터는 닮은 배우들 사이에 놓입니다. 거리는 참고일 뿐 점수가 아닙니다.",
    ),
    "map.missing": ("There is nothing to map yet.", "아직 지도를 그릴 수 없습니다."),
    "map.empty": ("Nobody is in this index.", "이 인덱스에는 배우가 없습니다."),
    "map.once": (
        "This happens once for each index version.",
        "인덱스 버전마다 한 번만 계산합니다.",
    ),
    "map.legend": ("a drawn character", "그림 캐릭터"),
    "map.again": ("Draw it again", "다시 그리기"),
    "map.stopped": (
        "Stopped early: this map is a sketch and is not kept.",
        "중간에 멈춘 임시 지도이며 저장되지 않습니다.",
    ),
    "map.space": ("Compared by", "비교 기준"),
    "map.space.help": (
        "An encoder and what it looked at: photos as they are, or their renderings in a style.",
        "인코더와 비교 대상입니다. 사진 그대로, 또는 스타일을 적용한 모습을 비교합니다.",
    ),
    "map.colour": ("Colour", "색상 기준"),
    "map.characters": ("Characters", "캐릭터"),
    "map.characters.*all": ("All", "모두"),
    "map.characters.*none": ("None", "표시 안 함"),
    "map.faces": ("Faces", "얼굴"),
    "map.faces.help": ("Show portraits instead of points.", "점 대신 얼굴 사진으로 표시합니다."),
    "map.unknown": ("unknown", "알 수 없음"),
    "map.other": ("other", "기타"),
    "map.tip.name": ("Name", "이름"),
    "map.tip.known": ("Value", "값"),
    "map.tip.nearest": ("Resembles", "닮은 배우"),
    "map.nearest": ("Resembles most: {names}", "가장 닮은 배우: {names}"),
    "map.many": (
        "{count} actors: pictures under the pointer are shown up to {most}.",
        "배우 {count}명: 사진 미리보기는 {most}명까지 표시됩니다.",
    ),
    "map.version": ("Index {version}", "인덱스 {version}"),
}
