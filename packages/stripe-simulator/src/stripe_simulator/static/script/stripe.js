// window.Stripe.

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
    const { return_url, shipping } = confirmParams;
    const params = { client_secret: secret, use_stripe_sdk: true, return_url, shipping };
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

  confirmCardPayment(secret, data, options) {
    return this.confirmCard(secret, data, options, "confirmCardPayment");
  }

  confirmCardSetup(secret, data, options) {
    return this.confirmCard(secret, data, options, "confirmCardSetup");
  }

  // With a card that is saved already, or the one that the intent has.
  async confirmCard(secret, { payment_method, shipping, setup_future_usage, return_url } = {}, { handleActions = true } = {}, name) {
    const intent = intentOf(secret);
    if (intent.field !== (name === "confirmCardPayment" ? "paymentIntent" : "setupIntent")) {
      throw new IntegrationError(`${name}() was given the clientSecret of another kind of intent.`);
    }
    if (payment_method !== undefined && typeof payment_method !== "string") {
      throw new IntegrationError(`${name}() takes the id of a payment method: the simulator has no card element.`);
    }
    const params = { client_secret: secret, use_stripe_sdk: true, payment_method, shipping, setup_future_usage, return_url };
    const { object, error } = await request(this.key, "POST", `${intent.path}/confirm`, params);
    if (error) return { error };
    if (!handleActions) return { [intent.field]: object };
    return this.goOn(intent, secret, object, schemeOf(this.lastElements?.appearance));
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
