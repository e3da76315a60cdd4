"""A local OpenID Connect provider, which knows one person and asks her nothing."""

from __future__ import annotations

import contextlib
import json
import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "atlas", "of-the-client"
PERSON = {"sub": "1", "email": "ada@example.org", "email_verified": True, "name": "Ada"}


class Provider(ThreadingHTTPServer):
    """Grants codes and signs who asked for them.

    Attributes
    ----------
    asked
        Paths that were asked for.
    refuses
        Whether logins are refused.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), ProviderHandler)
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.codes: dict[str, str] = {}
        self.asked: list[str] = []
        self.refuses = False

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def secrets(self, root: str, names: Sequence[str] = ()) -> str:
        """Write the secrets of an app at an address that asks this provider, by these names."""
        own = f"""client_id = "{CLIENT}"
client_secret = "{SECRET}"
server_metadata_url = "{self.issuer}/.well-known/openid-configuration"
"""
        sections = "".join(f"[auth.{name}]\n{own}" for name in names)
        return f"""[auth]
redirect_uri = "{root}oauth2callback"
cookie_secret = "{secrets.token_hex(16)}"
{sections or own}"""


class ProviderHandler(BaseHTTPRequestHandler):
    server: Provider

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.server.asked.append(parts.path)
        issuer = self.server.issuer
        if parts.path == "/.well-known/openid-configuration":
            self.answer(
                {
                    "issuer": issuer,
                    "authorization_endpoint": f"{issuer}/authorize",
                    "token_endpoint": f"{issuer}/token",
                    "jwks_uri": f"{issuer}/keys",
                    "response_types_supported": ["code"],
                    "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["RS256"],
                }
            )
        elif parts.path == "/keys":
            self.answer({"keys": [self.server.key.as_dict(private=False)]})
        elif parts.path == "/authorize":
            self.grant({name: values[0] for name, values in parse_qs(parts.query).items()})
        else:
            self.send_error(404)

    def grant(self, given: dict[str, str]) -> None:
        assert given["client_id"] == CLIENT
        back = {"state": given["state"]}
        if self.server.refuses:
            back["error"] = "access_denied"
        else:
            back["code"] = secrets.token_hex(8)
            self.server.codes[back["code"]] = given.get("nonce", "")
        self.send_response(302)
        self.send_header("Location", f"{given['redirect_uri']}?{urlencode(back)}")
        self.end_headers()

    def do_POST(self) -> None:
        self.server.asked.append(self.path)
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        nonce = self.server.codes.pop(parse_qs(text)["code"][0])  # a code is good for once
        now = int(time.time())
        about = {"iss": self.server.issuer, "aud": CLIENT, "iat": now, "exp": now + 600}
        token = jwt.encode(
            {"alg": "RS256", "kid": "one"}, PERSON | about | {"nonce": nonce}, self.server.key
        )
        self.answer({"access_token": "a", "token_type": "Bearer", "id_token": token})

    def answer(self, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextlib.contextmanager
def serve_provider() -> Iterator[Provider]:
    """Serve a provider on loopback."""
    provider = Provider()
    threading.Thread(target=provider.serve_forever, daemon=True).start()
    try:
        yield provider
    finally:
        provider.shutdown()
        provider.server_close()
