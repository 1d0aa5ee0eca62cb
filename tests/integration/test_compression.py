"""COMPRESS=DEFLATE over real sockets, under TLS as it should be (RFC 4978 §3)."""

import imaplib
import ssl
import zlib


class Compressed(imaplib.IMAP4_SSL):
    """Python's client, compressing once it has been told to."""

    inflater = None

    def compress(self):
        imaplib.Commands["COMPRESS"] = ("AUTH", "SELECTED")
        assert self._simple_command("COMPRESS", "DEFLATE")[0] == "OK"
        self.deflater, self.inflater, self.text = zlib.compressobj(wbits=-15), zlib.decompressobj(-15), b""

    def _more(self):
        octets = self.sock.recv(65_536)
        assert octets, "the server has hung up"
        self.text += self.inflater.decompress(octets)

    def readline(self):
        if self.inflater is None:
            return super().readline()
        while b"\n" not in self.text:
            self._more()
        line, _, self.text = self.text.partition(b"\n")
        return line + b"\n"

    def read(self, size):
        while len(self.text) < size:
            self._more()
        octets, self.text = self.text[:size], self.text[size:]
        return octets

    def send(self, data):
        if self.inflater is not None:
            data = self.deflater.compress(data) + self.deflater.flush(zlib.Z_SYNC_FLUSH)
        super().send(data)


def test_compressed_under_tls(start_server):
    server = start_server()
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    client = Compressed("127.0.0.1", server.ports["imaps"], ssl_context=context, timeout=20)
    client.login("ann", "secret")
    assert "COMPRESS=DEFLATE" in client.capability()[1][0].decode()
    client.compress()
    message = b"Subject: long\r\n\r\n" + b"".join(b"line %d of many\r\n" % number for number in range(40_000))
    assert client.append("INBOX", None, None, message)[0] == "OK"
    assert client.select("INBOX") == ("OK", [b"1"])
    assert client.fetch("1", "(BODY.PEEK[])")[1][0][1] == message
    assert client.logout()[0] == "BYE"
