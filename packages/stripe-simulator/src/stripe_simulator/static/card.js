// The card's fields. Their values never leave this frame but for the API of its own origin.
"use strict";

const frame = window.simulatorFrame;
const fields = Object.fromEntries(["number", "expiry", "cvc"].map((id) => [id, document.getElementById(id)]));
const touched = new Set();

const digitsOf = (text) => text.replace(/\D/g, "");

const LONGEST = { number: 16, expiry: 4, cvc: 4 };

const format = {
  number: (digits) => digits.slice(0, LONGEST.number).replace(/(\d{4})(?=\d)/g, "$1 "),
  expiry: (given) => {
    let digits = given;
    if (/^[2-9]/.test(digits)) digits = `0${digits}`;
    if (digits.length === 6) digits = digits.slice(0, 2) + digits.slice(4); // MM / YYYY, as a browser fills it in
    digits = digits.slice(0, LONGEST.expiry);
    return digits.length > 2 ? `${digits.slice(0, 2)} / ${digits.slice(2)}` : digits;
  },
  cvc: (digits) => digits.slice(0, LONGEST.cvc),
};

// Keeps the caret behind the digit it stood behind.
const tidy = (name) => {
  const field = fields[name];
  const behind = digitsOf(field.value.slice(0, field.selectionStart ?? field.value.length)).length;
  const atEnd = field.selectionStart === field.value.length;
  const value = format[name](digitsOf(field.value));
  if (field.value === value) return;
  field.value = value;
  let caret = 0;
  for (let seen = 0; caret < value.length && seen < behind; caret += 1) if (/\d/.test(value[caret])) seen += 1;
  if (atEnd) caret = value.length;
  if (document.activeElement === field) field.setSelectionRange(caret, caret);
};

const passesLuhn = (digits) =>
  [...digits].reverse().reduce((sum, digit, place) => {
    const value = Number(digit) * (1 + (place % 2));
    return sum + (value > 9 ? value - 9 : value);
  }, 0) % 10 === 0;

const expiry = () => {
  const digits = digitsOf(fields.expiry.value);
  return { month: Number(digits.slice(0, 2)), year: 2000 + Number(digits.slice(2)), isWhole: digits.length === 4 };
};

const check = {
  number: () => {
    const digits = digitsOf(fields.number.value);
    if (digits.length < 16) return ["incomplete_number", "Your card number is incomplete."];
    return passesLuhn(digits) ? null : ["invalid_number", "Your card number is invalid."];
  },
  expiry: () => {
    const { month, year, isWhole } = expiry();
    if (!isWhole || month === 0) return ["incomplete_expiry", "Your card’s expiration date is incomplete."];
    const now = new Date();
    if (month > 12) return ["invalid_expiry_month", "Your card’s expiration date is invalid."];
    if (year < now.getFullYear()) return ["invalid_expiry_year_past", "Your card’s expiration year is in the past."];
    if (year === now.getFullYear() && month < now.getMonth() + 1) {
      return ["invalid_expiry_month_past", "Your card’s expiration date is in the past."];
    }
    return year > now.getFullYear() + 50 ? ["invalid_expiry_year", "Your card’s expiration year is invalid."] : null;
  },
  cvc: () =>
    digitsOf(fields.cvc.value).length < 3 ? ["incomplete_cvc", "Your card’s security code is incomplete."] : null,
};

const show = (name, problem) => {
  const line = document.getElementById(`${name}-error`);
  line.textContent = problem ? problem[1] : "";
  line.hidden = !problem;
  if (problem) fields[name].setAttribute("aria-invalid", "true");
  else fields[name].removeAttribute("aria-invalid");
};

const tellChange = () => {
  const names = Object.keys(fields);
  frame.tell("change", {
    empty: names.every((name) => fields[name].value === ""),
    complete: names.every((name) => check[name]() === null),
  });
};

for (const [name, field] of Object.entries(fields)) {
  field.addEventListener("input", () => {
    tidy(name);
    if (touched.has(name) && !check[name]()) show(name, null);
    tellChange();
  });
  field.addEventListener("focus", () => frame.tell("focus"));
  field.addEventListener("blur", () => {
    frame.tell("blur");
    if (field.value === "") return;
    touched.add(name);
    show(name, check[name]());
  });
}

document.getElementById("card").addEventListener("submit", (event) => event.preventDefault());

const validate = () => {
  let first = null;
  for (const [name, field] of Object.entries(fields)) {
    touched.add(name);
    const problem = check[name]();
    show(name, problem);
    if (problem && !first) first = { field, problem };
  }
  if (!first) return {};
  first.field.focus();
  const [code, message] = first.problem;
  return { error: { type: "validation_error", code, message } };
};

const CARD_FIELDS = { "card[number]": "number", number: "number", exp_month: "expiry", exp_year: "expiry", cvc: "cvc" };

const createPaymentMethod = async (details) => {
  const { month, year } = expiry();
  const form = new URLSearchParams({
    type: "card",
    "card[number]": digitsOf(fields.number.value),
    "card[exp_month]": String(month),
    "card[exp_year]": String(year),
    "card[cvc]": digitsOf(fields.cvc.value),
  });
  const billing = details.billing_details || {};
  for (const name of ["name", "email", "phone"]) if (billing[name]) form.set(`billing_details[${name}]`, billing[name]);
  for (const [name, value] of Object.entries(billing.address || {})) {
    if (value) form.set(`billing_details[address][${name}]`, value);
  }
  try {
    const answer = await fetch("/v1/payment_methods", {
      method: "POST", body: form, headers: { Authorization: `Bearer ${frame.settings.key}` }, credentials: "omit",
    });
    const content = await answer.json();
    if (answer.ok) return { method: content };
    const name = CARD_FIELDS[content.error.param];
    if (name) show(name, [content.error.code, content.error.message]);
    return { error: content.error };
  } catch {
    return {
      error: {
        type: "api_connection_error",
        message: "We can’t reach the payment provider. Please check your internet connection and try again.",
      },
    };
  }
};

const VARIABLES = [
  "colorBackground", "colorText", "colorTextSecondary", "colorTextPlaceholder", "colorPrimary", "colorDanger",
  "borderRadius", "fontFamily", "fontSizeBase", "fontSizeSm",
];

const applyAppearance = ({ variables = {}, rules = {} }, scheme) => {
  const root = document.documentElement.style;
  root.setProperty("color-scheme", scheme);
  for (const name of VARIABLES) {
    if (variables[name]) root.setProperty(`--${name}`, variables[name]);
    else root.removeProperty(`--${name}`);
  }
  const border = rules[".Input"]?.borderColor;
  if (border) root.setProperty("--inputBorderColor", border);
  else root.removeProperty("--inputBorderColor");
};

let isReady = false;

frame.hear({
  appearance: ({ appearance, scheme }) => {
    applyAppearance(appearance, scheme);
    if (isReady) return;
    isReady = true;
    frame.tellHeight();
    frame.tell("ready");
  },
  focus: () => fields.number.focus(),
  blur: () => document.activeElement?.blur(),
  clear: () => {
    for (const [name, field] of Object.entries(fields)) {
      field.value = "";
      show(name, null);
    }
    touched.clear();
    tellChange();
  },
  validate: (_message, reply) => reply(validate()),
  create_payment_method: async ({ details }, reply) => reply(await createPaymentMethod(details)),
});

frame.tell("loaded");
