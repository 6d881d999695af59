"""Listings of thousands of resources, page by page, in the form of each service's
model, as rules of the proxy.

    cloud.proxy.rules.append(Pager("sqs", "ListQueues", [{"QueueUrls": […]}, {"QueueUrls": […]}]))

Each request gets the page that its token names, and the token of the next; `asked` counts them."""
import re

import botocore.session

from support.proxy import Rule
from support.replies import reply

SESSION = botocore.session.get_session()
TOKEN = re.compile(rb"page-(\d+)")
KINDS = {"json": "application/x-amz-json-1.1", "rest-json": "application/json"}
PAGES, SIZE = 3, 1000
COUNT = PAGES * SIZE
NAMES = {"elb": "elasticloadbalancing", "elbv2": "elasticloadbalancing"}


class Pager(Rule):
    def __init__(self, service, operation, pages):
        super().__init__(f"{NAMES.get(service, service)}:{operation}")
        self.model = SESSION.get_service_model(service)
        self.call = self.model.operation_model(operation)
        loader = SESSION.get_component("data_loader")
        paginators = loader.load_service_model(service, "paginators-1")["pagination"]
        self.paging = paginators.get(operation, {})
        self.pages, self.asked = pages, 0

    def takes(self, request):
        """Both services of load balancers have operations of the same name."""
        version = f"Version={self.model.api_version}".encode()
        return super().takes(request) and (
            not self.operation.startswith("elastic") or version in request.body)

    def page(self, number):
        value = dict(self.pages[number])
        more = number + 1 < len(self.pages)
        token = self.paging.get("output_token", "")
        token = (token[0] if isinstance(token, list) else token).split(" ||")[0]
        if more:
            value[token] = f"page-{number + 1}"
        if "more_results" in self.paging:
            value[self.paging["more_results"]] = more
        return value

    def answer(self, request):
        self.asked += 1
        found = TOKEN.search(request.body + request.path.encode())
        return self.encoded(self.page(int(found[1]) if found else 0))

    def encoded(self, value):
        protocol = self.model.metadata["protocol"]
        status, _, body = reply(protocol, self.call, value)
        return status, KINDS.get(protocol, "text/xml"), body


def thousands(listing):
    """(the rule that answers a type's listing (support/type_files.py) in pages, all ids)"""
    ids = [listing.form.format(number) for number in range(COUNT)]
    pages = [{listing.member: [listing.item(id_) for id_ in ids[first:first + SIZE]]}
             for first in range(0, COUNT, SIZE)]
    return Pager(listing.service, listing.operation, pages), ids
