"""reader.py: prints reader.template.json: a role that can only read, for CloudFormation. It needs no
deployment, so it serves a first scan of many accounts, and the jobs of a pipeline that scan and plan."""
from stackset import CONDITIONS, PARAMETERS, boundary, document, parameter, permissions, text

PRINCIPAL = "^arn:aws[a-z-]*:iam::[0-9]{12}:(root|(role|user)/[A-Za-z0-9_+=,.@/-]+)$"


def trust():
    asked = {"Fn::If": ["HasExternalId", {
        "StringEquals": {"sts:ExternalId": {"Ref": "ExternalId"}}}, {"Ref": "AWS::NoValue"}]}
    return document({"Effect": "Allow", "Principal": {"AWS": {"Ref": "Readers"}},
                     "Action": "sts:AssumeRole", "Condition": asked})


def template():
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "A role that can only read, by which engine scans this account",
        "Parameters": {
            "Readers": {"Type": "CommaDelimitedList", "AllowedPattern": PRINCIPAL, "Description":
                        "ARNs of the roles and users that may assume the role. They must exist"},
            "ExternalId": PARAMETERS["ExternalId"],
            "PermissionsBoundary": PARAMETERS["PermissionsBoundary"],
            "ReaderRole": parameter("Name of the role", PARAMETERS["MemberRole"]["AllowedPattern"],
                                    "engine_reader")},
        "Conditions": {name: CONDITIONS[name] for name in ("HasExternalId", "HasBoundary")},
        "Resources": {
            "Reader": {"Type": "AWS::IAM::Role", "Properties": {
                "RoleName": {"Ref": "ReaderRole"},
                "Description": "Reads what engine audits in this account",
                "AssumeRolePolicyDocument": trust(),
                "PermissionsBoundary": boundary(),
                "Policies": [{"PolicyName": "read",
                              "PolicyDocument": permissions("permissions_read.json")}]}}}}


if __name__ == "__main__":
    print(text(template()))
