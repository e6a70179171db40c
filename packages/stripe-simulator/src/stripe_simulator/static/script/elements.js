// Elements and the Payment Element.

// Stripe's events; the second line's are taken and never happen here.
const EVENTS = [
  "ready", "change", "focus", "blur", "escape", "loaderror", "loaderstart",
  "carddetailschange", "savedpaymentmethodupdate", "savedpaymentmethodremove", "availablepaymentmethodschange",
];

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
    return this;
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

  collapse() {
    return this;
  }
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
    this.updateHandlers = new Set();
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

  on(name, handler) {
    if (name !== "update-end") throw new IntegrationError(`Elements has no event “${name}”.`);
    this.updateHandlers.add(handler);
  }

  async update(options) {
    Object.assign(this.options, options);
    if (options.appearance) this.element?.tellAppearance();
    for (const handler of this.updateHandlers) handler();
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
