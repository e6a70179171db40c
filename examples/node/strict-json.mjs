// JSON without the freedoms that let two readers see two things in the same bytes: a key twice, NaN, a number too large
// for a double, half a character, a NUL, or objects within objects without end. JSON.parse lets the first and the last
// through. An integer comes as a number (a BigInt where a number would lose digits), anything with a point or an
// exponent as a Fraction, so that 1.0 is not taken for 1.

export class Fraction {
  constructor(value) {
    this.value = value;
  }
}

const MOST_DEEP = 16;
const MOST_DIGITS = 4300; // Python's limit; two readers must agree
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/y;
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const SPACE = /[ \t\n\r]*/y;
const ESCAPES = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/** The object that these UTF-8 bytes hold. Throws a SyntaxError for anything else. */
export function parseObject(bytes) {
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new SyntaxError("not UTF-8");
  }
  const reader = new Reader(text);
  const value = reader.value(0);
  if (!reader.atEnd() || !isObject(value)) throw new SyntaxError("not one object");
  return value;
}

export function isObject(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value) && !(value instanceof Fraction);
}

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  match(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found) this.at = pattern.lastIndex;
    return found;
  }

  take(character) {
    this.match(SPACE);
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  need(character) {
    if (!this.take(character)) throw new SyntaxError(`${character} is missing at ${this.at}`);
  }

  atEnd() {
    this.match(SPACE);
    return this.at === this.text.length;
  }

  value(depth) {
    this.match(SPACE);
    const first = this.text[this.at];
    if (first === "{" || first === "[") {
      if (depth === MOST_DEEP) throw new SyntaxError("nested too deep");
      this.at += 1;
      return first === "{" ? this.object(depth + 1) : this.array(depth + 1);
    }
    if (first === '"') return this.string();
    for (const [word, meaning] of [["true", true], ["false", false], ["null", null]]) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return meaning;
      }
    }
    return this.number();
  }

  object(depth) {
    const made = Object.create(null); // so that "__proto__" is a name like any other
    if (this.take("}")) return made;
    do {
      this.match(SPACE);
      const name = this.string();
      if (Object.hasOwn(made, name)) throw new SyntaxError("a key stands twice in one object");
      this.need(":");
      made[name] = this.value(depth);
    } while (this.take(","));
    this.need("}");
    return made;
  }

  array(depth) {
    const made = [];
    if (this.take("]")) return made;
    do made.push(this.value(depth));
    while (this.take(","));
    this.need("]");
    return made;
  }

  number() {
    const found = this.match(NUMBER);
    if (!found) throw new SyntaxError(`no value at ${this.at}`);
    const [literal, point, exponent] = found;
    if (point === undefined && exponent === undefined) {
      if (literal.length - (literal[0] === "-") > MOST_DIGITS) throw new SyntaxError("an integer is too long");
      const number = Number(literal);
      return Number.isSafeInteger(number) ? number + 0 : BigInt(literal);
    }
    const number = Number(literal);
    if (!Number.isFinite(number)) throw new SyntaxError("a number is too large");
    return new Fraction(number);
  }

  string() {
    if (this.text[this.at] !== '"') throw new SyntaxError(`a text is missing at ${this.at}`);
    this.at += 1;
    let made = "";
    for (;;) {
      made += this.match(PLAIN)[0];
      const next = this.text[this.at];
      this.at += 1;
      if (next === '"') break;
      if (next !== "\\") throw new SyntaxError("a control character, or the end, in a text");
      const escaped = this.text[this.at];
      this.at += 1;
      if (escaped === "u") {
        const digits = this.text.slice(this.at, this.at + 4);
        if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw new SyntaxError("an escape is damaged");
        made += String.fromCharCode(parseInt(digits, 16));
        this.at += 4;
      } else if (escaped !== undefined && Object.hasOwn(ESCAPES, escaped)) {
        made += ESCAPES[escaped];
      } else {
        throw new SyntaxError("an escape that JSON does not know");
      }
    }
    if (!made.isWellFormed() || made.includes("\0")) throw new SyntaxError("half a character, or a NUL");
    return made;
  }
}
