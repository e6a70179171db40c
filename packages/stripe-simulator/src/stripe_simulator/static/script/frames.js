// Frames of the simulator's origin, and messages that only they and this page exchange.

let frames = 0;

class Frame {
  constructor(path, title, more, hear) {
    this.channel = crypto.getRandomValues(new Uint32Array(4)).join("-");
    this.waiting = new Map();
    this.calls = 0;
    this.node = document.createElement("iframe");
    this.node.title = title;
    this.node.name = `__stripeSimulatorFrame${(frames += 1)}`;
    const settings = { parent: location.origin, channel: this.channel, ...more };
    this.node.src = `${ORIGIN}${path}#${encodeURIComponent(JSON.stringify(settings))}`;
    style(this.node, { border: "0", width: "100%", display: "block", "background-color": "transparent" });
    this.listen = (event) => {
      const message = event.data;
      if (event.origin !== ORIGIN || event.source !== this.node.contentWindow) return;
      if (!message || message.mark !== MARK || message.channel !== this.channel) return;
      if (message.type === "reply") {
        this.waiting.get(message.call)?.(message.result);
        this.waiting.delete(message.call);
      } else hear(message);
    };
    addEventListener("message", this.listen);
  }

  tell(type, content = {}) {
    this.node.contentWindow?.postMessage({ mark: MARK, channel: this.channel, type, ...content }, ORIGIN);
  }

  ask(type, content = {}) {
    return new Promise((resolve) => {
      const call = (this.calls += 1);
      this.waiting.set(call, resolve);
      this.tell(type, { ...content, call });
    });
  }

  remove() {
    removeEventListener("message", this.listen);
    this.node.remove();
    for (const resolve of this.waiting.values()) {
      resolve({ error: { type: "validation_error", message: "The card’s fields were taken off the page." } });
    }
    this.waiting.clear();
  }
}
