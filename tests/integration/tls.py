# SPDX-License-Identifier: Apache-2.0
"""A certificate authority of our own, for one test: good, expired, and wrong-name certificates for loopback."""

import subprocess

EXTENSIONS = """\
[ca]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[good]
subjectAltName = IP:127.0.0.1, DNS:localhost
[other]
subjectAltName = DNS:elsewhere.example
"""
CA_CONFIG = """\
[ca]
default_ca = here
[here]
database = {folder}/index.txt
new_certs_dir = {folder}
default_md = sha256
policy = anything
rand_serial = yes
unique_subject = no
[anything]
commonName = supplied
"""


class Authority:
    """ca is its certificate's path; issue() returns the paths of a certificate and of its key."""

    def __init__(self, stage):
        self.folder = stage.folder / "tls"
        self.folder.mkdir()
        (self.folder / "extensions").write_text(EXTENSIONS)
        (self.folder / "ca.conf").write_text(CA_CONFIG.format(folder=self.folder))
        (self.folder / "index.txt").touch()
        self.ca = self.folder / "ca.crt"
        self.ca_key = self.folder / "ca.key"
        self._request("ca")
        self._sign("ca", "ca", None, "-selfsign")

    def issue(self, name, extensions="good", dates=None):
        """dates: (first, last) as YYYYMMDDHHMMSSZ; None = from now for a year."""
        self._request(name)
        self._sign(name, extensions, dates, "-cert", self.ca)
        return self.folder / f"{name}.crt", self.folder / f"{name}.key"

    def _openssl(self, *args):
        subprocess.run(["openssl", *args], check=True, cwd=self.folder, capture_output=True)

    def _request(self, name):
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-keyout", f"{name}.key"]
        self._openssl("req", "-new", *key, "-subj", f"/CN={name}", "-out", f"{name}.csr")

    def _sign(self, name, extensions, dates, *how):
        when = ["-startdate", dates[0], "-enddate", dates[1]] if dates else ["-days", "365"]
        files = ["-keyfile", self.ca_key, "-in", f"{name}.csr", "-out", f"{name}.crt", "-extfile", "extensions"]
        self._openssl("ca", "-batch", "-notext", "-config", "ca.conf", "-extensions", extensions, *when, *files, *how)
