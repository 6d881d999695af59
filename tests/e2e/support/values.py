"""Random parameters and results that match a botocore model."""
import datetime
import random
import string

TEXTS = ["", "a", "plain", "two words", "a+b=c&d", "50%", "50%25", "ü–💡", "quote\"s", "back\\slash",
         "<tag a=\"b\">&amp;</tag>", "line\nbreak", "tab\tstop", "{\"json\": [1, 2]}", "a/b/c",
         "true", "123", "arn:aws:sqs:eu-west-1:111122223333:queue", "trailing "]
HEADER_TEXTS = ["a", "plain", "two words", "a+b=c&d", "50%", "quote\"s", "a/b/c", "true", "123",
                "a;b"]
LABELS = ["a", "plain", "two words", "a+b=c&d", "50%", "50%25", "ü–💡", "a~b.c-d_e", "a:b@c",
          "(x)*!'"]
GREEDY = LABELS + ["a/b/c", "a//b", "../a", "a/./b", "/lead", "trail/"]
BLOBS = [b"", b"bytes", b"\x00\x01\xfe\xff", bytes(range(256)), "ü".encode(), b"a\nb"]
FLOATS = [0.0, 1.0, -1.5, 0.1, 1e-7, 1e21, 123456.789, 3.4028234663852886e+38, float("nan"),
          float("inf"), float("-inf")]
INTEGERS = [0, 1, -1, 42, 2147483647, -2147483648]
LONGS = INTEGERS + [9007199254740993, 9223372036854775807, -9223372036854775808]
DOCUMENTS = [{}, {"a": [1, 2.5, None, True, "x"]}, [], ["b"], "text", 7, True, {"n": {"m": []}}]


class Values:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def structure(self, shape, depth=0):
        if getattr(shape, "is_document_type", False):
            return self.random.choice(DOCUMENTS)
        names = list(shape.members)
        if getattr(shape, "is_tagged_union", False):
            names = [self.random.choice(names)] if names else []
        wanted = 0.9 if depth == 0 else 0.5 if depth < 4 else 0.0
        found = {}
        for name in names:
            member = shape.members[name]
            if member.serialization.get("eventstream"):
                continue
            if (name in shape.required_members or len(names) == 1
                    or self.random.random() < min(wanted, 12 / len(names))):
                found[name] = self.value(member, depth + 1)
        return found

    def value(self, shape, depth):
        location = shape.serialization.get("location")
        if location in ("header", "headers", "uri") and depth == 1:
            return self.located(shape, location, depth)
        return getattr(self, "of_" + shape.type_name, self.of_string)(shape, depth)

    def located(self, shape, location, depth):
        choice = self.random.choice
        if location == "headers":
            letters = string.ascii_lowercase
            return {choice(letters) + str(i): choice(HEADER_TEXTS) for i in range(2)}
        if shape.serialization.get("jsonvalue") and location == "header":
            return choice([document for document in DOCUMENTS if isinstance(document, dict)])
        if shape.type_name == "string":
            if getattr(shape, "enum", None):
                return choice(shape.enum)
            if shape.serialization.get("hostLabel"):
                return "label-1"
            return choice(HEADER_TEXTS if location == "header" else GREEDY)
        if shape.type_name == "list":
            return [self.located(shape.member, location, depth) for _ in range(choice([1, 2]))]
        return getattr(self, "of_" + shape.type_name, self.of_string)(shape, depth)

    def of_structure(self, shape, depth):
        return self.structure(shape, depth)

    def of_list(self, shape, depth):
        return [self.value(shape.member, depth + 1) for _ in range(self.count(depth))]

    def of_map(self, shape, depth):
        keys = shape.key.enum or ["k", "key two", "ü&<"]
        return {key: self.value(shape.value, depth + 1) for key in keys[:self.count(depth)]}

    def count(self, depth):
        return self.random.choice([0, 1, 1, 2, 3] if depth < 4 else [0, 1])

    def of_string(self, shape, _depth):
        if getattr(shape, "enum", None):
            return self.random.choice(shape.enum)
        if shape.serialization.get("hostLabel"):
            return "label-1"
        return self.random.choice(TEXTS)

    def of_blob(self, _shape, _depth):
        return self.random.choice(BLOBS)

    def of_boolean(self, _shape, _depth):
        return self.random.choice([True, False])

    def of_integer(self, _shape, _depth):
        return self.random.choice(INTEGERS)

    def of_long(self, _shape, _depth):
        return self.random.choice(LONGS)

    def of_float(self, _shape, _depth):
        return self.random.choice(FLOATS)

    of_double = of_float

    def of_timestamp(self, _shape, _depth):
        seconds = self.random.choice([0, 1, 1398796238, 1767225599, 4102444800, -86400])
        return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
