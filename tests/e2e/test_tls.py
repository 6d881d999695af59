"""Certificates: a valid one is accepted; every invalid one is refused with one clear message, and
nothing is sent. CA certificates come from the place that the variables name, or else from the
system's."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from support.engine import ENGINE
from support.tls import Authority, TlsServer, caller

MODELS = os.environ["ENGINE_MODELS"]
GOOD = "DNS:localhost,IP:127.0.0.1"
EXPIRED = r"trusted: certificate has expired \(is the clock"
UNTRUSTED = r"trusted: unable to get local issuer certificate \(AWS_CA_BUNDLE"


class Certificates(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.authority = cls.enterClassContext(Authority())
        cls.stranger = cls.enterClassContext(Authority())

    def ask(self, server, **environment):
        return caller([ENGINE], server.port, models=MODELS, **environment)

    def bundle(self):
        return {"AWS_CA_BUNDLE": str(self.authority.bundle)}

    def refused(self, certificate, message, **environment):
        with TlsServer(certificate) as server:
            status, out, err = self.ask(server, **environment)
            self.assertEqual(server.answered, 0)
        self.assertEqual((status, out), (1, ""), err)
        where = f"the certificate of localhost:{server.port}"
        reported = [line for line in err.splitlines() if where in line]
        self.assertEqual(len(reported), 1, err)
        self.assertRegex(reported[0], message)
        self.assertEqual(err.count("engine: "), 1, err)

    def believed(self, certificate, **environment):
        with TlsServer(certificate) as server:
            status, out, err = self.ask(server, **environment)
            self.assertEqual(server.answered, 1)
        self.assertEqual((status, out.strip()), (0, "123456789012"), err)

    def test_a_valid_certificate_is_accepted(self):
        self.believed(self.authority.certificate(GOOD), **self.bundle())

    def test_a_certificate_for_another_host_is_refused(self):
        self.refused(self.authority.certificate("DNS:sts.example.com"),
                     r"is not trusted: .*host ?name 'localhost'(?!.*AWS_CA_BUNDLE)",
                     **self.bundle())

    def test_an_expired_certificate_is_refused(self):
        self.refused(self.authority.certificate(GOOD, days=-1), EXPIRED, **self.bundle())

    def test_an_untrusted_certificate_is_refused(self):
        self.refused(self.stranger.certificate(GOOD), UNTRUSTED, **self.bundle())

    def test_an_authority_unknown_to_the_system_is_refused(self):
        self.refused(self.authority.certificate(GOOD), UNTRUSTED)

    def test_other_variables_name_the_authorities(self):
        good = self.authority.certificate(GOOD)
        self.believed(good, SSL_CERT_FILE=str(self.authority.bundle))
        self.believed(good, SSL_CERT_FILE=str(self.authority.bundle), AWS_CA_BUNDLE="")
        self.refused(good, UNTRUSTED, SSL_CERT_FILE=str(self.authority.bundle),
                     AWS_CA_BUNDLE=str(self.stranger.bundle))

    def test_a_directory_of_authorities_is_accepted(self):
        good = self.authority.certificate(GOOD)
        with tempfile.TemporaryDirectory() as folder:
            hashed = pathlib.Path(folder)
            shutil.copy(self.authority.bundle, hashed / "a.pem")
            subprocess.run(["openssl", "rehash", folder], check=True, capture_output=True)
            self.believed(good, SSL_CERT_DIR=folder)
            self.believed(good, AWS_CA_BUNDLE=folder)

    def test_an_unreadable_file_is_an_error(self):
        with TlsServer(self.authority.certificate(GOOD)) as server:
            status, _, err = self.ask(server, AWS_CA_BUNDLE="/nowhere/bundle.pem")
            self.assertEqual(server.answered, 0)
        self.assertEqual(status, 1)
        self.assertIn("check AWS_CA_BUNDLE", err)


if __name__ == "__main__":
    unittest.main()
