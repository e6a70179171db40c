// A stand-in for Stripe.js with its calls, for pages that pay with the Payment Element. It works under a
// Content-Security-Policy that names this script's origin in script-src, frame-src and connect-src and allows no
// inline style: styles are set through the CSSOM alone.
(() => {
  "use strict";

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

  // ---- The API -----------------------------------------------------------------------------------------------

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

  // ---- Talking to a frame ------------------------------------------------------------------------------------

  let frames = 0;

  class Frame {
    constructor(path, title, more, hear) {
      this.channel = crypto.getRandomValues(new Uint32Array(4)).join("-");
      this.waiting = new Map();
      this.calls = 0;
      this.node = document.createElement("iframe");
      this.node.title = title;
      this.node.name = `__stripeSimulatorFrame${(frames += 1)}`;
      const settings = { parent: location.origin, channel: this.channel, ...more };
      this.node.src = `${ORIGIN}${path}#${encodeURIComponent(JSON.stringify(settings))}`;
      style(this.node, { border: "0", width: "100%", display: "block", "background-color": "transparent" });
      this.listen = (event) => {
        const message = event.data;
        if (event.origin !== ORIGIN || event.source !== this.node.contentWindow) return;
        if (!message || message.mark !== MARK || message.channel !== this.channel) return;
        if (message.type === "reply") {
          this.waiting.get(message.call)?.(message.result);
          this.waiting.delete(message.call);
        } else hear(message);
      };
      addEventListener("message", this.listen);
    }

    tell(type, content = {}) {
      this.node.contentWindow?.postMessage({ mark: MARK, channel: this.channel, type, ...content }, ORIGIN);
    }

    ask(type, content = {}) {
      return new Promise((resolve) => {
        const call = (this.calls += 1);
        this.waiting.set(call, resolve);
        this.tell(type, { ...content, call });
      });
    }

    remove() {
      removeEventListener("message", this.listen);
      this.node.remove();
      for (const resolve of this.waiting.values()) {
        resolve({ error: { type: "validation_error", message: "The card’s fields were taken off the page." } });
      }
      this.waiting.clear();
    }
  }

  // ---- 3D Secure ---------------------------------------------------------------------------------------------

  const sheet = () => {
    const rules = new CSSStyleSheet();
    rules.replaceSync("dialog.stripe-simulator-challenge::backdrop { background: rgb(8 12 20 / 60%); }");
    return rules;
  };
  let hasSheet = false;

  // Resolves with "done" when the bank's page was answered, with "closed" when it was closed.
  const showChallenge = (intent, secret, scheme) =>
    new Promise((resolve) => {
      if (!hasSheet) document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet()];
      hasSheet = true;
      const before = document.activeElement;
      const dark = scheme === "dark";
      const dialog = document.createElement("dialog");
      dialog.className = "stripe-simulator-challenge";
      dialog.setAttribute("aria-label", "3D Secure authentication");
      style(dialog, {
        padding: "0", border: "0", "border-radius": "12px", width: "min(440px, calc(100vw - 24px))",
        "max-height": "calc(100dvh - 24px)", overflow: "auto", "color-scheme": scheme, margin: "auto",
        background: dark ? "#15191f" : "#ffffff", color: dark ? "#eef0f4" : "#161a22",
        "box-shadow": "0 24px 64px rgb(0 0 0 / 35%)",
      });
      const bar = document.createElement("div");
      style(bar, { display: "flex", "justify-content": "flex-end", padding: "8px 8px 0" });
      const close = document.createElement("button");
      close.type = "button";
      close.textContent = "Close";
      close.setAttribute("aria-label", "Close authentication");
      style(close, {
        font: "500 15px/1.5 system-ui, sans-serif", padding: "6px 12px", "border-radius": "8px", cursor: "pointer",
        border: `1px solid ${dark ? "#697283" : "#848c9a"}`, background: "transparent", color: "inherit",
      });
      bar.append(close);
      dialog.append(bar);

      let over = false;
      const finish = (outcome) => {
        if (over) return;
        over = true;
        dialog.close();
        frame.remove();
        dialog.remove();
        if (before && before !== document.body && before.isConnected) before.focus?.();
        resolve(outcome);
      };
      const query = new URLSearchParams({ client_secret: secret });
      const frame = new Frame(`/3d_secure/${intent.id}?${query}`, "3D Secure authentication", { scheme }, (message) => {
        if (message.type === "height") style(frame.node, { height: `${message.height}px` });
        if (message.type === "ready") frame.tell("focus");
        if (message.type === "escape") finish("closed");
        if (message.type === "done") finish("done");
      });
      style(frame.node, { height: "320px", "color-scheme": scheme });
      close.addEventListener("click", () => finish("closed"));
      dialog.addEventListener("cancel", (event) => {
        event.preventDefault();
        finish("closed");
      });
      dialog.append(frame.node);
      document.body.append(dialog);
      dialog.showModal();
    });

  const cancelChallenge = async (intent, secret) => {
    const query = new URLSearchParams({ client_secret: secret });
    try {
      await fetch(`${ORIGIN}/3d_secure/${intent.id}/cancel?${query}`, {
        method: "POST", headers: { Accept: "application/json" }, credentials: "omit",
      });
    } catch {
      // The intent stays in requires_action; asking for it next says whether the network is back.
    }
  };

  // ---- Elements ----------------------------------------------------------------------------------------------

  const EVENTS = ["ready", "change", "focus", "blur", "escape", "loaderror", "loaderstart"];

  class PaymentElement {
    constructor(elements, options) {
      this.elements = elements;
      this.options = options || {};
      this.handlers = new Map(EVENTS.map((name) => [name, new Set()]));
      this.frame = null;
      this.isReady = false;
    }

    on(name, handler) {
      if (!this.handlers.has(name)) throw new IntegrationError(`The payment element has no event “${name}”.`);
      this.handlers.get(name).add(handler);
      if (name === "ready" && this.isReady) queueMicrotask(() => handler({ elementType: "payment" }));
      return this;
    }

    once(name, handler) {
      const single = (event) => {
        this.off(name, single);
        handler(event);
      };
      return this.on(name, single);
    }

    off(name, handler) {
      if (handler) this.handlers.get(name)?.delete(handler);
      else this.handlers.get(name)?.clear();
      return this;
    }

    fire(name, content = {}) {
      for (const handler of [...this.handlers.get(name)]) handler({ elementType: "payment", ...content });
    }

    mount(target) {
      const place = typeof target === "string" ? document.querySelector(target) : target;
      if (!(place instanceof Element)) {
        throw new IntegrationError(`The selector you specified (${target}) applies to no DOM elements on the page.`);
      }
      this.unmount();
      this.frame = new Frame("/frames/card", "Secure payment input frame", { key: this.elements.key }, (message) => {
        if (message.type === "loaded") this.tellAppearance();
        else if (message.type === "ready") {
          this.isReady = true;
          this.fire("ready");
        } else if (message.type === "height") style(this.frame.node, { height: `${message.height}px` });
        else if (message.type === "change") {
          this.elements.isSubmitted = false;
          this.fire("change", {
            empty: message.empty, complete: message.complete, collapsed: false, value: { type: "card" },
          });
        } else if (this.handlers.has(message.type)) this.fire(message.type);
      });
      this.frame.node.addEventListener("error", () => this.fire("loaderror", { error: { ...CONNECTION_ERROR } }));
      style(this.frame.node, { height: `${FIRST_HEIGHT}px`, "color-scheme": schemeOf(this.elements.appearance) });
      place.replaceChildren(this.frame.node);
    }

    tellAppearance() {
      if (!this.frame) return;
      const scheme = schemeOf(this.elements.appearance);
      style(this.frame.node, { "color-scheme": scheme });
      this.frame.tell("appearance", { appearance: this.elements.appearance || {}, scheme });
    }

    unmount() {
      this.frame?.remove();
      this.frame = null;
      this.isReady = false;
      this.elements.isSubmitted = false;
    }

    destroy() {
      this.unmount();
      this.elements.element = null;
    }

    update(options) {
      this.options = { ...this.options, ...options };
    }

    focus() {
      this.frame?.tell("focus");
    }

    blur() {
      this.frame?.tell("blur");
    }

    clear() {
      this.frame?.tell("clear");
    }

    collapse() {}
  }

  const MODES = ["payment", "setup", "subscription"];

  class Elements {
    constructor(key, options) {
      this.key = key;
      this.options = { ...options };
      this.isDeferred = !options.clientSecret;
      if (this.isDeferred) {
        if (!MODES.includes(options.mode)) throw new IntegrationError("elements() needs a clientSecret or a mode.");
        if (options.mode !== "setup" && !Number.isInteger(options.amount)) {
          throw new IntegrationError("elements(): amount must be an integer of minor units.");
        }
        if (options.mode === "payment" && !options.currency) throw new IntegrationError("elements() needs a currency.");
      }
      this.element = null;
      this.isSubmitted = false;
    }

    get appearance() {
      return this.options.appearance;
    }

    create(type, options) {
      if (type !== "payment") throw new IntegrationError(`The simulator has no element “${type}”, only “payment”.`);
      if (this.element) throw new IntegrationError("Can only create one Element of type payment.");
      this.element = new PaymentElement(this, options);
      return this.element;
    }

    getElement(type) {
      return type === "payment" || type === PaymentElement ? this.element : null;
    }

    update(options) {
      Object.assign(this.options, options);
      if (options.appearance) this.element?.tellAppearance();
    }

    async fetchUpdates() {
      return {};
    }

    async submit() {
      if (!this.element?.frame) throw new IntegrationError("elements.submit() needs a mounted payment element.");
      const result = await this.element.frame.ask("validate");
      this.isSubmitted = !result.error;
      return result.error ? { error: result.error } : { selectedPaymentMethod: "card" };
    }

    async makeMethod(details) {
      if (!this.element?.frame) throw new IntegrationError("The payment element isn’t mounted.");
      return this.element.frame.ask("create_payment_method", { details: details || {} });
    }

    mismatch(intent) {
      if (!this.isDeferred || intent.object !== "payment_intent") return null;
      const { amount, currency, setupFutureUsage = null } = this.options;
      const differs = [
        ["amount", amount, intent.amount],
        ["currency", String(currency || intent.currency).toLowerCase(), intent.currency],
        ["setup_future_usage", setupFutureUsage || null, intent.setup_future_usage || null],
      ].find(([, ours, theirs]) => ours !== theirs);
      if (!differs) return null;
      const [name, ours, theirs] = differs;
      const message = `The ${name} of Elements (${ours}) does not match the PaymentIntent's (${theirs}).`;
      return { type: "invalid_request_error", code: "payment_intent_invalid_parameter", param: name, message };
    }
  }

  // ---- Stripe ------------------------------------------------------------------------------------------------

  class Stripe {
    constructor(key) {
      if (typeof key !== "string" || !key.startsWith("pk_test_")) {
        throw new IntegrationError("Stripe() needs a publishable key that starts with pk_test_.");
      }
      this.key = key;
      this.lastElements = null;
    }

    elements(options = {}) {
      this.lastElements = new Elements(this.key, options);
      return this.lastElements;
    }

    async retrieve(secret) {
      const intent = intentOf(secret);
      const { object, error } = await request(this.key, "GET", intent.path, { client_secret: secret });
      return error ? { error } : { [intent.field]: object };
    }

    retrievePaymentIntent(secret) {
      return this.retrieve(secret);
    }

    retrieveSetupIntent(secret) {
      return this.retrieve(secret);
    }

    async createPaymentMethod({ elements, params } = {}) {
      if (!elements) throw new IntegrationError("The simulator makes payment methods from elements alone.");
      const { method, error } = await elements.makeMethod(params);
      return error ? { error } : { paymentMethod: method };
    }

    confirmPayment(options) {
      return this.confirm(options, "confirmPayment");
    }

    confirmSetup(options) {
      return this.confirm(options, "confirmSetup");
    }

    async confirm({ elements, clientSecret, confirmParams = {}, redirect = "always" }, name) {
      const secret = clientSecret || elements?.options.clientSecret;
      const intent = intentOf(secret);
      if (redirect !== "if_required" && !confirmParams.return_url) {
        throw new IntegrationError(`${name}() needs confirmParams.return_url unless redirect is "if_required".`);
      }
      if (elements?.isDeferred && !elements.isSubmitted) {
        throw new IntegrationError(`elements.submit() must be called before stripe.${name}().`);
      }
      if (elements && !elements.isDeferred) {
        const { error } = await elements.submit();
        if (error) return { error };
      }
      const before = await request(this.key, "GET", intent.path, { client_secret: secret });
      const wrong = before.error || elements?.mismatch(before.object);
      if (wrong) return { error: wrong };
      const params = { client_secret: secret, use_stripe_sdk: true, return_url: confirmParams.return_url };
      if (elements) {
        const { method, error } = await elements.makeMethod(confirmParams.payment_method_data);
        if (error) return { error };
        params.payment_method = method.id;
      } else params.payment_method = confirmParams.payment_method;
      const confirmed = await request(this.key, "POST", `${intent.path}/confirm`, params);
      if (confirmed.error) return { error: confirmed.error };
      const result = await this.goOn(intent, secret, confirmed.object, schemeOf(elements?.appearance));
      if (!result.error && redirect !== "if_required") {
        const back = new URL(confirmParams.return_url);
        back.searchParams.set(intent.kind, intent.id);
        back.searchParams.set(`${intent.kind}_client_secret`, secret);
        back.searchParams.set("redirect_status", "succeeded");
        location.assign(back);
        return new Promise(() => {});
      }
      return result;
    }

    async handleNextAction({ clientSecret }) {
      const intent = intentOf(clientSecret);
      const { object, error } = await request(this.key, "GET", intent.path, { client_secret: clientSecret });
      if (error) return { error };
      return this.goOn(intent, clientSecret, object, schemeOf(this.lastElements?.appearance));
    }

    // Shows the bank's page if the intent asks for it, and tells how it ended.
    async goOn(intent, secret, object, scheme) {
      if (object.status !== "requires_action") return { [intent.field]: object };
      const outcome = await showChallenge(intent, secret, scheme);
      if (outcome === "closed") await cancelChallenge(intent, secret);
      const after = await request(this.key, "GET", intent.path, { client_secret: secret });
      if (after.error) return { error: after.error };
      const failure = after.object.last_payment_error || after.object.last_setup_error;
      if (after.object.status === "requires_payment_method" && failure) {
        return { error: { ...failure, [intent.kind]: after.object } };
      }
      return { [intent.field]: after.object };
    }
  }

  const make = (key) => new Stripe(key);
  make.version = "dahlia";
  window.Stripe = make;
})();
