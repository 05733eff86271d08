"""Words about signing in and roles."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "access.why": ("Sign in to see this cast library.", "이 배우 라이브러리를 보려면 로그인하세요."),
    "access.login": ("Sign in", "로그인"),
    "access.logout": ("Sign out", "로그아웃"),
    "access.editor": ("editor", "편집자"),
    "access.viewer": ("viewer", "열람자"),
    "access.role": ("your role", "내 권한"),
    "access.denied": ("viewers may look but not change anything.", "열람자는 볼 수만 있고 변경할 수 없습니다."),
    "access.ask": (
        "Ask the owner of this library to add you to `editors`.",
        "라이브러리 관리자에게 `editors`에 추가해 달라고 요청하세요.",
    ),
    "access.stranger": (
        "{who} is signed in but may not see this library. Ask its owner to add you to `viewers`.",
        "{who} 계정은 이 라이브러리를 볼 수 없습니다. 관리자에게 `viewers`에 추가해 달라고 요청하세요.",
    ),
    "access.library": (
        "Sign-in is configured, but the package it needs is missing: `pip install castoon[login]`.",
        "로그인이 설정되어 있지만 필요한 패키지가 없습니다: `pip install castoon[login]`.",
    ),
}
