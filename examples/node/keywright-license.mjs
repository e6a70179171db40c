// Verifies license files in Keywright's format (docs/license-file.md) with nothing but Node. Take these three files into
// your product, pin your root keys, and ask:
//
//   const license = verify(readFileSync("license.keywright-license"), { roots, product: "enterprise-edition", now: new Date() });
//   if (stateOf(license, new Date()) !== "expired" && license.features.includes("ldap")) { … }
//
// `roots` is the list `keys` of the JWK set that the vendor publishes. `revoked` maps thumbprints to the time from which
// on a key counts no more. Times are Dates. What is refused is a LicenseError with a stable `code`.

import { createHash, createPublicKey, verify as verifySignature } from "node:crypto";
import { isFit } from "./ed25519-point.mjs";
import { isObject, parseObject } from "./strict-json.mjs";

const LICENSE = "keywright-license+jwt";
const CERTIFICATE = "keywright-certificate+jwt";
const MOST_BYTES = 65536;
const MOST_HEADER = 512;
const MOST_TEXT = 500;
const MOST_FEATURES = 512;
const MOST_COUNT = 2 ** 31 - 1;
const END_OF_TIME = 253370764800;
const GRACE_SECONDS = 10 * 24 * 3600;
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const ID = /^[ybndrfg8ejkmcpqxot1uwisza345h769]{25}[yrecowah]$/;
const FEATURE = /^[a-z][a-z0-9_]{0,63}$/;
const KNOWN = "v iss aud sub jti iat nbf exp plan seats features deployments org trial supersedes".split(" ");

export class LicenseError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** The license that the bytes are, once its certificate and its signature are verified. */
export function verify(data, { roots, product = null, now, revoked = {} }) {
  const [licenseLine, certificateLine] = linesOf(data);
  const certificate = certificateOf(certificateLine, roots);
  for (const kid of [certificate.rootKid, certificate.kid]) {
    if (Object.hasOwn(revoked, kid) && revoked[kid] <= now) refuse("revoked_key", "The vendor has withdrawn the key.");
  }
  const line = split(licenseLine);
  const header = readHeader(line.header, LICENSE);
  if (header.kid !== certificate.kid) refuse("unknown_key", "The certificate is of another key.");
  checkSignature(line, certificate.key);
  const license = readLicense(claimsOf(line));
  checkCovers(certificate, license);
  if (product !== null && license.product !== product) refuse("wrong_product", `This license is for ${license.product}.`);
  return license;
}

/** `not_yet_valid`, `active`, `grace` (10 days past the end) or `expired`. */
export function stateOf(license, now) {
  if (now < license.startsAt) return "not_yet_valid";
  if (now <= license.expiresAt) return "active";
  return now - license.expiresAt <= GRACE_SECONDS * 1000 ? "grace" : "expired";
}

function refuse(code, message) {
  throw new LicenseError(code, message);
}

function malformed(what) {
  refuse("malformed", `This is not a sound license file: ${what}.`);
}

function linesOf(data) {
  if (data.length === 0 || data.length > MOST_BYTES) malformed("it is empty or too large");
  const text = Buffer.from(data).toString("latin1").replaceAll("\r\n", "\n").replace(/\n$/, "");
  const lines = text.split("\n");
  if (lines.length === 2) return lines;
  readHeader(split(lines[0]).header, LICENSE);
  return malformed("it has other than two lines");
}

function split(line) {
  const segments = line.split(".");
  if (segments.length !== 3) malformed("a line has other than three segments");
  const signature = decode(segments[2]);
  if (signature.length !== 64) malformed("the signature has other than 64 bytes");
  const scalar = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString("hex")}`);
  if (scalar >= ORDER) malformed("the signature has a second spelling");
  return { header: segments[0], payload: decode(segments[1]), signature, signed: line.slice(0, line.lastIndexOf(".")) };
}

/** Base64url in its one spelling. */
function decode(text) {
  const octets = Buffer.from(text, "base64url");
  if (octets.toString("base64url") !== text) malformed("base64url that is not sound");
  return octets;
}

function parse(octets) {
  try {
    return parseObject(octets);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return malformed(error.message);
  }
}

function readHeader(segment, typ) {
  if (segment.length > MOST_HEADER) malformed("the header is too long");
  const header = parse(decode(segment));
  const sound =
    Object.keys(header).length === 3 &&
    header.alg === "EdDSA" &&
    typeof header.typ === "string" &&
    typeof header.kid === "string" &&
    /^[A-Za-z0-9_-]{43}$/.test(header.kid);
  if (!sound) malformed("the header must have alg, kid and typ, and nothing else");
  if (header.typ !== typ) refuse("wrong_kind", `This is of the kind ${header.typ}, where ${typ} is wanted.`);
  return header;
}

function checkSignature(line, key) {
  const sound = verifySignature(null, Buffer.from(line.signed, "latin1"), key, line.signature);
  if (!sound) refuse("bad_signature", "The file was changed after it was signed.");
}

/** Only for a line whose signature was checked. */
function claimsOf(line) {
  return parse(line.payload);
}

function keyOf(jwk) {
  const sound = isObject(jwk) && Object.keys(jwk).sort().join() === "crv,kty,x" && typeof jwk.x === "string";
  if (!sound || jwk.kty !== "OKP" || jwk.crv !== "Ed25519") malformed("the certificate holds no Ed25519 key");
  if (!isFit(decode(jwk.x))) malformed("the certificate holds a key that is refused");
  return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: jwk.x }, format: "jwk" });
}

/** RFC 7638. */
export function thumbprint(jwk) {
  return createHash("sha256").update(`{"crv":"Ed25519","kty":"OKP","x":"${jwk.x}"}`).digest("base64url");
}

/** Certificates that were verified, by their exact text, for each list of roots; so the second license costs less. */
const known = new WeakMap();
const MOST_KNOWN = 64;

function certificateOf(text, roots) {
  const memory = known.get(roots) ?? known.set(roots, new Map()).get(roots);
  const remembered = memory.get(text);
  if (remembered !== undefined) return remembered;
  const certificate = readCertificate(text, roots);
  if (memory.size >= MOST_KNOWN) memory.delete(memory.keys().next().value);
  memory.set(text, certificate);
  return certificate;
}

function readCertificate(text, roots) {
  const line = split(text);
  const { kid: rootKid } = readHeader(line.header, CERTIFICATE);
  const root = roots.find((jwk) => thumbprint(jwk) === rootKid);
  if (root === undefined) refuse("unknown_key", "The certificate comes from a root key that is not known here.");
  checkSignature(line, keyOf({ kty: root.kty, crv: root.crv, x: root.x }));
  const claims = claimsOf(line);
  if (claims.v !== 1) refuse("wrong_kind", "The certificate is of a later version.");
  const key = keyOf(claims.key);
  const kid = thumbprint(claims.key);
  if (claims.sub !== kid) malformed("the certificate names another key than it holds");
  timeOf(claims.iat, "iat");
  const from = timeOf(claims.nbf, "nbf");
  const until = timeOf(claims.exp, "exp");
  if (from >= until) malformed("the certificate ends before it begins");
  const longest = claims.max_term;
  if (longest !== undefined && !isWhole(longest, 1, END_OF_TIME - 1)) malformed("max_term is out of range");
  const product = claims.aud === undefined ? null : textOf(claims.aud, "aud");
  return { rootKid, kid, key, product, from, until, longest };
}

function checkCovers(certificate, license) {
  if (certificate.product !== null && certificate.product !== license.product) {
    refuse("wrong_product", `The key that signed this license is for ${certificate.product} only.`);
  }
  if (license.issuedAt < certificate.from || license.issuedAt >= certificate.until) {
    refuse("unknown_key", "The key was not certified when it signed.");
  }
  const term = (license.expiresAt - license.startsAt) / 1000;
  if (certificate.longest !== undefined && term > certificate.longest) {
    refuse("unknown_key", "The license runs longer than its key is certified for.");
  }
}

function isWhole(value, least, most) {
  return typeof value === "number" && value >= least && value <= most;
}

function countOf(value, name, least) {
  if (!isWhole(value, least, MOST_COUNT)) malformed(`${name} is out of range`);
  return value;
}

function timeOf(value, name) {
  if (!isWhole(value, 0, END_OF_TIME - 1)) malformed(`${name} is no time`);
  return new Date(value * 1000);
}

function textOf(value, name, least = 1) {
  const length = typeof value === "string" ? [...value].length : -1; // characters, not halves of them
  if (length < least || length > MOST_TEXT || /[\u0000-\u001f\u007f]/.test(value)) malformed(`${name} is no text`);
  return value;
}

function idOf(value, name) {
  if (typeof value !== "string" || !ID.test(value)) malformed(`${name} is no id`);
  return value;
}

function objectOf(value, name) {
  if (!isObject(value)) malformed(`${name} is no object`);
  return value;
}

function featuresOf(value) {
  const sound = Array.isArray(value) && value.length <= MOST_FEATURES;
  if (!sound || !value.every((name) => typeof name === "string" && FEATURE.test(name))) malformed("features is no list of names");
  if (new Set(value).size !== value.length) malformed("a feature stands twice");
  return value;
}

function readLicense(claims) {
  if (claims.v !== 1) refuse("wrong_kind", "This license is of a later version. Update the product first.");
  const plan = objectOf(claims.plan, "plan");
  const deployments = objectOf(claims.deployments, "deployments");
  const org = objectOf(claims.org, "org");
  if (typeof claims.trial !== "boolean") malformed("trial is neither true nor false");
  const license = {
    id: idOf(claims.jti, "jti"),
    issuer: textOf(claims.iss, "iss"),
    product: textOf(claims.aud, "aud"),
    subscription: textOf(claims.sub, "sub"),
    issuedAt: timeOf(claims.iat, "iat"),
    startsAt: timeOf(claims.nbf, "nbf"),
    expiresAt: timeOf(claims.exp, "exp"),
    plan: textOf(plan.id, "plan.id"),
    planName: textOf(plan.name, "plan.name"),
    seats: countOf(claims.seats, "seats", 1),
    features: featuresOf(claims.features),
    deployments: {
      production: countOf(deployments.production, "deployments.production", 1),
      nonProduction: countOf(deployments.non_production, "deployments.non_production", 0),
    },
    organization: {
      id: textOf(org.id, "org.id"),
      name: textOf(org.name, "org.name"),
      email: textOf(org.email, "org.email", 0),
    },
    isTrial: claims.trial,
    supersedes: claims.supersedes === undefined ? null : idOf(claims.supersedes, "supersedes"),
    extra: Object.fromEntries(Object.entries(claims).filter(([name]) => !KNOWN.includes(name))),
  };
  if (license.startsAt >= license.expiresAt) malformed("it ends before it begins");
  return license;
}
