"""Words of long work, of moments, and of what several pages of library and research say."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "work.begin": ("Starting", "시작하는 중"),
    "work.import": ("Checking pictures", "사진 확인 중"),
    "work.look": ("Looking at every photo", "모든 사진을 살펴보는 중"),
    "work.compare": ("Comparing", "서로 비교하는 중"),
    "work.map": ("Drawing the map", "지도를 그리는 중"),
    "work.characters": ("Placing characters", "캐릭터를 배치하는 중"),
    "work.find faces": ("Finding faces", "얼굴 찾는 중"),
    "work.embed": ("Embedding photos", "사진 임베딩 중"),
    "work.publish": ("Publishing the index", "인덱스 게시 중"),
    "work.evaluate": ("Ranking every drawing", "모든 그림의 순위를 매기는 중"),
    "work.styles": ("Rendering", "스타일 적용 중"),
    "work.verify": ("Reading every file", "모든 파일을 확인하는 중"),
    "work.stop": ("Stop", "중지"),
    "work.stopping": ("Stopping after this step ...", "이 단계가 끝나면 멈춥니다 ..."),
    "work.rate": ("{rate} a second", "초당 {rate}"),
    "work.left": ("{time} left", "{time} 남음"),
    "time.seconds": ("{count} s", "{count}초"),
    "time.minutes": ("{minutes} min {seconds} s", "{minutes}분 {seconds}초"),
    "time.hours": ("{hours} h {minutes} min", "{hours}시간 {minutes}분"),
    "ago.now": ("just now", "방금"),
    "ago.minutes": ("{count} min ago", "{count}분 전"),
    "ago.hours": ("{count} h ago", "{count}시간 전"),
    "ago.days": ("{count} days ago", "{count}일 전"),
    "viewer.only": (
        "You may look, but not change anything here.",
        "보기 전용 권한입니다. 내용을 바꿀 수 없습니다.",
    ),
    "cancel": ("Cancel", "취소"),
    "download.csv": ("Download as CSV", "CSV로 내려받기"),
    "refused.title": ("Refused", "거부된 항목"),
    "refused.what": ("What", "대상"),
    "refused.why": ("Why", "이유"),
    "refused.next": ("What to do", "해결 방법"),
}
