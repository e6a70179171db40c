// Where the script came from, what it knows of colours, and calls to the API with a publishable key.

const ORIGIN = new URL(document.currentScript.src).origin;
const MARK = "stripe-simulator";
const KINDS = { pi: "payment_intent", seti: "setup_intent" };
const FIRST_HEIGHT = 92; // pixels, until the frame says its own
const CONNECTION_ERROR = {
  type: "api_connection_error",
  message: "We can’t reach the payment provider. Please check your internet connection and try again.",
};

class IntegrationError extends Error {
  constructor(message) {
    super(message);
    this.name = "IntegrationError";
  }
}

const style = (node, values) => {
  for (const [name, value] of Object.entries(values)) node.style.setProperty(name, value);
};

// Any CSS colour, as the browser paints it.
const isDark = (colour) => {
  const context = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d");
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data;
  if (alpha === 0) return null;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 128;
};

const schemeOf = (appearance) => {
  const { theme, variables = {} } = appearance || {};
  const given = variables.colorBackground ? isDark(variables.colorBackground) : null;
  if (given !== null) return given ? "dark" : "light";
  if (theme) return theme === "night" ? "dark" : "light";
  const painted = document.body ? isDark(getComputedStyle(document.body).backgroundColor) : null;
  if (painted !== null) return painted ? "dark" : "light";
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
};


const pairs = (value, name) => {
  if (value === undefined || value === null) return [];
  if (typeof value !== "object") return [[name, String(value)]];
  return Object.entries(value).flatMap(([key, part]) => pairs(part, name ? `${name}[${key}]` : key));
};

const request = async (key, method, path, params = {}) => {
  const form = new URLSearchParams(pairs(params, ""));
  const headers = { Authorization: `Bearer ${key}` };
  let url = ORIGIN + path;
  let body;
  if (method === "GET") url += `?${form}`;
  else body = form;
  try {
    const answer = await fetch(url, { method, headers, body, credentials: "omit" });
    const content = await answer.json();
    return answer.ok ? { object: content } : { error: content.error };
  } catch {
    return { error: { ...CONNECTION_ERROR } };
  }
};

const intentOf = (secret) => {
  const id = String(secret || "").split("_secret_")[0];
  const kind = KINDS[id.split("_")[0]];
  if (!kind || id === secret) throw new IntegrationError("A clientSecret of the form pi_…_secret_… is needed.");
  return { id, kind, path: `/v1/${kind}s/${id}`, field: kind === "payment_intent" ? "paymentIntent" : "setupIntent" };
};
