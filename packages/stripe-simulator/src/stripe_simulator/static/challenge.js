// The bank's page in a frame: its buttons answer by script, and the page that framed it is told. By itself, without a
// frame, the form does it all. It listens before the buttons are there: an early click would be the form's otherwise,
// and the page that framed it would wait for ever.
"use strict";

const frame = window.simulatorFrame;

if (frame.isFramed) {
  if (frame.settings.scheme) document.documentElement.style.setProperty("color-scheme", frame.settings.scheme);
  document.addEventListener("submit", async (event) => {
    event.preventDefault();
    const chosen = event.submitter;
    for (const button of document.querySelectorAll("button")) button.disabled = true;
    try {
      await fetch(chosen.getAttribute("formaction"), { method: "POST", headers: { Accept: "application/json" } });
      frame.tell("done");
    } catch {
      for (const button of document.querySelectorAll("button")) button.disabled = false;
      document.getElementById("problem").textContent = "The bank can’t be reached. Please try again.";
    }
  });
  document.addEventListener("DOMContentLoaded", () => {
    frame.hear({ focus: () => document.getElementById("title")?.focus() });
    frame.tellHeight();
    frame.tell("ready");
  });
}
