/** A certificate authority of our own, made anew in memory for each run: TLS everywhere without files or tools. */
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

export interface Issued {
  readonly certPem: string;
  /** PKCS #8. */
  readonly keyPem: string;
}

export interface Subject {
  /** The user of a client certificate. */
  readonly commonName: string;
  /** Its groups. */
  readonly organizations?: readonly string[];
  /** DNS names and IP addresses: makes it a server certificate. */
  readonly hosts?: readonly string[];
}

export interface Authority {
  readonly caPem: string;
  issue(subject: Subject): Promise<Issued>;
}

const KEYS = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const YEARS = 10;

// Wide on both sides: a virtual clock may stand anywhere, TLS looks at the real one.
const validity = () => {
  const year = new Date().getUTCFullYear();
  return { notBefore: new Date(Date.UTC(year - 1, 0)), notAfter: new Date(Date.UTC(year + YEARS, 0)) };
};
const serialNumber = () =>
  Buffer.from(webcrypto.getRandomValues(new Uint8Array(16)))
    .toString("hex")
    .replace(/^./, "1");
const keys = () => webcrypto.subtle.generateKey(KEYS, true, ["sign", "verify"]);
const isAddress = (host: string) => /^[\d.]+$|:/.test(host);

async function keyPemOf(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");
}

export async function createAuthority(): Promise<Authority> {
  x509.cryptoProvider.set(webcrypto);
  const caKeys = await keys();
  const serial = serialNumber();
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial,
    // A name of its own: who trusts two authorities of one name checks signatures with the wrong key.
    name: `CN=Lifeguard local authority ${serial.slice(0, 8)}`,
    ...validity(),
    signingAlgorithm: KEYS,
    keys: caKeys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  return {
    caPem: ca.toString("pem"),
    issue: async ({ commonName, organizations = [], hosts = [] }) => {
      const own = await keys();
      const names = hosts.map((value) => ({ type: isAddress(value) ? ("ip" as const) : ("dns" as const), value }));
      const certificate = await x509.X509CertificateGenerator.create({
        serialNumber: serialNumber(),
        subject: [...organizations.map((name) => ({ O: [name] })), { CN: [commonName] }],
        issuer: ca.subject,
        ...validity(),
        signingAlgorithm: KEYS,
        publicKey: own.publicKey,
        signingKey: caKeys.privateKey,
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([names.length > 0 ? "1.3.6.1.5.5.7.3.1" : "1.3.6.1.5.5.7.3.2"]),
          ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
        ],
      });
      return { certPem: certificate.toString("pem"), keyPem: await keyPemOf(own.privateKey) };
    },
  };
}
