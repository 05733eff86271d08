"""An OpenID Connect provider on this machine, which lets in whomever the test names, without asking."""

from __future__ import annotations

import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlparse

CLIENT, SECRET = "castoon", "a client secret of the test"


class Provider:
    """Discovery, keys, authorization and tokens, as RFC 6749 and OpenID Connect Core 1.0 have them."""

    def __init__(self) -> None:
        from joserfc.jwk import RSAKey

        self.claims: dict[str, Any] = {}
        """Of the person who signs in next."""
        self._key = RSAKey.generate_key(2048, {"kid": "test", "use": "sig", "alg": "RS256"})
        self._codes: dict[str, dict[str, Any]] = {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = urlparse(self.path)
                query = {name: values[0] for name, values in parse_qs(asked.query).items()}
                match asked.path:
                    case "/.well-known/openid-configuration":
                        self._answer(provider.metadata())
                    case "/keys":
                        self._answer({"keys": [provider._key.as_dict(private=False)]})
                    case "/authorize":
                        self.send_response(302)
                        self.send_header("Location", provider.authorize(query))
                        self.end_headers()
                    case _:
                        self.send_error(404)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {name: values[0] for name, values in parse_qs(body).items()}
                self._answer(provider.token(form))

            def log_message(self, *_: object) -> None:
                pass

            def _answer(self, content: dict[str, Any]) -> None:
                raw = json.dumps(content).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser goes on, with a code for the tokens of whoever `claims` says."""
        assert query["client_id"] == CLIENT
        assert query["response_type"] == "code"
        code = secrets.token_urlsafe()
        self._codes[code] = {**self.claims, "nonce": query.get("nonce")}
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: dict[str, str]) -> dict[str, Any]:
        """Tokens for a code, once."""
        from joserfc import jwt

        now = int(time.time())
        claims = {
            "iss": self.address, "sub": "test person", "aud": CLIENT, "iat": now, "exp": now + 600,
            **self._codes.pop(form["code"]),
        }  # fmt: skip
        signed = jwt.encode({"alg": "RS256", "kid": "test"}, claims, self._key)
        return {"access_token": secrets.token_urlsafe(), "token_type": "Bearer", "expires_in": 600, "id_token": signed}
