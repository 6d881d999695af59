"""Corrects moto where AWS behaves differently: block public access for AMIs and for snapshots,
which moto does not have; S3's Block Public Access, which moto stores but does not enforce; a bucket
whose owner is not the expected one; the IAM actions of S3 requests that moto takes for other
actions (Service Authorization Reference, Amazon S3); and DynamoDB's conditional writes, which are
not atomic in moto. The programs that start moto's server load it: the demo and the end-to-end
tests."""
import functools
import threading

import botocore.session

# moto has many sessions, each of which would read and parse the same API models.
botocore.session.create_loader = functools.cache(botocore.session.create_loader)

from moto.core.responses import ActionResult
from moto.dynamodb.models import DynamoDBBackend
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.responses import EC2Response
from moto.iam.access_control import IAMRequestBase
from moto.s3.exceptions import S3ClientError
from moto.s3.models import S3Backend, s3_backends
from moto.s3.responses import ACTION_MAP, S3Response
from moto.s3.utils import bucket_policy_is_public
from moto.s3control.models import s3control_backends

GROUPS = "http://acs.amazonaws.com/groups/global/"


class Blocked(EC2ClientError):
    """AWS documents that it refuses the request, but not the error code."""

    def __init__(self, what):
        super().__init__("OperationNotPermitted", f"block public access for {what} is on")


class Refused(S3ClientError):
    """The error of S3 (S3 API reference, "List of error codes")."""
    code = 403

    def __init__(self):
        super().__init__("AccessDenied", "Access Denied")


def state_of(backend, kind):
    return backend.__dict__.setdefault("public_access_blocks", {}).get(kind, "unblocked")


def add_block(kind, member, parameter):
    """Get, Enable and Disable of one of EC2's blocks, which apply to an account and region."""
    def get(self):
        return ActionResult({member: state_of(self.ec2_backend, kind), "ManagedBy": "account"})

    def enable(self):
        wanted = self._get_param(parameter)
        state_of(self.ec2_backend, kind)
        self.ec2_backend.public_access_blocks[kind] = wanted
        return ActionResult({member: wanted})

    def disable(self):
        state_of(self.ec2_backend, kind)
        self.ec2_backend.public_access_blocks[kind] = "unblocked"
        return ActionResult({member: "unblocked"})

    setattr(EC2Response, f"get_{kind}_block_public_access_state", get)
    setattr(EC2Response, f"enable_{kind}_block_public_access", enable)
    setattr(EC2Response, f"disable_{kind}_block_public_access", disable)


share_image = EC2Backend.modify_image_attribute
share_snapshot = EC2Backend.add_create_volume_permission


def share_image_unless_blocked(self, ami_id, launch_permissions_to_add, **others):
    public = any(one.get("Group") for one in launch_permissions_to_add)
    if public and state_of(self, "image") != "unblocked":
        raise Blocked("AMIs")
    return share_image(self, ami_id, launch_permissions_to_add=launch_permissions_to_add, **others)


def share_snapshot_unless_blocked(self, snapshot_id, user_ids, groups):
    if groups and state_of(self, "snapshot") != "unblocked":
        raise Blocked("snapshots")
    return share_snapshot(self, snapshot_id, user_ids=user_ids, groups=groups)


def is_on(backend, bucket, setting):
    """Is the setting on for the bucket or the account? The most restrictive one counts."""
    account = s3control_backends[backend.account_id][backend.partition].public_access_block
    blocks = (backend.get_bucket(bucket).public_access_block, account)
    return any(getattr(block, setting, False) for block in blocks)


put_policy = S3Backend.put_bucket_policy
put_acl = S3Backend.put_bucket_acl


def put_policy_unless_blocked(self, bucket_name, policy):
    if bucket_policy_is_public(policy) and is_on(self, bucket_name, "block_public_policy"):
        raise Refused()
    return put_policy(self, bucket_name, policy)


def put_acl_unless_blocked(self, bucket_name, acl):
    grantees = [grantee for grant in acl.grants for grantee in grant.grantees] if acl else []
    public = any((grantee.uri or "").startswith(GROUPS) for grantee in grantees)
    if public and is_on(self, bucket_name, "block_public_acls"):
        raise Refused()
    return put_acl(self, bucket_name, acl)


answer_bucket = S3Response._bucket_response


def answer_bucket_of_expected_owner(self, request, full_url):
    """S3 user guide, "Verifying bucket ownership with bucket owner condition"."""
    expected = request.headers.get("x-amz-expected-bucket-owner")
    name = self.parse_bucket_name_from_url(request, full_url)
    owner = s3_backends.bucket_accounts.get(name, (None, None))[1]
    if expected and owner and expected != owner:
        raise Refused()
    return answer_bucket(self, request, full_url)


add_block("image", "ImageBlockPublicAccessState", "ImageBlockPublicAccessState")
add_block("snapshot", "State", "State")
EC2Backend.modify_image_attribute = share_image_unless_blocked
EC2Backend.add_create_volume_permission = share_snapshot_unless_blocked
S3Backend.put_bucket_policy = put_policy_unless_blocked
S3Backend.put_bucket_acl = put_acl_unless_blocked
S3Response._bucket_response = answer_bucket_of_expected_owner

turn = threading.RLock()


def one_at_a_time(method):
    """A conditional write is atomic (DynamoDB Developer Guide, "Condition expressions")."""
    def write(*args, **named):
        with turn:
            return method(*args, **named)
    return write


for name in ("put_item", "update_item", "delete_item"):
    setattr(DynamoDBBackend, name, one_at_a_time(getattr(DynamoDBBackend, name)))

for method, verb in (("GET", "Get"), ("PUT", "Put"), ("DELETE", "Put")):
    ACTION_MAP["BUCKET"][method]["publicAccessBlock"] = f"{verb}BucketPublicAccessBlock"
    ACTION_MAP["BUCKET"][method]["ownershipControls"] = f"{verb}BucketOwnershipControls"

make_request = IAMRequestBase.__init__


def make_request_of_its_action(self, *args, **named):
    """s3control's requests are signed as S3's, but the account's block has its own IAM actions."""
    make_request(self, *args, **named)
    if self._path.startswith("/v20180820/") and self._action.endswith("PublicAccessBlock"):
        verb = "Get" if self._method == "GET" else "Put"
        self._action = f"s3:{verb}AccountPublicAccessBlock"


IAMRequestBase.__init__ = make_request_of_its_action
