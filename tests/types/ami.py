"""Images: they are found, repaired, and restored by undo."""
import json
import unittest

from support.cloud import MASTER
from support.kind import FRIEND, STRANGER
from support.permissions import set_role
from support.type_case import TypeCase
from support.type_files import Calls, Deployed, Listing, Type, events_of

ORGANIZATION = "arn:aws:organizations::444455556666:organization/o-abcdef1234"
POLLED = "333344445555"
UNIT = "arn:aws:organizations::444455556666:ou/o-abcdef1234/ou-ab12-cdefgh34"


def make_image(place, *permissions):
    ec2 = place.aws("ec2")
    id_ = ec2.register_image(Name="image")["ImageId"]
    ec2.modify_image_attribute(ImageId=id_, LaunchPermission={"Add": list(permissions)})
    return id_


TYPE = Type(
    repairs={"public": {"ec2:ModifyImageAttribute"}, "shared": {"ec2:ModifyImageAttribute"}},
    good=lambda place, _: make_image(place, {"UserId": FRIEND}, {"UserId": place.account}),
    absent="ami-0123456789abcdef0",
    listing=Listing("ec2", "DescribeImages", "Images", lambda id_: {
        "ImageId": id_, "OwnerId": "111122223333"}, "ami-{:017x}"),
    calls=Calls(
        listing="ec2:DescribeImages",
        good="ec2:DescribeImages, ec2:DescribeImageAttribute",
        bad="ec2:DescribeImages, ec2:DescribeImageAttribute"),
    by_script="mocked",
    deployed=Deployed("ec2:ModifyImageAttribute"),
    not_shown=((
        "pending ones (as of other snapshots)", "the emulator makes them at once",
        "policies/ami_spec.lua", "waits for a pending image"),),
    events=events_of("ami-0aa1d83d0b0985c86", "ec2:ModifyImageAttribute"))


class Images(TypeCase):
    type = "ami"

    def permissions_of(self, id_):
        got = self.aws("ec2").describe_image_attribute(ImageId=id_, Attribute="launchPermission")
        return got["LaunchPermissions"]

    def test_found_repaired_and_undone(self):
        [bad] = self.make()
        self.assertEqual(self.make(), [bad])
        good = self.good()
        self.life(bad={bad: self.outcomes()}, good=[good])
        self.assertCountEqual(self.permissions_of(bad), [{"Group": "all"}, {"UserId": STRANGER}])

    def test_organizations_are_removed_as_organizations(self):
        strangers = [{"OrganizationArn": ORGANIZATION}, {"OrganizationalUnitArn": UNIT}]
        bad = make_image(self, {"UserId": FRIEND}, *strangers)
        finding = self.remediate(bad, journal="organizations",
                                 KNOWN_ACCOUNTS=FRIEND + ",o-own1234567")[bad, "ami.shared"]
        self.assertEqual(finding["remediation"], "fixed", finding)
        self.assertEqual(self.permissions_of(bad), [{"UserId": FRIEND}])
        self.assertEqual(self.undo("organizations").status, 0)
        self.assertCountEqual(self.permissions_of(bad), [{"UserId": FRIEND}, *strangers])

    def test_an_organization_is_kept_if_only_accounts_are_known(self):
        kept = [{"OrganizationArn": ORGANIZATION}, {"UserId": STRANGER}]
        bad = make_image(self, *kept)
        finding = self.remediate(bad, journal="doubted")[bad, "ami.shared"]
        self.assertEqual((finding["status"], finding["remediation"]), ("non_compliant", "held"))
        self.assertIn("ORGANIZATION_ACCOUNT", finding["held"])
        self.assertIn(ORGANIZATION, finding["summary"])
        self.assertCountEqual(self.permissions_of(bad), kept)

    def test_organizations_and_units_are_known_by_their_ids(self):
        images = {"o-abcdef1234": make_image(self, {"OrganizationArn": ORGANIZATION},
                                             {"OrganizationalUnitArn": UNIT}),
                  "ou-ab12-cdefgh34": make_image(self, {"OrganizationalUnitArn": UNIT})}
        for known, image in images.items():
            found = self.audit(image, KNOWN_ACCOUNTS=known)
            self.assertEqual(found[image, "ami.shared"]["status"], "compliant", known)

    def test_polled_accounts_and_the_callers_account_are_trusted(self):
        image = make_image(self, {"UserId": POLLED}, {"UserId": MASTER})
        found = self.audit(image, ACCOUNTS=POLLED)
        self.assertEqual(found[image, "ami.shared"]["status"], "compliant")
        found = self.audit(image)
        self.assertEqual(found[image, "ami.shared"]["evidence"],
                         [{"kind": "UserId", "value": POLLED}])
        # These alone do not say who else is trusted.
        bad = make_image(self, {"UserId": POLLED}, {"UserId": STRANGER})
        found = self.remediate(bad, journal="polled", KNOWN_ACCOUNTS=None, ACCOUNTS=POLLED)
        self.assertEqual(found[bad, "ami.shared"]["remediation"], "held")

    def allow_organization(self):
        """The organization's account must also return the organization's members."""
        policy = json.loads(self.permissions())
        policy["Statement"].append({"Effect": "Allow", "Resource": "*", "Action": [
            "organizations:ListAccounts", "organizations:DescribeOrganization"]})
        set_role(self.cloud, self.account, json.dumps(policy))

    def test_a_known_organization_keeps_its_images(self):
        self.allow_organization()
        organizations = self.aws("organizations")
        made = organizations.create_organization(FeatureSet="ALL")["Organization"]
        root = organizations.list_roots()["Roots"][0]["Id"]
        unit = organizations.create_organizational_unit(ParentId=root, Name="shops")
        known = [{"OrganizationArn": made["Arn"]},
                 {"OrganizationalUnitArn": unit["OrganizationalUnit"]["Arn"]}]
        good = make_image(self, *known)
        bad = make_image(self, *known, {"OrganizationArn": ORGANIZATION})
        found = self.remediate(good, bad, journal="known", KNOWN_ACCOUNTS=None,
                               ORGANIZATION_ACCOUNT=self.account)
        self.assertEqual(found[good, "ami.shared"]["status"], "compliant")
        self.assertEqual(found[bad, "ami.shared"]["remediation"], "fixed", found)
        self.assertEqual(self.permissions_of(bad), known)
        self.assertEqual(self.permissions_of(good), known)

    def test_make_lua_deletes_what_it_created(self):
        self.make()
        kept = make_image(self, {"UserId": FRIEND})
        self.clean()
        self.clean()
        ec2 = self.aws("ec2")
        images = ec2.describe_images(Owners=["self"])["Images"]
        self.assertEqual([image["ImageId"] for image in images], [kept])
        disks = ec2.describe_snapshots(OwnerIds=["self"], Filters=[
            {"Name": "tag:Name", "Values": ["*"]}])["Snapshots"]
        self.assertEqual((disks, ec2.describe_volumes()["Volumes"]), ([], []))

    def test_hostile_ids_do_not_affect_other_resources(self):
        bad = make_image(self, {"UserId": STRANGER})
        hostile = ["ami-\"\n\\\U0001f4a3", "x" * 200, "ami-'; --", "ami-0&Action=DescribeImages"]
        found = self.audit(*hostile, bad)
        for id_ in hostile:
            self.assertIn(found[id_, "ami.public"]["status"], ("unknown", "gone"))
        self.assertEqual(found[bad, "ami.shared"]["status"], "non_compliant")

    def test_a_deregistered_image_is_gone(self):
        [bad] = self.make()
        self.aws("ec2").deregister_image(ImageId=bad)
        for finding in self.audit(bad).values():
            self.assertEqual(finding["status"], "gone")


if __name__ == "__main__":
    unittest.main()
