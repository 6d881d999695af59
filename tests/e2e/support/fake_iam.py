"""An IAM that stores roles' trust policies and refuses those that IAM refuses: a role that trusts a
shared token issuer must evaluate one of its tenant claims.

    iam = FakeIam()
    iam.roles["app"] = document       by name; policies that are set here are not checked
    iam.url, iam.refused              its address; the messages of its refusals
    iam.close()

Source: IAM user guide, "Identity-provider controls for shared OIDC providers" (IAM checks a trust
policy only when it is written). The messages, and that IAM accepts `repo:*` but not `*`, are those of
IAM's responses to such calls."""
import contextlib
import http.server
import json
import threading
import urllib.parse

from support import fake_server

ACCOUNT = "111122223333"
CLAIMS = {
    "token.actions.githubusercontent.com": ["sub", "job_workflow_ref"], "gitlab.com": ["sub"],
    "app.terraform.io": ["sub"], "api.pulumi.com/oidc": ["aud"],
    "sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d": ["sts:RoleSessionName"],
}
OPERATORS = {"stringequals", "stringlike", "stringequalsignorecase"}


def listed(value):
    return value if isinstance(value, list) else [value]


def evaluates(statement, keys):
    for operator, block in statement.get("Condition", {}).items():
        for key, values in block.items():
            if operator.lower().rpartition(":")[2] in OPERATORS and key.lower() in keys:
                return all(value.strip("*?") for value in listed(values))
    return False


def refusal(document):
    """IAM's message about a trust policy that it does not accept, or None."""
    for statement in listed(document["Statement"]):
        federated = isinstance(statement["Principal"], dict) and statement["Principal"].get("Federated", [])
        for principal in listed(federated or []) if statement["Effect"] == "Allow" else []:
            issuer = principal.partition(":oidc-provider/")[2]
            keys = [claim if ":" in claim else f"{issuer}:{claim}" for claim in CLAIMS.get(issuer, [])]
            if keys and not evaluates(statement, {key.lower() for key in keys}):
                return (f"Trust policy with trusted principal {principal} must evaluate, using StringEquals, "
                        f"StringLike or StringEqualsIgnoreCase, {' or '.join(keys)} which is not scoped to all.")
    return None


class Refusal(Exception):
    def __init__(self, status, code, message):
        super().__init__(message)
        self.status, self.code = status, code


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, *_):
        """Writes no log: stderr belongs to the tests."""

    def handle(self):
        with contextlib.suppress(ConnectionError):
            super().handle()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        fields = {name: value[0] for name, value in urllib.parse.parse_qs(body).items()}
        try:
            status, answer = 200, self.server.owner.answer(fields["Action"], fields)
        except Refusal as why:
            status = why.status
            answer = (f"<ErrorResponse><Error><Type>Sender</Type><Code>{why.code}</Code>"
                      f"<Message>{why}</Message></Error><RequestId>r</RequestId></ErrorResponse>")
        self.send_response_only(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(answer.encode())))
        self.end_headers()
        self.wfile.write(answer.encode())


class FakeIam:
    def __init__(self):
        self.roles, self.refused = {}, []
        self._lock = threading.Lock()
        self._server = fake_server.Server(("127.0.0.1", 0), Handler)
        self._server.owner = self
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def answer(self, action, fields):
        with self._lock:
            return getattr(self, "_" + action)(fields)

    @staticmethod
    def _GetCallerIdentity(_):
        return ("<GetCallerIdentityResponse><GetCallerIdentityResult><UserId>me</UserId>"
                f"<Arn>arn:aws:iam::{ACCOUNT}:user/me</Arn><Account>{ACCOUNT}</Account>"
                "</GetCallerIdentityResult></GetCallerIdentityResponse>")

    def _GetRole(self, fields):
        name = fields["RoleName"]
        if name not in self.roles:
            raise Refusal(404, "NoSuchEntity", f"The role with name {name} cannot be found.")
        text = urllib.parse.quote(json.dumps(self.roles[name]), safe="")
        return (f"<GetRoleResponse><GetRoleResult><Role><Path>/</Path><RoleName>{name}</RoleName>"
                f"<AssumeRolePolicyDocument>{text}</AssumeRolePolicyDocument><RoleId>AROAX</RoleId>"
                f"<Arn>arn:aws:iam::{ACCOUNT}:role/{name}</Arn></Role></GetRoleResult></GetRoleResponse>")

    def _UpdateAssumeRolePolicy(self, fields):
        document = json.loads(fields["PolicyDocument"])
        why = refusal(document)
        if why:
            self.refused.append(why)
            raise Refusal(400, "MalformedPolicyDocument", why)
        self.roles[fields["RoleName"]] = document
        return "<UpdateAssumeRolePolicyResponse/>"

    def close(self):
        self._server.shutdown()
        self._server.server_close()
