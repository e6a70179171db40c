// Complete: the card fields are checked, our server gives the payment to confirm, the bank is asked, and what comes of it
// is found out by our server. One at a time: while it works, Complete can't be selected again.
(() => {
  "use strict";

  const card = window.keywrightCard;
  const form = document.getElementById("payment-form");
  const button = document.getElementById("complete");
  const finish = document.getElementById("finish");
  const progress = document.getElementById("progress");
  const place = document.getElementById("payment-notes");
  const box = document.getElementById("card-fields");
  const saveCard = form.elements.save_card;
  const newCard = document.getElementById("new-card");
  const idle = progress.textContent;
  let provider = { stripe: null, elements: null };
  let working = false;

  const usage = () => ({ setupFutureUsage: saveCard.checked ? "off_session" : null });
  const savedCard = () => form.elements.card?.value ?? ""; // "" is a new one
  const canComplete = () => (savedCard() ? provider.stripe : provider.elements) !== null;
  const work = (on) => {
    working = on;
    button.disabled = on || !canComplete();
    if (on) button.setAttribute("aria-busy", "true");
    else button.removeAttribute("aria-busy");
    progress.textContent = on ? progress.dataset.working : idle;
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
    clearErrors();
    if (!savedCard()) {
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

  saveCard.addEventListener("change", () => provider.elements?.update(usage()));
  form.addEventListener("change", (event) => {
    if (event.target.name === "pay") finish.hidden = event.target.value !== "card";
    if (event.target.name !== "card") return;
    newCard.hidden = savedCard() !== "";
    fields.show();
    work(working);
  });
  // The browser kept this page as it was left, most often while it worked: what is true now, the server knows.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  const fields = card.mount({
    place,
    options: () => ({ mode: "payment", amount: Number(box.dataset.amount), ...usage() }),
    hear: (told) => { provider = told; work(working); },
  });
})();
