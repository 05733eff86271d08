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
    "castings.style": ("Style", "그림체"),
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
    "style.what": (
        "A face network is made for photos. Castoon reads a drawing by how drawings differ from photos, and your "
        "webtoon may differ in its own way. Give some pages of it, with many different characters: the faces on them "
        "are enough, nobody needs to be named. What you give here is read and not kept.",
        "얼굴 모델은 사진을 기준으로 만들어집니다. Castoon은 그림이 사진과 어떻게 다른지 감안해 그림을 읽는데, "
        "작품마다 그 차이가 다릅니다. 여러 캐릭터가 나오는 페이지 몇 장을 주세요. 누구를 그렸는지 몰라도 얼굴만 있으면 "
        "됩니다. 여기에 올린 그림은 읽기만 하고 저장하지 않습니다.",
    ),
    "style.pack": (
        "**Now:** drawings are read as the model pack reads drawings of any style.",
        "**현재:** 모델 묶음의 기본 방식으로 그림을 읽습니다(모든 그림체 공통).",
    ),
    "style.own": (
        "**Now:** drawings are read in this library's own style, learnt from {count} drawn faces.",
        "**현재:** 그려진 얼굴 {count}개에서 익힌 이 라이브러리만의 그림체로 읽습니다.",
    ),
    "style.fitted": (
        "The ranking was fitted to past castings read in the present way. Learning a style anew leaves that aside: "
        "scores are raw until castings are fitted again.",
        "지금의 방식으로 읽은 지난 캐스팅에 순위를 맞춰 둔 상태입니다. 그림체를 새로 익히면 그 조정값은 쓰이지 않고, "
        "다시 맞출 때까지 보정되지 않은 유사도가 표시됩니다.",
    ),
    "style.pages": ("Pages or pictures in this style", "이 그림체의 페이지나 그림"),
    "style.pages.help": (
        "At least {count} faces of different characters; a ZIP will do. Forty are hardly better than {count}.",
        "서로 다른 캐릭터의 얼굴이 {count}개 이상 필요합니다. ZIP도 됩니다. 40개가 {count}개보다 크게 낫지는 않습니다.",
    ),
    "style.saved": (
        "Learn from the saved characters too ({count} pictures)",
        "저장된 캐릭터의 그림도 함께 익히기({count}장)",
    ),
    "style.learn": ("Learn this style", "이 그림체 익히기"),
    "style.learnt": (
        "**Learnt from {count} drawn faces.** Drawings are read so from now on. Scores are raw similarities until "
        "past castings are fitted (`castoon bridge fit`).",
        "**그려진 얼굴 {count}개에서 그림체를 익혔습니다.** 이제부터 그림을 이렇게 읽습니다. "
        "지난 캐스팅에 맞추기 전까지는(`castoon bridge fit`) 보정되지 않은 유사도가 표시됩니다.",
    ),
    "style.some": ("The first {count} of them.", "그중 앞의 {count}개입니다."),
    "style.again": ("Learn from other pictures", "다른 그림으로 다시 익히기"),
    "style.drop": ("Go back", "되돌리기"),
    "style.drop.what": (
        "Drawings are read as the pack reads them again. A tuning that was fitted on this library's castings goes too.",
        "다시 모델 묶음의 기본 방식으로 그림을 읽습니다. 이 라이브러리의 캐스팅에 맞춘 조정값도 함께 지워집니다.",
    ),
    "style.drop.yes": ("Yes, go back", "네, 되돌립니다"),
    "style.dropped": ("Read as the pack reads them again.", "기본 방식으로 되돌렸습니다."),
}
