// node show.mjs LICENSE ROOTS.jwks.json PRODUCT: prints the license and its state; exits 1 where it is refused.
import { readFileSync } from "node:fs";
import { LicenseError, stateOf, verify } from "./keywright-license.mjs";

const [file, rootFile, product] = process.argv.slice(2);
const roots = JSON.parse(readFileSync(rootFile, "utf8")).keys;
const now = new Date();
try {
  const license = verify(readFileSync(file), { roots, product, now });
  console.log(JSON.stringify({ state: stateOf(license, now), ...license }, null, 2));
} catch (error) {
  if (!(error instanceof LicenseError)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 1;
}
