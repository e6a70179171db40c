// The Order summary follows every change. The server reckons it; this script only says that something changed.
(() => {
  "use strict";

  const TYPING_MS = 200; // a pause in which a person has finished a number
  const CODE_MS = 800; // a code is typed by letters, and half of one is no coupon
  const form = document.getElementById("buy-form");
  const seats = document.getElementById("seats");
  const coupon = document.getElementById("coupon");
  const summary = document.getElementById("summary");
  if (!form || !seats || !coupon || !summary) return;

  const showAddOns = () => {
    const plan = form.elements.plan.value;
    for (const part of form.querySelectorAll("[data-add-ons-of]")) {
      part.hidden = part.disabled = part.dataset.addOnsOf !== plan;
    }
  };

  let waiting = 0;
  let asked = null;
  const choice = () => new URLSearchParams(new FormData(form)).toString();
  const ask = (wait) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      const now = choice();
      if (now === asked) return; // a stepper tells each step twice
      asked = now;
      htmx.trigger(summary, "choice-changed");
    }, wait);
  };

  form.addEventListener("change", () => { showAddOns(); ask(0); });
  for (const field of [seats, coupon]) {
    field.addEventListener("input", () => ask(field === coupon ? CODE_MS : TYPING_MS));
    field.addEventListener("change", () => ask(0));
  }
  form.addEventListener("submit", () => clearTimeout(waiting));
  document.addEventListener("htmx:afterSettle", () => {
    for (const field of [seats, coupon]) {
      const wrong = document.getElementById(`${field.id}-errors`).childElementCount > 0;
      if (wrong) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
  });
  // A lost answer mustn't leave a total that belongs to another choice: the next change asks again.
  for (const lost of ["htmx:sendError", "htmx:responseError"]) document.addEventListener(lost, () => { asked = null; });
  // Back from the next step, the browser may have put other values into the fields than the page came with.
  const differs = (field) => (field.matches("[type=radio], [type=checkbox]") ? field.checked !== field.defaultChecked : field.matches("input") && field.value !== field.defaultValue);
  addEventListener("pageshow", () => {
    showAddOns();
    if ([...form.elements].some(differs)) ask(0);
  });
})();
