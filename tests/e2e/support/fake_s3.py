"""An S3 of objects: whole objects, conditional writes, owners of buckets, buckets in other regions, refusals. Source:
Amazon S3 API Reference, PutObject, GetObject, "Error responses"; Amazon S3 User Guide, "How to
prevent object overwrites with conditional writes" (412 PreconditionFailed), "Permanent request
redirection" (301 and x-amz-bucket-region)."""
import base64
import hashlib
import re
import threading
import urllib.parse

from support import fake_server

REGION = re.compile(r"Credential=[^/]+/\d+/([^/]+)/s3/")
STATUS = {"NoSuchBucket": 404, "NoSuchKey": 404, "AccessDenied": 403, "PreconditionFailed": 412,
          "PermanentRedirect": 301, "BadDigest": 400, "SlowDown": 503, "InternalError": 500}

OWNER = "111122223333"  # of the buckets


def version(content):
    """The ETag."""
    return f'"{hashlib.md5(content).hexdigest()}"'


class Handler(fake_server.Handler):
    def error(self, code, **headers):
        text = f"<Error><Code>{code}</Code><Message>{code}</Message></Error>"
        body = b"" if self.command == "HEAD" else text.encode()
        self.reply(STATUS[code], body, **headers)

    def answer(self):
        sent = self.body()
        path = urllib.parse.unquote(self.path.partition("?")[0])
        _, bucket, key = path.split("/", 2) if path.count("/") > 1 else ("", path[1:], "")
        signed = REGION.search(self.headers.get("Authorization", ""))
        with self.owner.lock:
            self.owner.calls.append((self.command, key, signed and signed[1]))
            self.owner.sent = sent
            failure = self.owner.failure(self.command, bucket, key)
            region = self.owner.buckets.get(bucket)
            if failure:
                self.error(failure)
            elif region is None:
                self.error("NoSuchBucket")
            elif self.headers.get("x-amz-expected-bucket-owner", OWNER) != OWNER:
                self.error("AccessDenied")
            elif signed[1] != region:
                self.error("PermanentRedirect", x_amz_bucket_region=region)
            else:
                getattr(self, f"on_{self.command.lower()}")(f"s3://{bucket}/{key}", sent)

    do_GET = do_PUT = do_DELETE = do_HEAD = answer

    def on_get(self, url, _):
        if url in self.owner.objects:
            self.reply(200, self.owner.objects[url], ETag=version(self.owner.objects[url]))
        else:
            self.error("NoSuchKey")

    def on_put(self, url, sent):
        digest = hashlib.sha256(sent)
        if (self.headers["x-amz-content-sha256"] != digest.hexdigest() or
                self.headers["x-amz-checksum-sha256"] != base64.b64encode(digest.digest()).decode()):
            return self.error("BadDigest")
        if self.headers.get("If-None-Match") == "*" and url in self.owner.objects:
            return self.error("PreconditionFailed")
        if self.headers.get("If-Match"):
            if url not in self.owner.objects:
                return self.error("NoSuchKey")
            if self.headers["If-Match"] != version(self.owner.objects[url]):
                return self.error("PreconditionFailed")
        self.owner.objects[url] = sent
        self.owner.types[url] = self.headers["Content-Type"]
        return self.reply(200, b"", ETag=version(sent))

    def on_delete(self, url, _):
        self.owner.objects.pop(url, None)
        self.reply(204, b"")

    def on_head(self, *_):
        self.reply(200, b"")


class FakeS3(fake_server.FakeServer):
    """`buckets`: their regions. `failure(method, bucket, key)` may name an error, and
    look at `sent`, the body of the request."""

    def __init__(self, **buckets):
        super().__init__(Handler)
        self.buckets = {name.replace("_", "-"): region for name, region in buckets.items()}
        self.objects, self.types, self.calls, self.sent = {}, {}, [], b""
        self.failure = lambda method, bucket, key: None
        self.lock = threading.Lock()
        self.start()

    def text(self, url):
        return self.objects[url].decode()
