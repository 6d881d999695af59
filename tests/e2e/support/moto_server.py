"""moto's server, with the corrections of script/emulator.py and four more differences. If moto does
not know which resource a request is about, it evaluates policies for "*", which a policy that is
limited to resources never allows: here any resource of a statement matches such a request; actions
and known resources are evaluated as before. If a request has no body, moto uses the parameters of
the path as its body, so that no signature matches: here an empty body stays empty. An event source
mapping returns the alias with which it was created, as in AWS. A queue keeps its policy when its
redrive policy is set, and returns the redrive policy without spaces, as it was sent."""
import json
import pathlib
import re
import sys

sys.path.pop(0)  # this folder: its modules are not moto's
sys.path.append(str(pathlib.Path(__file__).resolve().parents[3] / "script"))

from moto import server  # noqa: E402
from moto.awslambda.models import EventSourceMapping  # noqa: E402
from moto.iam import access_control  # noqa: E402
from moto.sqs.models import Queue  # noqa: E402

import emulator  # noqa: E402,F401

known_resource = access_control.IAMPolicyStatement._check_element_matches


def any_resource(self, element, value):
    return (element == "Resource" and value == "*") or known_resource(self, element, value)


access_control.IAMPolicyStatement._check_element_matches = any_resource

signed_request = access_control.IAMRequestBase._create_aws_request


def request_as_sent(self):
    request = signed_request(self)
    if not self._body and self._method != "POST":
        request.data = b""
    return request


access_control.IAMRequestBase._create_aws_request = request_as_sent

described_mapping = EventSourceMapping.get_configuration


def mapping_with_alias(self):
    described = described_mapping(self)
    if re.search(r":function:[^:]+:[^:]*[A-Za-z]", self.function_name):
        described["FunctionArn"] = self.function_name
    return described


EventSourceMapping.get_configuration = mapping_with_alias

set_of_queue, described_queue = Queue._set_attributes, Queue.attributes.fget


def policy_stays(self, attributes, now=None):
    policy = getattr(self, "_policy_json", None)
    set_of_queue(self, attributes, now)
    if policy and "Policy" not in attributes:
        self._policy_json = policy


def redrive_without_blanks(self):
    described = described_queue(self)
    if self.redrive_policy:
        described["RedrivePolicy"] = json.dumps(self.redrive_policy, separators=(",", ":"))
    return described


Queue._set_attributes, Queue.attributes = policy_stays, property(redrive_without_blanks)

if __name__ == "__main__":
    server.main(sys.argv[1:])
