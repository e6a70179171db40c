// Complete. By card: the fields are checked, our server gives the payment to confirm, the bank is asked, and what comes of
// it is found out by our server. By invoice: our server alone is asked. One at a time: while it works, Complete can't be
// selected again. The total follows the billing details, and nobody pays one that they haven't seen.
(() => {
  "use strict";

  const card = window.keywrightCard;
  const form = document.getElementById("payment-form");
  const button = document.getElementById("complete");
  const finish = document.getElementById("finish");
  const promise = document.getElementById("promise");
  const progress = document.getElementById("progress");
  const place = document.getElementById("payment-notes");
  const summary = document.getElementById("summary");
  const box = document.getElementById("card-fields"); // null where no card is offered
  const newCard = document.getElementById("new-card");
  const payCard = document.getElementById("pay-card");
  const payTransfer = document.getElementById("pay-transfer");
  const saveCard = form.elements.save_card; // with the box
  /** @type {StripeProvider} */
  let provider = { stripe: null, elements: null };
  let working = false;

  /** @returns {StripeFutureUsage} */
  const usage = () => ({ setupFutureUsage: saveCard.checked ? "off_session" : null });
  const amount = () => Number(form.elements.amount_shown.value);
  const byTransfer = () => payTransfer.checked;
  const savedCard = () => form.elements.card?.value ?? ""; // "" is a new one
  const canComplete = () => byTransfer() || (savedCard() ? provider.stripe : provider.elements) !== null;
  const work = (on) => {
    working = on;
    button.disabled = on || !canComplete();
    if (on) button.setAttribute("aria-busy", "true");
    else button.removeAttribute("aria-busy");
    promise.hidden = on;
    progress.textContent = on ? progress.dataset[byTransfer() ? "byTransfer" : "byCard"] : "";
  };

  // ---- Sentences at the fields, as the server's own pages show them ------------------------------------------------

  const errorsOf = (control) => {
    const id = `${control.id}_error`;
    let part = document.getElementById(id);
    if (part) return part;
    part = Object.assign(document.createElement("div"), { className: "kw-errors", id });
    control.after(part);
    control.setAttribute("aria-describedby", `${id} ${control.getAttribute("aria-describedby") ?? ""}`.trim());
    return part;
  };
  const clearErrors = () => {
    for (const control of form.querySelectorAll("[aria-invalid]")) {
      control.removeAttribute("aria-invalid");
      errorsOf(control).replaceChildren();
    }
    place.replaceChildren();
    card.showBesideCard("");
  };
  const showErrors = (errors) => {
    let first = null;
    for (const control of form.elements) {
      const text = control.id && errors[control.name];
      if (!text) continue;
      control.setAttribute("aria-invalid", "true");
      errorsOf(control).replaceChildren(card.sentence(text));
      first ??= control;
    }
    first?.focus();
  };

  // ---- The total follows the billing details -------------------------------------------------------------------------

  let reckoning = Promise.resolve(); // until the newest total is shown
  let isReckoned = () => {};
  const reckon = () => {
    reckoning = new Promise((resolve) => { isReckoned = resolve; });
    htmx.trigger(summary, "billing-changed");
  };
  const showTotal = () => {
    const vatNumber = form.elements.vat_number;
    if (errorsOf(vatNumber).childElementCount > 0) vatNumber.setAttribute("aria-invalid", "true");
    else vatNumber.removeAttribute("aria-invalid");
    provider.elements?.update({ amount: amount() });
    if (!payCard) return;
    payCard.disabled = "tooLarge" in form.elements.amount_shown.dataset;
    document.getElementById("too-large").hidden = !payCard.disabled;
    if (payCard.disabled && payCard.checked) payTransfer.click();
  };
  summary.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) showTotal();
    isReckoned();
  });

  // ---- The steps ---------------------------------------------------------------------------------------------------

  const go = (url) => { location.assign(url); return new Promise(() => {}); };

  const showAnswer = (answer) => {
    card.showBesideCard(answer.beside_card);
    card.showNote(place, answer.note);
  };

  const begin = async () => {
    let answer;
    try {
      answer = await card.send(form.action, form);
    } catch {
      card.showNote(place, card.note("lost-before"));
      return null;
    }
    if (answer.go) return go(answer.go);
    if (answer.errors) showErrors(answer.errors);
    else if (answer.note) showAnswer(answer);
    else return answer;
    return null;
  };

  const confirmed = ({ client_secret: clientSecret, return_url: returnUrl, payment_method: saved }) => {
    if (saved) {
      const confirmParams = { return_url: returnUrl, payment_method: saved };
      return provider.stripe.confirmPayment({ clientSecret, confirmParams, redirect: "if_required" });
    }
    const at = (name) => form.elements[name].value;
    const address = { line1: at("street"), city: at("city"), postal_code: at("postal_code"), country: at("country") };
    return provider.stripe.confirmPayment({
      elements: provider.elements,
      clientSecret,
      confirmParams: { return_url: returnUrl, payment_method_data: { billing_details: card.billingDetails(address) } },
      redirect: "if_required",
    });
  };

  const confirm = async (payment) => {
    const { return_url: returnUrl } = payment;
    const { error, paymentIntent } = await confirmed(payment);
    if (error?.type === "validation_error") return true; // the provider's own fields say it
    if (error || !["succeeded", "processing"].includes(paymentIntent.status)) return false;
    return go(`${returnUrl}?payment_intent=${encodeURIComponent(paymentIntent.id)}`);
  };

  const findOut = async () => {
    let answer;
    try {
      answer = await card.send(form.dataset.problemUrl, form);
    } catch {
      card.showNote(place, card.note("lost-after"));
      return;
    }
    if (answer.go) await go(answer.go);
    showAnswer(answer);
  };

  const complete = async () => {
    const seen = amount();
    await reckoning;
    clearErrors();
    if (amount() !== seen) {
      card.showNote(place, card.note("new-total"));
      return;
    }
    if (!byTransfer() && !savedCard()) {
      const { error } = await provider.elements.submit();
      if (error) return; // the provider's own fields say what is missing, and have the focus
    }
    const payment = await begin();
    if (payment === null) return;
    const isSettled = await confirm(payment).catch(() => false); // however it ended, our server finds out
    if (!isSettled) await findOut();
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (working || !canComplete()) return;
    work(true);
    try {
      await complete();
    } finally {
      work(false);
    }
  });

  // ---- What is chosen ------------------------------------------------------------------------------------------------

  const showWay = () => {
    finish.hidden = byTransfer() && "notOffered" in payTransfer.dataset;
    work(working);
  };
  saveCard?.addEventListener("change", () => provider.elements?.update(usage()));
  form.addEventListener("change", (event) => {
    const { name } = event.target;
    if (name === "pay") showWay();
    if (name === "country" || name === "vat_number") reckon();
    if (name !== "card") return;
    newCard.hidden = savedCard() !== "";
    fields.show();
    work(working);
  });
  // The browser kept this page as it was left, most often while it worked: what is true now, the server knows.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  const fields = box && card.mount({
    place,
    options: () => ({ mode: "payment", amount: amount(), ...usage() }),
    hear: (told) => { provider = told; work(working); },
  });
  showWay();
})();
