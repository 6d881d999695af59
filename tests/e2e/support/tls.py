"""The tests' own certificate authorities, certificates and HTTPS servers. The openssl command makes
them."""
import http.server
import pathlib
import ssl
import subprocess
import tempfile
import threading

IDENTITY = b"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/a</Arn><UserId>AIDA</UserId>
<Account>123456789012</Account></GetCallerIdentityResult><ResponseMetadata>
<RequestId>1</RequestId></ResponseMetadata></GetCallerIdentityResponse>"""
KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


def openssl(folder, *words):
    done = subprocess.run(["openssl", *map(str, words)], cwd=folder, check=False,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


class Authority:
    """`with Authority() as authority:` its certificate is in .bundle; it signs certificates."""

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self._folder.name)
        self.bundle = self.folder / "authority.pem"
        openssl(self.folder, "req", "-x509", *KEY, "-keyout", "authority.key", "-out", self.bundle,
                "-days", "2", "-subj", "/CN=authority of a test")
        return self

    def __exit__(self, *_):
        self._folder.cleanup()

    def certificate(self, names, days=1):
        """A file with a key and a certificate for the names (as in subjectAltName); the certificate
        has expired if days is negative."""
        made = self.folder / f"{abs(hash((names, days)))}.pem"
        request, key = made.with_suffix(".csr"), made.with_suffix(".key")
        extensions = made.with_suffix(".ext")
        extensions.write_text(f"subjectAltName={names}\n", encoding="utf-8")
        openssl(self.folder, "req", "-new", *KEY, "-keyout", key, "-out", request, "-subj", "/CN=x")
        openssl(self.folder, "x509", "-req", "-in", request, "-CA", self.bundle, "-CAkey",
                "authority.key", "-CAcreateserial", "-extfile", extensions, "-days", days, "-out",
                made)
        with made.open("a", encoding="utf-8") as file:
            file.write(key.read_text(encoding="utf-8"))
        return made


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.answered += 1
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(IDENTITY)))
        self.end_headers()
        self.wfile.write(IDENTITY)

    def log_message(self, *_):
        pass


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    answered = 0
    connections = 0

    def get_request(self):
        connection, address = super().get_request()
        self.connections += 1
        return self.context.wrap_socket(connection, server_side=True,
                                        do_handshake_on_connect=False), address

    def handle_error(self, *_):
        """The tests are about clients that close the connection."""


class TlsServer:
    """`with TlsServer(certificate) as server:` answers sts:GetCallerIdentity at
    https://localhost:<.port>; .answered and .connections count."""

    def __init__(self, certificate):
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._server.context.load_cert_chain(certificate)
        self.port = self._server.server_port

    def __enter__(self):
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def answered(self):
        return self._server.answered

    @property
    def connections(self):
        return self._server.connections


def caller(command, port, host="localhost", models=None, **environment):
    """Runs COMMAND run SCRIPT, which asks the server for the caller: (status, stdout, stderr)."""
    with tempfile.TemporaryDirectory() as folder:
        script = pathlib.Path(folder, "who.lua")
        script.write_text("print(sts.caller().account)\n", encoding="utf-8")
        done = subprocess.run(
            [*command, "run", script], cwd=folder, check=False, capture_output=True, text=True,
            timeout=120, env={
                "HOME": folder, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "s",
                "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL_STS": f"https://{host}:{port}",
                "AWS_EC2_METADATA_DISABLED": "true", "ENGINE_MODELS": str(models), **environment})
    return done.returncode, done.stdout, done.stderr
