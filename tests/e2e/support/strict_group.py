"""A Redshift parameter group that requires TLS. The emulator's group cannot be changed, so the
proxy answers with this one."""
from support.proxy import Rule

STRICT = "strict"
PARAMETERS = """<DescribeClusterParametersResponse><DescribeClusterParametersResult><Parameters>
<Parameter><ParameterName>require_ssl</ParameterName><ParameterValue>true</ParameterValue>
</Parameter></Parameters></DescribeClusterParametersResult></DescribeClusterParametersResponse>"""


class StrictGroup(Rule):
    def takes(self, request):
        return STRICT.encode() in request.body and super().takes(request)

    def answer(self, request):
        return 200, "text/xml", PARAMETERS.encode()


def make_strict_group(redshift):
    groups = redshift.describe_cluster_parameter_groups()["ParameterGroups"]
    if STRICT not in [group["ParameterGroupName"] for group in groups]:
        redshift.create_cluster_parameter_group(
            ParameterGroupName=STRICT, ParameterGroupFamily="redshift-1.0", Description="x")
