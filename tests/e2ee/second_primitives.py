# SPDX-License-Identifier: Apache-2.0
"""The primitives of docs/protocol/ in plain Python: to check with, not to use."""
import hashlib
import struct

P = 2**255 - 19


def blake2b(n, label, key, data):
    """RFC 7693, personalised."""
    person = label.encode().ljust(16, b"\0")
    return hashlib.blake2b(data, digest_size=n, key=key, person=person).digest()


def _rotated(x, n):
    return ((x << n) | (x >> (32 - n))) & 0xFFFFFFFF


def _words(data):
    return list(struct.unpack("<%dI" % (len(data) // 4), data))


def salsa20_block(key, place):
    """Bernstein, "Salsa20 specification", 2005: section 9, the block that 16 bytes name."""
    c = _words(b"expand 32-byte k")
    k, n = _words(key), _words(place)
    start = [c[0], *k[:4], c[1], *n, c[2], *k[4:], c[3]]
    x = list(start)

    def quarter(a, b, cc, d):
        x[b] ^= _rotated((x[a] + x[d]) & 0xFFFFFFFF, 7)
        x[cc] ^= _rotated((x[b] + x[a]) & 0xFFFFFFFF, 9)
        x[d] ^= _rotated((x[cc] + x[b]) & 0xFFFFFFFF, 13)
        x[a] ^= _rotated((x[d] + x[cc]) & 0xFFFFFFFF, 18)

    for _ in range(10):
        for q in ((0, 4, 8, 12), (5, 9, 13, 1), (10, 14, 2, 6), (15, 3, 7, 11)):
            quarter(*q)
        for q in ((0, 1, 2, 3), (5, 6, 7, 4), (10, 11, 8, 9), (15, 12, 13, 14)):
            quarter(*q)
    return struct.pack("<16I", *[(a + b) & 0xFFFFFFFF for a, b in zip(x, start)])


def chacha20_block(key, counter, nonce):
    """RFC 8439, section 2.3."""
    start = _words(b"expand 32-byte k") + _words(key) + [counter] + _words(nonce)
    x = list(start)

    def quarter(a, b, c, d):
        for p, q, r, n in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            x[p] = (x[p] + x[q]) & 0xFFFFFFFF
            x[r] = _rotated(x[r] ^ x[p], n)

    for _ in range(10):
        for i in range(4):
            quarter(i, i + 4, i + 8, i + 12)
        for q in ((0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)):
            quarter(*q)
    return struct.pack("<16I", *[(a + b) & 0xFFFFFFFF for a, b in zip(x, start)])


def aead(key, nonce, associated, text):
    """RFC 8439, section 2.8: ciphertext and authenticator."""
    stream = b"".join(chacha20_block(key, 1 + i, nonce) for i in range(len(text) // 64 + 1))
    sealed = bytes(a ^ b for a, b in zip(text, stream))

    def padded(data):
        return data + b"\0" * (-len(data) % 16)

    message = padded(associated) + padded(sealed) + struct.pack("<QQ", len(associated), len(text))
    once = chacha20_block(key, 0, nonce)[:32]
    r = int.from_bytes(once[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    total = 0
    for i in range(0, len(message), 16):
        total = (total + int.from_bytes(message[i : i + 16] + b"\1", "little")) * r % (2**130 - 5)
    total = (total + int.from_bytes(once[16:], "little")) % 2**128
    return sealed + total.to_bytes(16, "little")


def siphash(key, message, size=8):
    """SipHash-2-4 (Aumasson and Bernstein, 2012), 8 or 16 bytes."""
    full = 2**64 - 1
    k0, k1 = struct.unpack("<QQ", key)
    v = [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D,
         k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573]
    v[1] ^= 0xEE if size == 16 else 0

    def turned(x, n):
        return (x << n | x >> (64 - n)) & full

    def rounds(count):
        for _ in range(count):
            v[0] = (v[0] + v[1]) & full
            v[1] = turned(v[1], 13) ^ v[0]
            v[0] = turned(v[0], 32)
            v[2] = (v[2] + v[3]) & full
            v[3] = turned(v[3], 16) ^ v[2]
            v[0] = (v[0] + v[3]) & full
            v[3] = turned(v[3], 21) ^ v[0]
            v[2] = (v[2] + v[1]) & full
            v[1] = turned(v[1], 17) ^ v[2]
            v[2] = turned(v[2], 32)

    padded = message + bytes(-(len(message) + 1) % 8) + bytes([len(message) & 0xFF])
    for (word,) in struct.iter_unpack("<Q", padded):
        v[3] ^= word
        rounds(2)
        v[0] ^= word
    v[2] ^= 0xEE if size == 16 else 0xFF
    rounds(4)
    out = struct.pack("<Q", v[0] ^ v[1] ^ v[2] ^ v[3])
    if size == 16:
        v[1] ^= 0xDD
        rounds(4)
        out += struct.pack("<Q", v[0] ^ v[1] ^ v[2] ^ v[3])
    return out


def x25519(secret, point):
    """RFC 7748, section 5."""
    k = int.from_bytes(secret, "little") & ~7 & (2**255 - 1) | 2**254
    u = int.from_bytes(point, "little") & (2**255 - 1)
    x2, z2, x3, z3, swapped = 1, 0, u, 1, 0
    for t in range(254, -1, -1):
        bit = k >> t & 1
        if swapped ^ bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swapped = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        aa, bb, da, cb = a * a % P, b * b % P, d * a % P, c * b % P
        e = aa - bb
        x3, z3 = (da + cb) ** 2 % P, u * (da - cb) ** 2 % P
        x2, z2 = aa * bb % P, e * (aa + 121665 * e) % P
    if swapped:
        x2, z2 = x3, z3
    return (x2 * pow(z2, P - 2, P) % P).to_bytes(32, "little")


def x25519_public(secret):
    return x25519(secret, (9).to_bytes(32, "little"))


D25519 = -121665 * pow(121666, P - 2, P) % P
L25519 = 2**252 + 27742317777372353535851937790883648493


def _ed25519_add(p, q):
    (x1, y1), (x2, y2) = p, q
    f = D25519 * x1 * x2 * y1 * y2 % P
    return (
        (x1 * y2 + x2 * y1) * pow(1 + f, P - 2, P) % P,
        (y1 * y2 + x1 * x2) * pow(1 - f, P - 2, P) % P,
    )


def _ed25519_times_base(scalar):
    y = 4 * pow(5, P - 2, P) % P
    xx = (y * y - 1) * pow(D25519 * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    sum_, base = (0, 1), (P - x if x & 1 else x, y)
    while scalar:
        if scalar & 1:
            sum_ = _ed25519_add(sum_, base)
        base = _ed25519_add(base, base)
        scalar >>= 1
    return (sum_[1] | (sum_[0] & 1) << 255).to_bytes(32, "little")


def _ed25519_secret(seed):
    h = hashlib.sha512(seed).digest()
    return int.from_bytes(h[:32], "little") & ~7 & (2**255 - 1) | 2**254, h[32:]


def ed25519_public(seed):
    """RFC 8032, section 5.1.5."""
    return _ed25519_times_base(_ed25519_secret(seed)[0])


def ed25519_sign(seed, message):
    """RFC 8032, section 5.1.6."""

    def number(data):
        return int.from_bytes(hashlib.sha512(data).digest(), "little") % L25519

    secret, prefix = _ed25519_secret(seed)
    r = number(prefix + message)
    R = _ed25519_times_base(r)
    k = number(R + _ed25519_times_base(secret) + message)
    return R + ((r + k * secret) % L25519).to_bytes(32, "little")
