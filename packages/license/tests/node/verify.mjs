// Verifies the license file that comes on standard input, given a JWK set of root keys as the first argument,
// with `jose` and none of our code; prints the claims of license and certificate. Exits 1 where jose refuses.
import { readFileSync } from "node:fs";
import { compactVerify, decodeProtectedHeader, importJWK } from "jose";

async function verified(line, key, typ) {
  const { payload, protectedHeader } = await compactVerify(line, key, { algorithms: ["EdDSA"] });
  if (protectedHeader.typ !== typ) throw new Error(`typ is ${protectedHeader.typ}, not ${typ}`);
  return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
}

const [licenseLine, certificateLine] = readFileSync(0, "utf8").split("\n");
const roots = JSON.parse(process.argv[2]).keys;
const root = roots.find((key) => key.kid === decodeProtectedHeader(certificateLine).kid);
const certificate = await verified(certificateLine, await importJWK(root, "EdDSA"), "keywright-certificate+jwt");
const license = await verified(licenseLine, await importJWK(certificate.key, "EdDSA"), "keywright-license+jwt");
process.stdout.write(JSON.stringify({ license, certificate }));
