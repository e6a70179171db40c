// 3D Secure: the bank's page in a dialog.

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
