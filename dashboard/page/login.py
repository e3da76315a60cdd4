"""A login before anything is shown, where whoever runs the server asks for one.

By OpenID Connect, as Streamlit speaks it: the provider is named under ``[auth]`` of
``.streamlit/secrets.toml``. Nothing of a page is worked out for a visitor who has not logged in.
"""

from __future__ import annotations

import html
import importlib.util
import os

import streamlit as st

LOGIN_VARIABLE = "ATLAS_LOGIN"
"""Environment variable: ``1`` shows nothing without a login, were the secrets lost, too."""


def ask_login(product: str) -> None:
    """End the run of a page with a way to log in, where that is asked for and not yet done.

    Parameters
    ----------
    product
        What one logs in to.
    """
    known = st.user.get("is_logged_in")
    if known or (known is None and not os.environ.get(LOGIN_VARIABLE, "").strip(" 0")):
        return
    st.markdown(f"# {product}")
    if known is None:
        st.text(
            "This server asks for a login and names no provider: whoever runs it puts [auth] into "
            "its secrets.toml."
        )
    elif importlib.util.find_spec("authlib") is None:
        st.text("This server asks for a login and lacks Authlib: install streamlit[auth] there.")
    else:
        st.text("Log in to see it. You come to Home then; open the link that led you here anew.")
        st.button("Log in", on_click=_log_in, type="primary")
    st.stop()


def offer_logout() -> None:
    """Say who has logged in, and offer to end that; nothing where no login is asked for."""
    if not st.user.get("is_logged_in"):
        return
    name = st.user.get("email") or st.user.get("name") or ""
    with st.container(gap=None):
        st.html(f'<p style="margin:0;font-size:0.8rem">{html.escape(str(name))}</p>')
        st.button("Log out", on_click=_log_out, key="log_out", type="tertiary")


def _log_in() -> None:
    st.login(_provider())


def _log_out() -> None:
    st.logout()


def _provider() -> str | None:
    """Name the provider where the secrets have it in a section of its own, the first of several."""
    auth = st.secrets["auth"]
    if "client_id" in auth:
        return None
    return next((str(name) for name, own in auth.items() if hasattr(own, "items")), None)
