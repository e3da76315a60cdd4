"""Pages of others that try to open a session: refused without asking anybody who we are."""

from __future__ import annotations

from streamlit import net_util


def ask_nobody() -> None:
    """Keep Streamlit from asking a service of Amazon's for this machine's address.

    To refuse a foreign page's session it looks whether that is this machine by its outer address,
    which it asks for again at each refusal where there is no answer: two seconds in which the
    server answers nobody, at the word of any stranger. The inner address is allowed anyway.
    """
    if net_util._external_ip is None:
        net_util._external_ip = net_util.get_internal_ip()
