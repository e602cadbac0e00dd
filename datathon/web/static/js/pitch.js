// The countdown of the pitches. The server keeps the clock; this shows it between two answers and goes on by itself
// while the network is away. When the room moves, the page is loaded anew.
"use strict";

document.querySelectorAll("[data-clock]").forEach((box) => {
  const shown = box.querySelector("[data-count]");
  const away = box.querySelector("[data-away]");
  let left = Number(box.dataset.left);
  let running = box.dataset.running === "1";
  let asOf = performance.now();

  const now = () => left - (running ? (performance.now() - asOf) / 1000 : 0);
  const words = (value) => {
    const seconds = value > 0 ? Math.ceil(value) : Math.floor(-value);
    const sign = value > 0 || seconds === 0 ? "" : "+";
    return `${sign}${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  };
  const draw = () => {
    if (!shown) return;
    const text = words(now());
    if (shown.textContent !== text) shown.textContent = text;
    shown.classList.toggle("late", now() <= 0);
  };
  const ask = async () => {
    try {
      const answer = await fetch(box.dataset.feed, { headers: { Accept: "application/json" }, cache: "no-store" });
      if (!answer.ok) throw new Error(String(answer.status));
      const told = await answer.json();
      if (away) away.hidden = true;
      if (String(told.version) !== box.dataset.version) {
        window.location.reload();
        return;
      }
      left = told.left;
      running = told.running;
      asOf = performance.now();
    } catch {
      if (away) away.hidden = false;
    }
  };
  window.setInterval(draw, 250);
  window.setInterval(ask, 4000);
});
