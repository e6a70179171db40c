// The payment provider's card fields: its script is loaded, its element mounted in our colours. What is shared by the
// page that pays and the page that saves a card.
window.keywrightCard = (() => {
  "use strict";

  const box = document.getElementById("card-fields");
  const line = document.getElementById("card-error");

  // A custom property as the browser paints it: light-dark() resolved, in a form that the provider's frame understands.
  const painted = (token) => {
    const probe = document.createElement("span");
    probe.style.color = `var(${token})`;
    document.body.append(probe);
    const colour = getComputedStyle(probe).color;
    probe.remove();
    return colour;
  };
  const isDark = () => {
    const chosen = document.documentElement.dataset.bsTheme;
    return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  };
  /** @returns {StripeAppearance} */
  const appearance = () => {
    const dark = isDark();
    const edge = painted("--kw-line-strong");
    return {
      theme: dark ? "night" : "stripe",
      variables: {
        colorPrimary: dark ? box.dataset.accentDark : box.dataset.accent,
        colorBackground: painted("--kw-surface"),
        colorText: painted("--kw-ink"),
        colorTextSecondary: painted("--kw-ink-2"),
        colorTextPlaceholder: painted("--kw-ink-3"),
        colorDanger: painted("--kw-bad"),
        borderRadius: "8px",
        fontFamily: "Inter, system-ui, sans-serif",
        fontSizeBase: "15px",
      },
      rules: { ".Input": { borderColor: edge }, ".Label": { fontWeight: "560" } },
    };
  };

  const loadScript = () => new Promise((resolve, reject) => {
    if (window.Stripe) { resolve(); return; }
    const script = document.createElement("script");
    const over = setTimeout(() => { script.remove(); reject(new Error("slow")); }, Number(box.dataset.loadSeconds) * 1000);
    script.addEventListener("load", () => { clearTimeout(over); resolve(); });
    script.addEventListener("error", () => { clearTimeout(over); script.remove(); reject(new Error("unreachable")); });
    script.src = box.dataset.script;
    document.head.append(script);
  });

  const showNote = (place, content) => {
    const part = document.createElement("div");
    part.className = "mt-4";
    if (typeof content === "string") part.innerHTML = content; // rendered by our own server
    else part.append(content);
    place.replaceChildren(part);
    part.querySelector("[data-kw-focus]")?.focus();
  };
  const note = (id) => document.getElementById(id).content.cloneNode(true);

  const sentence = (text) => {
    const part = note("field-error");
    part.querySelector("[data-sentence]").textContent = text;
    return part;
  };
  const showBesideCard = (text) => line?.replaceChildren(...(text ? [sentence(text)] : []));

  // `options` are the provider's, beside those that every page gives it. `hear` is told {stripe} once the provider's script
  // is there, and {stripe, elements} when the fields can be filled in; again after each new try. Fields that are hidden
  // are mounted when they are shown: call `show` then.
  /** @type {KeywrightCard["mount"]} */
  const mount = ({ place, options, hear }) => {
    /** @type {StripeJs | null} */
    let stripe = null;
    /** @type {StripeElements | null} */
    let elements = null;
    const unreachable = () => showNote(place, note("card-unreachable"));
    const show = () => {
      if (stripe === null || elements !== null || box.closest("[hidden]")) return;
      const mounted = stripe.elements({ currency: box.dataset.currency, appearance: appearance(), ...options() });
      elements = mounted;
      const element = mounted.create("payment", {
        layout: "tabs",
        fields: { billingDetails: { name: "never", email: "never", phone: "never", address: "never" } },
      });
      element.on("ready", () => hear({ stripe, elements: mounted }));
      element.on("loaderror", () => {
        elements = null;
        hear({ stripe, elements });
        unreachable();
      });
      element.on("change", () => showBesideCard(""));
      element.mount(box);
    };
    const attempt = async () => {
      try {
        await loadScript();
      } catch {
        unreachable();
        return;
      }
      stripe = window.Stripe(box.dataset.key);
      hear({ stripe, elements });
      show();
    };
    place.addEventListener("click", (event) => {
      if (!event.target.closest("[data-load-card]")) return;
      place.replaceChildren();
      attempt();
    });
    const restyle = () => elements?.update({ appearance: appearance() });
    new MutationObserver(restyle).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", restyle);
    attempt();
    return { show };
  };

  // A form to our own server, which answers with JSON. Signed out meanwhile: the page is loaded anew and leads to sign in.
  const send = async (url, form) => {
    const answer = await fetch(url, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
    if (answer.redirected) {
      location.reload();
      return new Promise(() => {});
    }
    if (!(answer.headers.get("Content-Type") ?? "").startsWith("application/json")) throw new Error(String(answer.status));
    const said = await answer.json();
    if (!answer.ok && !said.note && !said.errors) throw new Error(said.message ?? String(answer.status));
    return said;
  };

  // All of it, since the provider's own fields for it are off.
  const billingDetails = (address) => {
    const holder = document.getElementById("holder");
    return {
      name: holder.value,
      email: holder.dataset.email,
      phone: "",
      address: { line1: "", line2: "", city: "", state: "", postal_code: "", country: "", ...address },
    };
  };

  return { mount, send, showNote, note, sentence, showBesideCard, billingDetails };
})();
