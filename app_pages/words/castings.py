"""Words of the page of characters, shortlists and history."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "castings.tagline": (
        "What was looked for, who came out, and how far things are.",
        "누구를 찾았고, 누가 나왔고, 어디까지 진행됐는지 한눈에 봅니다.",
    ),
    "castings.part": ("Part", "구역"),
    "castings.characters": ("Characters", "캐릭터"),
    "castings.shortlists": ("Shortlists", "후보 명단"),
    "castings.history": ("History", "순위 기록"),
    "character": ("Character", "캐릭터"),
    "production": ("Production", "작품"),
    "characters.empty": (
        "No character is saved yet. Rank one and press “Save character”.",
        "저장된 캐릭터가 없습니다. 배우 순위에서 ‘캐릭터 저장’을 눌러 보세요.",
    ),
    "characters.begin": ("Rank a character", "배우 순위로 가기"),
    "characters.rank": ("Rank", "순위 보기"),
    "characters.synopsis": ("Synopsis", "소개"),
    "characters.add": ("Add pictures", "그림 추가"),
    "characters.delete": (
        "The character, its pictures and its kept rankings go for good. Shortlist entries stay.",
        "캐릭터와 그림, 순위 기록이 완전히 삭제됩니다. 후보 명단의 항목은 남습니다.",
    ),
    "edit": ("Edit", "편집"),
    "change": ("Save changes", "변경 저장"),
    "changed": ("Saved.", "저장했습니다."),
    "close": ("Close", "닫기"),
    "delete": ("Delete", "삭제"),
    "delete.yes": ("Yes, delete", "네, 삭제합니다"),
    "deleted": ("Deleted.", "삭제했습니다."),
    "shortlists.empty": (
        "No shortlist yet. Begin one here, or press “Shortlist” on an actor's card.",
        "후보 명단이 없습니다. 여기서 만들거나 배우 카드의 ‘후보’를 누르세요.",
    ),
    "shortlists.begin": ("New shortlist", "새 명단 만들기"),
    "shortlists.create": ("Create", "만들기"),
    "shortlists.nobody": (
        "Nobody is on this list yet. Press “Shortlist” on an actor's card.",
        "아직 아무도 없습니다. 배우 카드의 ‘후보’를 누르세요.",
    ),
    "shortlists.delete": ("The list and its entries go for good.", "명단과 항목이 완전히 삭제됩니다."),
    "shortlists.for": ("for {character}", "{character} 역"),
    "shortlists.off": ("Take off the list", "명단에서 빼기"),
    "status": ("Status", "진행 상황"),
    "status.considered": ("considered", "검토 중"),
    "status.approached": ("approached", "연락함"),
    "status.audition": ("audition", "오디션"),
    "status.offered": ("offered", "제안함"),
    "status.cast": ("cast", "캐스팅"),
    "status.declined": ("declined", "거절"),
    "history.empty": (
        "No ranking is kept yet. Press “Keep” above a ranking of a saved character.",
        "남겨 둔 순위가 없습니다. 저장된 캐릭터의 순위 위에서 ‘기록’을 누르세요.",
    ),
    "history.all": ("All characters", "모든 캐릭터"),
    "history.asked": (
        "Index {version} · models {pack} · filter {where}",
        "인덱스 {version} · 모델 {pack} · 필터 {where}",
    ),
    "history.again": ("Run again", "다시 실행"),
    "history.same_index": (
        "The index is still the same one.",
        "인덱스가 그때와 같습니다.",
    ),
    "history.unchanged": (
        "Today's index gives the same actors in the same places.",
        "지금 인덱스에서도 배우와 순위가 같습니다.",
    ),
    "history.other_models": (
        "Other models are in use today: compare places, not scores.",
        "지금은 다른 모델을 씁니다. 점수 대신 순위를 비교하세요.",
    ),
    "history.move": ("Move", "변동"),
    "history.was": ("Then", "당시"),
    "history.now": ("Now", "현재"),
    "history.score_was": ("Score then", "당시 점수"),
    "history.score_now": ("Score now", "현재 점수"),
    "history.came": ("new", "신규"),
    "history.gone": ("gone", "빠짐"),
}
