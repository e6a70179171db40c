// Verifies an artifact other than a license that comes on standard input, with `jose` and none of our code; prints its
// claims. Arguments: its `typ`, and a JWK set of root keys, or of the deployment's key where the artifact has one line.
import { readFileSync } from "node:fs";
import { compactVerify, decodeProtectedHeader, importJWK } from "jose";

async function verified(line, key, typ) {
  const { payload, protectedHeader } = await compactVerify(line, await importJWK(key, "EdDSA"), { algorithms: ["EdDSA"] });
  if (protectedHeader.typ !== typ) throw new Error(`typ is ${protectedHeader.typ}, not ${typ}`);
  return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
}

const [typ, known] = [process.argv[2], JSON.parse(process.argv[3]).keys];
const [line, certificateLine] = readFileSync(0, "utf8").trimEnd().split("\n");
const find = (text) => known.find((key) => key.kid === decodeProtectedHeader(text).kid);
const key = certificateLine
  ? (await verified(certificateLine, find(certificateLine), "keywright-certificate+jwt")).key
  : find(line);
process.stdout.write(JSON.stringify(await verified(line, key, typ)));
