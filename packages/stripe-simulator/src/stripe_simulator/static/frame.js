// What both frames share: who framed them, and messages to that page alone.
"use strict";

const MARK = "stripe-simulator";

const readSettings = () => {
  try {
    return JSON.parse(decodeURIComponent(location.hash.slice(1)));
  } catch {
    return null;
  }
};

window.simulatorFrame = (() => {
  const settings = readSettings();
  const isFramed = window.parent !== window && Boolean(settings?.parent);
  const tell = (type, content = {}) => {
    if (isFramed) window.parent.postMessage({ mark: MARK, channel: settings.channel, type, ...content }, settings.parent);
  };
  const hear = (handlers) => {
    addEventListener("message", (event) => {
      const message = event.data;
      if (!isFramed || event.source !== window.parent || event.origin !== settings.parent) return;
      if (!message || message.mark !== MARK || message.channel !== settings.channel) return;
      handlers[message.type]?.(message, (result) => tell("reply", { call: message.call, result }));
    });
  };
  const tellHeight = () => {
    const report = () => tell("height", { height: Math.ceil(document.body.getBoundingClientRect().height) });
    new ResizeObserver(report).observe(document.body);
    report();
  };
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") tell("escape");
  });
  return { settings, isFramed, tell, hear, tellHeight };
})();
