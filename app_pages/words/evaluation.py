"""Words of the Evaluation page."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "nav.evaluation": ("Evaluation", "평가"),
    "eval.what": (
        "Drawings whose actor is known are ranked against the live index: how often does the right one come first?",
        "정답 배우를 아는 그림으로 현재 인덱스를 시험합니다. 정답이 얼마나 자주 1위에 오르는지 확인하세요.",
    ),
    "eval.missing": ("There is no index to evaluate yet.", "아직 평가할 인덱스가 없습니다."),
    "eval.truth": ("Known answers", "정답 모음"),
    "eval.truth.demo": ("Characters of the demo cast", "데모 배우의 캐릭터"),
    "eval.none": (
        "Upload known answers: a ZIP with one folder of drawings an actor, or drawings with a CSV of the columns image "
        "and actor.",
        "정답 모음을 올려 주세요. 배우별 그림 폴더가 든 ZIP, 또는 image와 actor 열이 있는 CSV와 그림이 필요합니다.",
    ),
    "eval.ready": ("Press Evaluate to begin.", "평가 시작을 누르세요."),
    "eval.upload": ("Upload", "업로드"),
    "eval.upload.how": (
        "A ZIP with one folder of drawings an actor, or a CSV (image, actor, and if you like group) with its pictures.",
        "배우별 그림 폴더가 든 ZIP, 또는 CSV(image, actor, 선택: group)와 그림을 함께 올리세요.",
    ),
    "eval.upload.files": ("Known answers", "정답 모음"),
    "eval.upload.do": ("Use {count} files", "파일 {count}개 사용"),
    "eval.ablation": ("Try every space", "모든 비교 공간 시험"),
    "eval.ablation.help": (
        "Also measures each space alone, bridges, styles and fusions, so that it can be seen what helps.",
        "비교 공간, 보정, 스타일, 결합 방식을 각각 측정해 무엇이 도움이 되는지 보여 줍니다.",
    ),
    "eval.run": ("Evaluate", "평가 시작"),
    "eval.counts": (
        "{queries} drawings, {actors} actors, {missed} drawings without a face (misses) · index {version} · {pack}",
        "그림 {queries}장, 배우 {actors}명, 얼굴 없음 {missed}장(오답 처리) · 인덱스 {version} · {pack}",
    ),
    "eval.R@1": ("Right actor first", "정답 1위"),
    "eval.R@5": ("Among the first 5", "5위 안"),
    "eval.R@10": ("Among the first 10", "10위 안"),
    "eval.MRR": ("Mean reciprocal rank", "평균 역순위"),
    "eval.R@1.help": ("Recall at 1.", "R@1"),
    "eval.R@5.help": ("Recall at 5.", "R@5"),
    "eval.R@10.help": ("Recall at 10.", "R@10"),
    "eval.MRR.help": ("Mean of 1 / rank of the right actor.", "정답 순위의 역수를 평균한 값입니다."),
    "eval.interval": ("95%: {low} to {high}", "95% 구간: {low}~{high}"),
    "eval.part": ("Part of the report", "보고서 구역"),
    "eval.part.overview": ("Overview", "개요"),
    "eval.part.ablation": ("What helps", "무엇이 도움이 되나"),
    "eval.part.groups": ("Groups", "집단별"),
    "eval.part.worst": ("Worst cases", "가장 나쁜 사례"),
    "eval.html": ("Report", "보고서"),
    "eval.cumulative": ("How far down to look", "몇 위까지 봐야 하나"),
    "eval.among": ("among the first", "순위"),
    "eval.share": ("share of drawings", "그림 비율"),
    "eval.calibration": ("Do scores mean what they say?", "점수는 믿을 만한가"),
    "eval.calibration.help": (
        "On the dashed line, a score of 60% is right 60 times in 100.",
        "점선 위에 있으면 60%라는 점수가 100번 중 60번 맞는다는 뜻입니다.",
    ),
    "eval.said": ("score said", "점수"),
    "eval.was": ("was right", "실제 정답 비율"),
    "eval.similarities": ("Similarity to the right actor and to others", "정답과 다른 배우의 유사도"),
    "eval.similarity": ("similarity", "유사도"),
    "eval.right": ("right actor", "정답 배우"),
    "eval.others": ("others", "다른 배우"),
    "eval.first": ("ranked first", "1위로 나온 배우"),
    "eval.drawing": ("drawing", "그림"),
    "eval.figures": ("All figures", "모든 수치"),
    "eval.refused": ("{count} drawings left out", "제외된 그림 {count}장"),
    "eval.ablation.none": (
        "This evaluation ran without trying every space.",
        "모든 비교 공간을 시험하지 않은 평가입니다.",
    ),
    "eval.ablation.what": (
        "Each way of ranking with its 95% interval over actors. Overlapping intervals show no difference.",
        "방식별 결과와 95% 구간입니다. 구간이 겹치면 차이가 있다고 할 수 없습니다.",
    ),
    "eval.groups.what": (
        "Whether the right actor comes first as often for everybody. Too few drawings say nothing.",
        "집단에 따라 정확도가 다른지 보여 줍니다. 그림이 너무 적으면 판단하지 않습니다.",
    ),
    "eval.groups.none": ("There are no groups to compare.", "비교할 집단이 없습니다."),
    "eval.exposure": ("Who is shown among the first ten", "10위 안에 누가 보이나"),
    "eval.exposure.help": (
        "A ratio of 1 means that a group is shown as often as its share of the gallery.",
        "비율 1은 전체에서 차지하는 만큼 노출된다는 뜻입니다.",
    ),
    "eval.worst.what": (
        "The drawings whose actor stands furthest down.",
        "정답 배우의 순위가 가장 낮은 그림입니다.",
    ),
    "eval.noface": ("No face found", "얼굴을 찾지 못함"),
    "eval.rank": ("Right actor at rank {rank}", "정답 순위 {rank}위"),
}
