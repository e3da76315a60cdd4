"""A login before anything is shown, where whoever runs the server asks for one.

By OpenID Connect, as Streamlit speaks it: the provider is named under ``[auth]`` of
``.streamlit/secrets.toml``. Nothing of a page is worked out for a visitor who has not logged in.
"""

from __future__ import annotations

import html
import importlib.util
from pathlib import Path

import streamlit as st

from precompute.environment import read_switch

LOGIN_VARIABLE = "ATLAS_LOGIN"
"""Environment variable: ``1`` shows nothing without a login, were the secrets lost, too."""

_way_back = st.components.v2.component(
    "protein_attention_atlas.way_back",
    js=Path(__file__).with_name("way_back.js").read_text(encoding="utf-8"),
)


def ask_login(product: str, *, at_home: bool) -> None:
    """End the run of a page with a way to log in, where that is asked for and not yet done.

    Parameters
    ----------
    product
        What one logs in to.
    at_home
        Whether it is the page that a provider sends everybody to. The browser keeps the address of
        any other meanwhile; see `offer_logout`.
    """
    known = st.user.get("is_logged_in")
    if known or (known is None and not read_switch(LOGIN_VARIABLE, default=False)):
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
        st.text("Log in to see it.")
        for name, label in _providers().items():
            st.button(label, on_click=st.login, args=(name,), type="primary", key=f"log_in_{name}")
        if not at_home or st.query_params:
            _way_back(data="keep", key="way_back")
    st.stop()


def offer_logout(*, at_home: bool) -> None:
    """Say who has logged in, and offer to end that; nothing where no login is asked for.

    Parameters
    ----------
    at_home
        Whether it is the page that a provider sends everybody to: from there the browser goes on to
        the address that it came by before the login.
    """
    if not st.user.get("is_logged_in"):
        return
    name = st.user.get("email") or st.user.get("name") or ""
    with st.container(gap=None):
        st.html(f'<p style="margin:0;font-size:0.8rem">{html.escape(str(name))}</p>')
        st.button("Log out", on_click=st.logout, key="log_out", type="tertiary")
        _way_back(data="follow" if at_home else "forget", key="way_back")


def _providers() -> dict[str | None, str]:
    """Name the providers of the secrets, each with what stands on its button."""
    auth = st.secrets["auth"]
    if "client_id" in auth:
        return {None: "Log in"}
    names = [str(name) for name, own in auth.items() if hasattr(own, "items")]
    return {name: f"Log in by {name}" if len(names) > 1 else "Log in" for name in names}
