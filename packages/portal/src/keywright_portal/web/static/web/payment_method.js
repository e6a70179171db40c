// Saving a card without a payment: the card fields are checked, our server gives the setup to confirm, the bank is asked,
// and our server finds out what came of it.
(() => {
  "use strict";

  const card = window.keywrightCard;
  const form = document.getElementById("card-form");
  const button = document.getElementById("save");
  const progress = document.getElementById("progress");
  const place = document.getElementById("payment-notes");
  /** @type {StripeProvider | null} */
  let fields = null;
  let working = false;

  const work = (on) => {
    working = on;
    button.disabled = on || fields === null;
    if (on) button.setAttribute("aria-busy", "true");
    else button.removeAttribute("aria-busy");
    progress.textContent = on ? progress.dataset.working : "";
  };
  const go = (url) => { location.assign(url); return new Promise(() => {}); };
  const ask = async (url) => {
    let answer;
    try {
      answer = await card.send(url, form);
    } catch {
      card.showNote(place, card.note("lost"));
      return null;
    }
    if (answer.go) return go(answer.go);
    if (!answer.note) return answer;
    card.showBesideCard(answer.beside_card);
    card.showNote(place, answer.note);
    return null;
  };

  const save = async () => {
    place.replaceChildren();
    card.showBesideCard("");
    const { error: incomplete } = await fields.elements.submit();
    if (incomplete) return;
    const setup = await ask(form.action);
    if (setup === null) return;
    form.elements.setup_intent.value = setup.client_secret.split("_secret_")[0];
    const { error } = await fields.stripe.confirmSetup({
      elements: fields.elements,
      clientSecret: setup.client_secret,
      confirmParams: { return_url: setup.return_url, payment_method_data: { billing_details: card.billingDetails({}) } },
      redirect: "if_required",
    }).catch((thrown) => ({ error: thrown }));
    if (error?.type === "validation_error") return; // the provider's own fields say it
    await ask(form.dataset.returnUrl);
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (working || fields === null) return;
    work(true);
    try {
      await save();
    } finally {
      work(false);
    }
  });
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  card.mount({
    place,
    options: () => ({ mode: "setup" }),
    hear: (told) => { fields = told.elements && told; work(false); },
  });
})();
