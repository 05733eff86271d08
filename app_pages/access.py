"""Signing in through OIDC where `.streamlit/secrets.toml` configures it, and what the signed-in person may do.

    [auth]                     # see Streamlit's documentation of `st.login`
    redirect_uri = "https://casting.example/oauth2callback"
    cookie_secret = "..."
    client_id = "..."
    client_secret = "..."
    server_metadata_url = "https://.../.well-known/openid-configuration"

Without that table nobody signs in, and everybody may do everything.
"""

from __future__ import annotations

import importlib.util

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from app_pages import state
from app_pages.state import plain, t
from casting.roles import Role, role_of
from casting.settings import load_settings
from castoon.errors import CastoonError, InputError


def configured() -> bool:
    """Whether people sign in here."""
    try:
        return "auth" in st.secrets
    except StreamlitSecretNotFoundError:
        return False


def role() -> Role:
    """What the viewer may do."""
    if not configured():
        return "editor"
    if not st.user.is_logged_in:
        return "stranger"
    email = str(st.user.get("email") or "") if st.user.get("email_verified", True) else ""
    return role_of(email, load_settings(state.library_folder()))


def may_edit() -> bool:
    """Whether the viewer may change things."""
    try:
        return role() == "editor"
    except CastoonError:
        return False


def require_editor() -> None:
    """Refuse a change that the viewer may not make, whatever the page showed."""
    if not may_edit():
        raise InputError(t("access.role"), t("access.denied"), t("access.ask"))


def who() -> str | None:
    """What to sign entries with; None where nobody signs in."""
    if not configured() or not st.user.is_logged_in:
        return None
    return str(st.user.get("email") or st.user.get("name") or "") or None


def sign_in() -> None:
    """Let nobody past who may not look; draws the sign-in screen and stops the script for them."""
    if not configured() or role() != "stranger":
        return
    with st.container(horizontal_alignment="center", key="sign-in"):
        st.space("large")
        st.title("Castoon", width="content")
        if st.user.is_logged_in:
            st.warning(t("access.stranger", who=plain(who() or "?")), icon=":material/block:", width=420)
            st.button(t("access.logout"), on_click=st.logout, icon=":material/logout:")
        elif importlib.util.find_spec("authlib") is None:
            st.error(t("access.library"), icon=":material/error:", width=420)
        else:
            st.markdown(t("access.why"), width="content")
            st.button(t("access.login"), on_click=st.login, type="primary", icon=":material/login:")
    st.stop()


def show_person() -> None:
    """Who is signed in, and the way out; nothing where nobody signs in."""
    if not configured():
        return
    kind = t("access.editor") if may_edit() else t("access.viewer")
    st.caption(f"{plain(who() or '?')} · {kind}")
    st.button(t("access.logout"), on_click=st.logout, type="tertiary", icon=":material/logout:")
