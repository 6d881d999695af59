"""Replies as an AWS service would write them: (status, headers, body) of a result, by a botocore
model."""
import base64
import json
import math
from email.utils import format_datetime
from xml.sax.saxutils import escape, quoteattr

def time_text(value, form):
    if form == "unixtimestamp":
        return int(value.timestamp())
    if form == "rfc822":
        return format_datetime(value, usegmt=True)
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")


def time_of(shape, value, default):
    return time_text(value, shape.serialization.get("timestampFormat", default).lower())


def float_value(value):
    """JSON cannot express these."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def wire_name(shape, name):
    return shape.serialization.get("name", name)


def structure_to_json(shape, value, default):
    """Adds what a client must tolerate: nulls, and members that its model does not know."""
    wire = {wire_name(shape.members[name], name): to_json(shape.members[name], item, default)
            for name, item in value.items()}
    if not getattr(shape, "is_tagged_union", False):
        for name in [name for name in shape.members if name not in value][:1]:
            wire[wire_name(shape.members[name], name)] = None
        wire["unknownMember"] = {"a": [1, {"b": None}]}
    return wire


def to_json(shape, value, default):
    kind = shape.type_name
    if getattr(shape, "is_document_type", False):
        return value
    if kind == "structure":
        return structure_to_json(shape, value, default)
    if kind == "list":
        return [to_json(shape.member, item, default) for item in value]
    if kind == "map":
        return {key: to_json(shape.value, item, default) for key, item in value.items()}
    if kind == "blob":
        return base64.b64encode(value).decode()
    if kind in ("float", "double"):
        return float_value(value)
    return time_of(shape, value, default) if kind == "timestamp" else value


def scalar_text(shape, value, default="iso8601"):
    kind = shape.type_name
    if kind == "blob":
        return base64.b64encode(value).decode()
    if kind == "timestamp":
        return str(time_of(shape, value, default))
    if kind == "boolean":
        return "true" if value else "false"
    return str(float_value(value) if kind in ("float", "double") else value)


def xml_children(shape, value):
    """The elements within one of that shape."""
    kind = shape.type_name
    if kind == "structure":
        known = [xml_member(shape.members[name], name, item) for name, item in value.items()
                 if not shape.members[name].serialization.get("xmlAttribute")]
        union = getattr(shape, "is_tagged_union", False)
        unknown = "" if union else "<unknown a='b'><c/></unknown>"
        return "\n  ".join([*known, unknown])
    if kind == "list":
        name = shape.member.serialization.get("name", "member")
        return "".join(xml_element(shape.member, name, item) for item in value)
    if kind == "map":
        return "".join(f"<entry>{xml_entry(shape, key, item)}</entry>"
                       for key, item in value.items())
    return escape(scalar_text(shape, value), {"\r": "&#xD;"})


def xml_entry(shape, key, item):
    return (xml_element(shape.key, wire_name(shape.key, "key"), key)
            + xml_element(shape.value, wire_name(shape.value, "value"), item))


def xml_element(shape, name, value):
    attributes = ""
    if shape.type_name == "structure":
        for member, item in value.items():
            traits = shape.members[member].serialization
            if traits.get("xmlAttribute"):
                attributes += (' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
                               f"{traits['name']}={quoteattr(item)}")
    return f"<{name}{attributes}>{xml_children(shape, value)}</{name}>"


def xml_member(shape, name, value):
    if not shape.serialization.get("flattened"):
        return xml_element(shape, wire_name(shape, name), value)
    if shape.type_name == "list":
        name = shape.member.serialization.get("name", wire_name(shape, name))
        return "".join(xml_element(shape.member, name, item) for item in value)
    name = wire_name(shape, name)
    return "".join(f"<{name}>{xml_entry(shape, key, item)}</{name}>" for key, item in value.items())


def header_text(shape, value):
    if shape.type_name == "list":
        return ",".join(header_text(shape.member, item) for item in value)
    if shape.serialization.get("jsonvalue"):
        return base64.b64encode(json.dumps(value).encode()).decode()
    return scalar_text(shape, value, "rfc822")


def split(shape, value):
    """(status, headers, what remains for the body)."""
    status, headers, body = 200, [], {}
    for name, item in value.items():
        member = shape.members[name]
        location = member.serialization.get("location")
        if location == "statusCode":
            status = 200
        elif location == "header":
            headers.append((wire_name(member, name), header_text(member, item)))
        elif location == "headers":
            prefix = member.serialization.get("name", "")
            headers += [(prefix + key, text) for key, text in item.items()]
        else:
            body[name] = item
    return status, headers, body


def rest_body(protocol, shape, body):
    payload = shape.serialization.get("payload")
    if payload is not None:
        if payload not in body:
            return b""
        shape, body = shape.members[payload], body[payload]
        if shape.type_name == "string":
            return body.encode()
        if shape.type_name == "blob":
            return body
    if protocol == "rest-json":
        return json.dumps(to_json(shape, body, "unixtimestamp")).encode()
    name = wire_name(shape, shape.name)
    return xml_element(shape, name, body).encode()


def reply(protocol, operation, value):
    shape = operation.output_shape
    if protocol == "json":
        return 200, [], json.dumps(to_json(shape, value, "unixtimestamp")).encode()
    if protocol == "ec2":
        text = f"<{operation.name}Response>{xml_children(shape, value)}<requestId>r</requestId>"
        return 200, [], f"{text}</{operation.name}Response>".encode()
    if protocol == "query":
        wrapper = shape.serialization.get("resultWrapper")
        text = xml_children(shape, value)
        text = f"<{wrapper}>{text}</{wrapper}>" if wrapper else text
        text += "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>"
        return 200, [], f"<{operation.name}Response>{text}</{operation.name}Response>".encode()
    status, headers, body = split(shape, value)
    return status, headers, rest_body(protocol, shape, body)


def error_replies(protocol, operation):
    """(status, headers, body) of errors, in the forms that services of that protocol use."""
    code, said = f"{operation}.Refused", "it <was> refused & so on"
    ids = [("x-amzn-RequestId", "id-1")]
    xml = f"<Code>{code}</Code><Message>{escape(said)}</Message>"
    yield 503, [], b""
    yield 500, [], b"<html><body><b>Http/1.1 Service Unavailable</b></body></html>"
    if protocol == "query":
        yield 400, [], (f"<ErrorResponse><Error><Type>Sender</Type>{xml}</Error>"
                        "<RequestId>id-2</RequestId></ErrorResponse>").encode()
    elif protocol == "ec2":
        yield 400, [], (f"<Response><Errors><Error>{xml}</Error></Errors>"
                        "<RequestID>id-3</RequestID></Response>").encode()
    elif protocol == "rest-xml":
        yield 404, [("x-amz-request-id", "id-4")], (
            f"<?xml version='1.0'?><Error>{xml}</Error>".encode())
        yield 400, [], (f"<ErrorResponse xmlns='https://x'><Error>{xml}</Error>"
                        "<RequestId>id-5</RequestId></ErrorResponse>").encode()
        yield 404, [("x-amz-request-id", "id-6")], b""
    else:
        body = {"__type": f"com.aws.vAPI#{code}", "message": said}
        yield 400, ids, json.dumps(body).encode()
        yield 400, ids, json.dumps({"__type": code + ":http://x/", "Message": said}).encode()
    if protocol == "rest-json":
        yield 400, ids, json.dumps({"code": code, "message": said}).encode()
        yield 400, [*ids, ("x-amzn-ErrorType", f"ns#{code}:http://x/")], b'{"message": "m"}'
        yield 403, ids, b"{}"
