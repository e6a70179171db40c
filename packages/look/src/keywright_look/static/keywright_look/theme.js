// The behaviour of the look's components. Loaded in the head and blocking, so that a remembered theme is there before the
// first paint; everything else listens on the document, so that parts which arrive later (htmx) need no second set-up.
(() => {
  "use strict";

  const THEME_KEY = "keywright-theme";
  const COPIED_MS = 2000;
  const root = document.documentElement;

  const remembered = () => {
    try { return localStorage.getItem(THEME_KEY); } catch { return null; } // storage may be switched off
  };
  const remember = (theme) => {
    try { localStorage.setItem(THEME_KEY, theme); } catch { /* the switch still works for this page */ }
  };
  const show = (theme) => {
    if (theme === "light" || theme === "dark") root.dataset.bsTheme = theme;
  };
  show(remembered());
  addEventListener("storage", (event) => { if (event.key === THEME_KEY) show(event.newValue); });

  const say = (text) => {
    const region = document.getElementById("kw-spoken");
    if (!region) return;
    region.textContent = "";
    setTimeout(() => { region.textContent = text; }, 50); // a change of text is what is spoken, even if it is the same again
  };

  const switchTheme = () => {
    const dark = root.dataset.bsTheme ? root.dataset.bsTheme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    show(dark ? "light" : "dark");
    remember(root.dataset.bsTheme);
  };

  // navigator.clipboard exists in secure contexts only; a console on plain HTTP in a local network still copies.
  const copyText = async (text) => {
    if (navigator.clipboard && window.isSecureContext) {
      try { await navigator.clipboard.writeText(text); return true; } catch { /* refused: try the old way */ }
    }
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "visually-hidden";
    const before = document.activeElement;
    (before?.closest("dialog[open]") ?? document.body).append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    before?.focus?.();
    return done;
  };

  const copy = async (button) => {
    const done = await copyText(button.dataset.kwCopy);
    say(done ? button.dataset.kwCopied : button.dataset.kwNotCopied);
    if (!done) return;
    button.classList.add("is-copied");
    setTimeout(() => button.classList.remove("is-copied"), COPIED_MS);
  };

  // BigInt: a count of seats may be any whole number, and 2^53 is not where it stops being one.
  const whole = (text) => {
    const digits = (text ?? "").replace(/[\s,.'’]/g, "");
    return /^\d{1,30}$/.test(digits) ? BigInt(digits) : null;
  };
  const step = (button) => {
    const input = button.closest(".kw-stepper")?.querySelector("input");
    if (!input || input.disabled || input.readOnly) return;
    const least = whole(input.min || input.dataset.kwMin) ?? 1n;
    const most = whole(input.max || input.dataset.kwMax);
    const now = whole(input.value);
    let next = now === null ? least : now + BigInt(button.dataset.kwStep);
    if (next < least) next = least;
    if (most !== null && next > most) next = most;
    input.value = next.toString();
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const openDialog = (id) => {
    const dialog = document.getElementById(id);
    if (!(dialog instanceof HTMLDialogElement) || dialog.open) return false;
    dialog.showModal(); // traps focus, closes on Escape, and gives focus back to where it was
    return true;
  };

  const dismiss = (button) => {
    const part = button.closest("[data-kw-dismissible]");
    if (!part) return;
    const next = part.nextElementSibling?.querySelector("[data-kw-dismiss]") ?? document.querySelector("main");
    part.remove();
    next?.focus({ preventScroll: true });
  };

  const reveal = (button) => {
    const input = button.closest(".kw-reveal")?.querySelector("input");
    if (!input) return;
    const shown = input.type === "text";
    input.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
  };

  const size = (bytes) => (bytes < 1024 ? `${bytes} B` : bytes < 1048576 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 1048576).toFixed(1)} MB`);
  const chosen = (input) => {
    const drop = input.closest(".kw-drop");
    const name = drop?.querySelector("[data-kw-drop-name]");
    const file = input.files?.[0];
    if (!name) return;
    name.dataset.kwEmpty ??= name.textContent;
    name.textContent = file ? `${file.name}, ${size(file.size)}` : name.dataset.kwEmpty;
    if (file) say(name.textContent);
    if (file && drop.dataset.kwDrop === "submit") input.form?.requestSubmit();
  };

  document.addEventListener("click", (event) => {
    const at = (selector) => event.target.closest?.(selector);
    for (const menu of document.querySelectorAll("details.kw-menu[open]")) if (!menu.contains(event.target)) menu.open = false;
    if (event.target instanceof HTMLDialogElement) { // the backdrop
      const box = event.target.getBoundingClientRect();
      if (event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom) event.target.close();
      return;
    }
    let part;
    if (at("[data-kw-theme]")) switchTheme();
    else if ((part = at("[data-kw-copy]"))) copy(part);
    else if ((part = at("[data-kw-step]"))) step(part);
    else if ((part = at("[data-kw-open]"))) { if (openDialog(part.dataset.kwOpen)) event.preventDefault(); }
    else if ((part = at("[data-kw-close]"))) part.closest("dialog")?.close();
    else if ((part = at("[data-kw-dismiss]"))) dismiss(part);
    else if ((part = at("[data-kw-reveal]"))) reveal(part);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.kw-menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches?.(".kw-drop input[type=file]")) chosen(event.target);
  });
  for (const [name, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
    document.addEventListener(name, (event) => event.target.closest?.(".kw-drop")?.classList.toggle("is-over", over));
  }

  // A form is sent once; coming back by the browser's back button finds it ready again.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-kw-once]") || event.defaultPrevented) return;
    if (form.dataset.kwSent) { event.preventDefault(); return; }
    form.dataset.kwSent = "yes";
    event.submitter?.setAttribute("aria-busy", "true");
  });
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of document.querySelectorAll("[data-kw-sent]")) {
      delete form.dataset.kwSent;
      for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
    }
  });

  const settle = () => {
    document.querySelector(".kw-tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center", behavior: "instant" });
    for (const button of document.querySelectorAll("[data-kw-reveal][hidden]")) button.hidden = false;
    const dialog = document.querySelector("dialog[data-kw-open-now]");
    if (dialog) openDialog(dialog.id);
    document.querySelector("[data-kw-focus]")?.focus();
  };
  document.addEventListener("DOMContentLoaded", settle);
  document.addEventListener("htmx:afterSettle", (event) => {
    for (const button of document.querySelectorAll("[data-kw-reveal][hidden]")) button.hidden = false;
    const part = event.target;
    (part.matches?.("[data-kw-focus]") ? part : part.querySelector?.("[data-kw-focus]"))?.focus();
  });
})();
